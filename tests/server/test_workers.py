"""Four workers behave as one: what one of them does holds in all of them at once."""

import os
import signal
from collections import Counter
from functools import partial

import pytest

from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.server.load import at_once
from tests.server.running_server import Answer, RunningServer, eventually

ME = "/api/users/me"
EACH = 10  # requests to each of the four workers, on connections of their own


@pytest.fixture
def server(four_workers: RunningServer, make: Factory) -> RunningServer:
    """The server, on a database that is empty."""
    return four_workers


def statuses(answers: list[Answer]) -> list[int]:
    return [answer.status for answer in answers]


class TestRevocation:
    def test_no_worker_accepts_a_session_after_its_logout(
        self, server: RunningServer, make: Factory
    ) -> None:
        email = make.user().email
        login = server.post("/api/auth/login", json={"email": email, "password": PASSWORD}).data
        token = login["accessToken"]
        refresh = {"refreshToken": login["refreshToken"]}
        known = server.from_every_worker(lambda: server.get(ME, token=token), times=1)

        server.post("/api/auth/logout", token=token)

        refused = server.from_every_worker(lambda: server.get(ME, token=token), times=EACH)
        refused += server.from_every_worker(
            lambda: server.post("/api/auth/refresh", json=refresh), times=1
        )
        assert statuses(known) == [200] * 4
        assert statuses(refused) == [401] * (4 * EACH + 4)

    def test_no_worker_accepts_a_user_who_was_disabled(
        self, server: RunningServer, admin: ApiClient, user: ApiClient
    ) -> None:
        known = server.from_every_worker(lambda: server.get(ME, token=user.token), times=1)

        path = f"/api/users/{user.user_id}/status"
        server.request("PATCH", path, json={"status": "INACTIVE"}, token=admin.token)

        refused = server.from_every_worker(lambda: server.get(ME, token=user.token), times=EACH)
        assert statuses(known) == [200] * 4
        assert statuses(refused) == [401] * (4 * EACH)

    def test_no_worker_grants_a_permission_that_was_taken_from_the_role(
        self, server: RunningServer, make: Factory, admin: ApiClient
    ) -> None:
        role = {"name": "reader", "permissions": ["documents:view", "teams:view"]}
        assert server.post("/api/roles", json=role, token=admin.token).status == 201
        token = make.client("reader").token
        documents = "/api/documents"
        known = server.from_every_worker(lambda: server.get(documents, token=token), times=1)

        server.put("/api/roles/reader", json={"permissions": ["teams:view"]}, token=admin.token)

        refused = server.from_every_worker(lambda: server.get(documents, token=token), times=EACH)
        left = server.from_every_worker(lambda: server.get("/api/teams", token=token), times=1)
        assert statuses(known) == [200] * 4
        assert statuses(refused) == [403] * (4 * EACH)
        assert statuses(left) == [200] * 4

    def test_no_worker_accepts_a_session_that_its_user_has_ended_from_another(
        self, server: RunningServer, make: Factory
    ) -> None:
        lost = make.client()
        kept = make.sign_in(lost.user_id)
        known = server.from_every_worker(lambda: server.get(ME, token=lost.token), times=1)
        sessions = server.get("/api/auth/sessions", token=lost.token).data
        [ended] = [session["id"] for session in sessions if session["current"]]

        server.delete(f"/api/auth/sessions/{ended}", token=kept.token)

        refused = server.from_every_worker(lambda: server.get(ME, token=lost.token), times=EACH)
        left = server.from_every_worker(lambda: server.get(ME, token=kept.token), times=1)
        assert statuses(known) == [200] * 4
        assert statuses(refused) == [401] * (4 * EACH)
        assert statuses(left) == [200] * 4


class TestRaces:
    def test_parallel_refreshes_of_one_token_all_get_the_same_successor(
        self, server: RunningServer, make: Factory
    ) -> None:
        email = make.user().email
        first = server.post("/api/auth/login", json={"email": email, "password": PASSWORD})
        token = first.data["refreshToken"]

        for _ in range(5):
            refresh = {"refreshToken": token}
            answers = at_once([partial(server.post, "/api/auth/refresh", json=refresh)] * 20)

            assert statuses(answers) == [200] * 20
            pairs = {(a.data["accessToken"], a.data["refreshToken"]) for a in answers}
            [(access, successor)] = pairs
            assert successor != token
            assert len(server.get("/api/auth/sessions", token=access).data) == 1
            token = successor

    def test_one_of_many_registrations_with_one_mail_address_wins(
        self, server: RunningServer
    ) -> None:
        variants = ["Dana@Example.com", "dana@example.com", "DANA@EXAMPLE.COM", "dAnA@example.COM"]
        accounts = [{"email": variants[n % 4], "password": PASSWORD} for n in range(50)]

        answers = at_once(
            [partial(server.post, "/api/auth/register", json=account) for account in accounts]
        )

        assert Counter(statuses(answers)) == {201: 1, 409: 49}
        fields = [a.json["error"]["details"][0]["field"] for a in answers if a.status == 409]
        assert set(fields) == {"email"}

    def test_one_of_two_super_admins_stays_when_they_remove_each_other(
        self, server: RunningServer, make: Factory, admin: ApiClient
    ) -> None:
        one, other = make.client("super_admin"), make.client("super_admin")

        def delete(by: ApiClient, whom: ApiClient) -> Answer:
            return server.delete(f"/api/users/{whom.user_id}", token=by.token)

        def demote(by: ApiClient, whom: ApiClient) -> Answer:
            path = f"/api/users/{whom.user_id}"
            return server.put(path, json={"role": "user"}, token=by.token)

        answers = at_once(
            [
                partial(act, by, whom)
                for act in (delete, demote)
                for by, whom in ((one, other), (other, one))
                for _ in range(5)
            ]
        )

        assert set(statuses(answers)) <= {200, 401, 403, 404, 409}
        assert 200 in statuses(answers)
        found = server.get("/api/users?role=super_admin&status=ACTIVE", token=admin.token)
        assert found.data["total"] == 1

    def test_a_password_can_be_tried_ten_times_whichever_workers_are_asked(
        self, server: RunningServer, make: Factory
    ) -> None:
        wrong = {"email": make.user().email, "password": "not the password"}

        answers = at_once([lambda: server.post("/api/auth/login", json=wrong)] * 20)

        assert set(statuses(answers)) <= {401, 429}
        assert statuses(answers).count(401) <= 10
        later = server.from_every_worker(
            lambda: server.post("/api/auth/login", json=wrong), times=EACH
        )
        assert statuses(answers + later).count(401) == 10
        assert statuses(later)[-3 * EACH :] == [429] * (3 * EACH)
        assert all(int(a.headers["Retry-After"]) > 0 for a in later if a.status == 429)

    def test_one_of_two_updates_of_the_same_version_wins(
        self, server: RunningServer, user: ApiClient
    ) -> None:
        made = server.post("/api/documents", json={"title": "Plan"}, token=user.token)
        path = f"/api/documents/{made.data['id']}"
        save = partial(server.put, path, token=user.token)

        for _ in range(5):
            seen = {"If-Match": server.get(path, token=user.token).headers["ETag"]}
            answers = at_once(
                [partial(save, json={"content": text}, headers=seen) for text in ("mine", "yours")]
            )

            assert sorted(statuses(answers)) == [200, 412]
            [winner] = [a.data["content"] for a in answers if a.status == 200]
            assert server.get(path, token=user.token).data["content"] == winner
            save(json={"content": ""})


class TestMetrics:
    def test_the_sum_over_the_workers_is_the_number_of_requests(
        self, server: RunningServer, user: ApiClient
    ) -> None:
        kinds = {
            ("GET", "/health", "200"): lambda: server.get("/health"),
            ("GET", ME, "200"): lambda: server.get(ME, token=user.token),
            ("GET", ME, "401"): lambda: server.get(ME),
            ("GET", "/api/documents/<int:document_id>", "404"): (
                lambda: server.get("/api/documents/1", token=user.token)
            ),
            ("GET", "unmatched", "404"): lambda: server.get("/nowhere"),
        }
        before = settled_counts(server)

        at_once([call for call in kinds.values() for _ in range(8)])
        for call in kinds.values():
            server.from_every_worker(call, times=1)

        sent = Counter(dict.fromkeys(kinds, 8 + 4))
        assert eventually(lambda: counts(server) - before == sent), counts(server) - before


FREE = 'database_connections{state="free"}'


class TestGauges:
    def test_are_those_of_the_workers_that_run(self, four_workers: RunningServer) -> None:
        """Also when one was killed: its gauges go with it, and the next brings its own."""
        server = four_workers
        assert eventually(lambda: gauge(server, "workers") == 4)
        assert eventually(lambda: gauge(server, FREE) == 40)
        os.kill(server.workers()[0], signal.SIGKILL)

        assert eventually(lambda: gauge(server, "workers") == 3 or len(server.workers()) == 4)
        assert eventually(lambda: gauge(server, "workers") == 4)
        assert eventually(lambda: gauge(server, FREE) == 40)
        assert gauge(server, "database_connections_limit") == 80
        assert 4 * 40e6 < gauge(server, "worker_memory_bytes") < 4 * 300e6
        assert gauge(server, 'mail_queue_length{state="waiting"}') == 0


def gauge(server: RunningServer, name: str) -> float:
    """The value of a gauge; -1 if there is none yet."""
    lines = server.get("/metrics").body.decode().splitlines()
    return next((float(line.split()[-1]) for line in lines if line.startswith(f"{name} ")), -1)


def settled_counts(server: RunningServer) -> "Counter[tuple[str, ...]]":
    """The counts once those of earlier requests are complete: they follow their answers."""
    seen = [counts(server)]

    def unchanged() -> bool:
        seen.append(counts(server))
        return seen[-1] == seen[-2]

    assert eventually(unchanged)
    return seen[-1]


def counts(server: RunningServer) -> "Counter[tuple[str, ...]]":
    """How many requests were answered, by method, route and status, but for those to ask this."""
    found: Counter[tuple[str, ...]] = Counter()
    for line in server.get("/metrics").body.decode().splitlines():
        name, _, rest = line.partition("{")
        if name == "http_requests_total":
            labels, _, number = rest.rpartition("} ")
            values = dict(label.split("=", 1) for label in labels.replace('"', "").split(","))
            found[values["method"], values["route"], values["status"]] = int(float(number))
    return Counter({key: n for key, n in found.items() if key[1] != "/metrics"})
