"""What production refuses to start with, what it logs, and behind which proxies it stands."""

import json
import re
import resource
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from halolight.config import PROJECT
from halolight.core.background.mail import OutgoingMail
from halolight.extensions import db
from halolight.modules.users.models import User
from tests.api_client import ApiClient
from tests.factories import PASSWORD, Factory
from tests.server.neighbour import cut_off_who_waits, locked
from tests.server.running_server import (
    RunningServer,
    Settings,
    environment,
    eventually,
    running_server,
    server_command,
)

HIDDEN = "hidden-3f9c"  # what a wrong setting may hold, and no message may show
HTTPS = {"X-Forwarded-Proto": "https"}
HSTS = "Strict-Transport-Security"


class TestRefusedStart:
    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("JWT_SECRET", ""),
            ("JWT_SECRET", f"{HIDDEN}-20-bytes"),
            ("JWT_SECRET", f"your-secret-key-change-in-production-{HIDDEN}"),
            ("JWT_SECRET", "a" * 64),
            ("CORS_ORIGINS", '["*"]'),
            ("CORS_ORIGINS", "*"),
            ("PORT", "http"),
            ("PORT", "0"),
            ("PORT", "65536"),
            ("DATABASE_URL", f"mysql://root:{HIDDEN}@db/halolight"),
            ("DATABASE_URL", f"postgresql://root:{HIDDEN}@db:port/halolight"),
            ("DATABASE_URL", f"halolight:{HIDDEN}"),
        ],
    )
    def test_one_line_names_variable_fault_and_example(
        self, settings: Settings, name: str, value: str
    ) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:  # binding it would fail, loudly
            port = taken.getsockname()[1]
            wrong = {**settings, "PORT": str(port), name: value}
            before = cpu_of_children()
            ended = subprocess.run(
                server_command(port),
                check=False,
                cwd=PROJECT,
                env=environment(wrong),
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                timeout=30,
            )
            took = cpu_of_children() - before

        [line] = (ended.stdout + ended.stderr).splitlines()
        assert re.fullmatch(rf"{name}: \S.* \(example: {name}=\S.*\)", line)
        assert HIDDEN not in line
        assert settings["JWT_SECRET"] not in line
        assert ended.returncode != 0
        assert took < 3  # seconds: it tried once


def cpu_of_children() -> float:
    """Seconds, which unlike the time of day do not grow with what else the machine has to do."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.fixture(scope="module")
def production_server(settings: Settings) -> Iterator[RunningServer]:
    own = {"LOG_FORMAT": "json", "LOG_LEVEL": "DEBUG", "TRUSTED_PROXIES": "1"}
    with running_server({**settings, **own}) as server:
        yield server


@pytest.fixture
def server(production_server: RunningServer, app: Flask) -> RunningServer:
    return production_server


def entries(server: RunningServer) -> list[dict[str, Any]]:
    """What the application has logged."""
    return [json.loads(line) for line in server.log().splitlines() if line.startswith("{")]


class TestMail:
    def test_without_a_mail_server_it_starts_with_a_warning(self, server: RunningServer) -> None:
        warnings = [line for line in server.log().splitlines() if "MAIL_URL" in line]

        assert warnings
        assert all("WARNING" in line for line in warnings)

    def test_without_a_token_for_the_metrics_it_starts_with_a_warning(
        self, server: RunningServer
    ) -> None:
        [warning] = [line for line in server.log().splitlines() if "METRICS_TOKEN" in line]

        assert "WARNING" in warning

    def test_without_a_mail_server_mail_waits(
        self, server: RunningServer, app: Flask, make: Factory
    ) -> None:
        email = make.user().email

        server.post("/api/auth/forgot-password", json={"email": email})

        time.sleep(1)  # for a background that would not let it wait
        with app.app_context():
            [owed] = db.session.scalars(sa.select(OutgoingMail)).all()
        assert (owed.params, owed.attempts) == ({"email": email}, 0)


class TestLog:
    def test_every_line_is_json(self, server: RunningServer) -> None:
        server.get("/health")

        lines = server.log().splitlines()
        assert [line for line in lines if not line.startswith("{")] == []
        assert all({"time", "level", "message"} <= set(json.loads(line)) for line in lines)

    @pytest.mark.smoke
    def test_a_request_is_found_by_the_id_of_its_answer(
        self, server: RunningServer, user: ApiClient
    ) -> None:
        answer = server.get("/api/users/me?page=1", token=user.token)

        request_id = answer.headers["X-Request-ID"]
        [entry] = eventually(
            lambda: [
                line
                for line in entries(server)
                if line["requestId"] == request_id and line["logger"] == "halolight.access"
            ]
        )
        assert (entry["method"], entry["path"]) == ("GET", "/api/users/me")
        assert (entry["status"], entry["user"]) == (200, user.user_id)

    def test_it_takes_the_id_that_the_caller_gives(self, server: RunningServer) -> None:
        sent = f"from-the-proxy.{secrets.token_hex(8)}"

        answer = server.get("/api/users/me", headers={"X-Request-ID": sent})

        assert answer.headers["X-Request-ID"] == sent
        assert eventually(lambda: [e for e in entries(server) if e["requestId"] == sent])

    def test_it_holds_no_secret(self, server: RunningServer, make: Factory) -> None:
        email = make.user().email
        wrong, unused = f"wrong {HIDDEN}", f"reset-{HIDDEN}"
        login = {"email": email, "password": PASSWORD}
        tokens = server.post("/api/auth/login", json=login).data
        server.post("/api/auth/login", json={**login, "password": wrong})
        server.post("/api/auth/login", json={"email": wrong, "password": wrong})
        server.post("/api/auth/refresh", json={"refreshToken": tokens["refreshToken"]})
        server.post("/api/auth/refresh", json={"refreshToken": unused})
        server.post(f"/api/auth/refresh?refreshToken={unused}", json={})
        reset = {"token": unused, "password": f"a new {HIDDEN}"}
        server.post(f"/api/auth/reset-password?token={unused}", json=reset)
        server.get("/api/users/me", token=tokens["accessToken"])
        server.get("/api/users/me", token=HIDDEN)
        last = server.get(f"/nowhere?access_token={tokens['accessToken']}&password={HIDDEN}")
        marker = last.headers["X-Request-ID"]
        assert eventually(lambda: [e for e in entries(server) if e["requestId"] == marker])

        log = server.log()
        shown = [
            secret
            for secret in (PASSWORD, HIDDEN, tokens["accessToken"], tokens["refreshToken"])
            if secret in log
        ]
        assert shown == []
        assert "Bearer" not in log

    def test_it_holds_no_hash_of_a_password_when_a_statement_fails(
        self, server: RunningServer, app: Flask, user: ApiClient
    ) -> None:
        change = {"currentPassword": PASSWORD, "newPassword": "a new horse battery"}
        path = "/api/auth/change-password"

        with ThreadPoolExecutor(1) as thread, locked(app, User, user.user_id):
            changing = thread.submit(server.post, path, json=change, token=user.token)
            assert eventually(lambda: cut_off_who_waits(app))
            answer = changing.result()

        assert answer.status == 503
        assert "database unavailable" in server.log()
        assert "$argon2" not in server.log()


class TestRefusalsOfGunicorn:
    @pytest.mark.parametrize(
        ("path", "headers"),
        [
            (f"/api/users?search={'a' * 9000}", {}),
            ("/health", {"X-Long": "a" * 9000}),
        ],
    )
    def test_are_in_the_envelope(
        self, server: RunningServer, path: str, headers: dict[str, str]
    ) -> None:
        answer = server.get(path, headers=headers)

        assert answer.status == 400
        assert answer.json["error"]["code"] == "VALIDATION_ERROR"
        assert answer.headers["X-Request-ID"]
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


class TestProxies:
    def test_behind_a_proxy_with_tls_it_asks_for_tls_only(self, server: RunningServer) -> None:
        assert "max-age=" in server.get("/health", headers=HTTPS).headers[HSTS]
        assert HSTS not in server.get("/health", headers={"X-Forwarded-Proto": "http"}).headers
        assert HSTS not in server.get("/health").headers

    def test_without_a_trusted_proxy_nobody_is_believed(self, four_workers: RunningServer) -> None:
        assert HSTS not in four_workers.get("/health", headers=HTTPS).headers

    def test_nobody_can_move_the_application(self, server: RunningServer) -> None:
        answer = server.get("/health", headers={"SCRIPT_NAME": "/elsewhere"})

        assert answer.status == 200
