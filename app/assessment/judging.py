"""From facts to a lane: pure, over what was worked out and what is known; same inputs, same answer."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any

from app.assessment.lane_table import LaneTable
from app.assessment.snapshot import Found
from app.assessment.working import Worked
from app.detection.quota_limits import quota_limits
from app.detection.rule import read_rule
from app.detection.rulebook import rules_folder
from app.supervision.indicators import column_of
from app.supervision.instructions import Instruction
from app.supervision.lanes import gravest
from app.supervision.measure_table import MEASURES, MeasureTable, Random, Rates
from app.supervision.scopes import Scopes
from app.supervision.scorecard import CLASSES

Row = dict[str, Any]
NOTE = {
    "en": "The limit is national and this ledger is one office's: what is left is what is left at most.",
    "zh": "限额为全国统一额度，本账册仅含本关数据：剩余额度为最多可用额度。",
}
_UNKNOWN = {
    "ledger": (
        "The sales of the ledger cannot be looked up: quota and reused numbers are unknown.",
        "账册不可用：额度与单号重复情况未知。",
    ),
    "snapshot": (
        "There is no snapshot of the casebook: findings, classes and locks are unknown.",
        "无案卷快照：发现、企业等级与锁定情况未知。",
    ),
    "casebook": (
        "The casebook cannot be reached: locks, findings and instructions are those of the snapshot, and "
        "what others reserved since is unknown.",
        "案卷不可用：锁定、发现与指令以快照为准，其后他处预留的额度未知。",
    ),
}

_MOST_E5 = (1 << 63) - 1
"""What a column holds: nothing is refused for an absurd amount."""


@dataclass(frozen=True)
class Known:
    """What is known around one sale when it is assessed; None where it cannot be known.

    `past` are the rows of quota-sales of the person, without this sale; `reserved` what other sales of this
    person hold (sale_id, year, amount_e5); `used` the row of consumer-quota over all of it and this sale.
    `draws` are where in [0, 1) the sale fell: under its own id for measures, under that of an instruction.
    """

    at: datetime
    day: date
    ledger_version: int | None
    casebook_seq: int | None
    in_ledger: bool
    past: list[Row] | None
    reserved: list[Row]
    used: Row | None
    reused: Mapping[str, tuple[str, int]]
    protections: tuple[tuple[str, date, date], ...]
    findings: list[tuple[str, Found]]
    classes: Mapping[str, str]
    instructions: list[Instruction]
    draws: Mapping[str, float]
    unknown: tuple[str, ...] = ()


@dataclass(frozen=True)
class Judged:
    """The answer, and the quota that is to be reserved for it (person, year, 1/100,000 CNY)."""

    answer: Row
    reserve: tuple[str, int, int] | None


@dataclass
class _Reasons:
    table: LaneTable
    rows: list[Row] = field(default_factory=list)

    def fact(self, name: str, **numbers: Any) -> None:
        """A fact of the sale."""
        fact = self.table.facts[name]
        told = {key: _text_of(value) for key, value in numbers.items()}
        self.rows.append(
            {
                "kind": "fact",
                "name": name,
                "rule": fact.rule,
                "rule_version": _rule_version(fact.rule),
                "lane": fact.lane,
                "numbers": {key: _plain(value) for key, value in numbers.items()},
                "reason": {"en": fact.en.format(**told), "zh": fact.zh.format(**told)},
            }
        )

    def add(self, kind: str, name: str, lane: str, en: str, zh: str, **more: Any) -> None:
        """What is no fact of the sale."""
        self.rows.append({"kind": kind, "name": name, "lane": lane, **more, "reason": {"en": en, "zh": zh}})


def judge(one: Worked, known: Known, lanes: LaneTable, measures: MeasureTable) -> Judged:
    """The answer for one sale, without its id: lane, reasons, quota, enterprises, measure, versions."""
    reasons = _Reasons(lanes)
    _of_identity(reasons, one, known)
    quota, reserve = _of_quota(reasons, one, known)
    _of_documents(reasons, one, known)
    for part, found in known.findings:
        lane = lanes.rules.get(found.rule, lanes.findings[found.severity])
        reasons.add(
            "finding",
            found.rule,
            lane,
            f"A {found.severity} finding of {found.rule} about its {part} stands.",
            f"{part} 存在规则 {found.rule} 的现存发现（{found.severity}）。",
            rule=found.rule,
            rule_version=found.rule_version,
            finding=found.id,
            numbers={"severity": found.severity, "about": part},
        )
    measure = _of_measures(reasons, one, known, measures)
    _of_instructions(reasons, one, known)
    for name in known.unknown:
        reasons.add("unknown", name, lanes.unknown[name], *_UNKNOWN[name])
    answer = {
        "sale_id": one.row["sale_id"],
        "at": known.at.isoformat(),
        "lane": gravest([row["lane"] for row in reasons.rows]),
        "reasons": reasons.rows,
        "quota": quota,
        "enterprises": _enterprises(one.row, known.classes),
        "measure": measure,
        "differences": [{"name": row["name"], "size": str(row["size"])} for row in one.row["differences"]],
        "judgeable": list(one.judgeable),
        "versions": {
            "ledger": known.ledger_version,
            "casebook_seq": known.casebook_seq,
            "lanes": lanes.version,
            "measures": measures.version,
            "quota_limits": quota_limits().version,
        },
        "fallback": list(known.unknown),
    }
    return Judged(answer, reserve)


def person_of(one: Worked) -> str | None:
    """In whose name the sale is: of its declaration, or of its order."""
    named = (
        one.quota["consumer"] if one.quota else one.row["declared_consumer_key"] or one.row["consumer_key"]
    )
    return None if named is None else str(named)


def quota_row(sale_id: str, person: str, year: int, amount_e5: int, limit: Decimal | None) -> Row:
    """A row of quota-sales for what is reserved."""
    return {
        "sale_id": sale_id,
        "consumer": person,
        "platform": sale_id.partition("|")[0],
        "year": year,
        "counted": Decimal(amount_e5).scaleb(-5),
        "given_back": Decimal(0),
        "annual_limit": limit,
        "over_single": False,
    }


def protections_that_act(
    one: Worked, protections: Iterable[tuple[str, date, date]], day: date
) -> list[tuple[str, date]]:
    """Level and first day of the locks and watches that hold on the day of the assessment, or on that of the
    declaration."""
    days = {day, one.row["decl_date"] or day}
    return [(level, since) for level, since, until in protections if any(since <= at <= until for at in days)]


def instructions_that_act(
    one: Worked, orders: Iterable[Instruction], draws: Mapping[str, float]
) -> list[Instruction]:
    """Those that a sale falls under, and by whose rate it was drawn."""
    return [order for order in Scopes(orders).of(one.row) if draws[order.id] < order.rate]


def _of_identity(reasons: _Reasons, one: Worked, known: Known) -> None:
    for level, since in protections_that_act(one, known.protections, known.day):
        reasons.fact(f"identity-{level}", since=since)
    if one.invalid_identity:
        reasons.fact("identity-invalid")


def _of_quota(reasons: _Reasons, one: Worked, known: Known) -> tuple[Row | None, tuple[str, int, int] | None]:
    person, own = person_of(one), one.quota
    if person is None:
        return None, None
    day = own["decl_date"] if own else known.day
    limits = quota_limits().at(day)
    annual = quota_limits().of_year(day.year)
    counted = own["counted"] if own else Decimal(0)
    amount = min(int(counted.scaleb(5)), _MOST_E5)
    if known.past is None or annual is None or limits is None:
        reserve = (person, day.year, amount) if amount > 0 and not known.in_ledger else None
        return None, reserve
    used = known.used["used"] if known.used else Decimal(0)
    over = used > annual.annual and counted > 0
    if over:
        reasons.fact("quota-annual", used=used, limit=annual.annual, year=day.year)
    if own and own["over_single"]:
        reasons.fact("quota-single", value=own["dutiable"], limit=limits.single)
    # What customs would refuse takes nothing from others.
    reserves = amount > 0 and not over and not (own and own["over_single"]) and not known.in_ledger
    others = sum(row["amount_e5"] for row in known.reserved if row["year"] == day.year)
    quota = {
        "person": person,
        "year": day.year,
        "limit": _money(annual.annual),
        "single_limit": _money(limits.single),
        "state": own["state"] if own else "not declared",
        "this_sale": _money(counted),
        "reserved_by_others": _money(Decimal(others).scaleb(-5)),
        "used": _money(used),
        "given_back": _money(known.used["given_back"] if known.used else Decimal(0)),
        "left_at_most": _money(max(annual.annual - used, Decimal(0))),
        "over_single": bool(own and own["over_single"]),
        "reserved": _money(counted if reserves else Decimal(0)),
        "in_ledger": known.in_ledger,
        "note": NOTE,
    }
    return quota, (person, day.year, amount) if reserves else None


def _of_documents(reasons: _Reasons, one: Worked, known: Known) -> None:
    sizes = [f"{row['name']} {row['size'].normalize():f}" for row in one.row["differences"]]
    for group in one.differing:
        name = f"document-{group.replace('_', '-')}"
        if group == "missing":
            reasons.fact(name, missing=list(one.row["missing"]))
        elif group == "payment_company":
            reasons.fact(name)
        else:
            reasons.fact(name, differences=sizes)
    for document, (first, sales) in sorted(known.reused.items()):
        reasons.fact(f"{document}-reused", sales=sales, first=first)
    if one.unlisted:
        reasons.fact("goods-not-listed", codes=list(one.unlisted))


def _of_measures(reasons: _Reasons, one: Worked, known: Known, measures: MeasureTable) -> Row:
    classes = (known.classes.get(str(one.row.get(column_of(role)))) for role in measures.class_of)
    letters = [letter for letter in classes if letter is not None]
    letter = max(letters, key=CLASSES.index, default=None)
    measure = measures.of(letter)
    share = known.draws[one.row["sale_id"]]
    blind = measures.random.lane(share)
    if blind is not None:
        en, zh = "It was drawn blindly, as any sale can be.", "随机抽中。"
        reasons.add("random", "random", blind, en, zh, numbers={"draw": share})
    by_class = _drawn(measure, share)
    if by_class is not None and by_class != blind:
        en, zh = f"It was drawn by the rates of class {measure.letter}.", f"按 {measure.letter} 类比例抽中。"
        reasons.add("class", measure.letter, by_class, en, zh, numbers={"draw": share})
    return {
        "class": measure.letter,
        "rated": letter is not None,
        **{name: str(measure.rate(name)) for name in MEASURES},
        "checks": list(measure.checks),
        "draw": share,
    }


def _drawn(rates: Rates, share: float) -> str | None:
    lane: str | None = Random(**{name: rates.rate(name) for name in MEASURES}).lane(share)
    return lane


def _of_instructions(reasons: _Reasons, one: Worked, known: Known) -> None:
    for order in instructions_that_act(one, known.instructions, known.draws):
        reasons.add(
            "instruction",
            order.id,
            order.action,
            f"Instruction {order.id} about its {order.scope_kind} is in force: {order.reason}",
            f"针对其 {order.scope_kind} 的指令 {order.id} 生效中：{order.reason}",
            numbers={"rate": str(order.rate)},
        )


def _enterprises(row: Row, classes: Mapping[str, str]) -> list[Row]:
    roles = ("platform", "merchant", "payment", "logistics", "agent", "warehouse")
    named = ((role, row.get(column_of(role))) for role in roles)
    return [{"role": role, "code": code, "class": classes.get(code)} for role, code in named if code]


@cache
def _rule_version(rule: str) -> str:
    return read_rule(rules_folder() / f"{rule}.cypher").front.version


def _money(amount: Decimal) -> str:
    return f"{amount:.5f}"


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return _money(value)
    return value.isoformat() if isinstance(value, date) else value


def _text_of(value: Any) -> str:
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    if isinstance(value, Iterable) and not isinstance(value, str):
        return ", ".join(map(str, value))
    return str(value)
