"""Sales, findings, instructions and tables of measures as tests of the selection put them down by hand."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from app.casebook.findings import FindingRecord
from app.supervision.choosing import Candidate, Chosen, candidates, choose
from app.supervision.instructions import Instruction
from app.supervision.measure_table import MEASURES, MeasureTable, measures_on
from app.supervision.sale_risk import Known, Sale

DAY = date(2025, 6, 3)
NOTHING = {name: Decimal(0) for name in MEASURES}


def sale(number: int, platform: str = "P", **says: Any) -> Sale:
    """A declared sale."""
    return {"sale_id": f"{platform}|{number:05d}", "platform": platform, "merchant": platform, **says}


def found(rule: str, kind: str, key: str, severity: str = "high", **says: Any) -> FindingRecord:
    """A finding about somebody."""
    values: dict[str, Any] = dict.fromkeys(FindingRecord.__dataclass_fields__)
    about = {"kind": kind, "key": key, "name": key}
    own = {"rule": rule, "subject": about, "members": [], "severity": severity, "decision": "open"}
    return FindingRecord(**values | own | {"id": f"{rule} {key}"} | says)


def known(*findings: FindingRecord, **classes: Any) -> Known:
    """What the casebook knows: findings about their subjects, classes by code."""
    about: dict[tuple[str, str], tuple[FindingRecord, ...]] = {}
    for one in findings:
        key = one.subject["kind"], one.subject["key"]
        about[key] = (*about.get(key, ()), one)
    return Known(about, classes)


def ordered(kind: str, key: str, action: str, rate: str = "1", identity: str = "I-1") -> Instruction:
    """An instruction in force."""
    starts, ends = datetime(2025, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    return Instruction(
        identity, kind, key, action, Decimal(rate), starts, ends, "because", "person", None, None, "issued"
    )


def table(
    *, random: dict[str, str] | None = None, clues: str = "0", **classes: dict[str, str]
) -> MeasureTable:
    """Measures without any rate but these; of a class by its letter."""
    own = measures_on(DAY)
    rates = {letter: own.measures[letter].model_copy(update=NOTHING | _decimals(given))
             for letter, given in ({"A": {}, "B": {}, "C": {}, "D": {}} | classes).items()}  # fmt: skip
    return own.model_copy(
        update={
            "random": own.random.model_copy(update=NOTHING | _decimals(random or {})),
            "measures": rates,
            "clues": own.clues.model_copy(update={"most": Decimal(clues)}),
        }
    )


def _decimals(given: dict[str, str]) -> dict[str, Decimal]:
    return {name: Decimal(rate) for name, rate in given.items()}


def select(
    sales: Iterable[Sale],
    measures: MeasureTable,
    casebook: Known | None = None,
    *,
    seed: str = "s",
    **more: Any,
) -> list[Chosen]:
    """What is chosen of these sales on DAY."""
    casebook = casebook or known()
    ranked = rank(sales, measures, casebook, seed=seed)
    return choose(ranked, day=DAY, seed=seed, table=measures, known=casebook, **more)


def rank(
    sales: Iterable[Sale], measures: MeasureTable, casebook: Known, *, seed: str = "s"
) -> list[Candidate]:
    """These sales, the riskiest first."""
    return candidates(sales, day=DAY, seed=seed, known=casebook, table=measures)


def ids(chosen: Iterable[Chosen], *, left_out: bool = False) -> list[str]:
    """Sales that were chosen, or that a ceiling left out."""
    return [one.candidate.id for one in chosen if one.left_out is left_out]
