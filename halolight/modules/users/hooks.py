"""What follows a change of an account: sessions end, links become void, the owner is notified."""

from collections.abc import Mapping
from typing import Any

from halolight.core.hooks import Hooks

from .models import User

# Called in the transaction of the change, before the new values are set, with the locked account
# and those values.
before_account_change: Hooks[User, Mapping[str, Any]] = Hooks()
