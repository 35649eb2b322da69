"""The answer of /health."""

import orjson

from halolight.core.clock import utcnow


def health_json() -> bytes:
    """That the process answers, and when; nothing else is looked at."""
    return orjson.dumps({"status": "ok", "timestamp": utcnow()}, option=orjson.OPT_UTC_Z)
