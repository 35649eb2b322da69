"""React's cookie signs in what its own pages ask for, and nothing else (OWASP ASVS 3.5.1)."""

import pytest

from tests.api_client import ApiClient
from tests.factories import Factory

from .front_end import SAME_ORIGIN, FrontEnd

UNSAFE = {
    "POST": "/teams",
    "PUT": "/notifications/read-all",
    "PATCH": "/users/{user_id}/status",
    "DELETE": "/documents/{document_id}",
}
BODY = {"name": "Forged", "status": "SUSPENDED"}
OWN = {"Origin": "http://localhost"}
FOREIGN = {
    "another site": {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    "another site, which states our origin": {"Sec-Fetch-Site": "cross-site", **OWN},
    "another site, in an old browser": {"Origin": "https://evil.example"},
    "a sister site": {"Sec-Fetch-Site": "same-site", "Origin": "http://other.localhost"},
    "our host without encryption": {"Origin": "https://localhost"},
    "another port": {"Origin": "http://localhost:3000"},
    "a sandboxed frame": {"Origin": "null"},
    "the address bar": {"Sec-Fetch-Site": "none"},
    "an empty header": {"Sec-Fetch-Site": ""},
    "nobody says where": {},
}


@pytest.fixture
def browser(super_admin: ApiClient) -> FrontEnd:
    """It has the cookie, and says nothing of where a request comes from."""
    browser = FrontEnd(super_admin.app, "react")
    browser.headers = {"Cookie": f"accessToken={super_admin.token}"}
    return browser


@pytest.mark.parametrize("method", UNSAFE)
class TestUnsafeMethod:
    @pytest.fixture
    def path(self, method: str, rows: dict[str, int]) -> str:
        return UNSAFE[method].format_map(rows)

    def test_is_refused_from_elsewhere(self, browser: FrontEnd, method: str, path: str) -> None:
        statuses = {
            where: browser.open(method, path, json=BODY, headers=headers).status_code
            for where, headers in FOREIGN.items()
        }

        assert statuses == dict.fromkeys(FOREIGN, 403)
        assert browser.last.get_json()["error"]["code"] == "FORBIDDEN"

    def test_works_from_the_same_origin(self, browser: FrontEnd, method: str, path: str) -> None:
        assert browser.open(method, path, json=BODY, headers=SAME_ORIGIN).status_code < 300

    def test_works_from_the_same_origin_in_an_old_browser(
        self, browser: FrontEnd, method: str, path: str
    ) -> None:
        assert browser.open(method, path, json=BODY, headers=OWN).status_code < 300

    def test_is_refused_by_the_other_mounts_and_the_api(
        self, browser: FrontEnd, method: str, path: str
    ) -> None:
        for mount in ("next", "vue", "solid"):
            browser.mount = mount
            browser.call(method, path, json=BODY, headers=SAME_ORIGIN, status=401)

        headers = browser.headers | SAME_ORIGIN
        plain = browser.app.test_client(use_cookies=False)
        answer = plain.open(f"/api{path}", method=method, json=BODY, headers=headers)
        assert answer.status_code == 401


class TestRead:
    def test_needs_no_word_of_where_it_comes_from(self, browser: FrontEnd) -> None:
        browser.call("GET", "/users")
        assert browser.open("HEAD", "/users").status_code == 200

    def test_is_refused_without_a_cookie(self, browser: FrontEnd) -> None:
        browser.headers = {}
        browser.call("GET", "/users", headers=SAME_ORIGIN, status=401)


@pytest.mark.parametrize("header", ["Bearer bad", "Bearer", "Basic abc", ""])
def test_the_cookie_does_not_make_up_for_a_bad_token(browser: FrontEnd, header: str) -> None:
    headers = {"Authorization": header, **SAME_ORIGIN}
    browser.call("GET", "/users", headers=headers, status=401)


def test_the_cookie_does_not_stand_beside_the_token_of_somebody_else(
    browser: FrontEnd, make: Factory
) -> None:
    somebody = make.client()
    browser.headers["Authorization"] = f"Bearer {somebody.token}"

    assert browser.call("GET", "/auth/me")["id"] == str(somebody.user_id)


def test_a_refresh_token_in_the_cookie_is_no_access_token(make: Factory) -> None:
    user = make.user("super_admin")
    login = {"email": user.email, "password": "correct horse battery"}
    react = FrontEnd(make.app, "react")
    tokens = react.call("POST", "/auth/login", json=login)

    react.headers = {"Cookie": f"accessToken={tokens['refreshToken']}", **SAME_ORIGIN}
    react.call("GET", "/users", status=401)
    react.headers = {"Cookie": f"refreshToken={tokens['accessToken']}", **SAME_ORIGIN}
    react.call("GET", "/users", status=401)
    react.headers = {"Cookie": f"accessToken={tokens['accessToken']}", **SAME_ORIGIN}
    react.call("GET", "/users")


def test_the_cookie_is_worth_nothing_once_its_session_has_ended(browser: FrontEnd) -> None:
    browser.call("POST", "/auth/logout", headers=SAME_ORIGIN)

    browser.call("GET", "/users", headers=SAME_ORIGIN, status=401)
