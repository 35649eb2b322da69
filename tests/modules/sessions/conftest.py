"""Ada and her login, as in the tests of signing in."""

from tests.modules.auth.conftest import ada, cheap_hashing, hashed_password, pair

__all__ = ["ada", "cheap_hashing", "hashed_password", "pair"]
