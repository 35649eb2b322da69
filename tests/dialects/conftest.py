"""Front ends, signed in as a super administrator who has a row of each kind."""

from typing import Any

import pytest
from flask import Flask

from tests.api_client import ApiClient
from tests.contract.operations import furnish
from tests.dialects.front_end import FrontEnd
from tests.factories import Factory

JsonObject = dict[str, Any]


@pytest.fixture
def rows(make: Factory, super_admin: ApiClient) -> JsonObject:
    """A row of each kind, by the names of the parameters in paths."""
    _, parameters = furnish(make)
    return parameters


@pytest.fixture
def next_js(app: Flask, super_admin: ApiClient) -> FrontEnd:
    return FrontEnd(app, "next", super_admin.token)


@pytest.fixture
def react(app: Flask, super_admin: ApiClient) -> FrontEnd:
    """React where it sends its token."""
    return FrontEnd(app, "react", super_admin.token)


@pytest.fixture
def react_by_cookie(app: Flask, super_admin: ApiClient) -> FrontEnd:
    """React where it sends nothing, and the browser the cookie."""
    return FrontEnd(app, "react", super_admin.token, cookie=True)


@pytest.fixture
def vue(app: Flask, super_admin: ApiClient) -> FrontEnd:
    return FrontEnd(app, "vue", super_admin.token)


@pytest.fixture
def solid(app: Flask, super_admin: ApiClient) -> FrontEnd:
    return FrontEnd(app, "solid", super_admin.token)
