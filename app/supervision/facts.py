"""An indicator taken apart: the documents that it is counted from, which count, and how many there are."""

from datetime import date
from typing import Any

from app.detection.tally import Tallies
from app.errors import BadInputError, NotFoundError
from app.supervision.indicators import SOURCES, Indicator, column_of, indicators
from app.supervision.measures import control_of, sql
from app.supervision.portraits import Portraits
from app.supervision.suspicions import Suspicion
from loaders.ledger.ledger import Ledger

KINDS = {
    "sale_outcomes": "transactions",
    "judged_sales": "transactions",
    "inspected_sales": "inspections",
    "reported_sales": "consumer_reports",
    "answered_payments": "payment_verifications",
    "check_results": "platform_verifications",
}
"""What a row of a tally is in the ledger."""


def facts_of(
    ledger: Ledger,
    portraits: Portraits,
    code: str,
    indicator: str,
    *,
    role: str | None = None,
    limit: int = 50,
    offset: int = 0,
) -> dict[str, Any]:
    """The documents behind an indicator of an enterprise in a role (default: the one its score comes from).

    `data`: rows of kind, id, day, counts (whether it is among what the indicator counts) and detail; `total`
    how many rows there are, `counted` how many count. Raises NotFoundError for an unknown enterprise or
    indicator, BadInputError for a role that the enterprise has not, or an indicator that has no weight in it.
    """
    code = portraits.code(code)
    role = role or portraits.score(code)[1]
    if role not in portraits.rated_in[code]:
        raise BadInputError(
            f"{code} has no portrait as {role!r}: its roles are {', '.join(portraits.rated_in[code])}."
        )
    if indicator not in indicators().indicators:
        raise NotFoundError(
            f"There is no indicator {indicator!r}: they are {', '.join(indicators().indicators)}."
        )
    one = indicators().indicators[indicator]
    if indicator not in portraits.card.weights[role]:
        raise BadInputError(f"{indicator!r} has no weight for a {role}: it is no part of this portrait.")
    place = portraits.rated_in[code][role]
    measured = portraits.roles[role].measures.measured[indicator]
    listed, total, counted = _listed(ledger, portraits, code, one, role, limit, offset)
    return {
        "code": code,
        "role": role,
        "indicator": indicator,
        "counted": counted,
        "total": total,
        "denominator": int(measured.judged[place]) if measured.judged[place] >= 0 else None,
        "data": listed,
    }


def _listed(
    ledger: Ledger, portraits: Portraits, code: str, one: Indicator, role: str, limit: int, offset: int
) -> tuple[list[dict[str, Any]], int, int]:
    if one.measure == "findings":
        return _cut([_finding(told) for told in portraits.found.about.get(code, [])], limit, offset)
    if one.measure == "register":
        row = portraits.register.get(code)
        known = [] if row is None else [_row("enterprises", row["document_id"], row["as_of"], True, None)]
        return _cut(known, limit, offset)
    period = portraits.period
    with ledger.connect(portraits.ledger_version) as connection:
        tallies = Tallies(connection, since=period.since, until=period.last)
        flagged = portraits.found.flagged(portraits.card.grave_from)
        if one.measure == "control":
            shared = control_of(tallies, period.on, flagged).get(code, [])
            rows = [
                _row("enterprises", held["other"], None, True, " ".join(held["shared"])) for held in shared
            ]
            return _cut(rows, limit, offset)
        tallies.keep(one.source)
        values: dict[str, Any] = {"code": code, "limit": limit, "offset": offset}
        if one.measure == "partners":
            values["flagged"] = flagged
        found = tallies.query(_statement(one, role), values).to_pylist()
        # Beyond the last page no row says how many there are.
        counts = (
            found or tallies.query(_statement(one, role), {**values, "limit": 1, "offset": 0}).to_pylist()
        )
    rows = [_row(KINDS[one.source], row["id"], row["day"], row["counts"], row["detail"]) for row in found]
    return (rows, counts[0]["total"], counts[0]["counted"]) if counts else ([], 0, 0)


def _statement(one: Indicator, role: str) -> str:
    identity, day, _ = SOURCES[one.source]
    parts = {
        "SOURCE": one.source,
        "COLUMN": column_of(role),
        "IDENTITY": identity,
        "DAY": day,
        "COUNTS": one.flag if one.measure in ("share", "rate") else "true",
        "DETAIL": "CAST(amount AS VARCHAR)" if one.measure == "amount" else "CAST(NULL AS VARCHAR)",
    }
    statement = sql("partner_facts" if one.measure == "partners" else "facts")
    for part, text in parts.items():
        statement = statement.replace(f"<{part}>", text)
    return statement


def _finding(told: Suspicion) -> dict[str, Any]:
    return _row("findings", told.finding, None, True, f"{told.severity} {told.rule}")


def _row(kind: str, identity: str, day: date | None, counts: bool, detail: str | None) -> dict[str, Any]:
    return {"kind": kind, "id": identity, "day": day, "counts": counts, "detail": detail}


def _cut(rows: list[dict[str, Any]], limit: int, offset: int) -> tuple[list[dict[str, Any]], int, int]:
    return rows[offset : offset + limit], len(rows), len(rows)
