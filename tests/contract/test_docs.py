"""The documentation pages: at both addresses, alive, and made of this server's files only."""

import re
from collections.abc import Iterator
from html import unescape
from importlib.resources import files

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient

from halolight import __version__
from halolight.modules.users.seed import DEMO_ACCOUNTS, DEMO_PASSWORD
from tests.api_client import ApiClient

from .operations import application, document

PAGES = ("/", "/docs", "/api/docs", "/redoc", "/api/redoc")
DOCUMENTS = ("/openapi.json", "/api/openapi.json")
ASSETS = {
    "docs.js": "javascript",
    "docs.css": "text/css",
    "swagger-ui.css": "text/css",
    "swagger-ui-bundle.js": "javascript",
    "redoc.standalone.js": "javascript",
    "favicon-32x32.png": "image/png",
}
STATIC = files("halolight") / "static"


@pytest.fixture(scope="module")
def docs_app() -> Iterator[Flask]:
    """No page needs a database."""
    with application() as app:
        yield app


@pytest.fixture
def browser(docs_app: Flask) -> FlaskClient:
    return docs_app.test_client()


@pytest.mark.parametrize("path", PAGES)
class TestPages:
    def test_are_html(self, browser: FlaskClient, path: str) -> None:
        response = browser.get(path)

        assert response.status_code == 200
        assert response.mimetype == "text/html"
        assert "HaloLight API" in response.text

    def test_name_no_other_server(self, browser: FlaskClient, path: str) -> None:
        assert re.findall(r"(?:https?:)?//[a-z0-9]", browser.get(path).text) == []

    def test_load_files_that_are_there(self, browser: FlaskClient, path: str) -> None:
        loaded = re.findall(r'(?:src|href)="([^"]+)"', browser.get(path).text)

        assert loaded
        for address in loaded:
            with browser.get(address) as response:
                assert response.status_code == 200, address

    def test_run_no_script_of_their_own(self, browser: FlaskClient, path: str) -> None:
        """The policy would not let them."""
        text = browser.get(path).text

        assert re.findall(r"<script(?![^>]* src=)", text) == []
        assert re.findall(r"\son\w+=", text) == []

    def test_may_load_from_this_server_only(self, browser: FlaskClient, path: str) -> None:
        policy = browser.get(path).headers["Content-Security-Policy"]
        rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))

        assert rules["default-src"] == "'none'"
        assert rules["script-src"] == "'self'"
        assert rules["connect-src"] == "'self'"
        assert rules["form-action"] == "'none'"  # scripts send what is typed, never the address
        assert rules["frame-ancestors"] == "'none'"
        assert "http" not in policy


class TestHome:
    def test_names_the_version_and_leads_on(self, browser: FlaskClient) -> None:
        text = browser.get("/").text

        assert f"Version {__version__}" in text
        for address in ("/docs", "/redoc", "/openapi.json", "/health"):
            assert f'href="{address}"' in text

    @pytest.mark.database("sqlite")
    def test_helps_to_sign_in_on_a_development_server_only(self, app: Flask) -> None:
        app.test_cli_runner().invoke(args=["seed", "--demo"])
        accounts = [email for email, *_ in DEMO_ACCOUNTS]
        pages = {}
        for mode in ("development", "production", "test"):
            url = app.config["SQLALCHEMY_DATABASE_URI"]
            with application(NODE_ENV=mode, DATABASE_URL=url) as other:
                pages[mode] = unescape(other.test_client().get("/").text)
                [body] = re.findall(r"curl .* -d '(.*)'", pages["development"])
                login = ApiClient(other).post(
                    "/api/auth/login", json=orjson.loads(body), status=200
                )
                assert login["accessToken"]

        for mode, page in pages.items():
            shown = [text for text in (*accounts, DEMO_PASSWORD, "curl") if text in page]
            assert shown == ([*accounts, DEMO_PASSWORD, "curl"] if mode == "development" else [])


@pytest.mark.parametrize("path", DOCUMENTS)
class TestDocument:
    def test_is_the_whole_api(self, browser: FlaskClient, path: str) -> None:
        response = browser.get(path)

        assert response.mimetype == "application/json"
        assert orjson.loads(response.data) == document()

    def test_is_openapi_3_1_with_its_title_and_version(
        self, browser: FlaskClient, path: str
    ) -> None:
        served = orjson.loads(browser.get(path).data)

        assert served["openapi"].startswith("3.1.")
        assert served["info"]["title"] == "HaloLight API"
        assert served["info"]["version"] == __version__
        assert "To try it" in served["info"]["description"]

    def test_lets_one_sign_in(self, browser: FlaskClient, path: str) -> None:
        served = orjson.loads(browser.get(path).data)

        schemes = served["components"]["securitySchemes"]
        assert schemes["bearerAuth"] == {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}


class TestAssets:
    @pytest.mark.parametrize(("name", "kind"), ASSETS.items())
    def test_are_served_and_kept(self, browser: FlaskClient, name: str, kind: str) -> None:
        with browser.get(f"/docs/assets/{name}") as response:
            assert response.status_code == 200
            assert kind in response.content_type
            assert "max-age" in response.headers["Cache-Control"]

    @pytest.mark.parametrize("name", ["docs.js", "docs.css"])
    def test_of_our_own_name_no_other_server(self, name: str) -> None:
        text = (STATIC / name).read_text()

        assert re.findall(r"https?:|url\(|@import|['\"]//", text) == []

    @pytest.mark.parametrize(
        "name", ["nothing.js", "../__init__.py", "..%2f..%2fapp.py", "%2fetc%2fpasswd", "a%00.js"]
    )
    def test_are_no_way_to_other_files(self, browser: FlaskClient, name: str) -> None:
        response = browser.get(f"/docs/assets/{name}")

        assert response.status_code == 404
        assert response.get_json()["error"]["code"] == "NOT_FOUND"

    def test_show_groups_that_are_closed_and_a_filter(self) -> None:
        script = (STATIC / "docs.js").read_text()

        assert 'docExpansion: "none"' in script
        assert "filter: true" in script

    def test_ask_no_validator_elsewhere(self) -> None:
        """Swagger UI would send the document to one of its own by default."""
        assert "validatorUrl: null" in (STATIC / "docs.js").read_text()
