"""The house keeps its shape: modules complete, dependencies one way, each file at its own task."""

import ast
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import marshmallow as ma
import pytest

from halolight.core.http.api import Blueprint
from halolight.core.schemas.base import Schema
from halolight.modules import MODULES, find

TESTS = Path(__file__).parent.parent
PACKAGE = TESTS.parent / "halolight"
CORE = sorted((PACKAGE / "core").rglob("*.py"))
FILES = sorted((PACKAGE / "modules").glob("*/**/*.py"))
ROUTES = [file for file in FILES if file.name == "routes.py" or file.parent.name == "routes"]
MODELS = [file for file in FILES if file.name == "models.py"]
SERVICES = [file for file in FILES if file not in ROUTES and file.name != "__init__.py"]
FOLDERS = sorted({file.relative_to(PACKAGE / "modules").parts[0] for file in FILES})
ALL = sorted(PACKAGE.rglob("*.py"))

# What puts the application together, and so is imported by no part of it.
ABOVE_MODULES = (
    *("halolight.app", "halolight.cli", "halolight.docs", "halolight.doctor", "halolight.tracing"),
    *("halolight.config", "halolight.parsers", "halolight.settings"),
    *("halolight.server", "halolight.worker", "halolight.connections"),
    "halolight.dialects",
)

RULE_ADVICE = r"(?s)invoices\.list_invoices .*put @blp\.require.* right under its route"


def name_of(file: Path) -> str:
    """halolight/modules/users/service.py -> halolight.modules.users.service"""
    return ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)


def package_of(name: str) -> str:
    """halolight.core.db.reads.Row -> halolight.core.db"""
    return ".".join(name.split(".")[:3])


def assert_no_circle(graph: Mapping[str, Set[str]]) -> None:
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(reversed(error.args[1])))


def packages(files: Iterable[Path]) -> dict[str, set[str]]:
    """Which packages of their folder the packages of these files import."""
    graph: dict[str, set[str]] = {}
    for file in files:
        package = package_of(name_of(file))
        beside = package.rpartition(".")[0] + "."
        used = {package_of(name) for name in starting_with(beside, imports(file))}
        graph.setdefault(package, set()).update(used - {package})
    return graph


def only_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test).endswith("TYPE_CHECKING")


def nodes(node: ast.AST) -> Iterator[ast.AST]:
    """Everything below this node that runs, so not what is imported for the type checker."""
    for child in ast.iter_child_nodes(node):
        if not only_for_types(child):
            yield child
            yield from nodes(child)


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text())


def tree(file: Path) -> list[ast.AST]:
    return list(nodes(parsed(file)))


@cache
def imports(file: Path) -> frozenset[str]:
    """Full names of what the file imports: modules, and names within modules."""
    found: set[str] = set()
    for node in tree(file):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            parents = name_of(file).split(".")[: -node.level] if node.level else []
            base = ".".join([*parents, *([node.module] if node.module else [])])
            found |= {base, *(f"{base}.{alias.name}" for alias in node.names)}
    return frozenset(found)


def starting_with(prefixes: str | tuple[str, ...], names: Iterable[str]) -> list[str]:
    return sorted(name for name in names if name.startswith(prefixes))


def breaking(files: Sequence[Path], broken: Callable[[Path], object]) -> dict[str, object]:
    """What is wrong in these files, by the name of the file."""
    assert files, "a rule that looks at no file holds nothing"
    return {name_of(file): wrong for file in files if (wrong := broken(file))}


def attributes(file: Path) -> set[str]:
    """What the file takes from objects: `commit` of `db.session.commit()`."""
    return {node.attr for node in tree(file) if isinstance(node, ast.Attribute)}


class TestModules:
    def test_are_the_folders(self) -> None:
        """A folder is a module once MODULES in halolight/modules/__init__.py names it."""
        assert sorted({name.partition(".")[0] for name in MODULES}) == FOLDERS

    def test_have_routes(self) -> None:
        folders = PACKAGE / "modules"

        with_routes = {file.relative_to(folders).parts[0] for file in ROUTES}
        assert set(FOLDERS) - with_routes == set()

    def test_have_tests(self) -> None:
        folders = TESTS / "modules"

        assert [name for name in FOLDERS if not list((folders / name).glob("test_*.py"))] == []

    def test_parts_for_tests_and_benchmarks_are_found(self) -> None:
        """In their order: each names those that it needs."""
        for part in ("rows", "crowd", "benchmark"):
            assert find(part, "tests.modules")


class TestDependencies:
    def test_of_the_core_are_no_module_and_no_extension(self) -> None:
        above = ("halolight.modules", "halolight.extensions", *ABOVE_MODULES)

        assert breaking(CORE, lambda file: starting_with(above, imports(file))) == {}

    def test_of_a_module_are_no_other_modules_routes(self) -> None:
        def foreign_routes(file: Path) -> list[str]:
            inner = starting_with("halolight.modules.", imports(file))
            routes = [name.split(".") for name in inner if "routes" in name.split(".")]
            return [".".join(names) for names in routes if names[2] != name_of(file).split(".")[2]]

        assert breaking(FILES, foreign_routes) == {}

    def test_of_a_module_are_nothing_above_it(self) -> None:
        assert breaking(FILES, lambda file: starting_with(ABOVE_MODULES, imports(file))) == {}

    def test_between_the_packages_of_the_core_make_no_circle(self) -> None:
        """A file that stands alone in `core/` counts as a package."""
        assert_no_circle(packages(CORE))

    def test_between_modules_make_no_circle(self) -> None:
        assert_no_circle(packages(FILES))

    def test_between_files_make_no_circle(self) -> None:
        files = {name_of(file): file for file in [*CORE, *FILES]}
        graph = {name: imports(file) & files.keys() - {name} for name, file in files.items()}

        assert_no_circle(graph)


class TestLayers:
    def test_routes_do_not_query(self) -> None:
        """They may name what a query answers with, for the types."""

        def queries(file: Path) -> set[str]:
            names = imports(file)
            allowed = {"sqlalchemy", "sqlalchemy.Row"}
            asked = {name for name in names if name.startswith("sqlalchemy")} - allowed
            return asked | (names & {"halolight.extensions.db"})

        assert breaking(ROUTES, queries) == {}

    def test_routes_do_not_commit(self) -> None:
        changes = {"commit", "rollback", "flush", "session", "execute"}

        assert breaking(ROUTES, lambda file: attributes(file) & changes) == {}

    def test_only_routes_know_the_request(self) -> None:
        known = {"flask.request", "flask.g", "flask.session", "flask.jsonify", "flask.abort"}

        assert breaking(SERVICES, lambda file: imports(file) & known) == {}

    def test_only_routes_know_statuses(self) -> None:
        assert breaking(SERVICES, lambda file: imports(file) & {"http.HTTPStatus"}) == {}

    def test_models_do_not_commit(self) -> None:
        assert breaking(MODELS, lambda file: attributes(file) & {"commit"}) == {}


class TestFiles:
    def test_are_read_in_one_go(self) -> None:
        assert breaking(ALL, lambda file: max(0, len(file.read_text().splitlines()) - 300)) == {}

    def test_say_what_they_are(self) -> None:
        assert breaking(ALL, lambda file: not ast.get_docstring(parsed(file))) == {}


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
