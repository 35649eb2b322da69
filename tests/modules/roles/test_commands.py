"""`flask roles list`."""

from flask import Flask

from halolight.modules.roles.system import SYSTEM_ROLES
from tests.factories import Factory


class TestList:
    def test_shows_every_role_with_its_users_and_grants(self, app: Flask, make: Factory) -> None:
        make.user("guest")

        result = app.test_cli_runner().invoke(args=["roles", "list"])

        assert result.exit_code == 0, result.output
        lines = [line.split() for line in result.output.splitlines()]
        assert {line[0] for line in lines} == set(SYSTEM_ROLES)
        assert ["guest", "1", "users", "dashboard:view"] in lines
        assert ["super_admin", "0", "users", "*"] in lines
