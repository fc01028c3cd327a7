"""What no rule sees: parcels inspected at random with something wrong, of which no live rule had spoken."""

from collections import Counter, defaultdict
from dataclasses import dataclass
from datetime import date
from importlib.resources import files
from typing import Any

from app.casebook.findings import FindingRecord
from app.casebook.models import SEVERITIES
from app.casebook.store import Casebook
from app.casework.precision_table import PrecisionVersion
from app.casework.whom import show_sales, show_told_sales
from app.detection.significance import jeffreys
from app.errors import BadInputError
from loaders.ledger.ledger import Ledger

_INSPECTIONS = files("app.casework").joinpath("inspections.sql").read_text("utf-8")
_SPOKEN = "SELECT DISTINCT finding, sale_id FROM told_sales ORDER BY sale_id, finding"

Row = dict[str, Any]


@dataclass(frozen=True)
class _Inspection:
    inspection: str
    load: int
    selection: str | None
    discrepancy: str | None
    sale: str | None


def control_sample(
    ledger: Ledger,
    casebook: Casebook,
    table: PrecisionVersion,
    *,
    since: date | None = None,
    until: date = date.max,
    severity: str = "info",
) -> Row:
    """Random inspections of a period against the findings of live rules that were there before their result.

    A finding speaks of a sale where it is about one of its parties (whom.parties), was shown by the data at
    a ledger version before the load that brought the inspection, and has this severity or a graver one. Not
    judged are inspections loaded no later than anything was ever found, and those whose sale is unknown.
    Shares come with Jeffreys' interval at the table's level: `missed` of the discrepancies that no rule had
    spoken of, `unseen` of all inspected parcels that had something wrong which no rule saw, and by kind of
    discrepancy. Raises BadInputError for an unknown severity and a period that ends before it begins.
    """
    if severity not in SEVERITIES:
        raise BadInputError(f"{severity!r} is no severity: give one of {', '.join(SEVERITIES)}.")
    if since is not None and until < since:
        raise BadInputError(f"The period ends on {until}, before it begins on {since}.")
    found = {one.id: one for one in casebook.findings(present=None, severity=severity)}
    looked_from = min((one.first_seen for one in casebook.findings(present=None)), default=None)
    with ledger.connect() as connection:
        show_sales(connection)
        rows = connection.execute(_INSPECTIONS, {"since": since, "until": until}).fetchall()
        inspections = [_Inspection(*row) for row in rows]
        drawn = [one for one in inspections if one.selection == "random"]
        show_told_sales(connection, found.values(), among=[one.sale for one in drawn if one.sale])
        spoken: dict[str, list[str]] = defaultdict(list)
        for finding, sale in connection.execute(_SPOKEN).fetchall():
            spoken[sale].append(finding)
    judged = [
        one for one in drawn if one.sale is not None and looked_from is not None and one.load > looked_from
    ]
    seen = {
        one.inspection: any(_shown(found[identity], one.load) for identity in spoken[one.sale or ""])
        for one in judged
    }
    return {
        "since": since and since.isoformat(),
        "until": None if until == date.max else until.isoformat(),
        "severity": severity,
        "random": len(drawn),
        "not_judged": len(drawn) - len(judged),
        "judged": len(judged),
        **_shares(judged, seen, table.level),
        "kinds": _kinds(judged, seen, table.level),
        "selections": _selections(inspections, table.level),
    }


def _shown(finding: FindingRecord, load: int) -> bool:
    """Whether the data showed a finding before a load."""
    before = [entry["change"] for entry in finding.history if entry["ledger_version"] < load]
    return bool(before) and before[-1] != "gone"


def _shares(judged: list[_Inspection], seen: dict[str, bool], level: float) -> Row:
    wrong = [one for one in judged if one.discrepancy is not None]
    missed = sum(not seen[one.inspection] for one in wrong)
    spoken = sum(seen.values())
    return {
        "discrepancies": len(wrong),
        "spoken_of": spoken,
        "spoken_of_wrong": len(wrong) - missed,
        "missed": _share(missed, len(wrong), level),
        "unseen": _share(missed, len(judged), level),
        "yield_spoken": _share(len(wrong) - missed, spoken, level),
        "yield_unspoken": _share(missed, len(judged) - spoken, level),
    }


def _kinds(judged: list[_Inspection], seen: dict[str, bool], level: float) -> list[Row]:
    every = Counter(one.discrepancy for one in judged if one.discrepancy is not None)
    missed = Counter(one.discrepancy for one in judged if one.discrepancy and not seen[one.inspection])
    return [
        {
            "discrepancy": kind,
            "missed": _share(missed[kind], count, level),
            "unseen": _share(missed[kind], len(judged), level),
        }
        for kind, count in sorted(every.items())
    ]


def _selections(inspections: list[_Inspection], level: float) -> list[Row]:
    """Yield of every way in which parcels were chosen, the random one beside the targeted ones."""
    every = Counter(one.selection or "unknown" for one in inspections)
    wrong = Counter(one.selection or "unknown" for one in inspections if one.discrepancy is not None)
    return [
        {"selection": name, "yield": _share(wrong[name], count, level)}
        for name, count in sorted(every.items())
    ]


def _share(count: int, of: int, level: float) -> Row:
    """A share with its interval; the share is null where there is nothing to judge."""
    low, high = jeffreys(count, of, level=level)
    ends = (float(low), float(high)) if of else (0.0, 1.0)
    return {"count": count, "of": of, "share": count / of if of else None, "low": ends[0], "high": ends[1],
            "level": level}  # fmt: skip
