"""The files to deploy with name what is there: files, commands, ports, settings and paths."""

import configparser
import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]
from flask import Flask
from prometheus_client import Counter, Gauge, Histogram
from prometheus_client.parser import text_string_to_metric_families
from prometheus_client.samples import Sample

import halolight
from halolight.core import metric_families, metrics
from halolight.core.http.middleware import secret_addresses
from tests.contract.operations import application
from tests.test_readme import COMMANDS_DOC, OF_COMPOSE, PROJECT, SETTINGS, resolved

DEPLOY = PROJECT / "deploy"
SCRIPTS = sorted(DEPLOY.glob("*.sh"))
UNITS = sorted(DEPLOY.glob("*.service"))
DOCKERFILE = (PROJECT / "Dockerfile").read_text().replace("\\\n", " ")
NGINX = [DEPLOY / "nginx.conf", *sorted((DEPLOY / "nginx").glob("*.conf"))]
COMPOSE: dict[str, Any] = yaml.safe_load((PROJECT / "docker-compose.yml").read_text())
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = ["migrate", "app", "timer"]  # the services that run the image
IN_UNITS = "/srv/halolight/"  # where the units expect the project
# What an image has and a person looks after is no setting of ours.
OF_IMAGES = {"PATH", "PYTHONUNBUFFERED", "PYTHONDONTWRITEBYTECODE", "FLASK_SKIP_DOTENV"}
OF_OTHERS = {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"}  # boto3 reads them
PORT = 8000

IMAGE = [line.split() for line in DOCKERFILE.rpartition("FROM ")[2].splitlines() if line.strip()]
COPIED = [
    source
    for line in re.findall(r"^COPY (?!--from)(.+)$", DOCKERFILE, re.MULTILINE)
    for source in line.split()[:-1]
]


@pytest.fixture(scope="module")
def own_app() -> Iterator[Flask]:
    with application() as app:
        yield app


def flask_commands(text: str) -> set[str]:
    """The words after `flask` in a script, a unit or a command of Compose."""
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    found = re.findall(r"(?<![\w.-])flask ([a-z][^\n&;\"']*)", "\n".join(lines))
    return {command.strip() for command in found}


def scheduled(when: str) -> set[str]:
    """The commands that docs/commands.md wants run then."""
    rows = [row for row in COMMANDS_DOC.read_text().splitlines() if f"Run it {when}" in row]
    return {re.findall(r"`flask ([^`]+)`", row)[0] for row in rows}


def settings_of(line: list[str]) -> dict[str, str]:
    return dict(pair.split("=", 1) for pair in line[1:])


class TestDockerfile:
    def test_copies_what_is_there_and_what_the_ignore_file_lets_through(self) -> None:
        ignore = [
            line for line in (PROJECT / ".dockerignore").read_text().splitlines() if line[:1] == "!"
        ]
        let_through = {line.removeprefix("!") for line in ignore}

        assert [source for source in COPIED if not (PROJECT / source).exists()] == []
        assert set(COPIED) == let_through

    def test_contains_all_that_the_application_needs(self) -> None:
        needed = {"halolight", "migrations", "wsgi.py", "requirements.txt"}
        needed |= {path.name for path in PROJECT.glob("requirements-*.txt")}

        assert needed - {*COPIED, "requirements-dev.txt"} == set()

    def test_sets_only_settings(self) -> None:
        [environment] = [settings_of(line) for line in IMAGE if line[0] == "ENV"]

        assert set(environment) - OF_IMAGES - set(SETTINGS) == set()
        assert environment["NODE_ENV"] == "production"
        assert environment["GENERATE_JWT_SECRET"] == "true"

    def test_runs_programs_that_are_there_as_nobody_special(self) -> None:
        instructions = {line[0]: " ".join(line[1:]) for line in IMAGE}

        assert instructions["EXPOSE"] == str(PORT)
        assert not instructions["USER"].startswith("0")
        assert instructions["VOLUME"] == "/app/instance"
        for name in ("ENTRYPOINT", "HEALTHCHECK"):
            [program] = re.findall(r"deploy/[\w.]+", instructions[name])
            assert (PROJECT / program).is_file()
            assert program in COPIED
            assert "[" in instructions[name], "no shell around it"

    def test_contains_compiled_code_that_is_never_checked_against_its_source(self) -> None:
        compiled = re.findall(r"compileall (.*)", DOCKERFILE)

        assert len(compiled) == 2
        assert all("--invalidation-mode unchecked-hash" in options for options in compiled)
        assert {"/venv/lib", "halolight", "migrations"} <= set(compiled[0].split())

    def test_leaves_no_pip_in_the_last_stage(self) -> None:
        last = " ".join(" ".join(line) for line in IMAGE)

        assert "pip uninstall" in last
        assert "pip install" not in last


class TestScripts:
    @pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: str(path.name))
    def test_can_be_run(self, script: Path) -> None:
        assert script.stat().st_mode & 0o111
        assert script.read_text().startswith("#!/bin/sh\n")

    def test_call_commands_that_are_there(self, own_app: Flask) -> None:
        texts = [path.read_text() for path in SCRIPTS]
        texts += [str(service.get("command", "")) for service in SERVICES.values()]
        commands = {command for text in texts for command in flask_commands(text)}

        assert {"db upgrade", "seed", "calendar remind --every 30"} <= commands
        for command in commands:
            assert not hasattr(resolved(own_app, command), "commands"), command

    def test_of_the_timer_run_all_that_has_to_run_regularly(self) -> None:
        commands = flask_commands((DEPLOY / "timer.sh").read_text())

        assert scheduled("daily") <= commands
        assert {command.split(" --")[0] for command in commands} == {
            *scheduled("daily"),
            *scheduled("every minute"),
        }


class TestCompose:
    def test_sets_only_settings(self) -> None:
        for name in OURS:
            environment = SERVICES[name]["environment"]
            assert set(environment) - set(SETTINGS) == set(), name
            assert {"NODE_ENV", "DATABASE_URL", "JWT_SECRET"} <= set(environment)
            assert environment["PORT"] == str(PORT)

    def test_asks_only_for_settings(self) -> None:
        variables = set(re.findall(r"(?<!\$)\$\{(\w+)", str(COMPOSE)))

        assert variables - {*SETTINGS, *OF_COMPOSE, *OF_OTHERS} == set()
        assert {*OF_COMPOSE} <= variables

    def test_runs_every_service_with_as_few_rights_as_it_needs(self) -> None:
        for name, service in SERVICES.items():
            assert service["read_only"] is True, name
            assert service["cap_drop"] == ["ALL"], name
            assert service["security_opt"] == ["no-new-privileges:true"], name
            assert service["logging"]["options"]["max-size"], name
            assert service["mem_limit"], name
            assert service["pids_limit"], name

    def test_opens_ports_at_the_loopback_interface_only(self) -> None:
        ports = {port for service in SERVICES.values() for port in service.get("ports", ())}

        assert ports
        assert [port for port in ports if not port.startswith("${BIND:-127.0.0.1}:")] == []

    def test_mounts_what_is_there(self) -> None:
        mounts = {mount for service in SERVICES.values() for mount in service.get("volumes", ())}
        sources = {mount.partition(":")[0] for mount in mounts}
        own = {source for source in sources if source.startswith("./")}

        assert own
        assert [source for source in own if not (PROJECT / source).exists()] == []
        assert sources - own == set(COMPOSE["volumes"])

    def test_runs_programs_of_the_image(self) -> None:
        [script] = SERVICES["timer"]["command"]

        assert script in COPIED
        assert "/app/instance" in str(SERVICES["app"]["volumes"])
        gunicorn = shlex.split((DEPLOY / "entrypoint.sh").read_text())
        assert set(SERVICES["app"]["command"]) <= set(gunicorn)

    def test_knows_the_services_that_it_names(self) -> None:
        text = (PROJECT / "docker-compose.yml").read_text()
        named = set(re.findall(r"(?://|@)([a-z]\w*):\d+", text))

        assert {"db", "pgbouncer", "redis", "s3", "mailpit"} <= named
        assert named - set(SERVICES) - {"localhost"} == set()

    def test_waits_for_the_migration(self) -> None:
        for name in ("app", "timer"):
            [(service, wait)] = SERVICES[name]["depends_on"].items()
            assert (service, wait["condition"]) == ("migrate", "service_completed_successfully")


class TestMonitoring:
    """The rules of Prometheus and the dashboard of Grafana ask for what `/metrics` serves."""

    DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana.json").read_text())
    RULES: list[dict[str, Any]] = yaml.safe_load((DEPLOY / "alerts.yml").read_text())["groups"][0][
        "rules"
    ]

    def expressions(self) -> list[str]:
        panels = [target["expr"] for p in self.DASHBOARD["panels"] for target in p["targets"]]
        return [*panels, *(rule["expr"] for rule in self.RULES)]

    @pytest.fixture
    def served(self, own_app: Flask) -> dict[str, list[Sample]]:
        """All samples by name."""
        client = own_app.test_client()
        client.get("/api/users/me", buffered=True)
        text = client.get("/metrics", buffered=True).text
        found: dict[str, list[Sample]] = {"up": [Sample("up", {"job": "halolight"}, 1)]}
        for family in text_string_to_metric_families(text):
            found.setdefault(family.name, [])
            found.setdefault(f"{family.name}_total", [])
            for sample in family.samples:
                found.setdefault(sample.name, []).append(sample)
        return found

    def test_names_metrics_that_are_served(self, served: dict[str, list[Sample]]) -> None:
        used = {
            name
            for each in self.expressions()
            for name in re.findall(
                r"\b[a-z]+(?:_[a-z]+)+\b",
                re.sub(r"\{[^}]*\}|by \([^)]*\)|histogram_quantile", "", each),
            )
        }

        assert len(used) > 15
        assert used - set(served) == set()

    def test_names_labels_and_values_that_are_served(self, served: dict[str, list[Sample]]) -> None:
        """A label is never misspelled, nor the outcome that an alert waits for."""
        for expression in self.expressions():
            for name, inside in re.findall(r"(\w+)\{([^}]*)\}", expression):
                for label, values in re.findall(r'(\w+)=~?"([^"]*)"', inside):
                    known = {sample.labels[label] for sample in served[name]}
                    if label != "status":  # any of them may come
                        assert set(values.split("|")) <= known, expression

    def test_describes_every_family(self) -> None:
        document = (PROJECT / "docs" / "operations.md").read_text()
        ours = {name for name in metric_names() if name not in document}

        assert ours == set()

    @pytest.mark.skipif(not shutil.which("promtool"), reason="Prometheus is not installed")
    def test_has_rules_that_prometheus_can_read(self) -> None:
        command = ["promtool", "check", "rules", str(DEPLOY / "alerts.yml")]

        checked = subprocess.run(command, check=False, capture_output=True, text=True)

        assert checked.returncode == 0, checked.stderr


def metric_names() -> set[str]:
    """What the families of the application are called, without the suffix of counters."""
    kinds = (metrics, metric_families)
    found = [one for module in kinds for one in vars(module).values()]
    return {
        next(iter(one.describe())).name
        for one in found
        if isinstance(one, Counter | Gauge | Histogram)
    }


class TestNginx:
    def test_includes_what_is_there(self) -> None:
        included = {
            name
            for file in NGINX
            for name in re.findall(r"include /etc/nginx/halolight/([\w.]+);", file.read_text())
        }

        assert included
        assert [name for name in included if not (DEPLOY / "nginx" / name).is_file()] == []
        unused = {file.name for file in NGINX[1:]} - included
        assert unused == {"compose.conf"}

    def test_uses_the_port_of_the_server_and_of_compose(self) -> None:
        upstream = re.findall(r"^    server ([\w.:]+)", "".join(f.read_text() for f in NGINX), re.M)

        assert upstream == [f"127.0.0.1:{PORT}", f"app:{PORT}"]
        listened = re.findall(r"listen (\d+);", (DEPLOY / "nginx" / "compose.conf").read_text())
        assert [str(SERVICES["nginx"]["ports"]).endswith(f":{port}']") for port in listened] == [
            True
        ]

    def test_knows_all_mounts_and_the_upload(self, own_app: Flask) -> None:
        from halolight.dialects import clients

        names = {path.stem for path in Path(clients.__path__[0]).glob("[a-z]*.py")}
        mounts = {f"/{name}" for name in names}
        text = (DEPLOY / "nginx" / "api.conf").read_text()
        [found] = re.findall(r"location ~ \^\(([^)]*)\)\?/api/files/upload\$", text)

        assert set(found.split("|")) == mounts
        assert "/api/files/upload" in {rule.rule for rule in own_app.url_map.iter_rules()}

    def test_logs_no_secret_that_an_address_contains(self, own_app: Flask) -> None:
        text = (DEPLOY / "nginx" / "http.conf").read_text()
        [secret] = re.findall(r'"~(\S+)" "\$halolight_shared<secret>"', text)
        hidden = re.compile(secret.replace("?<", "?P<"))
        beginnings = secret_addresses(own_app.url_map)

        assert len(beginnings) > 1
        for beginning in beginnings:
            found = hidden.match(f"/next{beginning}a-secret")
            assert found, beginning
            assert found["halolight_shared"] == f"/next{beginning}"

    def test_takes_the_largest_bodies_that_the_api_takes(self) -> None:
        from halolight.config import Config
        from halolight.modules.documents.schemas import MAX_BODY as MOST

        def megabytes(name: str) -> int:
            text = (DEPLOY / "nginx" / name).read_text()
            [size] = re.findall(r"client_max_body_size (\d+)m;", text)
            return int(size) * 1024**2

        assert megabytes("server.conf") > MOST
        assert megabytes("api.conf") > Config().MAX_UPLOAD_SIZE


class Unit(configparser.RawConfigParser):
    """A unit of systemd; of a name that comes several times only the last is kept."""

    def __init__(self, path: Path) -> None:
        super().__init__(strict=False)
        self.read(path)


class TestUnits:
    @pytest.mark.parametrize("unit", UNITS, ids=lambda path: str(path.name))
    def test_call_what_is_there(self, own_app: Flask, unit: Path) -> None:
        text = unit.read_text()
        paths = set(re.findall(rf"{IN_UNITS}([\w.-]+)", text))
        settings = set(re.findall(r"^Environment=(.*)$", text, re.MULTILINE))
        names = {pair.partition("=")[0] for line in settings for pair in line.split()}

        assert paths <= {".venv", "instance"}
        assert names - OF_IMAGES - set(SETTINGS) == set()
        for command in flask_commands(text):
            assert not hasattr(resolved(own_app, command), "commands"), command

    def test_run_all_that_has_to_run_regularly(self) -> None:
        daily = flask_commands((DEPLOY / "halolight-daily.service").read_text())
        often = flask_commands((DEPLOY / "halolight-remind.service").read_text())

        assert daily == scheduled("daily")
        assert often == scheduled("every minute")
        for name in ("daily", "remind"):
            assert (DEPLOY / f"halolight-{name}.timer").is_file()

    def test_have_the_same_rights(self) -> None:
        rights = ("ProtectSystem", "PrivateUsers", "SystemCallFilter", "MemoryDenyWriteExecute")

        assert len({tuple(Unit(unit)["Service"][name] for name in rights) for unit in UNITS}) == 1

    @pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")
    def test_are_rated_2_of_10_or_better(self) -> None:
        command = ["systemd-analyze", "security", "--offline=true", "--threshold=20", "--no-pager"]
        rated = subprocess.run([*command, *UNITS], check=False, capture_output=True, text=True)

        assert rated.returncode == 0, rated.stdout.splitlines()[-1:]

    def test_let_a_migration_take_its_time_and_reload_without_a_stop(self) -> None:
        service = Unit(DEPLOY / "halolight.service")["Service"]

        assert service["TimeoutStartSec"] == "1h"
        assert service["ExecReload"] == "/bin/kill -HUP $MAINPID"
        assert f":{PORT} " in service["ExecStart"]


class TestKubernetes:
    """deploy/kubernetes names what the image and the API have."""

    TEXT = (DEPLOY / "kubernetes" / "halolight.yaml").read_text()
    OBJECTS: list[dict[str, Any]] = list(yaml.safe_load_all(TEXT))

    def of_kind(self, kind: str) -> list[dict[str, Any]]:
        return [each for each in self.OBJECTS if each["kind"] == kind]

    def pods(self) -> list[dict[str, Any]]:
        owners = [*self.of_kind("Job"), *self.of_kind("Deployment")]
        return [owner["spec"]["template"]["spec"] for owner in owners]

    def containers(self) -> list[dict[str, Any]]:
        return [container for pod in self.pods() for container in pod["containers"]]

    def test_runs_what_the_image_has(self, own_app: Flask) -> None:
        migrate, api, timer = [container["args"] for container in self.containers()]

        assert migrate[0] == "flask"
        assert not hasattr(resolved(own_app, " ".join(migrate[1:])), "commands")
        assert api == SERVICES["app"]["command"]
        assert timer == SERVICES["timer"]["command"]
        assert len({container["image"] for container in self.containers()}) == 1
        assert f":{halolight.__version__}" in self.containers()[0]["image"]

    def test_sets_only_settings_and_leaves_secrets_to_a_secret(self) -> None:
        [settings] = self.of_kind("ConfigMap")
        secret = re.findall(r"secretRef: .*# (.+)", self.TEXT)[0].replace("AWS_*", "")

        assert set(settings["data"]) - set(SETTINGS) == set()
        assert {*secret.replace(",", " ").split()} <= set(SETTINGS)
        assert {"JWT_SECRET", "DATABASE_URL"} & set(settings["data"]) == set()
        assert settings["data"]["PORT"] == str(PORT)
        for container in self.containers():
            assert container["envFrom"] == [
                {"configMapRef": {"name": settings["metadata"]["name"]}},
                {"secretRef": {"name": settings["metadata"]["name"]}},
            ]

    def test_asks_paths_that_are_there(self, own_app: Flask) -> None:
        api = self.containers()[1]
        probes = [api[f"{name}Probe"]["httpGet"] for name in ("startup", "liveness", "readiness")]
        metrics_path = re.findall(r"prometheus.io/path: ([\w/]+)", self.TEXT)
        rules = {rule.rule for rule in own_app.url_map.iter_rules()}

        assert {probe["path"] for probe in probes} | {*metrics_path} <= rules
        assert probes[2]["path"] == "/health/ready"
        assert api["ports"] == [{"name": probes[0]["port"], "containerPort": PORT}]
        [service] = self.of_kind("Service")
        assert service["spec"]["ports"][0]["targetPort"] == probes[0]["port"]

    def test_selects_the_pods_of_the_api(self) -> None:
        [api, _] = self.of_kind("Deployment")
        labels = api["spec"]["template"]["metadata"]["labels"]
        [service], [budget] = self.of_kind("Service"), self.of_kind("PodDisruptionBudget")
        [scaler] = self.of_kind("HorizontalPodAutoscaler")

        assert service["spec"]["selector"] == labels
        assert budget["spec"]["selector"]["matchLabels"] == labels
        assert api["spec"]["selector"]["matchLabels"] == labels
        assert scaler["spec"]["scaleTargetRef"]["name"] == api["metadata"]["name"]
        assert "replicas" not in api["spec"], "the autoscaler sets them"

    def test_runs_every_container_with_as_few_rights_as_it_needs(self) -> None:
        user = next(line[1] for line in IMAGE if line[0] == "USER").partition(":")[0]
        for pod in self.pods():
            assert pod["automountServiceAccountToken"] is False
            assert pod["securityContext"]["runAsNonRoot"] is True
            assert str(pod["securityContext"]["runAsUser"]) == user
        for container in self.containers():
            assert container["securityContext"] == {
                "allowPrivilegeEscalation": False,
                "readOnlyRootFilesystem": True,
                "capabilities": {"drop": ["ALL"]},
            }
            assert container["resources"]["limits"]["memory"]
