"""What runs the board and what it reads hold together: no variable exists in one place alone, no package is loose."""

import re
import tomllib
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(settings.BASE_DIR)
COMPOSE = (ROOT / "docker-compose.yml").read_text()
SETTINGS = (ROOT / "microintern" / "settings.py").read_text()
# Read by what runs the board, each in the file named.
OF_THE_RUNNER = {
    "PORT": "dev/serve.py",
    "WEB_CONCURRENCY": "dev/serve.py",
    "CHROMIUM": "dev/browser.py",
    "POSTGRES_PASSWORD": "docker-compose.yml",
}


def read_by_settings():
    return set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"', SETTINGS))


def required_by_settings():
    return set(re.findall(r'\benv\.\w+\(\s*"([A-Z_]+)"\)', SETTINGS)) | {"DATABASE_URL"}


def in_example():
    return re.findall(r"^([A-Z_]+)=", (ROOT / ".env.example").read_text(), flags=re.MULTILINE)


def test_the_example_names_every_variable_once():
    assert sorted(in_example()) == sorted(read_by_settings() | set(OF_THE_RUNNER))


def test_settings_read_the_environment_in_one_way_alone():
    assert re.findall(r"environ\b|getenv", SETTINGS) == []


@pytest.mark.parametrize(("name", "file"), OF_THE_RUNNER.items())
def test_a_variable_of_the_runner_is_read_by_it(name, file):
    assert name in (ROOT / file).read_text()


@pytest.mark.parametrize("service", ["migrate", "web", "worker", "beat"])
def test_compose_gives_every_service_every_setting(service):
    given = yaml.safe_load(COMPOSE)["services"][service]["environment"]
    assert set(given) == read_by_settings() | {"WEB_CONCURRENCY"}


def test_compose_asks_for_nothing_that_the_example_does_not_name():
    asked = set(re.findall(r"(?<!\$)\$\{([A-Z_]+)", COMPOSE))
    assert asked == set(in_example()) - {"CHROMIUM"}


def test_the_scanner_is_optional_and_its_socket_reaches_the_pages_where_the_example_says():
    compose = yaml.safe_load(COMPOSE)
    services = compose["services"]
    assert {name: service["profiles"] for name, service in services.items() if "profiles" in service} == {
        "clamd": ["scanner"]
    }
    assert not any("clamd" in service.get("depends_on", ()) for service in services.values())
    assert "ports" not in services["clamd"]  # clamd knows no passwords
    mounted = [volume for service in services.values() for volume in service.get("volumes", ()) if "scanner" in volume]
    assert mounted == ["scanner:/tmp", "scanner:/run/clamav:ro"]
    named = "/run/clamav/clamd.sock"  # the image listens at /tmp/clamd.sock
    for file in ("docker-compose.yml", ".env.example", "docs/operations.md"):
        assert named in (ROOT / file).read_text(), file


def test_every_volume_that_a_service_mounts_is_declared():
    compose = yaml.safe_load(COMPOSE)
    mounted = {volume.partition(":")[0] for one in compose["services"].values() for volume in one.get("volumes", ())}
    assert mounted == set(compose["volumes"])


def test_the_image_builds_with_every_variable_that_settings_require():
    build = (ROOT / "Dockerfile").read_text().partition("python manage.py collectstatic")[0]
    assert {name for name in required_by_settings() if f" {name}=" not in build} == set()


def test_every_image_has_a_name_and_a_version():
    services = yaml.safe_load(COMPOSE)["services"]
    images = {name: service["image"] for name, service in services.items()}
    assert images == {name: image for name, image in images.items() if re.fullmatch(r"[a-z/]+:[\w.]+", image)}


def pinned(name):
    """Package to version; a package pinned twice, for different machines, has its last."""
    lines = re.findall(r"^([\w.-]+)==([^\s;\\]+)", (ROOT / name).read_text(), flags=re.MULTILINE)
    return {canonicalize_name(package): version for package, version in lines}


def wanted():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    runtime = [("requirements.txt", line) for line in project["dependencies"]]
    return runtime + [("requirements-dev.txt", line) for line in project["optional-dependencies"]["dev"]]


@pytest.mark.parametrize(("file", "line"), wanted())
def test_what_pyproject_asks_for_is_pinned(file, line):
    requirement = Requirement(line)
    version = pinned(file).get(canonicalize_name(requirement.name))
    assert version in requirement.specifier, f"run uv pip compile: {line} is pinned to {version}"


def test_development_runs_what_production_runs():
    runtime, development = pinned("requirements.txt"), pinned("requirements-dev.txt")
    assert {name: development.get(name) for name in runtime} == runtime


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt", "dev/requirements-node.txt"])
def test_every_package_is_pinned_by_hash_and_no_host_is_named(name):
    text = (ROOT / name).read_text()
    packages = re.findall(r"^[\w.-]+==.*", text, flags=re.MULTILINE)
    assert packages
    assert [line for line in packages if not line.endswith("\\")] == []
    assert re.findall(r"https?://|--(?:extra-)?index-url|--find-links", text) == []
