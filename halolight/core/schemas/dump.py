"""marshmallow's dump, compiled: a plan per schema, made once, with the same result.

marshmallow asks every field of every object how to read and to write it. The answers depend on
the class alone, so they are gathered once: one getter for all attributes of an object, and a
converter for the few fields whose values are not what JSON needs already.
"""

from collections.abc import Callable, Sequence
from operator import attrgetter, itemgetter
from typing import Any

import marshmallow as ma

Convert = Callable[[Any], Any]
Getter = Callable[[Any], Sequence[Any]]

# Values of these fields come from columns of the same type and are written as they are.
PLAIN = (ma.fields.String, ma.fields.Integer, ma.fields.Boolean, ma.fields.Raw)


class Embedded(ma.fields.Nested):
    """An object read from columns that share a prefix: `author_id`, `author_name` -> `author`.

    It is null when its `id` is. So a list selects plain columns, and still shows objects.
    """

    def __init__(self, nested: type[ma.Schema], **kwargs: Any) -> None:
        super().__init__(nested, required=True, allow_none=True, **kwargs)

    def serialize(self, attr: str, obj: Any, accessor: Any = None, **kwargs: Any) -> Any:
        """In marshmallow's own way, with which the tests compare a `Plan`."""
        get = ma.utils.get_value
        if get(obj, f"{attr}_id") is None:
            return None
        inner = self.schema.dump_fields.items()
        return {each.data_key: each.serialize(f"{attr}_{name}", obj, get) for name, each in inner}


class Plan:
    """Makes the dict of one object. Raises AttributeError or KeyError when something is missing."""

    def __init__(self, schema: ma.Schema, getter: type, *, prefix: str = "") -> None:
        fields = schema.dump_fields
        self._keys = [field.data_key or name for name, field in fields.items()]
        names = [
            prefix + (f"{name}_id" if isinstance(field, Embedded) else field.attribute or name)
            for name, field in fields.items()
        ]
        self._get: Getter = getter(*names) if len(names) > 1 else _alone(getter(*names))
        self._embedded = [
            (field.data_key or name, Plan(field.schema, getter, prefix=f"{name}_"))
            for name, field in fields.items()
            if isinstance(field, Embedded)
        ]
        self._converters = [
            (field.data_key or name, convert)
            for name, field in fields.items()
            if (convert := _converter(name, field))
        ]

    def __call__(self, obj: Any) -> dict[str, Any]:
        result = dict(zip(self._keys, self._get(obj), strict=True))
        for key, embedded in self._embedded:
            if result[key] is not None:
                result[key] = embedded(obj)
        for key, convert in self._converters:
            if result[key] is not None:
                result[key] = convert(result[key])
        return result


def _alone(get: Callable[[Any], Any]) -> Getter:
    """Of several things a getter makes a tuple, of one alone it does not."""
    return lambda obj: (get(obj),)


def _converter(name: str, field: ma.fields.Field[Any]) -> Convert | None:
    """What makes a field's value fit for JSON; None: it is."""
    if type(field)._serialize in {plain._serialize for plain in PLAIN}:
        return None
    if isinstance(field, Embedded) or getattr(field, "PLAIN", False):
        return None
    if isinstance(field, ma.fields.List):
        convert = _converter(name, field.inner)
        return (lambda values: [convert(value) for value in values]) if convert else list
    if isinstance(field, ma.fields.Nested) and not field.many:
        return field.schema.dump
    return lambda value: field._serialize(value, name, None)


class Plans:
    """The plans of one schema: for objects with attributes, and for dicts."""

    def __init__(self, schema: ma.Schema) -> None:
        self._of_attributes = Plan(schema, attrgetter)
        self._of_items = Plan(schema, itemgetter)

    def __call__(self, obj: Any) -> dict[str, Any]:
        return self._of_items(obj) if isinstance(obj, dict) else self._of_attributes(obj)
