"""The README's commands exist, and its two lines install what they need from the committed locks."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from app.cli.entry import app

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text("utf-8")
INSTALL = [line for line in README.splitlines() if line.startswith("python3 -m venv")]


def test_one_line_tries_it_and_one_line_tests_it() -> None:
    assert [line.split("&&")[-1].split()[0] for line in INSTALL] == [
        ".venv/bin/cluegraph",
        ".venv/bin/pytest",
    ]


@pytest.mark.parametrize("line", INSTALL)
def test_what_a_line_installs_is_pinned_by_hash(line: str) -> None:
    locks = [ROOT / word for word in shlex.split(line) if word.endswith(".lock")]
    assert len(locks) == 1
    assert "--require-hashes" in line
    assert "--no-deps --no-build-isolation ." in line  # nothing is resolved or fetched beside the lock
    text = locks[0].read_text("utf-8")
    pinned = re.findall(r"^([a-z0-9-]+)==", text, re.MULTILINE)
    assert len(pinned) > 50
    assert "hatchling" in pinned
    assert "://" not in text
    assert not re.search(r"^--?[a-z]", text, re.MULTILINE)  # no index, no link


def test_both_locks_agree() -> None:
    def pins(name: str) -> set[str]:
        return set(re.findall(r"^([a-z0-9-]+==\S+.*?) ?\\$", (ROOT / name).read_text("utf-8"), re.MULTILINE))

    assert pins("requirements.lock") <= pins("requirements-dev.lock")


def test_every_dependency_of_the_package_is_locked() -> None:
    project = (ROOT / "pyproject.toml").read_text("utf-8")
    wanted = set(re.findall(r'^    "([a-z0-9-]+)[>=]=', project, re.MULTILINE))
    locked = set(
        re.findall(r"^([a-z0-9-]+)==", (ROOT / "requirements-dev.lock").read_text("utf-8"), re.MULTILINE)
    )
    assert wanted - locked == set()


@pytest.mark.parametrize("line", re.findall(r"^cluegraph .*$", README, re.MULTILINE))
def test_commands_shown_exist(line: str) -> None:
    words = shlex.split(line, comments=True)
    assert words[1] in get_command(app).commands  # type: ignore[attr-defined]


def test_ci_runs_the_readme_line() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    assert "README.md" in script
    assert 'eval "$tests"' in script
