#!/bin/sh
# Migrate the database, add the system roles and start the server, or run the given command.
set -eu
if [ $# -gt 0 ]; then
  exec "$@"
fi
flask db upgrade
flask seed
exec gunicorn -c python:halolight.server --bind "0.0.0.0:${PORT:-8000}" wsgi:app
