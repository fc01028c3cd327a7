"""Payment companies: captive platforms against base flags, and the number of captives against peers."""

from collections import Counter
from dataclasses import fields
from typing import Any, TypeVar

import pyarrow as pa

from app.detection.captives import (
    CaptiveParameters,
    CompanyTest,
    WatchParameters,
    captive_companies,
    captive_platforms,
    watched_companies,
)
from app.detection.replies import interval
from app.detection.steps import Context, Flags, Rows, Step, names_of_fields

P = TypeVar("P")


def chosen(kind: type[P], parameters: dict[str, Any]) -> P:
    """Parameters of a computation, from those of the rule that needs it."""
    names = {field.name for field in fields(kind)}  # type: ignore[arg-type]
    values = {name: value for name, value in parameters.items() if name in names}
    return kind(
        **{name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
    )


def flag_table(flags: Flags) -> pa.Table:
    """platform, kind, flagged: one row a platform that could be judged for a kind of base flag."""
    rows = [
        (platform, kind, platform in flags.flagged.get(kind, set()))
        for kind in sorted(flags.judged)
        for platform in sorted(flags.judged[kind])
    ]
    columns = [[row[index] for row in rows] for index in range(3)]
    types = (pa.string(), pa.string(), pa.bool_())
    arrays = [pa.array(column, kind) for column, kind in zip(columns, types, strict=True)]
    return pa.table(arrays, names=["platform", "kind", "flagged"])


def payment_captives(context: Context) -> Rows:
    """Captive platforms of each company, and whether base flags are more frequent among them."""
    parameters = chosen(CaptiveParameters, context.parameters["payment-captive-platforms"])
    settlements = context.tallies.table("platform_payment_company")
    told = context.tallies.kept("payment_replies", "platform, company, number").to_pylist()
    replies: dict[tuple[str, str], int] = Counter((row["platform"], row["company"]) for row in told)
    refuted = Counter((row["platform"], row["company"]) for row in told if row["refuted"])
    rows = Rows()
    captive = captive_platforms(
        settlements, min_transactions=parameters.min_transactions, min_share=parameters.min_share
    )
    for row in captive.to_pylist():
        flags = context.flags.of(row["platform"])
        rows.join(
            "CAPTIVE_TO",
            ("Enterprise", row["platform"]),
            ("Enterprise", row["company"]),
            {
                "transactions": row["transactions"],
                "settled": round(row["share"] * row["transactions"]),
                "share": row["share"],
                "replies": replies[row["platform"], row["company"]],
                "refuted": refuted[row["platform"], row["company"]],
                "flags": flags,
                "judged": sorted(
                    kind for kind, platforms in context.flags.judged.items() if row["platform"] in platforms
                ),
            },
        )
    for test in captive_companies(settlements, flag_table(context.flags), parameters):
        pairs = [(platform, test.company) for platform in test.captives]
        asked, denied = sum(replies[pair] for pair in pairs), sum(refuted[pair] for pair in pairs)
        rows.put(test.company, _company(test) | _replied(asked, denied))
    return rows


def _replied(replies: int, refuted: int) -> dict[str, Any]:
    """What the payment authority said of payments that the company settled for its captives."""
    if not replies:
        return {}
    low, high = interval(refuted, replies)
    return {
        "captive_replies": replies,
        "captive_refuted": refuted,
        "captive_refuted_low": low,
        "captive_refuted_high": high,
    }


def _company(test: CompanyTest) -> dict[str, Any]:
    """`captive_…` properties: those of the kind of flag that tells most."""
    values: dict[str, Any] = {"captives": len(test.captives), "captive_p": test.p, "captive_q": test.q}
    if test.p is not None and test.kinds:
        kind = test.kinds[0]
        values |= {
            "captive_kind": kind.kind,
            "captive_judgeable": kind.judgeable,
            "captive_flagged": kind.flagged,
            "captive_expected": kind.expected,
            "captive_lift": kind.flagged / kind.expected if kind.expected > 0 else None,
        }
    return values


def payment_peers(context: Context) -> Rows:
    """Number of captives of each company against its peers'."""
    parameters = chosen(WatchParameters, context.parameters["payment-watchlist"])
    rows = Rows()
    for test in watched_companies(context.tallies.table("platform_payment_company"), parameters):
        rows.put(
            test.company,
            {
                "watch_captives": len(test.captives),
                "watch_platforms": list(test.captives),
                "watch_wallet": test.wallet,
                "watch_peers": test.peers,
                "watch_peers_mean": test.peer_mean,
                "watch_p": test.p,
                "watch_q": test.q,
            },
        )
    return rows


STEPS = (
    Step(name="payment-captives", takes=names_of_fields(CaptiveParameters), flags=True, run=payment_captives),
    Step(name="payment-peers", takes=names_of_fields(WatchParameters), run=payment_peers),
)
