"""The tokens of a row stay those of its texts when two requests change it at once."""

from concurrent.futures import ThreadPoolExecutor, wait

import pytest

from halolight.modules.users import service
from tests.api_client import ApiClient
from tests.factories import Factory

from .steps import found


def test_a_profile_whose_address_changes_meanwhile(
    make: Factory, super_admin: ApiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    ada = make.client(name="Ada", email="ada@old.example")
    record = service.trail.record

    with ThreadPoolExecutor(1) as others:

        def record_later(*args: object, **kwargs: object) -> None:
            monkeypatch.setattr(service.trail, "record", record)
            changing = {"email": "ada@new.example"}
            path = f"/api/users/{ada.user_id}"
            wait([others.submit(super_admin.put, path, json=changing)], timeout=0.5)
            record(*args, **kwargs)  # type: ignore[arg-type]

        monkeypatch.setattr(service.trail, "record", record_later)
        ada.put("/api/users/me", json={"name": "Countess"})

    assert super_admin.get(f"/api/users/{ada.user_id}")["email"] == "ada@new.example"
    assert found(super_admin, "countess new") == {"people": [ada.user_id]}
    assert found(super_admin, "old") == {}
