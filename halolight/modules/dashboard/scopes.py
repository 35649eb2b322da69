"""What of each kind of thing a caller may see, and so what the figures count."""

import dataclasses as dc

from halolight.core.access import CurrentUser
from halolight.core.db.listing import EVERYTHING, NOTHING
from halolight.core.db.paging import Scope
from halolight.core.db.resource import CALLER
from halolight.modules.calendar.queries import EVENTS
from halolight.modules.documents.queries import DOCUMENTS
from halolight.modules.files.queries import FILES, IS_FOLDER
from halolight.modules.messages.models import MessageReceipt
from halolight.modules.users.models import User

IS_FILE = ~IS_FOLDER
ONESELF = (User.id == CALLER,)
MY_MESSAGES = (MessageReceipt.user_id == CALLER,)


@dc.dataclass(frozen=True)
class Scopes:
    """The rows of each kind that there are for a caller. Few differ: statements are kept by it."""

    users: Scope
    documents: Scope
    files: Scope
    messages: Scope
    events: Scope
    orders: bool


def scopes_of(user: CurrentUser) -> Scopes:
    return Scopes(
        users=(EVERYTHING,) if user.can("users:view") else ONESELF,
        documents=DOCUMENTS.scope_if_granted(user),
        files=FILES.scope_if_granted(user),
        messages=MY_MESSAGES if user.can("messages:view") else (NOTHING,),
        events=EVENTS.scope_if_granted(user),
        orders=user.can("orders:view"),
    )
