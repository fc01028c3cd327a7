"""Whatever can be typed, set, asked for or found is documented: this test fails when a page falls behind."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer
from typer.main import get_command

from app.api.service import create_app
from app.cli.entry import app
from app.detection.rulebook import rules_folder
from app.settings import Settings

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
NOT_COUNTED = {"help", "json"}  # documented once, for every command


def commands(group: object, path: tuple[str, ...] = ()) -> Iterator[tuple[str, object]]:
    """Every command with the words that call it."""
    inner = getattr(group, "commands", None)
    if inner is None:
        yield " ".join(path), group
        return
    for name, command in inner.items():
        yield from commands(command, (*path, name))


COMMANDS = dict(commands(get_command(app)))


def test_the_commands_of_the_issue_are_there() -> None:
    wanted = "world load rejects project detect run findings finding key serve status demo"
    assert {
        *wanted.split(),
        "export clues",
        *(f"neo4j {do}" for do in ("start", "stop", "status", "log")),
    } <= set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_and_option_is_documented(name: str) -> None:
    page = (DOCS / "cli.md").read_text("utf-8")
    rows = re.findall(rf"^\| `cluegraph {name}[` ].*$", page, re.MULTILINE)
    assert len(rows) == 1, f"docs/cli.md has no row for {name}"
    for parameter in COMMANDS[name].params:  # type: ignore[attr-defined]
        for option in parameter.opts:
            if option.startswith("--") and parameter.name not in NOT_COUNTED | {"as_json"}:
                assert option in rows[0], f"docs/cli.md: {name} {option}"
    assert COMMANDS[name].help  # type: ignore[attr-defined]


def test_every_documented_command_exists() -> None:
    page = (DOCS / "cli.md").read_text("utf-8")
    named = {match.strip() for match in re.findall(r"^\| `cluegraph ([a-z0-9 -]+)", page, re.MULTILINE)}
    assert named == set(COMMANDS)


def test_every_setting_is_documented_with_its_meaning() -> None:
    page = (DOCS / "settings.md").read_text("utf-8")
    documented = set(re.findall(r"^\| `CLUEGRAPH_(\w+)`", page, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}
    assert all(field.description for field in Settings.model_fields.values())


def test_every_endpoint_and_its_parameters_are_documented() -> None:
    page = (DOCS / "api.md").read_text("utf-8")
    rows = {
        (method.lower(), path): told
        for method, path, told in re.findall(
            r"^\| `(GET|POST|PUT|DELETE) (\S+)` \| (.*) \|$", page, re.MULTILINE
        )
    }
    paths = create_app(Settings()).openapi()["paths"]
    operations = {(method, path): one for path, methods in paths.items() for method, one in methods.items()}
    assert set(rows) == set(operations)
    for (method, path), operation in operations.items():
        for parameter in operation.get("parameters", []):
            if parameter["in"] == "query":
                told = rows[method, path]
                assert f"`{parameter['name']}`" in told, f"docs/api.md: {method} {path} {parameter['name']}"


def test_every_rule_is_documented() -> None:
    page = (DOCS / "rules.md").read_text("utf-8")
    rules = sorted(path.stem for path in rules_folder().glob("*.cypher"))
    assert rules
    assert [rule for rule in rules if f"`{rule}`" not in page] == []


def test_every_link_between_pages_leads_somewhere() -> None:
    broken = [
        f"{page.name}: {target}"
        for page in (*DOCS.glob("*.md"), ROOT / "README.md")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]
    assert broken == []


def test_every_page_is_in_the_index() -> None:
    index = (DOCS / "index.md").read_text("utf-8")
    assert [
        page.name for page in DOCS.glob("*.md") if page.name != "index.md" and page.name not in index
    ] == []


def test_no_exception_handler_of_typer_may_print_a_traceback() -> None:
    assert isinstance(app, typer.Typer)
    assert app.pretty_exceptions_enable is False
