"""The house keeps its shape: modules complete, dependencies one way, each file at its own task."""

import ast
from collections.abc import Iterator
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import marshmallow as ma
import pytest

from halolight.core.api import Blueprint
from halolight.core.schema import Schema
from halolight.modules import MODULES

TESTS = Path(__file__).parent.parent
PACKAGE = TESTS.parent / "halolight"
CORE = sorted((PACKAGE / "core").glob("*.py"))
FILES = sorted((PACKAGE / "modules").glob("*/*.py"))
ROUTES = [file for file in FILES if file.name.endswith("routes.py")]
MODELS = [file for file in FILES if file.name == "models.py"]
SERVICES = [file for file in FILES if file not in ROUTES and file.name != "__init__.py"]
FOLDERS = sorted({file.parent.name for file in FILES})

# What puts the application together, and so is imported by no part of it.
ABOVE_MODULES = (
    *("halolight.app", "halolight.cli", "halolight.docs", "halolight.doctor"),
    *("halolight.config", "halolight.parsers", "halolight.settings"),
    *("halolight.server", "halolight.worker"),
)

RULE_ADVICE = r"(?s)invoices\.list_invoices .*put @blp\.require.* right under its route"


def name_of(file: Path) -> str:
    """halolight/modules/users/service.py -> halolight.modules.users.service"""
    return ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)


def only_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Everything below this node that runs, so not what is imported for the type checker."""
    for child in ast.iter_child_nodes(node):
        if not only_for_types(child):
            yield child
            yield from nodes(child)


def tree(file: Path) -> list[ast.AST]:
    return list(nodes(ast.parse(file.read_text())))


def imports(file: Path) -> set[str]:
    """Full names of what the file imports: modules, and names within modules."""
    found: set[str] = set()
    for node in tree(file):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = name_of(file).split(".")[: -node.level] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return found


class TestModules:
    @pytest.mark.parametrize("name", FOLDERS)
    def test_are_registered(self, name: str) -> None:
        assert name in MODULES, f"add {name!r} to MODULES in halolight/modules/__init__.py"

    @pytest.mark.parametrize("name", MODULES)
    def test_are_there(self, name: str) -> None:
        assert name in FOLDERS, f"make halolight/modules/{name}/ or take {name!r} out of MODULES"

    @pytest.mark.parametrize("name", MODULES)
    def test_have_routes(self, name: str) -> None:
        assert (PACKAGE / "modules" / name / "routes.py").exists()

    @pytest.mark.parametrize("name", MODULES)
    def test_have_tests(self, name: str) -> None:
        assert list((TESTS / "modules" / name).glob("test_*.py")), f"add tests/modules/{name}/"

    def test_are_registered_once(self) -> None:
        assert len(set(MODULES)) == len(MODULES)


class TestDependencies:
    @pytest.mark.parametrize("file", CORE, ids=name_of)
    def test_of_the_core_are_no_module_and_no_extension(self, file: Path) -> None:
        above = ("halolight.modules", "halolight.extensions", *ABOVE_MODULES)

        assert [name for name in imports(file) if name.startswith(above)] == []

    @pytest.mark.parametrize("file", FILES, ids=name_of)
    def test_of_a_module_are_no_other_modules_routes(self, file: Path) -> None:
        foreign = {
            name
            for name in imports(file)
            if name.startswith("halolight.modules.")
            and "routes" in name.split(".")
            and name.split(".")[2] != file.parent.name
        }

        assert foreign == set()

    @pytest.mark.parametrize("file", FILES, ids=name_of)
    def test_of_a_module_are_nothing_above_it(self, file: Path) -> None:
        assert [name for name in imports(file) if name.startswith(ABOVE_MODULES)] == []

    def test_between_files_make_no_circle(self) -> None:
        files = {name_of(file): file for file in [*CORE, *FILES]}
        graph = {name: imports(file) & files.keys() - {name} for name, file in files.items()}

        try:
            TopologicalSorter(graph).prepare()
        except CycleError as error:
            pytest.fail(" -> ".join(reversed(error.args[1])))


class TestLayers:
    @pytest.mark.parametrize("file", ROUTES, ids=name_of)
    def test_routes_do_not_query(self, file: Path) -> None:
        """They may name what a query answers with, for the types."""
        asked = {name for name in imports(file) if name.startswith("sqlalchemy")}

        assert asked <= {"sqlalchemy", "sqlalchemy.Row"}
        assert "halolight.extensions.db" not in imports(file)

    @pytest.mark.parametrize("file", ROUTES, ids=name_of)
    def test_routes_do_not_commit(self, file: Path) -> None:
        used = {node.attr for node in tree(file) if isinstance(node, ast.Attribute)}

        assert used.isdisjoint({"commit", "rollback", "flush", "session", "execute"})

    @pytest.mark.parametrize("file", SERVICES, ids=name_of)
    def test_only_routes_know_the_request(self, file: Path) -> None:
        known = {"flask.request", "flask.g", "flask.session", "flask.jsonify", "flask.abort"}

        assert imports(file).isdisjoint(known)

    @pytest.mark.parametrize("file", SERVICES, ids=name_of)
    def test_only_routes_know_statuses(self, file: Path) -> None:
        assert "http.HTTPStatus" not in imports(file)

    @pytest.mark.parametrize("file", MODELS, ids=name_of)
    def test_models_do_not_commit(self, file: Path) -> None:
        used = {node.attr for node in tree(file) if isinstance(node, ast.Attribute)}

        assert "commit" not in used

    @pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=name_of)
    def test_a_file_is_read_in_one_go(self, file: Path) -> None:
        assert len(file.read_text().splitlines()) <= 300

    @pytest.mark.parametrize("file", sorted(PACKAGE.rglob("*.py")), ids=name_of)
    def test_a_file_says_what_it_is(self, file: Path) -> None:
        assert ast.get_docstring(ast.parse(file.read_text()))


class InvoiceInput(Schema):
    title = ma.fields.String()


@pytest.fixture
def blp() -> Blueprint:
    return Blueprint("invoices", __name__, url_prefix="/api/invoices")


class TestAccessRules:
    """A route that does not say who may call it stops the start, with the advice."""

    def test_a_route_without_one(self, blp: Blueprint) -> None:
        def list_invoices() -> list[str]:
            return []

        with pytest.raises(RuntimeError, match=RULE_ADVICE):
            blp.get("")(list_invoices)

    def test_a_route_with_only_an_answer(self, blp: Blueprint) -> None:
        with pytest.raises(RuntimeError, match=RULE_ADVICE):

            @blp.get("")
            @blp.response(200)
            def list_invoices() -> None:
                """List invoices"""

    @pytest.mark.parametrize("rule", ["public", "authenticated"])
    def test_one_that_stands_below_the_arguments(self, blp: Blueprint, rule: str) -> None:
        """The body would be read before the caller is known."""
        with pytest.raises(RuntimeError, match=RULE_ADVICE):

            @blp.post("")
            @blp.arguments(InvoiceInput)
            @getattr(blp, rule)
            def list_invoices(_: object) -> None:
                """List invoices"""

    def test_one_that_stands_below_the_answer(self, blp: Blueprint) -> None:
        with pytest.raises(RuntimeError, match=RULE_ADVICE):

            @blp.get("")
            @blp.response(200)
            @blp.authenticated
            def list_invoices() -> None:
                """List invoices"""

    def test_one_where_it_belongs_is_accepted(self, blp: Blueprint) -> None:
        @blp.post("")
        @blp.authenticated
        @blp.arguments(InvoiceInput)
        @blp.response(200)
        def list_invoices(_: object) -> None:
            """List invoices"""
