"""Our compiled dump answers as marshmallow's own, for every schema of an answer there is."""

import datetime as dt
from collections import namedtuple
from functools import cache
from types import SimpleNamespace
from typing import Any
from unittest import mock

import marshmallow as ma
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from halolight.core.http.json import OPTIONS
from halolight.core.schemas.base import MAX_INTEGER, Schema
from halolight.core.schemas.fields import Embedded
from halolight.extensions import api
from halolight.modules.audit.schemas import TargetId
from halolight.modules.users import service as users
from tests.api_client import ApiClient
from tests.contract.operations import OPERATIONS, application, document

Values = st.SearchStrategy[Any]

# The first kind that fits counts.
INTEGERS = st.integers(-MAX_INTEGER, MAX_INTEGER)
VALUES: dict[type[ma.fields.Field[Any]], Values] = {
    ma.fields.Boolean: st.booleans(),
    ma.fields.Integer: INTEGERS,
    ma.fields.Decimal: st.decimals(min_value=0, max_value=10**9, places=2),
    ma.fields.Float: st.floats(allow_nan=False, allow_infinity=False),
    ma.fields.AwareDateTime: st.datetimes(timezones=st.just(dt.UTC)),
    ma.fields.Date: st.dates(),
    ma.fields.String: st.text(max_size=8),
    ma.fields.Raw: st.none() | st.booleans() | INTEGERS | st.text(max_size=8),
    TargetId: INTEGERS.map(str) | st.text(max_size=8),
    ma.fields.Dict: st.dictionaries(st.text(max_size=8), INTEGERS, max_size=2),
}


def referred(node: Any, found: set[tuple[str, str]]) -> None:
    """Gather the components that this part of the OpenAPI document leads to, each once."""
    if isinstance(node, list):
        for value in node:
            referred(value, found)
    elif isinstance(node, dict):
        for value in node.values():
            referred(value, found)
        if "$ref" in node:
            _, _, kind, name = node["$ref"].split("/")
            if (kind, name) not in found:
                found.add((kind, name))
                referred(document()["components"][kind][name], found)


def answering() -> list[type[Schema]]:
    """The classes whose objects go out: the data of the answers, and all it consists of.

    The envelopes around the data are put there without a schema.
    """
    components: set[tuple[str, str]] = set()
    referred([operation.definition["responses"] for operation in OPERATIONS], components)
    names = {name for kind, name in components if kind == "schemas"}
    with application():
        classes = {name: key[0] for key, name in api.ma_plugin.converter.refs.items()}
    found = [classes[name] for name in sorted(names) if not name.endswith("Envelope")]
    return [schema for schema in found if schema.dump is Schema.dump]


def values(field: ma.fields.Field[Any]) -> Values:
    """Values such as a service hands over for this field."""
    if isinstance(field, ma.fields.List) and holds_itself(field.inner):
        return st.just([])  # a tree of one level
    found = values_but_none(field)
    return st.none() | found if field.allow_none else found


def values_but_none(field: ma.fields.Field[Any]) -> Values:
    if isinstance(field, ma.fields.Nested):
        nested = type(field.schema)
        if nested.dump is not Schema.dump:  # it says itself what goes out: an object of any keys
            return st.dictionaries(st.text(max_size=8), st.booleans(), max_size=3)
        one = objects(nested)
        return st.lists(one, max_size=2) if field.many or field.schema.many else one
    if isinstance(field, ma.fields.List):
        return st.lists(values(field.inner), max_size=2)
    for kind, strategy in VALUES.items():
        if isinstance(field, kind):
            return strategy
    raise NotImplementedError(f"give VALUES the values of a {type(field).__name__}")


def holds_itself(field: ma.fields.Field[Any]) -> bool:
    return isinstance(field, ma.fields.Nested) and type(field.schema) is type(field.root)


@cache
def row(names: tuple[str, ...]) -> Any:
    """The class of the rows with these columns."""
    return namedtuple("Row", names)


# Objects as services return them: dicts, objects with attributes, rows.
KINDS = [
    dict,
    lambda record: SimpleNamespace(**record),
    lambda record: row(tuple(record))(**record),
]


@cache
def objects(schema: type[ma.Schema]) -> Values:
    """Objects that the schema dumps, of all kinds."""
    columns: dict[str, Values] = {}
    for name, field in schema().dump_fields.items():
        if isinstance(field, Embedded):
            for inner, its in field.schema.dump_fields.items():
                columns[f"{name}_{inner}"] = st.none() | values(its)
        else:
            columns[field.attribute or name] = values(field)
    records = st.fixed_dictionaries(columns)
    return st.builds(lambda record, kind: kind(record), records, st.sampled_from(KINDS))


def by_marshmallow(schema: Schema, obj: Any, **many: bool) -> Any:
    """What marshmallow dumps, and so do the schemas within this one."""
    with mock.patch.object(Schema, "dump", ma.Schema.dump):
        return schema.dump(obj, **many)


def assert_same(ours: Any, theirs: Any) -> None:
    """The same JSON, to the byte: so values, order and types are the same."""
    assert orjson.dumps(ours, option=OPTIONS) == orjson.dumps(theirs, option=OPTIONS)


@cache
def made(schema: type[Schema], *, many: bool = False) -> Schema:
    """A schema of this class. To make one takes longer than all it has to do here."""
    return schema(many=many)


ANSWERING = answering()
few = settings(max_examples=10, derandomize=True, deadline=None, database=None)


def test_schemas_of_answers_are_found() -> None:
    names = {schema.__name__ for schema in ANSWERING}

    assert {"UserSchema", "PersonSchema", "DocumentShareSchema", "ErrorDetail"} <= names
    assert not {name for name in names if name.endswith(("Input", "Query", "Update"))}


@pytest.mark.parametrize("schema", ANSWERING, ids=lambda schema: str(schema.__name__))
class TestDump:
    @few
    @given(data=st.data())
    def test_of_an_object_is_marshmallows(self, schema: type[Schema], data: st.DataObject) -> None:
        obj = data.draw(objects(schema))

        dumped = made(schema).dump(obj)

        assert_same(dumped, by_marshmallow(made(schema), obj))
        assert list(dumped) == [field.data_key for field in made(schema).dump_fields.values()]

    @few
    @given(data=st.data())
    def test_of_many_is_marshmallows(self, schema: type[Schema], data: st.DataObject) -> None:
        several = data.draw(st.lists(objects(schema), max_size=3))

        expected = by_marshmallow(made(schema), several, many=True)

        assert_same(made(schema).dump(several, many=True), expected)
        assert_same(made(schema, many=True).dump(several), expected)


class InvoiceSchema(Schema):
    number = ma.fields.Integer()
    customer_name = ma.fields.String()


class TestMissingColumn:
    """A statement that forgets a column fails; it does not leave the column out of the answer."""

    @pytest.mark.parametrize("made_of", [dict, lambda **fields: SimpleNamespace(**fields)])
    def test_raises(self, made_of: Any) -> None:
        with pytest.raises((AttributeError, KeyError), match="customer_name"):
            InvoiceSchema().dump(made_of(number=1))

    def test_raises_for_one_object_of_many(self) -> None:
        whole = {"number": 1, "customer_name": "Ada"}

        with pytest.raises(KeyError, match="customer_name"):
            InvoiceSchema(many=True).dump([whole, {"number": 2}])

    def test_answers_500(self, user: ApiClient, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(users, "get_me", lambda _: {"id": user.user_id})

        error = user.get("/api/users/me", status=500)

        assert error["code"] == "INTERNAL_ERROR"
