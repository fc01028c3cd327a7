"""Commands that try rules where nothing is at stake: rules test, rules backtest, rules shadow."""

from decimal import Decimal, InvalidOperation
from typing import Annotated, Any

import typer

from app.casebook.store import Casebook
from app.cli.console import opened_casebook, print_json, print_table, printable, say, settings_of, steps
from app.cli.look import AsJson
from app.cli.make import Kind
from app.cli.rule_life import day_given, shown
from app.cli.rules import rules_app
from app.errors import BadInputError
from app.local_time import today
from app.settings import Settings
from loaders.ledger.ledger import Ledger

Named = Annotated[
    str,
    typer.Argument(
        metavar="RULE|FILE", help="Id of a rule, or a .cypher file that stands in for the rule of its id."
    ),
]
Rate = Annotated[str, typer.Option("--rate", help="Share of the selected sales that is inspected, 0 to 1.")]
_LISTED = 20
"""Lines of a table; `--json` gives all."""


def register(_app: typer.Typer) -> None:
    """Adds the commands of this module to the group that looks at rules."""
    for name, command in (("test", rules_test), ("backtest", rules_backtest), ("shadow", rules_shadow)):
        rules_app.command(name)(command)


def _rate(text: str) -> Decimal:
    try:
        return Decimal(text)
    except InvalidOperation:
        raise BadInputError(f"{text!r} is no rate of inspection: give a share from 0 to 1.") from None


def rules_test(
    context: typer.Context,
    rule: Named,
    orders: Annotated[int, typer.Option(min=1, help="Sales of the world.")] = 20_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same world.")] = 1,
    kind: Annotated[Kind, typer.Option(help="With planted cases, or a world without rings.")] = Kind.STANDARD,
    as_json: AsJson = False,
) -> None:
    """Try a rule against a generated world: precision, recall, and what was missed or wrong."""
    from app.casework.in_world import try_in_world

    settings = settings_of(context)
    with steps() as tell:
        told = try_in_world(
            settings, rule, _moved(settings), orders=orders, seed=seed, kind=kind.value, tell=tell
        )
    if as_json:
        print_json(told)
        return
    say(f"{told['rule']} {told['version']} in a {kind.value} world of {orders:,} sales, seed {seed}:")
    say(f"{told['looked_at']} looked at, {told['judgeable']} judgeable, {told['findings']} found.")
    say(f"Precision {shown(told['precision'])}: {told['right']} of {told['findings']} findings are true.")
    say(f"Recall    {shown(told['recall'])}: {told['found']} of {told['planted']} that had to be found were.")
    for what, name in (("missed", "missed"), ("wrong", "wrong"), ("look_alikes", "look-alike")):
        for line in told[what]:
            say(f"  {name}: {printable(line)}")
    _say_spent(told)


def _moved(settings: Settings) -> dict[str, str]:
    """Rules that were moved in the data folder; none where there is none: a test makes none."""
    if settings.casebook_url is None and not settings.ledger_folder.is_dir():
        return {}
    casebook = Casebook.open(settings.casebook_address)
    try:
        return casebook.maturities()
    finally:
        casebook.close()


def _say_spent(told: dict[str, Any]) -> None:
    spent = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in told["seconds"].items())
    say(f"\nSpent: {spent}; {told['megabytes']} MiB in a scratch folder, which is gone again.")


def rules_backtest(
    context: typer.Context,
    rule: Named,
    version: Annotated[
        int | None, typer.Option("--ledger-version", help="As the ledger stood at this version.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", help="As it stood at the end of this day.")] = None,
    as_json: AsJson = False,
) -> None:
    """Ask a rule of the past: what it would have found then, and what of that became known since."""
    from app.casework.backtest import backtest
    from app.casework.precision_table import precision_on
    from app.casework.then import past_version

    with opened_casebook(context) as (settings, casebook), steps() as tell:
        ledger = Ledger.open(settings.ledger_folder)
        at = past_version(ledger, version, day_given(on, "--on"))
        told = backtest(settings, ledger, casebook, rule, at, precision_on(today()), tell)
    if as_json:
        print_json(told)
        return
    say(
        f"{told['rule']} {told['version']} at ledger version {at} ({told['day']}), as of {told['as_of']}: "
        f"{told['looked_at']} looked at, {told['judgeable']} judgeable, {told['found']} found."
    )
    say(f"{told['known_then']} were known to live rules then; {told['later_known']} became known since.")
    _say_outcomes("Outcomes", told["outcomes"], told["without_outcome"])
    print_table(
        ("severity", "about", "then", "outcome", "since"),
        (
            [one["severity"], f"{one['subject']['kind']} {one['subject']['name']}",
             "known" if one["known_then"] else "", one["outcome"], _since(one["later"])]
            for one in told["findings"][:_LISTED]
        ),
    )  # fmt: skip
    _say_spent(told)


def _since(later: dict[str, Any]) -> str:
    parts = [*later["rules"], *(f"{count} {what}" for what, count in later.items() if what != "rules")]
    return ", ".join(parts)


def _say_outcomes(what: str, outcomes: dict[str, Any], without: int | None = None) -> None:
    judged = outcomes["right"] + outcomes["wrong"]
    text = f"{what}: {outcomes['right']} of {judged} right"
    if judged:
        text += f" ({shown(outcomes['precision'])}; {shown(outcomes['low'])} to {shown(outcomes['high'])})"
    say(text + ("." if without is None else f"; {without} findings without an outcome."))


def rules_shadow(context: typer.Context, rule: Named, rate: Rate = "1", as_json: AsJson = False) -> None:
    """Run a changed rule beside the one that runs, or look at one that runs as a shadow: what differs, how
    right each is, and what it would cost in inspections."""
    from app.casework.precision_table import precision_on
    from app.casework.shadow import shadow_run, standing_run, standing_shadow
    from app.graph.open import open_graph

    share = _rate(rate)
    with opened_casebook(context) as (settings, casebook), steps() as tell:
        ledger, table = Ledger.open(settings.ledger_folder), precision_on(today())
        if rule.endswith(".cypher"):
            told = shadow_run(settings, ledger, casebook, rule, table, rate=share, tell=tell)
        else:
            standing_run(casebook, rule)  # a mistake is told before a server is started
            with open_graph(settings) as graph:
                told = standing_shadow(ledger, casebook, graph, rule, table, rate=share)
    if as_json:
        print_json(told)
        return
    say(f"{told['rule']} at ledger version {told['ledger_version']}, as of {told['as_of']}:")
    for name in ("running", "changed", "shadow"):
        if told.get(name):
            row = told[name]
            say(f"  {name}: {row['version']}, {row['judgeable']} judgeable, {row['found']} found")
    for name in ("new", "gone", "kept", "known"):
        if name in told:
            _say_set(name, told)
    if told.get("others_touched"):
        say(f"Others that may find something else too: {', '.join(told['others_touched'])}.")
    if "seconds" in told:
        _say_spent(told)


def _say_set(name: str, told: dict[str, Any]) -> None:
    """One set of findings: how many, how right, at what cost, and the first of them."""
    cost = told["cost"][name]
    say(
        f"\n{len(told[name])} {name}: {cost['evidence_sales']} sales of the last month in evidence, "
        f"{cost['subject_sales']} of whom they are about; at {cost['rate']} that is "
        f"{cost['evidence_inspections']} or {cost['subject_inspections']} inspections."
    )
    _say_outcomes("  outcomes", told["outcomes"][name])
    for one in told[name][:_LISTED]:
        before = one["severity_before"]
        rose = f" (was {before})" if before not in (None, one["severity"]) else ""
        subject = f"{one['subject']['kind']} {one['subject']['name']}"
        others = "".join(f", others {what} {count}" for what, count in one["others"].items() if count)
        say(
            printable(
                f"  {one['severity']}{rose} {subject}, {one['decision']}{others}: {one['reason']['en']}"
            )
        )
