"""Forged documents pushed in bulk: accounts, hours and numbers of payments, senders, numbers used again."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import asdict
from statistics import median
from typing import Any

import pyarrow as pa

from app.detection.peers import Cells, PeerParameters, Verdict, judge
from app.detection.rhythm import HOURS, without_rhythm
from app.detection.standing import Standing, standings
from app.detection.steps import Context, Rows, Step

Counts = dict[str, tuple[int, int]]

ACCOUNTS = "platform-accounts"
BULK = "platform-bulk-documents"
SENDERS = "document-one-sender"
SWAPPED = "document-identity-swapped"


def platform_accounts(context: Context) -> Rows:
    """Fresh and shared accounts of platforms against all platforms, and against shops of the same builder."""
    rules = context.parameters[ACCOUNTS]
    table = context.tallies.table("platform_accounts").to_pylist()
    builder = {row["platform"]: row["builder"] for row in table}
    family = table[0]["family"] if table else None
    rows = Rows()
    for pattern, of, least in (("fresh", "again", "minimum_again"), ("shared", "named", "minimum_sales")):
        counts = {row["platform"]: (row[of], row[pattern]) for row in table if row[of] > 0}
        judged = standings(counts, minimum=rules[least], minimum_peers=rules["minimum_peers"])
        for platform, one in judged.items():
            values: dict[str, Any] = {"judgeable": one.judgeable}
            if one.differing > 0:
                usual = _usual_of_builder(counts, builder, platform, rules["minimum_builder"])
                values |= _told(one) | {"peers_share": max(one.peers_share, usual)}
                values["family"] = family if pattern == "shared" else None
            rows.put(platform, {f"accounts_{pattern}_{name}": value for name, value in values.items()})
    return rows


def _usual_of_builder(counts: Counts, builder: dict[str, str | None], platform: str, least: int) -> float:
    """Median share of the other shops whose orders the same sender pushes; 0 where they are too few."""
    own = builder[platform]
    others = [
        differing / judgeable
        for other, (judgeable, differing) in counts.items()
        if other != platform and own is not None and builder[other] == own
    ]
    return float(median(others)) if len(others) >= least else 0.0


def _told(one: Standing) -> dict[str, Any]:
    values = asdict(one)
    values["share"] = one.share
    return values


_LARGE = """
SELECT platform FROM paid_once GROUP BY platform HAVING count(minute) >= $minimum ORDER BY platform
"""


def payment_signs(context: Context) -> Rows:
    """Three signs that payments were made in bulk, against all that can be judged: bursts, hours, numbers.

    Of platforms; and of senders, on the payments of platforms that are too small to be judged by themselves.
    """
    rules = context.parameters[BULK]
    limits = {"minimum": rules["minimum_payments"], "minimum_peers": rules["minimum_peers"]}
    context.tallies.keep("paid_once")
    large = context.tallies.query(_LARGE, {"minimum": rules["minimum_payments"]})["platform"].to_pylist()
    bursts: Counts = {}
    occasions: defaultdict[str, list[int]] = defaultdict(lambda: [0] * HOURS)
    for row in context.tallies.table("payment_hours", left_out=large).to_pylist():
        subject = f"{row['label']} {row['key']}"
        paid, full = bursts.get(subject, (0, 0))
        bursts[subject] = (paid + row["payments"], full + row["in_bursts"])
        occasions[subject][row["hour"]] = row["occasions"]
    numbers = context.tallies.table("payment_numbers", left_out=large).to_pylist()
    running = {f"{row['label']} {row['key']}": (row["numbers"], row["running"]) for row in numbers}
    in_bursts, by_number = standings(bursts, **limits), standings(running, **limits)
    keeps = without_rhythm(occasions, **limits)
    rows = Rows()
    for subject, one in in_bursts.items():
        signs = {
            "bursts": _stands_out(one, rules),
            "hours": subject in keeps and keeps[subject][1] <= rules["level"],
            "numbers": _stands_out(by_number.get(subject), rules),
        }
        values: dict[str, Any] = {"payments": one.judgeable}
        if any(signs.values()):
            values |= {
                "signs": [name for name, shown in signs.items() if shown],
                "burst_share": one.share,
                "burst_peers": one.peers_share,
                "running_share": by_number[subject].share if subject in by_number else None,
                "rhythm": keeps[subject][0] if subject in keeps else None,
            }
        label, key = subject.split(" ", 1)
        rows.put(key, {f"bulk_{name}": value for name, value in values.items()}, label=_node(label))
    return rows


def _node(label: str) -> str:
    return "Sender" if label == "Sender" else "Enterprise"


def _stands_out(one: Standing | None, rules: dict[str, Any]) -> bool:
    """Whether a share is far above its peers', and no trifle."""
    return (
        one is not None
        and one.q <= rules["level"]
        and one.low >= max(rules["minimum_share"], rules["minimum_lift"] * one.peers_share)
    )


def pushed_documents(context: Context) -> Rows:
    """Documents pushed by who does not issue them: shares against peers, one cause for one finding.

    A sender and the platforms that it pushes for show the same sales: whoever explains most is named, a
    platform before its only sender.
    """
    parameters = PeerParameters.of(context.parameters[SENDERS])
    table = context.tallies.table("pushed_sales")
    rows, cells = Rows(), table.to_pylist()
    if not cells:
        return rows
    counts = pa.table({"judgeable": table["sales"], "differing": table["wrong"]})
    of_cells, names = Cells.of(counts, [table[role].to_pylist() for role in ("platform", "sender")])
    verdicts, explained = judge(of_cells, parameters)
    for role, label in enumerate(("Platform", "Sender")):
        for subject, total in sorted(_totals(cells, ("platform", "sender")[role]).items()):
            rows.put(subject, {"pushed_judgeable": total}, label=_node(label))
        for index, verdict in sorted(verdicts[role].items()):
            mine = [cell for cell, by in zip(cells, explained[role].tolist(), strict=True) if by == index]
            rows.put(names[role][index], _pushed(verdict, mine), label=_node(label))
    return rows


def _totals(cells: Iterable[dict[str, Any]], role: str) -> dict[str, int]:
    totals: defaultdict[str, int] = defaultdict(int)
    for cell in cells:
        totals[cell[role]] += cell["sales"]
    return totals


def _pushed(verdict: Verdict, mine: list[dict[str, Any]]) -> dict[str, Any]:
    """`pushed_…` properties; of a found subject also what it explains: with whom, and how many sales."""
    values = {name: value for name, value in asdict(verdict).items() if name != "found"}
    values["tested"], values["tested_differing"] = values.pop("judgeable"), values.pop("differing")
    wrong = [cell for cell in mine if cell["wrong"] > 0]
    values["three"] = sum(cell["three"] for cell in wrong) if wrong else None
    values["platforms"] = sorted({cell["platform"] for cell in wrong})
    values["senders"] = sorted({cell["sender"] for cell in wrong})
    return {f"pushed_{name}": value for name, value in values.items()}


def reused_numbers(context: Context) -> Rows:
    """Each sale behind a number that an earlier one stands behind, tied to the first of them."""
    rows = Rows()
    for row in context.tallies.table("numbered_sales").to_pylist():
        rows.put(row["platform"], {"numbered_sales": row["numbered"]})
    for row in context.tallies.table("reused_numbers").to_pylist():
        if row["sale_id"] != row["first_sale"]:
            first = ("Transaction", row["first_sale"])
            rows.join("SHARES_NUMBER", ("Transaction", row["sale_id"]), first, {row["document"]: True})
    return rows


def refused_identities(context: Context) -> Rows:
    """Sales declared again with another person after a refusal, and each merchant's share of its refusals."""
    rules = context.parameters[SWAPPED]
    rows = Rows()
    counts: Counts = {}
    for row in context.tallies.table("refused_identities").to_pylist():
        refused, swapped = counts.get(row["merchant"], (0, 0))
        counts[row["merchant"]] = (refused + 1, swapped + (row["again"] is not None))
        if row["again"] is not None:
            rows.join(
                "SWAPPED_FOR",
                ("Transaction", row["again"]),
                ("Enterprise", row["merchant"]),
                {
                    "refused": row["sale_id"],
                    "refused_on": row["refused_on"],
                    "code": row["code"],
                    "same_order": row["same_order"],
                },
            )
    judged = standings(counts, minimum=rules["minimum_refused"], minimum_peers=rules["minimum_peers"])
    for merchant, (refused, _) in sorted(counts.items()):
        values: dict[str, Any] = {"refused": refused}
        if merchant in judged and judged[merchant].differing > 0:
            values |= _told(judged[merchant])
        rows.put(merchant, {f"identity_{name}": value for name, value in values.items()})
    return rows


STEPS = (
    Step(
        name="order-accounts",
        takes=frozenset({"minimum_again", "minimum_sales", "minimum_peers", "minimum_builder"}),
        run=platform_accounts,
    ),
    Step(
        name="payment-signs",
        takes=frozenset({"minimum_payments", "minimum_peers", "minimum_share", "minimum_lift", "level"}),
        run=payment_signs,
    ),
    Step(name="pushed-documents", takes=frozenset(PeerParameters.__dataclass_fields__), run=pushed_documents),
    Step(name="reused-numbers", run=reused_numbers),
    Step(
        name="refused-identities",
        takes=frozenset({"minimum_refused", "minimum_peers"}),
        run=refused_identities,
    ),
)
