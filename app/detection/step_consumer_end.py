"""What consumers report of platforms, and identity numbers that nobody can have: shares against peers."""

from collections.abc import Mapping
from typing import Any

import pyarrow as pa

from app.detection.peers import PeerParameters, Verdict, alone, judge
from app.detection.steps import Context, Rows, Step

KIND = "consumer end"
_TAKES = frozenset({"minimum_peers", "minimum_lift", "level"})
_SALES_OF_INVALID = """
SELECT sales.sale_id, sales.platform
FROM sales
JOIN judged_identities ON judged_identities.person = sales.consumer_key AND judged_identities.invalid
JOIN at_hand ON at_hand.platform = sales.platform
ORDER BY sales.sale_id
"""


def platform_reports(context: Context) -> Rows:
    """People who report misuse of their identity against the platform's sales; nobody is judged where the
    window holds no report of any kind: nothing says that reports reach this office."""
    parameters = context.parameters["consumer-reports"]
    table = context.tallies.table("platform_reports").to_pylist()
    rows = Rows()
    if not any(row["people"] or row["others"] for row in table):
        return rows
    verdicts = _against_peers(context, table, "people", "sales", parameters, "minimum_sales")
    for row in table:
        rows.put(row["platform"], {"reports_sales": row["sales"], "reports_other": row["others"] or None})
        if verdict := verdicts.get(row["platform"]):
            ids = {"reports_ids": row["reports"]}
            rows.put(row["platform"], {**_properties("reports", verdict), **ids})
    return rows


def platform_identities(context: Context) -> Rows:
    """Identity numbers that cannot be one against all of the platform's, and the sales that show them."""
    parameters = context.parameters["consumer-invalid-identity"]
    table = context.tallies.table("platform_identities").to_pylist()
    rows = Rows()
    verdicts = _against_peers(context, table, "invalid", "people", parameters, "minimum_people")
    for row in table:
        rows.put(row["platform"], {"invalid_people": row["people"]})
    for platform, verdict in verdicts.items():
        rows.put(platform, _properties("invalid", verdict))
    found = pa.table({"platform": pa.array(sorted(p for p, v in verdicts.items() if v.found), pa.string())})
    if found.num_rows:
        for sale in context.tallies.query(_SALES_OF_INVALID, at_hand=found).to_pylist():
            ends = ("Transaction", sale["sale_id"]), ("Enterprise", sale["platform"])
            rows.join("EVIDENCE_ABOUT", *ends, {"invalid_identity": "Platform"})
    return rows


def _against_peers(
    context: Context,
    table: list[dict[str, Any]],
    found: str,
    of: str,
    parameters: Mapping[str, Any],
    minimum: str,
) -> dict[str, Verdict]:
    """Verdict of each platform that shows any `found`, where enough platforms have `minimum` of `of`."""
    limits = PeerParameters(
        minimum_sales=parameters[minimum],
        minimum_differing=parameters["minimum_found"],
        minimum_peers=parameters["minimum_peers"],
        minimum_lift=parameters["minimum_lift"],
        level=parameters["level"],
    )
    platforms = [row["platform"] for row in table]
    cells = alone([row[of] for row in table], [row[found] for row in table])
    verdicts, _ = judge(cells, limits)
    enough = [row["platform"] for row in table if row[of] >= limits.minimum_sales]
    if len(enough) >= limits.minimum_peers:
        context.flags.judge(KIND, enough)
    return {platforms[subject]: verdict for subject, verdict in sorted(verdicts[0].items())}


def _properties(prefix: str, verdict: Verdict) -> dict[str, Any]:
    return {
        f"{prefix}_of": verdict.judgeable,
        f"{prefix}_found": verdict.differing,
        f"{prefix}_low": verdict.low,
        f"{prefix}_peers_share": verdict.peers_share,
        f"{prefix}_p": verdict.p,
        f"{prefix}_q": verdict.q,
    }


STEPS = (
    Step(
        name="platform-reports",
        takes=_TAKES | {"minimum_found", "minimum_sales"},
        run=platform_reports,
    ),
    Step(
        name="platform-identities",
        takes=_TAKES | {"minimum_found", "minimum_people"},
        run=platform_identities,
    ),
)
