"""The documentation is true: settings, commands, links and examples."""

import dataclasses as dc
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import pytest
from flask import Flask
from flask.cli import FlaskGroup, ScriptInfo

from benchmarks import model
from benchmarks.table import markdown
from halolight.config import Config
from tests.contract.operations import application

PROJECT = Path(__file__).parent.parent
SETTINGS_DOC = PROJECT / "docs" / "settings.md"
COMMANDS_DOC = PROJECT / "docs" / "commands.md"
PLACES = ("*.md", "docs/*.md", "benchmarks/*.md", "clients/*/*.md")
DOCUMENTS = sorted(file for place in PLACES for file in PROJECT.glob(place))
CURRENT = [file for file in DOCUMENTS if file.name != "CHANGELOG.md"]  # no commands of the past
WRAPPED = [file for file in DOCUMENTS if file.name != "CONTRIBUTING.md"]
WIDTH = 120  # columns of prose

SETTINGS = [field.name for field in dc.fields(Config)]
OF_COMPOSE = ["BIND", "DB_USER", "DB_PASSWORD", "REPLICAS"]  # only docker-compose.yml reads them

CODE = re.compile(r"```\w*\n(.*?)```|`([^`\n]+)`", re.DOTALL)
LINK = re.compile(r"\[[^\]\n]*\]\(([^)\s]+)\)")
WORD = re.compile(r"[a-z][a-z-]*")


def table_below(marker: str) -> list[list[str]]:
    """The cells of the table under this comment in docs/settings.md, without the header."""
    lines = SETTINGS_DOC.read_text().partition(f"<!-- {marker}")[2].splitlines()[1:]
    end = next(number for number, line in enumerate(lines) if not line.startswith("|"))
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:end]]


def lines_of_code(file: Path) -> Iterator[str]:
    """Each code span, and each line of a block of code without its comment."""
    for block, span in CODE.findall(file.read_text()):
        yield from (line.partition(" #")[0] for line in (block or span).splitlines())


def commands(name: str) -> list[str]:
    """The arguments with which the documents call this command, each once."""
    found = re.compile(rf"(?:^|[\s/\"]){name} +([^\"')]+)")
    lines = [line for file in CURRENT for line in lines_of_code(file)]
    parts = [part for line in lines for part in re.split("&&|;", line)]
    return sorted({match[1].strip() for part in parts if (match := found.search(part))})


def short_commands() -> list[str]:
    """`flask users create`, `list` in one cell of a table: the second is `users list`."""
    cells = [
        line.split("|")[1] for line in COMMANDS_DOC.read_text().splitlines() if "| `flask" in line
    ]
    spans = [re.findall("`([^`]+)`", cell) for cell in cells]
    return [f"{first.split()[1]} {other}" for first, *others in spans for other in others]


FLASK_COMMANDS = [*commands("flask"), *short_commands()]


class TestSettings:
    def test_are_all_documented_in_their_order(self) -> None:
        assert [name.strip("`") for name, _, _ in table_below("settings")] == SETTINGS

    @pytest.mark.parametrize("field", dc.fields(Config), ids=lambda field: str(field.name))
    def test_are_described_as_they_are(self, field: "dc.Field[Any]") -> None:
        [row] = [row for row in table_below("settings") if row[0] == f"`{field.name}`"]

        assert row[1].strip("`") == field.metadata["shown"]
        assert row[2] == field.metadata["about"]

    @pytest.mark.parametrize("field", dc.fields(Config), ids=lambda field: str(field.name))
    def test_default_to_what_is_shown(self, field: "dc.Field[Any]") -> None:
        [shown] = [row[1] for row in table_below("settings") if row[0] == f"`{field.name}`"]

        if not shown.startswith("`"):  # described in words
            assert not field.default
        else:
            assert field.metadata["parse"](shown.strip("`")) == field.default


@pytest.fixture(scope="module")
def own_app() -> Iterator[Flask]:
    with application() as app:
        yield app


class TestCommands:
    def test_are_found(self) -> None:
        assert {"run", "test"} <= set(commands("make"))
        assert {"doctor", "users list", "db upgrade"} <= set(FLASK_COMMANDS)

    @pytest.mark.parametrize("target", commands("make"))
    def test_of_make_are_in_the_makefile(self, target: str) -> None:
        makefile = (PROJECT / "Makefile").read_text()

        assert re.search(rf"^{target.split()[0]}:", makefile, re.MULTILINE)

    @pytest.mark.parametrize("command", FLASK_COMMANDS)
    def test_of_flask_are_there(self, own_app: Flask, command: str) -> None:
        found = resolved(own_app, command)

        assert not isinstance(found, click.Group), f"flask {command} is only a group"
        known = {text for param in found.params for text in (*param.opts, *param.secondary_opts)}
        assert set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", command)) <= known


def resolved(app: Flask, command: str) -> click.Command:
    """The command that the words name."""
    group = FlaskGroup(create_app=lambda: app)
    found: click.Command = group
    # Closed at the end, with the application context that the group pushes onto it.
    with click.Context(group, obj=ScriptInfo(create_app=lambda: app)) as context:
        for word in command.split():
            if not isinstance(found, click.Group):
                break
            assert WORD.fullmatch(word), f"flask {command}"
            inner = found.get_command(context, word)
            assert inner is not None, f"there is no flask {command}"
            found = inner
    return found


def named(file: Path) -> str:
    return str(file.relative_to(PROJECT))


class TestDocuments:
    @pytest.mark.parametrize("file", DOCUMENTS, ids=named)
    def test_link_to_files_that_exist(self, file: Path) -> None:
        links = [link.partition("#")[0] for link in LINK.findall(file.read_text())]
        relative = {link for link in links if link and "://" not in link}

        assert {link for link in relative if not (file.parent / link).is_file()} == set()

    def test_are_all_in_the_index(self) -> None:
        index = PROJECT / "docs" / "README.md"
        linked = {(index.parent / link).resolve() for link in LINK.findall(index.read_text())}

        assert {named(file) for file in {*DOCUMENTS} - linked} == {"docs/README.md"}

    @pytest.mark.parametrize("file", WRAPPED, ids=named)
    def test_wrap_their_prose(self, file: Path) -> None:
        prose = re.sub(r"```.*?```", "", file.read_text(), flags=re.DOTALL)
        breakable = re.sub(r"^\|.*|`[^`\n]*`", "", prose, flags=re.MULTILINE)

        assert [line for line in breakable.splitlines() if len(line) > WIDTH] == []


def test_the_table_of_scaling_is_that_of_the_model() -> None:
    table = markdown(model.HEAD, [model.row(model.need(users)) for users in model.DEFAULT])

    assert table in (PROJECT / "docs" / "scaling.md").read_text()


def test_the_example_env_file_names_only_settings() -> None:
    text = (PROJECT / ".env.example").read_text()

    named = re.findall(r"^#?(\w+)=", text, re.MULTILINE)

    assert set(named) - {*SETTINGS, *OF_COMPOSE} == set()
    assert {"DATABASE_URL", "JWT_SECRET", *OF_COMPOSE} <= set(named)
    assert len(set(named)) == len(named)


class TestSecurity:
    """The table of checks in SECURITY.md."""

    ROWS = re.findall(r"^\| \d+ \|.*$", (PROJECT / "SECURITY.md").read_text(), re.MULTILINE)

    def test_names_a_test_for_each_check_or_says_what_does_not_exist(self) -> None:
        assert len(self.ROWS) == 51
        assert [row for row in self.ROWS if ".py" not in row and " not exist" not in row] == []

    def test_names_tests_that_are_there(self) -> None:
        named = re.findall(r"`([\w/]+\.py(?:::\w+)*)`", "".join(self.ROWS))

        assert [name for name in named if not is_a_test(name)] == []


def is_a_test(name: str) -> bool:
    path, *names = name.split("::")
    file = PROJECT / "tests" / path
    text = file.read_text() if file.exists() else ""
    return bool(text) and all(re.search(rf"(class|def) {name}\b", text) for name in names)
