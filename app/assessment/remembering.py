"""What an answer was made from, as it is kept: plain values, no personal one; and the same again from it."""

from datetime import date, datetime
from decimal import Decimal

from app.assessment.judging import Known
from app.assessment.snapshot import Found, told_instruction
from app.assessment.working import FIRMS, Worked
from app.supervision.measure_table import MeasureTable
from loaders.contract import KINDS
from loaders.ledger.at_hand import Row, SaleAtHand

_AMOUNTS = ("counted", "given_back", "annual_limit")


def remembered(documents: Row, one: Worked, known: Known, measures: MeasureTable) -> Row:
    """Everything that the answer depends on besides the code and the tables that come with cluegraph.

    What was looked up in the ledger by values that are not kept stands as its result: whether the identity is
    none, codes that the list lacks, numbers that stand behind other sales.
    """
    return {
        "documents": documents,
        "one_company": one.one_company,
        "around": one.around,
        "invalid_identity": one.invalid_identity,
        "unlisted": None if one.unlisted is None else list(one.unlisted),
        "known": {
            "at": known.at.isoformat(),
            "day": known.day.isoformat(),
            "ledger_version": known.ledger_version,
            "casebook_seq": known.casebook_seq,
            "in_ledger": known.in_ledger,
            "past": None if known.past is None else [_plain_quota(row) for row in known.past],
            "reserved": [
                {name: row[name] for name in ("sale_id", "person", "year", "amount_e5")}
                for row in known.reserved
            ],
            "reused": {name: list(told) for name, told in known.reused.items()},
            "protections": [
                [level, first.isoformat(), last.isoformat()] for level, first, last in known.protections
            ],
            "findings": [
                [part, one.id, one.rule, one.rule_version, one.severity] for part, one in known.findings
            ],
            "classes": {
                code: known.classes[code]
                for code in sorted({str(one.row[name]) for name in FIRMS})
                if code in known.classes
            },
            "instructions": [one.as_dict() for one in known.instructions],
            "draws": dict(known.draws),
            "unknown": list(known.unknown),
        },
        "measures": measures.model_dump(mode="json"),
    }


def sale_again(inputs: Row) -> SaleAtHand:
    """The sale of what was kept."""
    kept = inputs["documents"]
    return SaleAtHand(
        kept["sale_id"],
        {kind: _typed(kind, head) for kind, head in kept["heads"].items()},
        {kind: [_typed(kind, line) for line in lines] for kind, lines in kept["lines"].items()},
        inputs["one_company"],
    )


def known_again(inputs: Row) -> Known:
    """What was known, but for `used`, which is worked out again."""
    told = inputs["known"]
    return Known(
        at=datetime.fromisoformat(told["at"]),
        day=date.fromisoformat(told["day"]),
        ledger_version=told["ledger_version"],
        casebook_seq=told["casebook_seq"],
        in_ledger=told["in_ledger"],
        past=None if told["past"] is None else [_quota_again(row) for row in told["past"]],
        reserved=told["reserved"],
        used=None,
        reused={name: (first, sales) for name, (first, sales) in told["reused"].items()},
        protections=tuple(
            (level, date.fromisoformat(first), date.fromisoformat(last))
            for level, first, last in told["protections"]
        ),
        findings=[(part, Found(*about)) for part, *about in told["findings"]],
        classes=told["classes"],
        instructions=[told_instruction(one) for one in told["instructions"]],
        draws=told["draws"],
        unknown=tuple(told["unknown"]),
    )


def _plain_quota(row: Row) -> Row:
    return row | {name: None if row[name] is None else str(row[name]) for name in _AMOUNTS}


def _quota_again(row: Row) -> Row:
    return row | {name: None if row[name] is None else Decimal(row[name]) for name in _AMOUNTS}


def _typed(kind: str, row: Row) -> Row:
    """The values that were written as text, in their types again; fields that were empty are null."""
    out: Row = dict.fromkeys(KINDS[kind].schema.names)
    of = {field.name: field.type for field in KINDS[kind].fields} | {"appTime": "time"}
    for name, value in row.items():
        match of.get(name):
            case "decimal":
                out[name] = Decimal(value)
            case "date":
                out[name] = date.fromisoformat(value)
            case "time":
                out[name] = datetime.fromisoformat(value)
            case _:
                out[name] = value
    return out
