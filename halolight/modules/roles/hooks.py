"""What follows a change of what a role grants."""

from halolight.core.hooks import Hooks

from .models import Role

after_grants_change: Hooks[Role] = Hooks()  # called in the transaction of the change
