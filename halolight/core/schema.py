"""The base schema: snake_case in Python, camelCase on the wire, no nasty values let in."""

from collections.abc import Mapping
from functools import cache
from typing import Any, ClassVar

import marshmallow as ma

from .dump import Plans

MAX_INTEGER = 2**31 - 1  # what an INTEGER column of PostgreSQL holds


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


class Schema(ma.Schema):
    """One class per shape; its name without `Schema` is the name in the documentation."""

    # Other wire names under which a field is accepted: {"keyword": "search"}.
    ALIASES: ClassVar[dict[str, str]] = {}

    # Whether an answer repeats its keys beside `data`: the tokens do, clients look for them there.
    HOISTED: ClassVar[bool] = False

    class Meta:
        unknown = ma.EXCLUDE

    def on_bind_field(self, field_name: str, field_obj: ma.fields.Field[Any]) -> None:
        field_obj.data_key = field_obj.data_key or camel(field_name)
        _harden(field_obj)

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """As marshmallow's own, by a compiled plan (see `core.dump`)."""
        plans = _plans(type(self))
        try:
            if self.many if many is None else many:
                return [plans(each) for each in obj]
            return plans(obj)
        except (
            AttributeError,
            KeyError,
        ):  # something optional is missing: marshmallow leaves it out
            return super().dump(obj, many=many)

    @ma.pre_load
    def _accept_aliases(self, data: Any, **_: Any) -> Any:
        if not self.ALIASES or not isinstance(data, Mapping):
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
    """Parameters of the address: an empty one, and `all` as a filter, mean "not sent"."""

    @ma.pre_load
    def _drop_what_filters_nothing(self, data: Mapping[str, Any], **_: Any) -> dict[str, Any]:
        return {
            key: value
            for key, value in data.items()
            if value.strip() and (key in {"search", "keyword"} or value.lower() != "all")
        }


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
        validate=ma.validate.Range(min=1, max=100),
        metadata={"description": "Also accepted as `limit` and `page_size`."},
    )


@cache
def page_of(item: type[Schema]) -> type[ma.Schema]:
    """The schema of one page of items, filled from a `core.listing.Page`."""
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
