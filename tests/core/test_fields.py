import datetime as dt
from types import SimpleNamespace
from typing import Any

import marshmallow as ma
import pytest
from flask import Flask

from halolight.core.http.json import OrjsonProvider
from halolight.core.schemas.base import Schema
from halolight.core.schemas.fields import (
    Choice,
    Color,
    Email,
    Embedded,
    Id,
    Line,
    UniqueList,
    UTCDateTimeField,
)
from halolight.core.schemas.fields import sort_by as sort_by_columns

NOON = dt.datetime(2026, 5, 1, 12, tzinfo=dt.UTC)


class PersonSchema(Schema):
    id = ma.fields.Integer()
    full_name = ma.fields.String()
    joined_at = UTCDateTimeField()


class NoteSchema(Schema):
    author = Embedded(PersonSchema)


def written(schema: Schema, obj: object) -> str:
    """What an answer holds of an object."""
    return OrjsonProvider(Flask("tests")).dumps(schema.dump(obj))


class TestMoment:
    @pytest.mark.parametrize(
        "text",
        [
            "2026-05-01T12:00:00Z",
            "2026-05-01T12:00:00+00:00",
            "2026-05-01T14:00:00+02:00",
            "2026-05-01T06:30:00-05:30",
            "2026-05-01T12:00:00.000Z",
            "2026-05-01T12:00:00",
            "2026-05-01 12:00:00Z",
            "2026-05-01t12:00:00z",
            "2026-05-01T12:00:00.000z",
        ],
    )
    def test_reads_any_zone_as_utc(self, text: str) -> None:
        moment = UTCDateTimeField().deserialize(text)

        assert moment == NOON
        assert moment.tzinfo is dt.UTC

    @pytest.mark.parametrize(
        ("text", "moment"),
        [
            ("2026-04-30T24:00:00Z", "2026-05-01T00:00:00+00:00"),
            ("2026-12-31T24:00", "2027-01-01T00:00:00+00:00"),
            ("2026-04-30t24:00:00.000+02:00", "2026-04-30T22:00:00+00:00"),
            ("2016-12-31T23:59:60Z", "2016-12-31T23:59:59+00:00"),
            ("2016-12-31t23:59:60.5z", "2016-12-31T23:59:59.500000+00:00"),
        ],
    )
    def test_reads_the_end_of_a_day_and_leap_seconds(self, text: str, moment: str) -> None:
        assert UTCDateTimeField().deserialize(text).isoformat() == moment

    @pytest.mark.parametrize(
        ("moment", "text"),
        [
            (NOON, '"2026-05-01T12:00:00Z"'),
            (NOON.replace(microsecond=25), '"2026-05-01T12:00:00.000025Z"'),
            (None, "null"),
        ],
    )
    def test_is_written_in_utc_with_z(self, moment: dt.datetime | None, text: str) -> None:
        row = SimpleNamespace(id=7, full_name="Ada", joined_at=moment)

        assert f'"joinedAt":{text}' in written(PersonSchema(), row)

    @pytest.mark.parametrize(
        "value",
        [
            "",
            "now",
            "2026-13-01T00:00:00Z",
            "2026-02-30T00:00:00Z",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "2026-05-01T12:00:00+99:00",
            "2026-05-01T24:00:01Z",
            "2026-05-01T24:30Z",
            "9999-12-31T24:00:00Z",
            "2026-05-01T12:00:61Z",
            "\uff12026-05-01T12:00:00Z",
            1777636800,
            True,
            [],
            {},
        ],
    )
    def test_refuses_what_is_no_time(self, value: Any) -> None:
        with pytest.raises(ma.ValidationError):
            UTCDateTimeField().deserialize(value)


class TestEmail:
    def test_keeps_lower_case(self) -> None:
        assert Email().deserialize("Ada@Example.COM") == "ada@example.com"

    @pytest.mark.parametrize(
        "value", ["", "ada", "ada@", "@example.com", "a b@example.com", "a@b@c.com", 5, None, []]
    )
    def test_refuses_what_is_none(self, value: Any) -> None:
        with pytest.raises(ma.ValidationError):
            Email().deserialize(value)

    @pytest.mark.parametrize(
        ("value", "kept"),
        [
            ("ada@MÜNCHEN.de", "ada@münchen.de"),
            ("ada@mu\u0308nchen.de", "ada@münchen.de"),
            ("ada@XN--mnchen-3ya.de", "ada@münchen.de"),
            ("ada@exam\u00adple.com", "ada@example.com"),
            ("\uff41da\uff20\uff45xample.com", "ada@example.com"),
            ("ada@straße.de", "ada@straße.de"),
            ("ada@例え。jp", "ada@例え.jp"),
            (f"{'x' * 64}@example.com", f"{'x' * 64}@example.com"),
        ],
    )
    def test_keeps_one_form_of_all_spellings(self, value: str, kept: str) -> None:
        assert Email().deserialize(value) == kept
        assert Email().deserialize(kept) == kept

    @pytest.mark.parametrize(
        "value",
        [
            f"{'x' * 65}@example.com",
            f"{'é' * 33}@example.com",
            f"ada@{'x' * 64}.com",
            f"ada@{'ü' * 60}.de",
            f"ada@{'.'.join(['x' * 60] * 5)}.com",
            "ada@xn--zzzzzz.de",
            "ada@münchen..de",
            "ada@\u200d.com",
        ],
    )
    def test_refuses_what_no_server_takes(self, value: str) -> None:
        with pytest.raises(ma.ValidationError):
            Email().deserialize(value)


class TestColor:
    @pytest.mark.parametrize(
        ("value", "color"),
        [("#FFF", "#FFFFFF"), ("#3bf", "#33bbff"), ("#3b82f6", "#3b82f6"), ("red", "red")],
    )
    def test_of_three_digits_is_read_as_six(self, value: str, color: str) -> None:
        assert Color().deserialize(value) == color

    @pytest.mark.parametrize("value", ["#FF", "#FFFF", "#GGG", "", "FFF1", "red;", "#FFF\n#"])
    def test_of_other_forms_is_refused(self, value: str) -> None:
        with pytest.raises(ma.ValidationError):
            Color().deserialize(value)


class TestText:
    def test_has_no_space_around_it(self) -> None:
        assert Line().deserialize(" \t two words\n") == "two words"

    @pytest.mark.parametrize("value", [5, None, ["text"], True])
    def test_refuses_what_is_none(self, value: Any) -> None:
        with pytest.raises(ma.ValidationError):
            Line().deserialize(value)


class TestChoice:
    @pytest.mark.parametrize("text", ["ACTIVE", "active", "Active", "aCTIVE"])
    def test_is_accepted_in_any_case(self, text: str) -> None:
        assert Choice("ACTIVE", "INACTIVE").deserialize(text) == "ACTIVE"

    @pytest.mark.parametrize("text", ["", "ACTIV", "ACTIVE ", "all"])
    def test_refuses_other_words_and_names_those_there_are(self, text: str) -> None:
        with pytest.raises(ma.ValidationError, match=r"Choose one of these: ACTIVE, INACTIVE\."):
            Choice("ACTIVE", "INACTIVE").deserialize(text)

    @pytest.mark.parametrize("value", [5, None, ["ACTIVE"]])
    def test_refuses_what_is_no_text(self, value: Any) -> None:
        with pytest.raises(ma.ValidationError):
            Choice("ACTIVE").deserialize(value)

    def test_is_documented_as_an_enum(self) -> None:
        assert Choice("a", "b").metadata["enum"] == ["a", "b"]

    def test_of_sort_columns_is_in_camel_case_and_defaults_to_the_first(self) -> None:
        field = sort_by_columns("updated_at", "title")

        assert field.load_default == "updatedAt"
        assert field.deserialize("updatedat") == "updatedAt"


class TestId:
    @pytest.mark.parametrize("value", [0, -1, 2**31, "1", 1.5, True, None, "x"])
    def test_refuses_what_no_row_has(self, value: Any) -> None:
        with pytest.raises(ma.ValidationError):
            Id().deserialize(value)

    @pytest.mark.parametrize("value", [1, 2**31 - 1])
    def test_accepts_what_a_row_has(self, value: int) -> None:
        assert Id().deserialize(value) == value


class TestUnique:
    def test_keeps_the_first_of_equals_in_order(self) -> None:
        assert UniqueList(Line()).deserialize(["b", "a", " b ", "c", "a"]) == ["b", "a", "c"]

    def test_measures_what_remains(self) -> None:
        field = UniqueList(Id(), validate=ma.validate.Length(max=2))

        assert field.deserialize([1, 2, 1, 2]) == [1, 2]
        with pytest.raises(ma.ValidationError):
            field.deserialize([1, 2, 3])

    @pytest.mark.parametrize("value", ["text", 5, None, {}])
    def test_refuses_what_is_no_list(self, value: Any) -> None:
        with pytest.raises(ma.ValidationError):
            UniqueList(Line()).deserialize(value)


class TestEmbedded:
    def test_is_made_of_the_columns_that_share_its_name(self) -> None:
        row = SimpleNamespace(author_id=7, author_full_name="Ada", author_joined_at=NOON)

        assert written(NoteSchema(), row) == (
            '{"author":{"id":7,"fullName":"Ada","joinedAt":"2026-05-01T12:00:00Z"}}'
        )

    def test_is_made_of_a_dict_as_well(self) -> None:
        row = {"author_id": 7, "author_full_name": "Ada", "author_joined_at": None}

        assert NoteSchema().dump(row) == {"author": {"id": 7, "fullName": "Ada", "joinedAt": None}}

    def test_is_null_when_its_id_is(self) -> None:
        row = SimpleNamespace(author_id=None, author_full_name=None, author_joined_at=None)

        assert NoteSchema().dump(row) == {"author": None}

    def test_is_found_in_each_of_many(self) -> None:
        rows = [{"author_id": None}, {"author_id": None}]

        assert NoteSchema(many=True).dump(rows) == [{"author": None}] * 2
