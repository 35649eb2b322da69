"""The secret that an installation makes for itself."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from halolight.settings import generated_secret


class TestGeneratedSecret:
    def test_is_made_once_and_only_for_its_owner(self, tmp_path: Path) -> None:
        instance = tmp_path / "instance"

        secret = generated_secret(instance)

        assert len(secret) == 64
        assert generated_secret(instance) == secret
        assert [file.name for file in instance.iterdir()] == ["jwt_secret"]
        assert stat.S_IMODE((instance / "jwt_secret").stat().st_mode) == 0o600

    def test_is_the_same_for_all_who_start_at_once(self, tmp_path: Path) -> None:
        with ThreadPoolExecutor(16) as pool:
            made = set(pool.map(generated_secret, [tmp_path] * 64))

        assert len(made) == 1
        assert len(made.pop()) == 64
