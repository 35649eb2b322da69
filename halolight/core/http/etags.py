"""`ETag` and `If-Match`: no update is lost when two people edit the same thing (RFC 9110, 13.1)."""

from typing import Any

from flask import request

from halolight.core.errors import PreconditionFailed


def with_etag(result: Any) -> Any:
    """The result of a view, with an `ETag` header where it has a `version`."""
    version = getattr(result, "version", None)
    return result if version is None else (result, {"ETag": f'"{version}"'})


class IfMatch:
    """The versions that the caller will change; any, when the header was not sent."""

    def __init__(self) -> None:
        self._sent = "If-Match" in request.headers
        self._etags = request.if_match

    def check(self, version: int) -> None:
        """Refuse (412) when this is not a version the caller has seen. Call it under a lock."""
        if self._sent and not self._etags.contains(str(version)):
            raise PreconditionFailed
