"""Every extension, made once and bound to an app in create_app()."""

from flask_jwt_extended import JWTManager

from .core.background.mail import Outbox
from .core.db.base import Database, Model
from .core.db.holding import HoldableSession
from .core.http.api import Api
from .core.live.live import Live

db = Database(
    metadata=Model.metadata,
    session_options={"class_": HoldableSession, "expire_on_commit": False},
)
jwt = JWTManager()
api = Api()
outbox = Outbox(db)
live = Live(db)
