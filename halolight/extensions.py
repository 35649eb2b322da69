"""Every extension, made once and bound to an app in create_app()."""

from flask_jwt_extended import JWTManager
from flask_migrate import Migrate

from .core.api import Api
from .core.database import Database, Model, render_item
from .core.mail import Outbox

db = Database(metadata=Model.metadata, session_options={"expire_on_commit": False})
migrate = Migrate(render_as_batch=True, compare_type=True, render_item=render_item)
jwt = JWTManager()
api = Api()
outbox = Outbox(db)
