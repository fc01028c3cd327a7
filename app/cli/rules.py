"""Commands about rules: rules list, rules show, rules check."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.casebook.store import Casebook
from app.cli.console import print_json, print_table, printable, say, settings_of
from app.cli.look import AsJson
from app.settings import Settings

if TYPE_CHECKING:
    from app.detection.rule import Rule
    from loaders.ledger.ledger import Ledger

rules_app = typer.Typer(
    help="Look at the rules, and check rules of your own.", rich_markup_mode=None, no_args_is_help=True
)


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    rules_app.command("list")(rules_list)
    rules_app.command("show")(rules_show)
    rules_app.command("check")(rules_check)
    app.add_typer(rules_app, name="rules")


def rules_list(context: typer.Context, as_json: AsJson = False) -> None:
    """List the rules: id, version, maturity, what each is about, and what its last run looked at."""
    from app.clues.rules import rule_list

    rows = rule_list(*_stores(settings_of(context)))
    if as_json:
        print_json(rows)
        return
    columns = (
        *("rule", "version", "maturity", "scope", "risk", "about"),
        *("looked at", "judgeable", "found", "loads behind"),
    )
    print_table(columns, (_cells(row) for row in rows))
    say(f"{len(rows)} rules.")


def _cells(row: dict[str, Any]) -> list[Any]:
    run = row["last_run"] or {}
    told = [run.get(name, "-") for name in ("looked_at", "judgeable", "found", "loads_behind")]
    return [row["id"], row["version"], row["maturity"], row["scope"],
            row["risk"] + (" (base)" if row["base"] else ""), ", ".join(row["subjects"]), *told]  # fmt: skip


def rules_show(
    context: typer.Context,
    identity: Annotated[str, typer.Argument(metavar="ID", help="Id of the rule, as `rules list` has it.")],
    as_json: AsJson = False,
) -> None:
    """Show all of one rule: reason, parameters, severity, the last run's numbers, and its query."""
    from app.clues.rules import one_rule

    rule = one_rule(identity, *_stores(settings_of(context)))
    if as_json:
        print_json(rule)
        return
    run = rule["last_run"]
    lines = [
        f"{rule['id']} {rule['version']} ({rule['maturity']}, {rule['scope']})",
        f"{rule['title']['en']} ({rule['title']['zh']})",
        f"Risk:        {rule['risk']}" + (", a base rule" if rule["base"] else ""),
        f"About:       {', '.join(rule['subjects'])}",
        f"Severity:    {rule['severity']}",
        f"Window:      {'none' if rule['window'] is None else str(rule['window']) + ' months'}",
        f"Action:      {rule['action']}",
        f"Needs:       {', '.join(rule['needs'])}",
        f"Silent on:   {'; '.join(rule['silent_on'])}",
        f"Reason:      {' '.join(rule['reason']['en'].split())}",
        f"             {' '.join(rule['reason']['zh'].split())}",
        "Last run:    "
        + (
            f"{run['looked_at']} looked at, {run['judgeable']} judgeable, {run['found']} found; "
            f"ledger version {run['ledger_version']}, as of {run['as_of']}"
            if run
            else "none"
        ),
    ]
    say(printable_lines(lines))
    columns = ("parameter", "default", "unit", "meaning", "source", "holds from")
    names = ("name", "default", "unit", "meaning", "source", "holds_from")
    print_table(columns, ([one[name] for name in names] for one in rule["parameters"]))
    say()
    say(rule["query"].rstrip())


def printable_lines(lines: list[str]) -> str:
    """Lines as one text, each without control characters."""
    return "\n".join(map(printable, lines))


def rules_check(
    context: typer.Context,
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE|FOLDER]", help="A rule, or a folder of rules; else those of cluegraph."
        ),
    ] = None,
    explain: Annotated[
        bool, typer.Option("--explain", help="Have Neo4j read their statements as well (starts it).")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Read rules as strictly as a run does; a mistake is told with file and line, and the exit code is 2."""
    from app.detection.catalogue import STEPS
    from app.detection.rulebook import check_rules, rules_folder

    checked = check_rules(path or rules_folder(), STEPS)
    if explain:
        _explain(settings_of(context), checked)
    rows = [{"id": rule.id, "version": rule.front.version, "file": rule.path.name} for rule in checked]
    if as_json:
        print_json(rows)
    else:
        say(f"{len(rows)} rules are in order: {', '.join(row['id'] for row in rows)}.")


def _explain(settings: Settings, rules: "list[Rule]") -> None:
    from app.detection.ask import explain
    from app.graph.open import open_graph

    with open_graph(settings) as graph:
        for rule in rules:
            explain(graph, rule)


def _stores(settings: Settings) -> "tuple[Casebook | None, Ledger | None]":
    """Casebook and ledger of the data folder; None where there are none yet: looking must not make any."""
    from loaders.ledger.ledger import Ledger

    ledger = Ledger.open(settings.ledger_folder) if settings.ledger_folder.is_dir() else None
    there = settings.casebook_url is not None or ledger is not None
    return Casebook.open(settings.casebook_address) if there else None, ledger
