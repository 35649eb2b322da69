"""Preconditions by `ETag` and date (RFC 9110, 13): of reads here, of changes in the services.

Something with a `version` has it as its ETag. Where an answer shows what changes without the
version, a hash of that follows behind a hyphen, and so does the language of the answer unless it
is English: a read with another one is no 304, but a change needs the version alone.
"""

import datetime as dt
import zlib
from typing import Any

from flask import Response, request

from halolight.core.errors import PreconditionFailed
from halolight.core.i18n import ENGLISH, caller_language


def headers(result: Any, unversioned: tuple[str, ...] = ()) -> dict[str, str]:
    """The `ETag` of what a view returns, if that has a `version`.

    `unversioned` names what it shows that changes without the version.
    """
    version = getattr(result, "version", None)
    if version is None:
        return {}
    etag = str(version)
    if unversioned:
        shown = repr([getattr(result, name) for name in unversioned])
        etag += f"-{zlib.crc32(shown.encode()):x}"
    if (language := caller_language()) != ENGLISH:
        etag += f"-{language}"
    return {"ETag": f'"{etag}"'}


def is_unchanged(etag: str, modified: dt.datetime | None = None) -> bool:
    """Whether the caller of a GET or HEAD has this already, so that the answer is 304.

    In the order of RFC 9110, 13.2.2; `Range` comes after it. Raises `PreconditionFailed`. Without
    a date of modification, dates in the request are ignored.
    """
    headers = request.headers
    if "If-Match" in headers:
        if not request.if_match.contains(etag):
            raise PreconditionFailed
    elif modified and (since := request.if_unmodified_since) and modified > since:
        raise PreconditionFailed
    if "If-None-Match" in headers:
        return request.if_none_match.contains_weak(etag)
    return bool(modified and (since := request.if_modified_since) and modified <= since)


def conditional(response: Response) -> Response:
    """The answer to a read, or 304 without its content if the caller has that already."""
    etag, _ = response.get_etag()
    try:
        if etag and is_unchanged(etag, response.last_modified):
            response.close()
            response.status_code = 304
    except PreconditionFailed:
        response.close()
        raise
    return response


class IfMatch:
    """The versions that the caller will change; any, when the header was not sent."""

    def __init__(self) -> None:
        self._sent = "If-Match" in request.headers
        self._etags = request.if_match
        self._refused = request.if_none_match

    def check(self, version: int) -> None:
        """Refuse (412) when this is not a version the caller has seen. Call it under a lock."""
        known = {etag.partition("-")[0] for etag in self._etags.as_set()}
        if self._sent and not self._etags.star_tag and str(version) not in known:
            raise PreconditionFailed
        refused = {etag.partition("-")[0] for etag in self._refused.as_set(include_weak=True)}
        if self._refused.star_tag or str(version) in refused:
            raise PreconditionFailed
