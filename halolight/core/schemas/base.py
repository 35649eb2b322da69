"""The base schema: snake_case in Python, camelCase on the wire, no nasty values let in."""

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, ClassVar

import marshmallow as ma

from halolight.core.client_info import MAX_PAGE, client_info

from .dump import Plans

MAX_INTEGER = 2**31 - 1  # what an INTEGER column of PostgreSQL holds

# The limits of a text and of a list whose field names none.
SHORT_TEXT = ma.validate.Length(max=255)
SHORT_LIST = ma.validate.Length(max=100)


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def snake(name: str) -> str:
    return "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)


def _refuse_nul(text: str) -> None:
    """PostgreSQL cannot store U+0000 (its documentation, section 8.3)."""
    if isinstance(text, str) and "\0" in text:
        raise ma.ValidationError("Must not contain the NUL character.")


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
        raise ma.ValidationError("Number too large.")


def _limit(field: ma.fields.Field[Any], default: ma.validate.Length) -> ma.validate.Length:
    limits = (v for v in field.validators if isinstance(v, ma.validate.Length) and v.max)
    return next(limits, default)


def check_size(field: ma.fields.Field[Any], value: Any) -> None:
    """Refuse a text or a list that is too long, before anything looks at its content.

    A validator may take its time for each character or element, and duplicates may be removed: so
    what a value costs would be the caller's choice. Raises `ValidationError`.
    """
    if isinstance(value, str):
        limit = _limit(field, SHORT_TEXT)
        if len(value) > (limit.max or 0):
            limit(value.strip())
    elif isinstance(value, list) and isinstance(field, ma.fields.List):
        limit = _limit(field, SHORT_LIST)
        if len(value) > (limit.max or 0):
            limit(value)
        if faults := size_faults((number, field.inner, each) for number, each in enumerate(value)):
            raise ma.ValidationError(faults)


def size_faults(values: Iterable[tuple[Any, ma.fields.Field[Any], Any]]) -> dict[Any, Any]:
    """The faults that `check_size` finds in `(key, field, value)`, by key."""
    faults = {}
    for key, field, value in values:
        try:
            check_size(field, value)
        except ma.ValidationError as error:
            faults[key] = error.messages
    return faults


class Schema(ma.Schema):
    """One class per shape; its name without `Schema` is the name in the documentation."""

    # Other wire names under which a field is accepted: {"keyword": "search"}.
    ALIASES: ClassVar[dict[str, str]] = {}

    # Whether an answer repeats its keys beside `data`: the tokens do, clients look for them there.
    REPEATED_AT_TOP: ClassVar[bool] = False

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
        """Rename aliases and check sizes: one hook, because several have no order."""
        if not isinstance(data, Mapping):
            return data
        renamed = self._without_aliases(data)
        fields = ((field.data_key or "", field) for field in self.load_fields.values())
        present = ((key, field, renamed[key]) for key, field in fields if key in renamed)
        if faults := size_faults(present):
            raise ma.ValidationError(faults)
        return renamed

    def _without_aliases(self, data: Mapping[str, Any]) -> Mapping[str, Any]:
        if not self.ALIASES:
            return data
        renamed = dict(data)
        for alias, name in self.ALIASES.items():
            if alias in renamed:
                renamed.setdefault(name, renamed.pop(alias))
        return renamed


@cache
def _plans(schema: type[Schema]) -> Plans:
    return Plans(schema())


class Query(Schema):
    """Parameters of the query string: an empty one, and `all` as a filter, mean "not sent"."""

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[Any]) -> None:
        super().on_bind_field(field_name, field_obj)
        if isinstance(field_obj, ma.fields.String) and _limit(field_obj, SHORT_TEXT) is SHORT_TEXT:
            field_obj.metadata = {"maxLength": SHORT_TEXT.max, **field_obj.metadata}

    @ma.pre_load
    def _drop_what_filters_nothing(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        return {
            key: value
            for key, value in data.items()
            if value.strip() and (key in {"search", "keyword"} or value.lower() != "all")
        }


class PageSize(ma.validate.Range):
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

    page = ma.fields.Integer(load_default=1, validate=ma.validate.Range(min=1))
    page_size = ma.fields.Integer(
        load_default=10,
        validate=PageSize(),
        metadata={"description": "Also accepted as `limit` and `page_size`."},
    )


@cache
def page_of(item: type[Schema]) -> type[ma.Schema]:
    """The schema of one page of items, filled from a `core.db.listing.Page`."""
    return Schema.from_dict(
        {
            "items": ma.fields.List(ma.fields.Nested(item), required=True),
            "total": ma.fields.Integer(required=True, metadata={"example": 100}),
            "page": ma.fields.Integer(required=True, metadata={"example": 1}),
            "page_size": ma.fields.Integer(required=True, metadata={"example": 10}),
            "total_pages": ma.fields.Integer(required=True, metadata={"example": 10}),
        },
        name=item.__name__.removesuffix("Schema") + "Page",
    )
