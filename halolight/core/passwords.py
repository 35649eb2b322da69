"""Passwords: which are accepted, and how they are kept (OWASP ASVS 5.0, 6.2 and 11.4).

They are hashed and compared in NFC (NIST SP 800-63B, 5.1.1.2): keyboards send the same letter in
different forms. Older hashes are of the form that was typed, so that is tried, too.
"""

import importlib.machinery
import importlib.util
import types
from functools import cache
from pathlib import Path
from typing import Any

import argon2
import marshmallow as ma

from halolight.core.i18n import _
from halolight.core.schemas.validate import Length

from .text import nfc
from .threads import run_in_cpu_thread

MIN_LENGTH = 8
MAX_LENGTH = 128


def _common_passwords(number: int) -> frozenset[str]:
    """The most common passwords, from zxcvbn's ranked list.

    Its module is loaded past its package, which would keep 12 MB of words in every worker.
    """
    package: Any = importlib.util.find_spec("zxcvbn")
    path = Path(package.origin).with_name("frequency_lists.py")
    loader = importlib.machinery.SourceFileLoader("ranked_words", str(path))
    module = types.ModuleType(loader.name)
    loader.exec_module(module)
    return frozenset(module.FREQUENCY_LISTS["passwords"][:number])


COMMON = _common_passwords(10_000)

# A value no hash equals: the account has no password until its owner sets one.
UNUSABLE = "!"

# The OWASP minimum for argon2id: 19 MiB, 2 passes, 1 lane; about 20 ms of one core.
_hasher = argon2.PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


def hash_password(password: str) -> str:
    """The argon2id hash, computed off the event loop. Never call it within a transaction."""
    return run_in_cpu_thread(_hasher.hash, nfc(password))


def verify_password(password: str, hashed: str | None) -> bool:
    """Whether the password fits. Without a usable hash it is False after the same time."""
    usable = bool(hashed) and hashed != UNUSABLE
    compared = hashed if usable else _nobody()
    forms = dict.fromkeys((nfc(password), password))
    return any(run_in_cpu_thread(_verify, compared, form) for form in forms) and usable


def _verify(hashed: str | None, password: str) -> bool:
    try:
        return _hasher.verify(hashed or "", password)
    except (argon2.exceptions.VerificationError, argon2.exceptions.InvalidHashError):
        return False


@cache
def _nobody() -> str:
    """A hash to compare with when there is no account, so that its absence takes as long."""
    return _hasher.hash("nobody has this password")


def _refuse_common(password: str) -> None:
    if password.lower() in COMMON:
        raise ma.ValidationError(
            _("This password is too easy to guess. Choose another one.", code="too_common")
        )


# Length and commonness, no composition rules (ASVS 6.2.1, 6.2.4, 6.2.5).
PASSWORD_RULES = (
    Length(MIN_LENGTH, MAX_LENGTH),
    _refuse_common,
)
