"""Each internal of a library that we use: where, that it still works so, and what to do if not.

Internal is what the library's documentation does not promise: a private name, an undocumented
method or attribute, a name that we replace. Public API comes first; these are what it cannot do.
When a test fails after an upgrade, its `instead` says where to begin.
"""

import dataclasses as dc
import inspect
import sqlite3
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path
from typing import Any

import flask_smorest
import marshmallow as ma
import pytest
import sqlalchemy as sa
import werkzeug
from gevent import Timeout
from gevent.server import StreamServer
from gevent.socket import socket as gevent_socket
from gunicorn import util
from gunicorn.http.body import Body, LengthReader
from gunicorn.http.unreader import IterUnreader, SocketUnreader
from gunicorn.workers.base import Worker
from gunicorn.workers.base_async import AsyncWorker
from gunicorn.workers.ggevent import GeventWorker
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector
from werkzeug.formparser import FormDataParser

from halolight.core.passwords import COMMON

PACKAGE = Path(__file__).parent.parent.parent / "halolight"


@dc.dataclass(frozen=True)
class Internal:
    """One internal: its name as `file` has it, what must hold, and what to do when it goes."""

    library: str
    name: str
    file: str
    holds: Callable[[], bool]
    instead: str

    def __str__(self) -> str:
        return f"{self.library}: {self.name}"


def parameters(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


def source(function: Any) -> str:
    return inspect.getsource(function)


# gunicorn and gevent


def body_keeps_its_state() -> bool:
    """It reads from `reader`, and `failed` tells that this has raised."""
    reader = LengthReader(IterUnreader([b"text"]), 4)
    body: Any = Body(reader)
    unread = (body.reader is reader, body.failed, reader.length)
    body.read(4)
    nothing: Any = None
    broken: Any = Body(nothing)
    with pytest.raises(AttributeError):
        broken.read(1)
    return unread == (True, False, 4) and reader.length == 0 and broken.failed is True


SERVER = (
    Internal(
        *("gunicorn", "util.write_error", "worker.py"),
        lambda: (
            "def write_error(sock, status_int, reason, mesg):" in source(util)
            and "util.write_error(client, status_int, reason, mesg)" in source(Worker.handle_error)
        ),
        "Override `Worker.handle_error` and choose the status there.",
    ),
    Internal(
        *("gunicorn", "timeout_ctx", "worker.py"),
        lambda: (
            parameters(GeventWorker.timeout_ctx) == ["self"]
            and "with self.timeout_ctx():" in source(AsyncWorker.handle)
        ),
        "Find how `AsyncWorker.handle` limits the wait for the next request, and override that.",
    ),
    Internal(
        *("gunicorn", "server_class", "worker.py"),
        lambda: (
            "server = self.server_class(" in source(GeventWorker.run)
            and "spawn=pool" in source(GeventWorker.run)
            and "server.close()" in source(GeventWorker.run)
        ),
        "Find how `GeventWorker.run` makes its servers, and have it make a `DrainingServer`.",
    ),
    Internal(
        *("gunicorn", "handle(", "worker.py"),
        lambda: (
            parameters(GeventWorker.handle) == ["self", "listener", "client", "addr"]
            and "listener_name = listener.getsockname()" in source(AsyncWorker.handle)
        ),
        "Override what takes a new connection. It must not ask a closed listener for its address.",
    ),
    Internal(
        *("gunicorn", "handle_request", "worker.py"),
        lambda: (
            parameters(GeventWorker.handle_request)
            == ["self", "listener_name", "req", "sock", "addr"]
            and "except StopIteration" in source(AsyncWorker.handle)
        ),
        "Override what handles one request; StopIteration has to close the connection after it.",
    ),
    Internal(
        *("gunicorn", "body.reader", "worker.py"),
        body_keeps_its_state,
        "Wrap `req.body` in an object with PEP 3333's read methods, and count its bytes.",
    ),
    Internal(
        *("gunicorn", "max_body_chunk", "worker.py"),
        lambda: "min(size_hint, self.max_body_chunk)" in source(SocketUnreader.chunk),
        "Find how many bytes of a body are read ahead, which is memory for each connection.",
    ),
    Internal(
        *("gunicorn", "recv(", "connections.py"),
        lambda: (
            "self.sock.recv(size)" in source(SocketUnreader.chunk)
            and "sock.sendall(" in source(util.write)
            and "sock.sendall(" in source(util.write_chunk)
        ),
        "Find what gunicorn calls of a client's socket, and have `Connection` limit that.",
    ),
    Internal(
        *("gevent", "send(data, 0, 0.0)", "connections.py"),
        lambda: parameters(gevent_socket.send) == ["self", "data", "flags", "timeout"],
        "Send all within the time limit, also what the system would take at once.",
    ),
    Internal(
        *("gevent", ".pending", "connections.py"),
        lambda: isinstance(Timeout.pending, property),
        "Remember in `Wait` whether its block has ended.",
    ),
    Internal(
        *("prometheus_client", "MmapedDict", "core/metric_files.py"),
        lambda: (
            parameters(MmapedDict.read_all_values_from_file) == ["filename"]
            and parameters(MmapedDict.write_value) == ["self", "key", "value", "timestamp"]
            and "*.db" in source(MultiProcessCollector.collect)
        ),
        "Leave the files of ended workers, as the library does, until the server stops.",
    ),
    Internal(
        *("gevent", "do_read", "worker.py"),
        lambda: (
            parameters(StreamServer.do_read) == ["self"]
            and parameters(StreamServer.do_handle) == ["self", "args"]
            and parameters(StreamServer.full) == ["self"]
        ),
        "Accept from `self.socket` until it would block, and spawn the handler for each.",
    ),
)


# SQLAlchemy

STATEMENT = sa.select(sa.column("a"), sa.column("b", sa.JSON)).where(
    sa.column("a", sa.Integer) == sa.bindparam("x", type_=sa.Integer),
    sa.column("c", sa.Integer).in_([1, 2]),
)


POSTGRESQL: Any = sa.create_engine("postgresql+psycopg2://").dialect
SQLITE: Any = sa.create_engine("sqlite://").dialect


def parameters_are_named() -> bool:
    """Those that a call has to give are `required`, constants are not."""
    compiled: Any = STATEMENT.compile(dialect=POSTGRESQL)
    names = {name: bind.required for bind, name in compiled.bind_names.items()}
    return names == {"x": True, "c_1": False}


def expanded(dialect: Any) -> Any:
    compiled: Any = STATEMENT.compile(dialect=dialect)
    return compiled.construct_expanded_state({"x": None})


def lists_are_expanded() -> bool:
    state = expanded(POSTGRESQL)
    parts = {name: state.parameters[name] for name in ("c_1_1", "c_1_2")}
    return "%(c_1_1)s, %(c_1_2)s" in state.statement and parts == {"c_1_1": 1, "c_1_2": 2}


def places_are_told() -> bool:
    """Where the driver counts parameters instead of naming them."""
    return (expanded(SQLITE).positiontup, expanded(POSTGRESQL).positiontup) == (
        ["x", "c_1_1", "c_1_2"],
        None,
    )


def types_know_their_dialect() -> bool:
    read: Any = sa.JSON().dialect_impl(SQLITE).result_processor(SQLITE, None)
    return bool(read) and read("[1]") == [1]


def lost_connections_are_known() -> bool:
    error = POSTGRESQL.loaded_dbapi.OperationalError("server closed the connection unexpectedly")
    return POSTGRESQL.is_disconnect(error, None, None) is True


def driver_errors_are_translated() -> bool:
    error: Any = sqlite3.OperationalError("locked")
    base: Any = sqlite3.Error
    translated = sa.exc.DBAPIError.instance(
        *(None, None, error, base, True), connection_invalidated=True, dialect=SQLITE
    )
    return isinstance(translated, sa.exc.OperationalError) and translated.connection_invalidated


AS_SQLALCHEMY = "Find how `DefaultExecutionContext._init_compiled` does it, or use Core execution."
DATABASE = (
    Internal("SQLAlchemy", "bind_names", "core/db/reads.py", parameters_are_named, AS_SQLALCHEMY),
    Internal(
        *("SQLAlchemy", "construct_expanded_state", "core/db/reads.py"),
        *(lists_are_expanded, AS_SQLALCHEMY),
    ),
    Internal(
        *("SQLAlchemy", "positiontup", "core/db/reads.py"),
        *(places_are_told, AS_SQLALCHEMY),
    ),
    Internal(
        "SQLAlchemy", "dialect_impl", "core/db/reads.py", types_know_their_dialect, AS_SQLALCHEMY
    ),
    Internal(
        *("SQLAlchemy", "loaded_dbapi", "core/db/base.py"),
        lambda: SQLITE.loaded_dbapi.Error is sqlite3.Error,
        "Use `dialect.dbapi`, or the errors of sqlite3 and psycopg2 by their own names.",
    ),
    Internal(
        *("SQLAlchemy", "is_disconnect", "core/db/base.py", lost_connections_are_known),
        "Ask `connection.closed` of psycopg2.",
    ),
    Internal(
        *("SQLAlchemy", "DBAPIError.instance", "core/db/base.py", driver_errors_are_translated),
        "Map the driver's classes to SQLAlchemy's of the same names (PEP 249).",
    ),
)


# flask-smorest, werkzeug, marshmallow

Smorest = flask_smorest.Blueprint


def views_carry_their_documentation() -> bool:
    blp = Smorest("things", __name__)
    view: Any = blp.response(200)(lambda: None)
    return "responses" in view._apidoc["response"]


WEB = (
    Internal(
        *("flask-smorest", "_apidoc", "core/http/api.py", views_carry_their_documentation),
        "Use `alt_response`, which wraps the view once more for each status, and `doc`.",
    ),
    Internal(
        *("flask-smorest", "_prepare_doc_cbks", "core/http/api.py"),
        lambda: Smorest("things", __name__)._prepare_doc_cbks != [],
        "Complete `api.spec` after all blueprints are registered, before it is written.",
    ),
    Internal(
        *("flask-smorest", "manual_doc", "core/http/describing.py"),
        lambda: "manual_doc" in source(Smorest),
        "Give each view its operationId with `@blp.doc`.",
    ),
    Internal(
        *("flask-smorest", "_register_responses", "core/http/api.py"),
        lambda: parameters(flask_smorest.Api._register_responses) == ["self"],
        "Register the codes under other names than HTTP's, or take the phrases as they are.",
    ),
    Internal(
        *("flask-smorest", "_register_pagination_header", "core/http/api.py"),
        lambda: parameters(flask_smorest.Api._register_pagination_header) == ["self"],
        "Remove `PaginationMetadata` from the document's schemas when it is written.",
    ),
    Internal(
        *("werkzeug", "_get_file_stream", "core/storage/uploads.py"),
        lambda: (
            parameters(werkzeug.Request._get_file_stream)[:3]
            == ["self", "total_content_length", "content_type"]
            and "stream_factory=self._get_file_stream"
            in source(werkzeug.Request.make_form_data_parser)
        ),
        "Give the parser that `make_form_data_parser` returns another `stream_factory`.",
    ),
    Internal(
        *("werkzeug", "_load_form_data", "core/storage/uploads.py"),
        lambda: "self._load_form_data()" in source(werkzeug.Request),
        "Catch ValueError and OSError where `load_form` of the parser reads the form.",
    ),
    Internal(
        *("werkzeug", "parser.silent", "core/storage/uploads.py"),
        lambda: FormDataParser(silent=False).silent is False,
        "Make the parser with `silent=False` instead.",
    ),
    Internal(
        *("marshmallow", "_serialize", "core/schemas/dump.py"),
        lambda: (
            ma.fields.Date()._serialize(None, "day", None) is None
            and ma.fields.String()._serialize("text", "name", None) == "text"
        ),
        "Call `field.serialize(name, {name: value})`, which is slower.",
    ),
)


# Files of packages

FILES = (
    Internal(
        *("zxcvbn", "frequency_lists.py", "core/passwords.py"),
        lambda: {"password", "123456"} <= COMMON and len(COMMON) == 10_000,
        "Import `zxcvbn.frequency_lists`, which keeps 12 MB, or ship a list of our own.",
    ),
    Internal(
        *("flask-swagger-ui", '"dist"', "docs.py"),
        lambda: (files("flask_swagger_ui") / "dist" / "swagger-ui-bundle.js").is_file(),
        "Find where the package keeps Swagger UI, or ship the files.",
    ),
)

INTERNALS = (*SERVER, *DATABASE, *WEB, *FILES)


@pytest.mark.parametrize("internal", INTERNALS, ids=str)
class TestInternal:
    def test_works_as_we_rely_on(self, internal: Internal) -> None:
        try:
            assert internal.holds()
        except Exception as error:
            error.add_note(f"{internal} has changed, for halolight/{internal.file}.")
            error.add_note(f"What to do: {internal.instead}")
            raise

    def test_is_used_where_it_says(self, internal: Internal) -> None:
        assert internal.name in (PACKAGE / internal.file).read_text(), "take it out of the list"
