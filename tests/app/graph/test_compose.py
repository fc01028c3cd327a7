"""docker-compose.yml as far as it can be judged without a Docker engine."""

import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PASSWORDS = ("CLUEGRAPH_NEO4J_PASSWORD", "CLUEGRAPH_POSTGRES_PASSWORD")


@pytest.fixture(scope="module")
def services() -> dict[str, Any]:
    services: dict[str, Any] = yaml.safe_load((ROOT / "docker-compose.yml").read_text("utf-8"))["services"]
    return services


def test_nothing_listens_beyond_this_machine(services: dict[str, Any]) -> None:
    for service in services.values():
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", []))
    assert services["cluegraph"]["network_mode"] == "host"  # where the API listens on loopback


def test_no_password_is_written_and_none_may_be_left_unset() -> None:
    text = (ROOT / "docker-compose.yml").read_text("utf-8")
    for name in PASSWORDS:
        assert f"${{{name}:?" in text
        assert f"${{{name}}}" not in text
        assert f"${{{name}:-" not in text


def test_what_the_service_is_told_exists(services: dict[str, Any]) -> None:
    from app.settings import Settings

    names = {f"CLUEGRAPH_{name.upper()}" for name in Settings.model_fields}
    assert set(services["cluegraph"]["environment"]) <= names
    assert set(services["cluegraph"]["depends_on"]) == set(services) - {"cluegraph"}


def test_the_image_copies_what_the_package_is_made_of() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text("utf-8")
    for line in dockerfile.splitlines():
        if line.startswith("COPY"):
            for source in line.split()[1:-1]:
                assert (ROOT / source).exists(), source
    for package in ("app", "cypher", "loaders", "world"):
        assert f"COPY {package} {package}\n" in dockerfile


def test_compose_itself_accepts_it() -> None:
    compose = next(
        (
            command
            for command in (["docker", "compose"], ["docker-compose"])
            if shutil.which(command[0])
            and subprocess.run([*command, "version"], capture_output=True, check=False).returncode == 0
        ),
        None,
    )
    if compose is None:
        pytest.skip("no docker compose on this machine")
    unset = {name: value for name, value in os.environ.items() if name not in PASSWORDS}
    command = [*compose, "--file", str(ROOT / "docker-compose.yml"), "config"]
    refused = subprocess.run(command, env=unset, capture_output=True, text=True, check=False)
    assert refused.returncode != 0
    assert "set CLUEGRAPH_" in refused.stderr
    given = unset | dict.fromkeys(PASSWORDS, "letters123")
    accepted = subprocess.run(command, env=given, capture_output=True, text=True, check=False)
    assert accepted.returncode == 0, accepted.stderr
    assert "neo4j/letters123" in accepted.stdout
