"""Searching: what is found, in which order, and how it is shown."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from halolight.core.search.tokens import MAX_TERMS
from halolight.modules.search import queries
from halolight.modules.search.kinds import NAMES
from tests.api_client import ApiClient
from tests.factories import Factory
from tests.modules.calendar.steps import EVENTS, plan
from tests.modules.documents.steps import share, write
from tests.modules.files.steps import upload
from tests.modules.messages.steps import send

from .steps import SEARCH, TYPES, found, marked, search, titles


class TestFinds:
    def test_each_type(self, super_admin: ApiClient, make: Factory) -> None:
        person = make.client(name="Zora Zebra")
        document = write(person, "A zebra")
        file = upload(person, name="zebra.txt")
        folder = person.post("/api/folders", json={"name": "Zebras"})
        message = send(person, super_admin, content="See the zebra")
        event = plan(person, "Zoo", description="Feed the zebra")
        team = super_admin.post(
            "/api/teams", json={"name": "Zebra team", "memberIds": [person.user_id]}
        )

        assert found(person, "zebra") == {
            "people": [person.user_id],
            "documents": [document["id"]],
            "files": [file["id"]],
            "folders": [folder["id"]],
            "messages": [message["id"]],
            "events": [event["id"]],
            "teams": [team["id"]],
        }
        assert tuple(search(person, "zebra")) == TYPES == NAMES

    def test_only_what_has_all_words(self, user: ApiClient) -> None:
        write(user, "Quarterly plan", content="The budget")
        write(user, "Plan")

        assert titles(user, "plan") == ["Plan", "Quarterly plan"]
        assert titles(user, "budget PLAN") == ["Quarterly plan"]
        assert titles(user, "plan salary") == []

    def test_a_word_by_its_beginning_and_in_names_anywhere(self, user: ApiClient) -> None:
        write(user, "Quarterly", content="Responsibilities")

        for search_ in ("quart", "arter", "y", "respons", "quart respon"):
            assert titles(user, search_) == ["Quarterly"], search_
        assert titles(user, "sponsibilities") == []

    def test_without_case_accents_and_width(self, user: ApiClient) -> None:
        write(user, "Été à İzmir", content="ΟΔΟΣ und Straße")

        for search_ in ("ETE", "izmir", "\uff29\uff3a\uff2d\uff29\uff32", "οδος", "STRASSE"):
            assert titles(user, search_) == ["Été à İzmir"], search_

    @pytest.mark.parametrize(
        ("text", "searches", "missed"),
        [
            ("季度财务报告", ["季度", "务报", "季度财务报告", "告", "季"], ["度季", "季财"]),
            ("東京タワーの写真", ["タワー", "京タ", "写真", "真"], ["タ写"]),
            ("회의록을 보냅니다", ["회의", "의록을", "보냅"], ["록보"]),
            ("รายงานการเงิน", ["รายงาน", "การเงิน", "าร"], ["งร"]),
            ("Launch 🚀 of iPhone手机", ["🚀", "iphone", "手机", "phone手机"], ["😀"]),
            ("हिन्दी पाठ", ["हिन्दी", "पा"], ["हिन्दीपा"]),
        ],
    )
    def test_text_of_any_script(
        self, user: ApiClient, text: str, searches: list[str], missed: list[str]
    ) -> None:
        write(user, text)
        write(user, "Of the content", content=f"It says: {text}.")

        for search_ in searches:
            assert titles(user, search_)[0] == text, search_
        for search_ in missed:
            assert titles(user, search_) == [], search_

    def test_signs_as_nothing_to_look_for(self, user: ApiClient) -> None:
        write(user, "100% of a_b", content="'quoted' \"text\" (a & b) | !c:* *")

        for search_ in ("100%", "a_b", "'", "100% %", "b'a", 'NOT "quoted"*', "a&b|!c:*"):
            names = titles(user, search_)
            assert names == ([] if search_ in {"'", 'NOT "quoted"*'} else ["100% of a_b"]), search_
        assert search(user, "%&|")["documents"]["total"] == 0

    def test_addresses_only_for_users_who_may_view_users(
        self, super_admin: ApiClient, user: ApiClient, make: Factory
    ) -> None:
        ada = make.user(name="Ada", username="lovelace", email="countess@analytical.example")
        gone = make.user(name="Ada Gone", status="INACTIVE")

        assert found(super_admin, "analytical") == {"people": [ada.id]}
        assert found(super_admin, "ada") == {"people": [gone.id, ada.id]}
        for search_ in ("ada", "lovelace", "velac"):
            assert found(user, search_) == {"people": [ada.id]}, search_
        for search_ in ("analytical", "countess@analytical.example", "gone"):
            assert found(user, search_) == {}, search_
        [shown] = search(user, "ada")["people"]["items"]
        assert shown["textSegments"] == []
        assert "analytical" not in str(shown)

    def test_texts_as_they_are_now(self, user: ApiClient) -> None:
        document = write(user, "Draft", content="first")
        path = f"/api/documents/{document['id']}"
        user.put(path, json={"content": "second"})
        assert (titles(user, "first"), titles(user, "second")) == ([], ["Draft"])
        user.put(path, json={"title": "Final"})
        assert (titles(user, "draft"), titles(user, "final second")) == ([], ["Final"])
        user.put(path, json={"folder": "Elsewhere"})
        assert titles(user, "final second") == ["Final"]
        user.delete(path)
        assert titles(user, "final") == []

    def test_copies_and_what_lies_in_them(self, user: ApiClient) -> None:
        folder = user.post("/api/folders", json={"name": "Zebras"})
        upload(user, name="stripes.txt", folderId=str(folder["id"]))
        user.post(f"/api/files/{folder['id']}/copy", json={}, status=201)

        assert search(user, "stripes")["files"]["total"] == 2
        assert search(user, "zebras")["folders"]["total"] == 2
        assert search(user, "zebras")["files"]["total"] == 0

    def test_changed_occurrences_by_their_own_ids(self, user: ApiClient) -> None:
        weekly = {"recurrence": {"rule": "FREQ=WEEKLY;COUNT=3"}}
        series = plan(user, "Standup", **weekly)
        moved = f"{series['id']}_20300513T090000Z"
        user.put(f"{EVENTS}/{moved}", json={"title": "Retrospective"})

        assert found(user, "retro") == {"events": [moved]}
        assert found(user, "standup") == {"events": [series["id"]]}
        assert user.get(f"{EVENTS}/{moved}")["title"] == "Retrospective"


class TestOrder:
    def test_is_titles_first_and_then_the_newest(self, user: ApiClient) -> None:
        write(user, "Plan of old")
        write(user, "A", content="plan")
        write(user, "Plan of new")
        write(user, "B", content="plan")

        assert titles(user, "plan") == ["Plan of new", "Plan of old", "B", "A"]

    def test_is_that_of_all_pages(self, user: ApiClient) -> None:
        for number in range(7):
            write(user, f"Plan {number}")

        pages = [titles(user, "plan", page=page, pageSize=3) for page in (1, 2, 3, 4)]

        assert [len(page) for page in pages] == [3, 3, 1, 0]
        assert [title for page in pages for title in page] == [
            f"Plan {number}" for number in reversed(range(7))
        ]
        for page in (1, 3, 9):
            result = search(user, "plan", page=page, pageSize=3)["documents"]
            assert [result[key] for key in ("total", "page", "pageSize", "totalPages")] == [
                *(7, page, 3, 3)
            ]


class TestVeryMany:
    @pytest.fixture(autouse=True)
    def counted_to_three(self, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
        monkeypatch.setattr(queries, "MOST_COUNTED", 3)
        queries.search.cache_clear()
        yield
        queries.search.cache_clear()

    def test_are_shown_in_the_same_order(self, user: ApiClient) -> None:
        for number in range(7):
            write(user, f"Plan {number}")
            write(user, f"Other {number}", content="plan")
        expected = [f"{name} {n}" for name in ("Plan", "Other") for n in reversed(range(7))]

        for size in (3, 10, 20):
            pages = [titles(user, "plan", page=page, pageSize=size) for page in range(1, 6)]
            assert [title for page in pages for title in page] == expected

    def test_are_counted_as_far_as_they_are(self, user: ApiClient) -> None:
        def counted(q: str) -> tuple[int, bool]:
            result = search(user, q)["documents"]
            return result["total"], result["totalIsExact"]

        assert counted("plan") == (0, True)
        for number in range(3):
            write(user, f"Plan {number}")
        assert counted("plan") == (3, True)
        write(user, "Other", content="plan")
        assert counted("plan") == (4, True)
        write(user, "Plan 4")
        assert counted("plan") == (4, False)

    def test_are_those_of_the_owner_and_of_others(self, user: ApiClient, make: Factory) -> None:
        other = make.client()
        for number in range(5):
            write(user, f"Plan {number}")
            document = write(other, f"Shared plan {number}")
            share(other, document["id"], userIds=[user.user_id])
            write(other, f"Secret plan {number}")

        expected = [f"{name} {n}" for n in reversed(range(5)) for name in ("Shared plan", "Plan")]
        assert titles(user, "plan") == expected


class TestShows:
    def test_where_the_words_are(self, user: ApiClient) -> None:
        write(user, "Straße & <b>Été</b>", content="Nothing.\n\nThe ÉTÉ of the\tstrasse, it is.")

        [item] = search(user, "strasse ete")["documents"]["items"]

        assert marked(item["titleSegments"]) == "[Straße] & <b>[Été]</b>"
        assert marked(item["textSegments"]) == "Nothing. The [ÉTÉ] of the [strasse], it is."

    def test_the_part_of_a_long_text_that_was_found(self, user: ApiClient) -> None:
        write(user, "Long", content="word " * 2000 + "budget " + "word " * 2000)

        [item] = search(user, "budg")["documents"]["items"]

        text = marked(item["textSegments"])
        assert re.fullmatch(r"… ?(word )+\[budg\]et( word)+( ?w?o?r?d?)…", text)
        assert len(text) < 200

    def test_runs_of_chinese_as_a_whole(self, user: ApiClient) -> None:
        write(user, "2026年季度报告")

        [item] = search(user, "季度报告")["documents"]["items"]

        assert marked(item["titleSegments"]) == "2026年[季度报告]"

    def test_who_wrote_it(self, user: ApiClient, make: Factory) -> None:
        write(user, "Plan")
        message = send(user, make.client(), content="plan")

        results = search(user, "plan")

        [document], [sent] = results["documents"]["items"], results["messages"]["items"]
        assert document["person"]["id"] == sent["person"]["id"] == user.user_id
        assert (document["conversationId"], document["title"]) == (None, "Plan")
        assert (sent["conversationId"], sent["title"]) == (message["conversationId"], None)


class TestTypes:
    def test_are_those_that_are_asked_for(self, user: ApiClient) -> None:
        write(user, "Plan")
        upload(user, name="plan.txt")

        assert list(search(user, "plan", types="files, Documents,files")) == ["documents", "files"]
        assert search(user, "plan", types="files,teams")["files"]["total"] == 1
        assert list(search(user, "plan", types="all")) == list(TYPES)
        user.get(f"{SEARCH}?q=plan&types=orders", status=400)
        user.get(f"{SEARCH}?q=plan&types=files,", status=400)

    def test_that_may_not_be_viewed_are_left_out_or_refused(self, make: Factory) -> None:
        guest = make.client("guest")

        assert list(search(guest, "guest")) == ["people"]
        for name in TYPES:
            guest.get(f"{SEARCH}?q=a&types={name}", status=200 if name == "people" else 403)


class TestLimits:
    def test_of_what_is_searched(self, user: ApiClient) -> None:
        user.get(SEARCH, status=400)
        user.get(f"{SEARCH}?q=%20", status=400)
        user.get(SEARCH, query_string={"q": "x" * 101}, status=400)
        user.get(f"{SEARCH}?q=x&pageSize=21", status=400)
        user.get(f"{SEARCH}?q=x&page=0", status=400)

    def test_further_words_are_ignored(self, user: ApiClient) -> None:
        words = [f"w{number}" for number in range(MAX_TERMS)]
        write(user, "Plan", content=" ".join(words))

        assert titles(user, " ".join([*words, "missing"])) == ["Plan"]
        assert titles(user, " ".join([*words[1:], "missing"])) == []

    def test_anything_may_be_searched(self, user: ApiClient) -> None:
        write(user, "Plan")
        for q in (
            "\ufdfa" * 100,
            "季" * 100,
            "a" * 100,
            "😀" * 100,
            "\\",
            "\u0301",
            "\u200b\u200b a",
        ):
            user.get(SEARCH, query_string={"q": q})


def test_texts_of_any_size_are_written(user: ApiClient) -> None:
    """PostgreSQL holds 1 MB of tokens in a row."""
    four_bytes = "".join(chr(0x10400 + n % 40) * 39 + chr(0x10400 + n // 40) for n in range(1500))
    contents: dict[str, Any] = {
        "words": " ".join(f"w{number}" for number in range(60_000)),
        "pairs": "".join(chr(0x4E00 + number * 7 % 20_000) for number in range(60_000)),
        "letters": " ".join(f"{n}{four_bytes[n * 40 : n * 40 + 40]}" for n in range(1500)),
    }
    for title, content in contents.items():
        write(user, title, content=content)

    assert titles(user, "w9000") == ["words"]
    assert titles(user, "letters") == ["letters"]
