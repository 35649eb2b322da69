"""What is measured beside the API: a bare Flask route and a raw WSGI callable."""

from collections.abc import Iterable
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask

flask_app = Flask(__name__)


@flask_app.get("/")
def constant() -> dict[str, str]:
    return {"status": "ok"}


def wsgi_app(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    body = b'{"status":"ok"}'
    headers = [("Content-Type", "application/json"), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]
