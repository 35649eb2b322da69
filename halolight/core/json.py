"""JSON by orjson: several times faster than the standard library, and strict about bad input."""

from typing import Any

import orjson
from flask.json.provider import JSONProvider
from werkzeug.sansio.response import Response as SansResponse


class OrjsonProvider(JSONProvider):
    def dumps(self, obj: Any, **_: Any) -> str:
        return orjson.dumps(obj).decode()

    def loads(self, s: str | bytes, **_: Any) -> Any:
        return orjson.loads(s)

    def response(self, *args: Any, **kwargs: Any) -> SansResponse:
        """The JSON response of a view, without the detour over a text."""
        body = orjson.dumps(self._prepare_response_obj(args, kwargs))
        return self._app.response_class(body, mimetype="application/json")  # type: ignore[arg-type]
