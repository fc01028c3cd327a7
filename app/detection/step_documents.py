"""Differences between the documents of sales: tallies, and shares against peers."""

from typing import Any

import numpy as np
import pyarrow as pa

from app.detection.peers import PeerParameters
from app.detection.shares import judge_shares, numbers_of
from app.detection.steps import Context, Rows, Step, names_of_fields
from app.detection.tally import Tallies

PREFIX = "document-"
ROLES = ("Platform", "Merchant", "Agent")
"""In the order of preference where two explain the same sales; an agent stands for one merchant."""


_SALES_OF_CELLS = """
SELECT sale_id, judged_sales.platform, judged_sales.merchant, judged_sales.agent
FROM judged_sales
JOIN at_hand
    ON judged_sales.platform = at_hand.platform
    AND judged_sales.merchant = at_hand.merchant
    AND judged_sales.agent IS NOT DISTINCT FROM at_hand.agent
WHERE list_contains(judged_sales.differing, $difference)
ORDER BY sale_id
"""


def document_differences(context: Context) -> Rows:
    """Judgeable and differing sales of every platform, merchant, and agent for a merchant."""
    rows = Rows()
    for row in context.tallies.table("document_differences").to_pylist():
        counts = {"judgeable": row["judgeable"], "differing": row["differing"]}
        _put(rows, row["label"], row["key"], row["merchant"], row["difference"], counts)
    return rows


def document_peers(context: Context) -> Rows:
    """Shares of differing sales against peers, a rule at a time, and which sales a found subject explains."""
    rows = Rows()
    context.tallies.keep("document_cells")
    for rule in context.asking:
        difference = rule.removeprefix(PREFIX).replace("-", "_")
        cells = context.tallies.query(
            "FROM document_cells WHERE difference = $difference ORDER BY platform, merchant, agent",
            {"difference": difference},
        )
        _judge_one(context, rows, difference, cells, PeerParameters.of(context.parameters[rule]))
    return rows


def _judge_one(
    context: Context, rows: Rows, difference: str, table: pa.Table, parameters: PeerParameters
) -> None:
    if not table.num_rows:
        return
    judged = judge_shares(table, ("platform", "merchant", ("agent", "merchant")), parameters)
    for role, label in enumerate(ROLES):
        for subject, verdict in sorted(judged.verdicts[role].items()):
            name = judged.names[role][subject]
            key, merchant = name if label == "Agent" else (name, None)
            _put(rows, label, key, merchant, difference, numbers_of(verdict))
        if judged.explained[role].num_rows:
            _point_to_sales(context.tallies, rows, difference, label, judged.explained[role])
    enough = np.flatnonzero(judged.totals[0][0] >= parameters.minimum_sales)
    if len(enough) >= parameters.minimum_peers:
        context.flags.judge("documents", [judged.names[0][index] for index in enough.tolist()])


def _put(
    rows: Rows, label: str, key: str, merchant: str | None, difference: str, values: dict[str, Any]
) -> None:
    if label == "Agent":
        if key is not None and merchant is not None:
            named = {f"{difference}_{name}": value for name, value in values.items()}
            rows.join("DECLARES_FOR", ("Enterprise", key), ("Enterprise", merchant), named)
    elif key is not None:
        rows.put(key, {f"{label.lower()}_{difference}_{name}": value for name, value in values.items()})


def _point_to_sales(tallies: Tallies, rows: Rows, difference: str, label: str, cells: pa.Table) -> None:
    """A relationship from each differing sale of these cells to the subject that explains it."""
    found = tallies.query(_SALES_OF_CELLS, {"difference": difference}, at_hand=cells)
    subject = {"Platform": "platform", "Merchant": "merchant", "Agent": "agent"}[label]
    for row in found.to_pylist():
        rows.join(
            "EVIDENCE_ABOUT",
            ("Transaction", row["sale_id"]),
            ("Enterprise", row[subject]),
            {difference: label},
        )


STEPS = (
    Step(name="document-differences", run=document_differences),
    Step(
        name="document-peers",
        needs=frozenset({"document-differences"}),
        takes=names_of_fields(PeerParameters),
        run=document_peers,
    ),
)
