"""Commands of the life of a rule: outcomes, precision, what no rule sees, moves and proposals."""

from datetime import date
from pathlib import Path
from typing import Annotated, Any

import typer

from app.casebook.store import Casebook
from app.cli.console import opened_casebook, print_json, print_table, say
from app.cli.look import AsJson
from app.cli.rules import rules_app
from app.clues.status import graph_if_running
from app.errors import BadInputError
from app.local_time import today
from app.settings import Settings
from loaders.ledger.ledger import Ledger

RuleId = Annotated[str, typer.Argument(metavar="ID", help="Id of the rule, as `rules list` has it.")]
Why = Annotated[str, typer.Option("--why", help="The reason.")]
By = Annotated[str, typer.Option("--by", help="Who decides: the number of a member of staff.")]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module; those under `rules` to the group that looks at them."""
    app.command("decide")(decide_finding)
    for name, command in (
        ("precision", rules_precision),
        ("control-sample", rules_control_sample),
        ("promote", rules_promote),
        ("demote", rules_demote),
        ("moves", rules_moves),
        ("propose", rules_propose),
        ("proposals", rules_proposals),
        ("accept", rules_accept),
        ("reject", rules_reject),
    ):
        rules_app.command(name)(command)


def _show(settings: Settings, casebook: Casebook, seq: int, finding: str) -> None:
    """Have a graph that runs show a decision."""
    from app.casework.show import show

    with graph_if_running(settings) as graph:
        show(casebook, graph, settings.data, seq, finding)


def day_given(text: str | None, what: str) -> date | None:
    """The day that an option gives; BadInputError where it is none."""
    try:
        return None if text is None else date.fromisoformat(text)
    except ValueError:
        raise BadInputError(f"{what}: {text!r} is no day; write it as 2025-06-30.") from None


def decide_finding(
    context: typer.Context,
    identity: Annotated[str, typer.Argument(metavar="ID", help="Id of the finding, as `findings` lists it.")],
    decision: Annotated[
        str,
        typer.Option(
            "--as",
            help="confirmed, valuable, false alarm, real sale on a false platform, in case, snoozed or open.",
        ),
    ],
    why: Why,
    by: By,
    was: Annotated[str, typer.Option("--was", help="The decision that stands now, as you saw it.")] = "open",
    until: Annotated[str | None, typer.Option("--until", help="Day on which a snooze ends.")] = None,
    as_json: AsJson = False,
) -> None:
    """Say what became of a finding; every decision is kept, with who, why and when."""
    from app.casework.outcomes import decide

    with opened_casebook(context) as (settings, casebook):
        entry = decide(
            casebook, identity, decision, expected=was, why=why, by=by, on=today(),
            snoozed_until=day_given(until, "--until"),
        )  # fmt: skip
        _show(settings, casebook, entry["casebook_seq"], identity)
    if as_json:
        print_json(entry)
    else:
        say(f"Finding {identity} is {decision} now; it was {was}. That is decision {entry['number']} on it.")


def rules_precision(
    context: typer.Context,
    rule: Annotated[str | None, typer.Option(help="Only of this rule.")] = None,
    table: Annotated[
        Path | None, typer.Option("--table", help="A table of floors of your own, for trying.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """How often each rule is right, by the outcomes of its findings, with the interval that they allow."""
    from app.casework.precision import precision_of, precisions
    from app.casework.precision_table import precision_on

    with opened_casebook(context) as (_, casebook):
        holds = precision_on(today(), table)
        rows = precisions(casebook, holds) if rule is None else [precision_of(casebook, rule, holds)]
    if as_json:
        print_json(rows)
        return
    columns = "rule", "version", "maturity", "right", "wrong", "precision", "low", "high", "floor"
    shares = {"precision", "low", "high", "floor"}
    print_table(
        (*columns, "below", "undecided", "gone"),
        (
            [
                *(shown(row[name]) if name in shares else row[name] for name in columns),
                "yes" if row["below"] else "",
                row["undecided"],
                row["gone"],
            ]
            for row in rows
        ),
    )
    judged = sum(row["judged"] for row in rows)
    say(f"{judged} outcomes; intervals at {shown(holds.level)}; table {holds.version}.")


def shown(value: float | None) -> str:
    """A share for a table."""
    return "-" if value is None else f"{value:.3f}"


def rules_control_sample(
    context: typer.Context,
    first: Annotated[str | None, typer.Option("--from", help="First day of inspection.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last day of inspection.")] = None,
    severity: Annotated[str, typer.Option(help="Only findings of this severity or graver speak.")] = "info",
    as_json: AsJson = False,
) -> None:
    """What no rule sees: random inspections with a discrepancy of which no live rule had spoken before."""
    from app.casework.control_sample import control_sample
    from app.casework.precision_table import precision_on

    with opened_casebook(context) as (settings, casebook):
        told = control_sample(
            Ledger.open(settings.ledger_folder), casebook, precision_on(today()),
            since=day_given(first, "--from"), until=day_given(last, "--to") or date.max, severity=severity,
        )  # fmt: skip
    if as_json:
        print_json(told)
        return
    say(
        f"{told['random']} random inspections, {told['not_judged']} of them not judged (nothing had looked "
        f"before, or the sale is unknown); {told['discrepancies']} discrepancies."
    )
    say(f"Of the discrepancies no rule had spoken of:         {_of(told['missed'])}")
    say(f"All parcels with something wrong that no rule sees: {_of(told['unseen'])}")
    say(f"Yield where a rule had spoken:                      {_of(told['yield_spoken'])}")
    say(f"Yield elsewhere:                                    {_of(told['yield_unspoken'])}")
    print_table(
        ("discrepancy", "unseen"), ((one["discrepancy"], _of(one["missed"])) for one in told["kinds"])
    )
    print_table(("selection", "yield"), ((one["selection"], _of(one["yield"])) for one in told["selections"]))


def _of(share: dict[str, Any]) -> str:
    if share["share"] is None:
        return "nothing to judge"
    return (
        f"{share['count']} of {share['of']} ({share['share']:.1%}; {share['low']:.1%} to {share['high']:.1%})"
    )


def rules_promote(
    context: typer.Context,
    identity: RuleId,
    to: Annotated[str, typer.Option("--to", help="shadow or live.")],
    was: Annotated[str, typer.Option("--was", help="The maturity that it has now, as you saw it.")],
    why: Why,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Trust a rule more from the next detection on: from draft to shadow, from shadow to live."""
    _move(context, identity, to, was, why, by, as_json, up=True)


def rules_demote(
    context: typer.Context,
    identity: RuleId,
    to: Annotated[str, typer.Option("--to", help="shadow or draft.")],
    was: Annotated[str, typer.Option("--was", help="The maturity that it has now, as you saw it.")],
    why: Why,
    by: By,
    as_json: AsJson = False,
) -> None:
    """Trust a rule less from the next detection on: a shadow's findings are kept apart, a draft does not
    run."""
    _move(context, identity, to, was, why, by, as_json, up=False)


def _move(
    context: typer.Context, identity: str, to: str, was: str, why: str, by: str, as_json: bool, *, up: bool
) -> None:
    from app.casebook.models import MATURITIES
    from app.casework.maturity import move

    ranks = [MATURITIES.index(one) if one in MATURITIES else None for one in (was, to)]
    if None not in ranks and (ranks[0] < ranks[1]) is not up:  # type: ignore[operator]
        raise BadInputError(f"From {was} to {to} is no {'promotion' if up else 'demotion'} of a rule.")
    with opened_casebook(context) as (_, casebook):
        entry = move(casebook, identity, to, expected=was, why=why, by=by, on=today())
    if as_json:
        print_json(entry)
    else:
        say(f"The rule {identity} is {to} from the next detection on (move {entry['number']}).")
        _say_follows(entry["follows"])


def _say_follows(follows: list[str]) -> None:
    if follows:
        say(f"It is a base rule: {', '.join(follows)} hear other flags from then on.")


def rules_moves(
    context: typer.Context,
    rule: Annotated[str | None, typer.Option(help="Only of this rule.")] = None,
    as_json: AsJson = False,
) -> None:
    """Every move of rules between draft, shadow and live: who, when, why."""
    from app.casework.maturity import moves

    with opened_casebook(context) as (_, casebook):
        rows = moves(casebook, rule)
    if as_json:
        print_json(rows)
        return
    columns = "number", "rule", "former", "maturity", "proposal", "on", "by", "why"
    print_table(columns, ([row[name] for name in columns] for row in rows))
    say(f"{len(rows)} moves.")


def rules_propose(context: typer.Context, as_json: AsJson = False) -> None:
    """Propose shadow for every live rule whose precision is surely under its floor; repeating changes
    nothing."""
    from app.casework.precision_table import precision_on
    from app.casework.proposals import propose

    with opened_casebook(context) as (_, casebook):
        made = propose(casebook, precision_on(today()), today())
    _show_proposals(made, as_json)


def rules_proposals(
    context: typer.Context,
    state: Annotated[str | None, typer.Option(help="Only these: proposed, accepted or rejected.")] = None,
    as_json: AsJson = False,
) -> None:
    """Proposals to run a rule as a shadow, and how each was decided."""
    from app.casework.proposals import proposals

    with opened_casebook(context) as (_, casebook):
        _show_proposals(proposals(casebook, state), as_json)


def _show_proposals(rows: list[dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    columns = (
        "number",
        "rule",
        "rule version",
        "right",
        "wrong",
        "at most",
        "floor",
        "made on",
        "state",
        "by",
        "why",
    )
    print_table(
        columns,
        (
            [row["number"], row["rule"], row["rule_version"], row["right"], row["wrong"], shown(row["high"]),
             shown(row["floor"]), row["made_on"], row["state"], row["decided_by"], row["decided_why"]]
            for row in rows
        ),
    )  # fmt: skip
    say(f"{len(rows)} proposals.")


Number = Annotated[
    int, typer.Argument(metavar="NUMBER", help="Number of the proposal, as `rules proposals` has it.")
]


def rules_accept(context: typer.Context, number: Number, why: Why, by: By, as_json: AsJson = False) -> None:
    """Accept a proposal: the rule runs as a shadow from the next detection on, until it is promoted again."""
    _decide_proposal(context, number, True, why, by, as_json)


def rules_reject(context: typer.Context, number: Number, why: Why, by: By, as_json: AsJson = False) -> None:
    """Reject a proposal: the rule stays live, and is proposed again only on more outcomes."""
    _decide_proposal(context, number, False, why, by, as_json)


def _decide_proposal(
    context: typer.Context, number: int, accept: bool, why: str, by: str, as_json: bool
) -> None:
    from app.casework.proposals import decide_proposal

    with opened_casebook(context) as (_, casebook):
        row = decide_proposal(casebook, number, accept, why=why, by=by, on=today())
    if as_json:
        print_json(row)
    else:
        now = "a shadow from the next detection on" if accept else "live as before"
        say(f"Proposal {number} is {row['state']}: {row['rule']} is {now}.")
        _say_follows(row["follows"])
