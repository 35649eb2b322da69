"""What follows a change of an account: sessions end, links become void, the owner is notified.

The modules above this one register it. Each function runs in the transaction of the change, before
the new values are set, with the locked account and those values.
"""

from collections.abc import Callable, Mapping
from typing import Any

from .models import User

AccountHook = Callable[[User, Mapping[str, Any]], None]
_hooks: list[AccountHook] = []


def before_account_change(function: AccountHook) -> AccountHook:
    """Register a function to call with the account and its new values."""
    _hooks.append(function)
    return function


def run_hooks(user: User, changes: Mapping[str, Any]) -> None:
    for hook in _hooks:
        hook(user, changes)
