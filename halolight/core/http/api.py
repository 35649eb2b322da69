"""flask-smorest, taught our envelope, our access rules and our naming.

All glue to the framework is here, so that a module's routes.py
says only what is particular to each endpoint.
"""

from collections.abc import Callable
from copy import deepcopy
from functools import partial, wraps
from typing import Any, Protocol, TypeVar

import flask_smorest
from flask import Response, g, request
from flask_smorest.utils import resolve_schema_instance

from halolight.core import access, errors, permissions
from halolight.core.db import retry
from halolight.core.i18n import Message
from halolight.core.schemas.base import PageSchema, Schema, camel, document_sizes

from . import (
    addresses,
    bodies,
    describing,
    envelope,
    etags,
    idempotency,
    links,
    ratelimit,
    underway,
)
from .describing import AUTHENTICATED, PUBLIC
from .json import json_response
from .parser import Parser

View = TypeVar("View", bound=Callable[..., Any])


BINARY = {"type": "string", "format": "binary"}
UNCHANGED = {"description": "Not modified", "content_type": None}


class Decorator(Protocol):
    def __call__(self, view: View, /) -> View: ...


def set_message(message: Message) -> None:
    """Another message for the success of this request than that of its endpoint."""
    g.message = message


class Api(flask_smorest.Api):
    ERROR_SCHEMA = envelope.ErrorEnvelope
    DEFAULT_ERROR_RESPONSE_NAME = None

    def init_app(self, app: Any, **kwargs: Any) -> None:
        app.url_map.converters |= addresses.CONVERTERS
        app.url_map.strict_slashes = False
        app.url_map.merge_slashes = False
        super().init_app(app, spec_kwargs={"flask_plugin": addresses.Plugin()}, **kwargs)
        self.spec.components.security_scheme(
            "bearerAuth", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
        )
        self.spec.components.parameter("IdempotencyKey", "header", idempotency.DOCUMENTED)
        self.spec.components.header("Link", links.DOCUMENTED)

    def _register_responses(self) -> None:
        """Every failure under the name of its code, instead of one per status of HTTP."""
        for code in errors.CODES.values():
            description = code.replace("_", " ").capitalize()
            json = {"schema": self.ERROR_SCHEMA, "example": envelope.failure(code, description, [])}
            response = {"description": description, "content": {"application/json": json}}
            self.spec.components.response(code, response, lazy=True)

    def _register_pagination_header(self) -> None:
        """Pages travel in the body here, so the X-Pagination header is not documented."""


class Blueprint(flask_smorest.Blueprint):
    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(describing.describe)

    def put_or_patch(self, rule: str) -> Decorator:
        """PUT and PATCH on a path are one operation, and change only the fields in the body."""
        return self.route(rule, methods=["PUT", "PATCH"])  # type: ignore[no-any-return]

    # Who may call it. Exactly one of these goes right under the route.

    def public(self, view: View) -> View:
        """Anyone may call this endpoint."""
        return self._guarded(view, PUBLIC)

    def authenticated(self, view: View) -> View:
        """Any signed-in user may call this endpoint."""
        return self._guarded(view, AUTHENTICATED)

    def require(self, permission: str) -> Decorator:
        """Only users granted this permission may call this endpoint."""

        def decorator(view: View, /) -> View:
            summary = (view.__doc__ or "").partition("\n")[0]
            permissions.KNOWN.setdefault(permission, []).append(summary)
            return self._guarded(view, permission)

        return decorator

    def _guarded(self, view: View, permission: str | None) -> View:
        max_body = bodies.MAX_PUBLIC_BODY if permission is PUBLIC else bodies.MAX_BODY
        apidoc: dict[str, Any] = {"max_body": max_body}
        apidoc |= deepcopy(getattr(view, "_apidoc", {})) | {"access": permission}
        max_body = apidoc["max_body"]
        takes = {taken["in"] for taken in apidoc.get("arguments", {}).get("parameters", ())}
        apidoc["keyed"] = permission is not PUBLIC and "form" not in takes and "keyed" not in apidoc
        keyed = apidoc["keyed"]

        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            bodies.limit(request, max_body)
            try:
                if permission is not PUBLIC:
                    access.authenticate()
            finally:
                ratelimit.check()  # a call that is refused counts, too
            if permission:
                access.authorise(permission)
            if "json" in takes or apidoc.get("takes_text"):
                bodies.whole(request)  # who sends slowly holds up no turn
            repeatable = keyed and idempotency.applies()
            run = partial(idempotency.once, view) if repeatable else view
            call = partial(retry.retry_once, run, *args, **kwargs)
            return underway.in_turn(call, upload="form" in takes)

        guarded._apidoc = apidoc  # type: ignore[attr-defined]
        guarded._guard = guarded  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    @staticmethod
    def ignores_idempotency_key(view: View) -> View:
        """Its answer contains a secret, or it counts failures: it runs each time it is called."""
        view.__dict__.setdefault("_apidoc", {})["keyed"] = False
        return view

    # What it takes.

    def arguments(
        self, schema: type[Schema], *, max_body: int | None = None, **kwargs: Any
    ) -> Decorator:
        """Load the input with the schema, whose instance is made once here, not per request.

        `max_body` is in bytes, for bodies that may be larger than `bodies.MAX_BODY`.
        """
        taken = schema()
        document_sizes(taken)
        taken.is_required = kwargs.get("required", True)
        location = kwargs.get("location", "json")
        document = super().arguments(taken, **{"example": schema.EXAMPLE, **kwargs})

        def decorator(view: View, /) -> View:
            @wraps(view)
            def load(*args: Any, **kwargs: Any) -> Any:
                loaded = self.ARGUMENTS_PARSER.parse(taken, location=location)
                return view(*args, loaded, **kwargs)

            load._apidoc = document(view)._apidoc  # type: ignore[attr-defined]
            if max_body:
                load._apidoc["max_body"] = max_body  # type: ignore[attr-defined]
            return load  # type: ignore[return-value]

        return decorator

    @staticmethod
    def takes_text(mime_type: str, form: type[Schema]) -> Decorator:
        """Document a body of this type, alone or as the `file` of a form.

        The view reads it itself, with `bodies.whole`.
        """

        def decorator(view: View, /) -> View:
            view.__dict__.setdefault("_apidoc", {})["takes_text"] = mime_type, form
            return view

        return decorator

    # What it answers.

    def response(
        self,
        status_code: int,
        schema: Any = None,
        *,
        message: Message = envelope.DEFAULT_MESSAGE,
        **kwargs: Any,
    ) -> Decorator:
        """The success answer. A view returns bare data; the envelope is put around it."""
        paged = isinstance(schema, type) and issubclass(schema, PageSchema)
        if paged:
            kwargs["headers"] = {links.HEADER: "Link"}
        document = super().response(status_code, schema, **kwargs)
        schema = resolve_schema_instance(schema)
        repeated = getattr(schema, "REPEATED_AT_TOP", False)
        unversioned = getattr(schema, "UNVERSIONED", ())

        def decorator(view: View, /) -> View:
            @wraps(view)
            def respond(*args: Any, **kwargs: Any) -> Any:
                result = view(*args, **kwargs)
                if isinstance(result, Response):
                    return result
                headers = etags.headers(result, unversioned)
                if paged:
                    headers |= links.headers(result, request.query_string)
                data = result if schema is None else schema.dump(result)
                body = envelope.success(data, g.get("message", message), repeated=repeated)
                return json_response(body, status_code, headers)

            respond._apidoc = document(view)._apidoc  # type: ignore[attr-defined]
            return respond  # type: ignore[return-value]

        return decorator

    def sends_text(self, mime_type: str, *, conditional: bool = False) -> Decorator:
        """The success answer of a view that answers with a text of another type than JSON."""
        text = self.response(200, BINARY, content_type=mime_type)

        return lambda view: self._documented_conditional(text(view)) if conditional else text(view)

    def sends_bytes(self, mime_type: str = "*/*", *, redirects: bool = False) -> Decorator:
        """The success answer of a view that answers with `core.storage.downloads.send`.

        By default of any type: that of the file.
        """
        whole = self.response(200, BINARY, content_type=mime_type)
        part: dict[str, Any] = {
            "description": "The part",
            "schema": BINARY,
            "content_type": mime_type,
        }
        elsewhere = {"description": "The URL of the file in the bucket", "content_type": None}

        def decorator(view: View, /) -> View:
            view = self.fails(404, 412, 416)(whole(view))
            view._apidoc["response"]["responses"] |= {206: [part], 304: [UNCHANGED]}  # type: ignore[attr-defined]
            if redirects:
                view._apidoc["response"]["responses"][302] = [elsewhere]  # type: ignore[attr-defined]
            return view

        return decorator

    def conditional(self, view: View) -> View:
        """A read with an ETag: 304 if the client has it, 412 if it asked for another version."""

        @wraps(view)
        def read(*args: Any, **kwargs: Any) -> Any:
            return etags.conditional(view(*args, **kwargs))

        return self._documented_conditional(read)  # type: ignore[return-value]

    def _documented_conditional(self, view: View) -> View:
        documented = self.fails(412)(view)
        documented._apidoc["response"]["responses"][304] = [UNCHANGED]  # type: ignore[attr-defined]
        return documented

    def fails(self, *statuses: int) -> Decorator:
        """Document the failures particular to this endpoint."""

        def decorator(view: View, /) -> View:
            documented = (
                view.__dict__.setdefault("_apidoc", {})
                .setdefault("response", {})
                .setdefault("responses", {})
            )
            documented.update({status: [errors.CODES[status]] for status in statuses})
            return view

        return decorator

    @staticmethod
    def _make_doc_response_schema(schema: Any) -> Any:
        return schema if isinstance(schema, dict | str) else envelope.documented(schema)

    # How it is named and checked in.

    def add_url_rule(
        self, rule: str, endpoint: str | None = None, view_func: Any = None, **options: Any
    ) -> None:
        view: Any = view_func
        name = endpoint or view.__name__
        if getattr(view, "_guard", None) is not view:
            raise RuntimeError(
                f"{self.name}.{name} does not say who may call it: put @blp.require(...), "
                "@blp.authenticated or @blp.public right under its route."
            )
        first, *others = options["methods"]
        ids = {first: camel(name)} | {each: camel(name) + each.capitalize() for each in others}
        view.__dict__["_apidoc"]["operation_ids"] = ids
        super().add_url_rule(rule, endpoint, view, **options)
