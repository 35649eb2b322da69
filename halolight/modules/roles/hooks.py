"""What follows a change of what a role grants; the modules above this one register it."""

from collections.abc import Callable

from .models import Role

GrantsHook = Callable[[Role], None]
_hooks: list[GrantsHook] = []


def after_grants_change(function: GrantsHook) -> GrantsHook:
    """Register a function to call with a changed role, in the transaction of the change."""
    _hooks.append(function)
    return function


def run_hooks(role: Role) -> None:
    for hook in _hooks:
        hook(role)
