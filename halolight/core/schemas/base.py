"""The base schema: snake_case in Python, camelCase on the wire, no nasty values let in."""

import re
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.client_info import MAX_PAGE, client_info
from halolight.core.i18n import _
from halolight.core.schemas.validate import SCHEMA_TEXTS, Length, Range
from halolight.core.text import MAX_MARKS, has_long_run_of_marks, is_blank, nfc

from .dump import Plans

MAX_INTEGER = 2**31 - 1  # what an INTEGER column of PostgreSQL holds

# The limits of a text and of a list whose field names none.
MAX_TEXT, MAX_LIST = 255, 100
SHORT_TEXT = Length(max=MAX_TEXT)
SHORT_LIST = Length(max=MAX_LIST)

TEXTS = (ma.fields.String, ma.fields.DateTime, ma.fields.Date)  # what is a text on the wire

# The largest factor by which NFC shortens a text (a letter of Greek with three marks). So a longer
# text is too long in any form.
NFC_SHRINKS = 4

_INTEGER, _DECIMAL = re.compile("-?[0-9]+"), re.compile(r"-?[0-9]+(\.[0-9]+)?")


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _refuse_nul(text: str) -> None:
    """PostgreSQL cannot store U+0000 (its documentation, section 8.3)."""
    if isinstance(text, str) and "\0" in text:
        raise ma.ValidationError(
            _("Remove the NUL character from this text.", code="invalid_characters")
        )


def _harden(field: ma.fields.Field[Any]) -> None:
    """No text and no number comes in that a column could not hold."""
    if isinstance(field, ma.fields.List):
        _harden(field.inner)
    elif isinstance(field, ma.fields.String):
        field.validators = [_refuse_nul, *field.validators]
    elif isinstance(field, ma.fields.Integer):
        field.validators = [*field.validators, _refuse_too_large]


def _refuse_too_large(number: int) -> None:
    if abs(number) > MAX_INTEGER:
        raise ma.ValidationError(_("This number is too large.", code="too_large"))


def _limit(field: ma.fields.Field[Any], default: Length) -> Length:
    limits = (v for v in field.validators if isinstance(v, Length) and v.max)
    return next(limits, default)


def incoming(field: ma.fields.Field[Any], value: Any) -> Any:
    """What a field is given, its texts in NFC, before anything looks at their content.

    Refuses what is too long: a validator may take its time for each character or element, and
    duplicates may be removed, so what a value costs would be the caller's choice. Refuses numbers
    as texts that are not ASCII digits: Python also reads `1_0` and the digits of other scripts.
    Raises `ValidationError`.
    """
    if isinstance(value, list) and isinstance(field, ma.fields.List):
        limit = _limit(field, SHORT_LIST)
        if len(value) > (limit.max or 0):
            limit(value)
        return _all_incoming((number, field.inner, each) for number, each in enumerate(value))
    if not isinstance(value, str):
        return value
    if isinstance(field, ma.fields.Number) and value and not _number(field).fullmatch(value):
        raise field.make_error("invalid", input=value)
    limit = _limit(field, SHORT_TEXT)
    if len(value) <= NFC_SHRINKS * (limit.max or 0) and not getattr(field, "AS_TYPED", False):
        if has_long_run_of_marks(value):
            raise ma.ValidationError(
                _(
                    "Use at most {max} combining marks in a row.",
                    code="invalid_characters",
                    max=MAX_MARKS,
                )
            )
        value = nfc(value)
    if len(value) > (limit.max or 0):
        limit(value.strip())
    return value


def _number(field: ma.fields.Field[Any]) -> re.Pattern[str]:
    return _INTEGER if isinstance(field, ma.fields.Integer) else _DECIMAL


def _all_incoming(values: Iterable[tuple[Any, ma.fields.Field[Any], Any]]) -> list[Any]:
    """What `incoming` makes of each `(key, field, value)`. Raises all their faults, by key."""
    faults, taken = {}, []
    for key, field, value in values:
        try:
            taken.append(incoming(field, value))
        except ma.ValidationError as error:
            faults[key] = error.messages
    if faults:
        raise ma.ValidationError(faults)
    return taken


def document_sizes(schema: ma.Schema) -> None:
    """Have the documentation of what comes in say the sizes that `check_size` takes for granted."""
    for field in schema.load_fields.values():
        _document_size(field)


def _document_size(field: ma.fields.Field[Any]) -> None:
    if isinstance(field, ma.fields.List):
        if _limit(field, SHORT_LIST) is SHORT_LIST:
            field.metadata = {"maxItems": MAX_LIST, **field.metadata}
        _document_size(field.inner)
    elif isinstance(field, ma.fields.Nested):
        document_sizes(field.schema)
    elif isinstance(field, TEXTS) and _limit(field, SHORT_TEXT) is SHORT_TEXT:
        field.metadata = {"maxLength": MAX_TEXT, **field.metadata}


class Schema(ma.Schema):
    """One class per shape; its name without `Schema` is the name in the documentation."""

    # Whether the body that it loads has to be there: an instance of a route may say no.
    is_required: bool = True

    # Other wire names under which a field is accepted: {"keyword": "search"}.
    ALIASES: ClassVar[dict[str, str]] = {}

    # Whether an answer repeats its keys beside `data`: the tokens do, clients look for them there.
    REPEATED_AT_TOP: ClassVar[bool] = False

    # A body for the documentation that works in the demo, for an administrator.
    EXAMPLE: ClassVar[dict[str, Any] | None] = None

    # Columns that change without the `version` of the row, and are part of its ETag, too.
    UNVERSIONED: ClassVar[tuple[str, ...]] = ()

    error_messages = SCHEMA_TEXTS

    class Meta:
        unknown = ma.EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[Any]) -> None:
        field_obj.data_key = field_obj.data_key or camel(field_name)
        _harden(field_obj)

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """Dump by a compiled plan (see `core.schemas.dump`), with the result of marshmallow's own.

        Raises AttributeError or KeyError when a column or key is missing.
        """
        plans = _plans(type(self))
        if self.many if many is None else many:
            return [plans(each) for each in obj]
        return plans(obj)

    @ma.pre_load
    def _prepare(self, data: Any, **_: Any) -> Any:
        """Rename aliases and take in the values: one hook, because several have no order."""
        if not isinstance(data, Mapping):
            return data
        given = self._without_aliases(data)
        fields = {field.data_key or "": field for field in self.load_fields.values()}
        present = [key for key in fields if key in given]
        values = _all_incoming((key, fields[key], given[key]) for key in present)
        return given | dict(zip(present, values, strict=True))

    def _without_aliases(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The data under the names of the fields. A value counts more than an empty one."""
        renamed = dict(data)
        for alias, name in self.ALIASES.items():
            if alias not in renamed:
                continue
            value = renamed.pop(alias)
            if name not in renamed or (_is_empty(renamed[name]) and not _is_empty(value)):
                renamed[name] = value
        return renamed


def _is_empty(value: Any) -> bool:
    return value is None or value == [] or (isinstance(value, str) and not value.strip())


@cache
def _plans(schema: type[Schema]) -> Plans:
    return Plans(schema())


class Query(Schema):
    """Parameters of the query string: an empty one, and `all` as a filter, mean "not sent"."""

    def _without_aliases(self, data: Mapping[str, Any]) -> dict[str, Any]:
        return {
            key: value
            for key, value in super()._without_aliases(data).items()
            if not is_blank(value) and (key == "search" or value.lower() != "all")
        }


class PageSize(Range):
    """1 to 100 rows, or more for a client that is allowed to ask for more."""

    def __init__(self) -> None:
        super().__init__(min=1, max=MAX_PAGE)

    def __call__(self, value: Any) -> Any:
        if MAX_PAGE < value <= client_info.get().max_page:
            return value
        return super().__call__(value)


class PageQuery(Query):
    """What every list accepts: which page, how long, in which direction."""

    ALIASES: ClassVar[dict[str, str]] = {
        "limit": "pageSize",
        "page_size": "pageSize",
        "keyword": "search",
    }

    page = ma.fields.Integer(
        load_default=1,
        validate=Range(min=1),
        metadata={"description": "Number of the page."},
    )
    page_size = ma.fields.Integer(
        load_default=10,
        validate=PageSize(),
        metadata={"description": "Also accepted as `limit` and `page_size`."},
    )


class PageSchema(Schema):
    """The base of all pages, whose responses have a `Link` header."""

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """Only a total that is not exact is marked."""
        page = super().dump(obj, many=many)
        if page["totalIsExact"]:
            del page["totalIsExact"]
        return page


@cache
def page_of(item: type[Schema]) -> type[ma.Schema]:
    """The schema of one page of items, filled from a `core.db.listing.Page`."""
    return PageSchema.from_dict(
        {
            "items": ma.fields.List(ma.fields.Nested(item), required=True),
            "total": ma.fields.Integer(
                required=True, metadata={"description": "Rows on all pages.", "example": 100}
            ),
            "page": ma.fields.Integer(required=True, metadata={"example": 1}),
            "page_size": ma.fields.Integer(required=True, metadata={"example": 10}),
            "total_pages": ma.fields.Integer(required=True, metadata={"example": 10}),
            "total_is_exact": ma.fields.Boolean(
                metadata={
                    "description": "Only sent as `false`: there are at least `total` rows, but a"
                    " filtered list counts only 10,000, or up to the end of the page.",
                    "example": False,
                }
            ),
        },
        name=item.__name__.removesuffix("Schema") + "Page",
    )
