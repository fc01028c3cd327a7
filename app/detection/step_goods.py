"""Declared goods: lines that stand out against peers, and goods for one destination under many names."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from app.detection.peers import Cells, Ints, PeerParameters, Verdict, judge
from app.detection.splits import Split, SplitParameters, find_splits
from app.detection.step_payments import chosen
from app.detection.steps import Context, Rows, Step, names_of_fields


@dataclass(frozen=True)
class Matter:
    """What can be wrong with a declared line: the tally that counts it, and who may be the cause of it.

    Earlier roles are preferred where two explain the same lines. `name` begins the names of what is left on
    the graph.
    """

    name: str
    tally: str
    roles: tuple[str, ...]


MATTERS = {
    "goods-not-listed": Matter("not_listed", "unlisted_goods", ("Merchant", "Agent")),
    "goods-misclassified": Matter("misclassified", "misclassified_goods", ("Merchant", "Agent")),
    "goods-undervalued": Matter("undervalued", "undervalued_goods", ("Platform", "Merchant", "Agent")),
}
NAMED_CODES = 5
"""How many codes a finding names, those of the most lines first."""


def goods_peers(context: Context) -> Rows:
    """Shares of lines that stand out against peers, a rule at a time, and whom they are explained by."""
    rows = Rows()
    for rule in context.asking:
        matter, values = MATTERS[rule], context.parameters[rule]
        table = context.tallies.table(matter.tally)
        if table.num_rows:
            _judge_one(rows, matter, table, _peer_parameters(values))
    return rows


def _peer_parameters(values: Mapping[str, Any]) -> PeerParameters:
    """The unit of these rules is the line, not the sale."""
    return PeerParameters.of({**values, "minimum_sales": values["minimum_lines"]})


def _judge_one(rows: Rows, matter: Matter, table: pa.Table, parameters: PeerParameters) -> None:
    columns = [table[role.lower()].to_pylist() for role in matter.roles]
    cells, names = Cells.of(table, columns)
    verdicts, explained = judge(cells, parameters)
    for role, label in enumerate(matter.roles):
        owned = cells.owner[role] >= 0
        judgeable = np.bincount(cells.owner[role][owned], weights=cells.judgeable[owned])
        of = f"{label.lower()}_{matter.name}_"
        for name, count in zip(names[role], judgeable.tolist(), strict=True):
            rows.put(name, {f"{of}judgeable": int(count)})
        for subject, verdict in sorted(verdicts[role].items()):
            at = np.flatnonzero((explained[role] == subject) & (cells.differing > 0))
            told = _told(table, at) if verdict.found else {}
            rows.put(
                names[role][subject], {of + name: value for name, value in (_shares(verdict) | told).items()}
            )
            for sale in _sales(table, at):
                rows.join(
                    "EVIDENCE_ABOUT",
                    ("Transaction", sale),
                    ("Enterprise", names[role][subject]),
                    {matter.name: label},
                )


def _shares(verdict: Verdict) -> dict[str, Any]:
    return {
        "lines": verdict.judgeable,
        "affected": verdict.differing,
        "low": verdict.low,
        "peers_share": verdict.peers_share,
        "p": verdict.p,
        "q": verdict.q,
    }


def _lines(table: pa.Table, at: Ints) -> list[dict[str, Any]]:
    """Lines of the cells at these positions: sale_id, what, value_e5, tax_e5."""
    return [line for lines in table["lines"].take(pa.array(at)).to_pylist() for line in lines or []]


def _sales(table: pa.Table, at: Ints) -> list[str]:
    return sorted({line["sale_id"] for line in _lines(table, at)})


def _told(table: pa.Table, at: Ints) -> dict[str, Any]:
    """What the lines of a found subject add up to, their codes, and the merchants that they are of."""
    lines = _lines(table, at)
    codes = Counter(line["what"] for line in lines)
    merchants = table["merchant"].take(pa.array(at)).to_pylist()
    return {
        "value_e5": sum(line["value_e5"] for line in lines),
        "tax_e5": sum(line["tax_e5"] for line in lines),
        "codes": sorted(codes, key=lambda code: (-codes[code], code))[:NAMED_CODES],
        "merchants": sorted({merchant for merchant in merchants if merchant is not None}),
    }


def goods_destinations(context: Context) -> Rows:
    """Destinations to which many people had the same goods sent within days, with the sales that show it."""
    parameters = chosen(SplitParameters, context.parameters["goods-split"])
    flagged = {platform for platforms in context.flags.flagged.values() for platform in platforms}
    rows = Rows()
    for split in find_splits(context.tallies, parameters, flagged):
        rows.put(split.destination, _split(split, parameters), label=split.kind)
        for sale in split.sales:
            rows.join(
                "EVIDENCE_ABOUT",
                ("Transaction", sale),
                (split.kind, split.destination),
                {"split": split.kind},
            )
    return rows


def _split(split: Split, parameters: SplitParameters) -> dict[str, Any]:
    return {
        "split_goods": split.goods,
        "split_identities": split.identities,
        "split_days": parameters.days,
        "split_first_day": split.first_day,
        "split_value_e5": split.value_e5,
        "split_bursts": split.bursts,
        "split_share": split.share,
        "split_market_share": split.market_share,
        "split_flagged_share": split.flagged_share,
        "split_p": split.p,
        "split_q": split.q,
    }


STEPS = (
    Step(
        name="goods-peers",
        takes=names_of_fields(PeerParameters) - {"minimum_sales"} | {"minimum_lines"},
        run=goods_peers,
    ),
    Step(
        name="goods-destinations",
        takes=names_of_fields(SplitParameters),
        flags=True,
        run=goods_destinations,
    ),
)
