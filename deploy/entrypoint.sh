#!/bin/sh
# Bring the database up to date, then serve (or run what was asked for instead).
set -eu
if [ $# -gt 0 ]; then
  exec "$@"
fi
flask db upgrade
flask seed
exec gunicorn -c python:halolight.server --bind "0.0.0.0:${PORT:-8000}" wsgi:app
