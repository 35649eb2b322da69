"""The tokens of a row stay those of its texts when two requests change it at once."""

from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import pytest

from halolight.modules.audit import trail
from tests.api_client import ApiClient
from tests.factories import Factory

from .steps import found


def test_a_profile_whose_address_changes_meanwhile(
    make: Factory, super_admin: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make.client(name="Ada", email="ada@old.example")
    record = trail.record

    with ThreadPoolExecutor(1) as others:

        def record_later(*args: Any, **kwargs: Any) -> None:
            monkeypatch.setattr(trail, "record", record)
            changing = {"email": "ada@new.example"}
            path = f"/api/users/{ada.user_id}"
            wait([others.submit(super_admin.put, path, json=changing)], timeout=0.5)
            record(*args, **kwargs)

        monkeypatch.setattr(trail, "record", record_later)
        ada.put("/api/users/me", json={"name": "Countess"})

    assert super_admin.get(f"/api/users/{ada.user_id}")["email"] == "ada@new.example"
    assert found(super_admin, "countess new") == {"people": [ada.user_id]}
    assert found(super_admin, "old") == {}
