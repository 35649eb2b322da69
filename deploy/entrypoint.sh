#!/bin/sh
# Migrate the database, add the system roles and start the server, or run the given command.
# A database that a newer version has migrated is left alone: the server starts and is not ready.
set -eu
if [ $# -gt 0 ]; then
  exec "$@"
fi
flask prepare
exec gunicorn -c python:halolight.server --bind "0.0.0.0:${PORT:-8000}" wsgi:app
