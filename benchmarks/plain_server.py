"""gunicorn's settings for what is measured beside the API: its own, without its hooks.

So the API, the bare Flask route and the raw WSGI callable run on the same kind of worker.
"""

from inspect import isfunction

from halolight import server

globals().update(
    {
        name: value
        for name, value in vars(server).items()
        if name[0] != "_" and not isfunction(value)
    }
)
