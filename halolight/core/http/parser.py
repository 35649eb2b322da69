"""webargs' parser, for our statuses and messages: JSON bodies, forms, query strings."""

import gc
from functools import lru_cache
from http import HTTPStatus
from typing import Any

import orjson
import webargs
from flask import Request, request
from webargs.core import is_json
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy
from werkzeug.datastructures import CombinedMultiDict

from halolight.core import errors
from halolight.core.client_info import client_info
from halolight.core.i18n import _
from halolight.core.schemas.base import Schema

from . import bodies

MAX_CACHED_QUERY = 256  # bytes


class Parser(FlaskParser):
    DEFAULT_VALIDATION_STATUS = HTTPStatus.BAD_REQUEST.value

    def load_json(self, req: Request, schema: Any) -> Any:
        """The JSON body, or `webargs.missing` if there is none and none is needed."""
        body = bodies.whole(req)
        if not body:
            if schema.is_required and not any(f.required for f in schema.load_fields.values()):
                # Otherwise the fields that are missing say more.
                raise errors.Invalid(_("The request has no body."))
            return webargs.missing
        if not is_json(req.mimetype):
            raise errors.UnsupportedMediaType(_("Send JSON, with Content-Type: application/json."))
        _refuse_encoding(req)
        try:
            return _loads(body)
        except ValueError as error:
            raise errors.Invalid(_("The body is not valid JSON: {cause}", cause=error)) from None

    def parse(self, argmap: Any, req: Request | None = None, **kwargs: Any) -> Any:
        """The loaded arguments. Front ends send the same few queries over and over."""
        query = request.query_string
        if kwargs.get("location") != "query" or len(query) > MAX_CACHED_QUERY:
            return super().parse(argmap, req, **kwargs)
        return dict(_parsed_query(self, argmap, query, client_info.get().max_page))

    def load_form(self, req: Request, schema: Any) -> Any:
        """A multipart form holds its files too."""
        if req.mimetype != "multipart/form-data":
            raise errors.UnsupportedMediaType(
                _("Send a form, with Content-Type: multipart/form-data.")
            )
        _refuse_encoding(req)
        return MultiDictProxy(CombinedMultiDict([req.files, req.form]), schema)


def _loads(body: bytes) -> Any:
    """JSON without a garbage collection for every 700 lists in it: 1 MB took 135 ms with them."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        return orjson.loads(body)
    finally:
        if collecting:
            gc.enable()


def _refuse_encoding(req: Request) -> None:
    """Refuse a compressed body (RFC 9110, 15.5.16): its size would say nothing of its content."""
    if req.headers.get("Content-Encoding", "identity").lower() not in {"", "identity"}:
        raise errors.UnsupportedMediaType(_("Send the body without Content-Encoding."))


@lru_cache(maxsize=1024)
def _parsed_query(parser: Parser, schema: Schema, query: bytes, max_page: int) -> dict[str, Any]:
    """What a query means to a schema, where a page has at most `max_page` rows.

    It depends on nothing else: not on the time, nor the user.
    """
    loaded: dict[str, Any] = FlaskParser.parse(parser, schema, location="query")
    return loaded
