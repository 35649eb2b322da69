"""The WSGI entry point, for gunicorn and for every `flask` command."""

from halolight import create_app

app = create_app()
