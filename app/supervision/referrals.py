"""Referrals: payments of a company and a period that the payment authority is asked to verify."""

from collections import defaultdict
from dataclasses import asdict
from datetime import UTC, date, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any

import duckdb
import orjson
from sqlalchemy import Connection, func, insert, select

from app.casebook.canonical import canonical
from app.casebook.models import DerivedRelationship, Finding
from app.casebook.referral_models import Referral, ReferralExport, ReferralItem
from app.casebook.store import Casebook
from app.detection.catalogue import STEPS
from app.detection.rulebook import load_rules
from app.detection.tally import Tallies
from app.errors import BadInputError, NotFoundError
from app.local_time import LOCAL
from app.masking import refuse_numbers_of_persons
from app.supervision.referral_parameters import ReferralParameters, parameters_on
from app.supervision.referral_sampling import allocate, sample_size
from app.supervision.referral_sampling import draw as draw_payments
from loaders.ledger.ledger import Ledger

OTHERS = "other platforms"
FROM_RULES = ("payment-captive-platforms", "payment-watchlist", "payment-refuted")
"""Rules whose findings about a payment company may become a referral."""

Row = dict[str, Any]


@cache
def read_sql(name: str) -> str:
    """Text of `app/supervision/sql/<name>.sql`."""
    return files("app.supervision").joinpath("sql", f"{name}.sql").read_text("utf-8")


def named_company(casebook: Casebook, company: str | None, finding: str | None) -> str:
    """Code of the payment company that is named by its code, or by a finding about it.

    Raises BadInputError where neither is given, where they differ, or for a finding of which no referral can
    be made; NotFoundError for an unknown finding.
    """
    about = company if finding is None else _company_of(casebook, finding)
    if not about or (company and company != about):
        raise BadInputError("Name the payment company by its code, or by a finding about it: one of the two.")
    return about


def _company_of(casebook: Casebook, finding: str) -> str:
    found = casebook.finding(finding)
    if found.rule not in FROM_RULES or found.subject["kind"] != "PaymentCompany":
        raise BadInputError(
            f"The finding {finding} is about a {found.subject['kind']} by {found.rule}: a referral is made "
            f"of one about a payment company by {', '.join(FROM_RULES)}."
        )
    return found.subject["key"]


def draw(
    ledger: Ledger,
    casebook: Casebook,
    company: str,
    since: date,
    until: date,
    *,
    by: str,
    at: datetime,
    everything: bool = False,
    half_width: float | None = None,
    finding: str | None = None,
) -> str:
    """Keep a new referral of the company's payments of some days (both included); returns its reference.

    A stratified sample whose size follows from the `half_width` of the interval that is wanted (default: the
    parameter), or `everything`. Captive and flagged platforms are each a stratum, the others together one.
    The reference seeds the draw: who has stores and reference draws the same payments. `by` is who asks, `at`
    when (with its zone).
    Raises BadInputError for days in the wrong order, a half-width that is none, both ways at once or nobody's
    name, NotFoundError where the company has no payment in those days.
    """
    parameters = parameters_on(at.astimezone(LOCAL).date())
    _check(since, until, by, everything, half_width)
    width = None if everything else parameters.half_width if half_width is None else half_width
    version = ledger.version
    with ledger.connect(version) as connection:
        code, payments = payments_of(connection, company, since, until)
    able = [row for row in payments if row["number"] is not None]
    if not able:
        raise NotFoundError(
            f"The ledger knows no payment with a number through {code} from {since} to {until}: "
            "check the code and the days."
        )
    with casebook.change(shown=False) as change:
        names = _strata(change.connection, code, {row["platform"] for row in able})
        strata: dict[str, list[int]] = defaultdict(list)
        for place, row in enumerate(able):
            strata[names[row["platform"]]].append(place)
        populations = {name: len(places) for name, places in strata.items()}
        sizes, argument = _sizes(populations, width, parameters)
        reference = _next_reference(change.connection, at)
        chosen = [able[place] for place in draw_payments(strata, sizes, reference)]
        # The casebook's sequence stays: it counts what the graph is given, and a referral is none of that.
        change.connection.execute(
            insert(Referral),
            {
                "id": reference,
                "company": code,
                "since": since,
                "until": until,
                "method": "all" if everything else "sample",
                "half_width": width,
                "parameters": canonical(asdict(parameters)),
                "population": len(able),
                "without_number": len(payments) - len(able),
                "asked": len(chosen),
                "argument": argument,
                "strata": canonical(
                    {name: {"payments": populations[name], "asked": sizes[name]} for name in populations}
                ),
                "finding": finding,
                "ledger_version": version,
                "due": at.astimezone(LOCAL).date() + timedelta(days=parameters.answer_days),
                "drawn_by": by.strip(),
                "drawn_at": at.astimezone(UTC).isoformat(timespec="seconds"),
            },
        )
        change.connection.execute(
            insert(ReferralItem),
            [_item(reference, number, row, names) for number, row in enumerate(chosen, 1)],
        )
    return reference


def payments_of(
    connection: duckdb.DuckDBPyConnection, company: str, since: date, until: date
) -> tuple[str, list[Row]]:
    """The company's canonical code, and its payments of some days, each by the sale that stands for it.

    Codes that were merged into the company by the day of the sale count as it. `connection` shows a ledger.
    """
    tallies = Tallies(connection, since=None, until=date.max)
    tallies.keep("payment_mergers")
    mapped = tallies.query(
        "SELECT max(canonical) AS code FROM code_map WHERE code = $code", {"code": company}
    )
    code = mapped["code"].to_pylist()[0] or company
    values = {"company": code, "since": since, "until": until}
    return code, tallies.query(read_sql("referral_payments"), values).to_pylist()


def _check(since: date, until: date, by: str, everything: bool, half_width: float | None) -> None:
    if until < since:
        raise BadInputError(
            f"The period ends on {until}, before it begins on {since}: give the days in order."
        )
    if not by.strip() or len(by.strip()) > 120:
        raise BadInputError("A referral needs the name of who asks for it, of at most 120 characters.")
    refuse_numbers_of_persons(by)
    if everything and half_width is not None:
        raise BadInputError("A half-width is that of a sample: ask for all payments, or for a half-width.")
    if half_width is not None and not 0.001 <= half_width < 0.5:
        raise BadInputError(f"{half_width} is no half-width of a share: give one from 0.001 to below 0.5.")


def _strata(connection: Connection, company: str, platforms: set[str]) -> dict[str, str]:
    """Name of the stratum of each platform: its own where it is captive to the company or flagged."""
    captive = select(DerivedRelationship.start_key).where(
        DerivedRelationship.type == "CAPTIVE_TO", DerivedRelationship.end_key == company
    )
    base = [rule.id for rule in load_rules(STEPS).values() if rule.front.base]
    flagged = select(Finding.subject_key).where(
        Finding.subject_kind == "Platform",
        Finding.rule.in_(base),
        Finding.present,
        Finding.maturity == "live",
    )
    marks = {
        mark: set(connection.execute(query).scalars())
        for mark, query in (("captive", captive), ("flagged", flagged))
    }
    named = {}
    for platform in platforms:
        told = [mark for mark, codes in marks.items() if platform in codes]
        named[platform] = f"{platform} ({', '.join(told)})" if told else OTHERS
    return named


def _sizes(
    populations: dict[str, int], width: float | None, parameters: ReferralParameters
) -> tuple[dict[str, int], str]:
    """How many to ask about of each stratum, and the sentence that argues it."""
    total = sum(populations.values())
    if width is None:
        return populations, f"All {total} payments: nothing is inferred from a part."
    size = sample_size(
        total, half_width=width, expected_share=parameters.expected_share, level=parameters.level
    )
    sizes = allocate(populations, size, least=parameters.least_of_stratum)
    return sizes, (
        f"{size} of {total} payments give the refuted share within ±{width:.1%} at {parameters.level:.0%} "
        f"where it is {parameters.expected_share:.0%} (Cochran, with the finite population correction); "
        f"dealt in proportion to {len(sizes)} strata, at least {parameters.least_of_stratum} to each: "
        f"{sum(sizes.values())}."
    )


def _next_reference(connection: Connection, at: datetime) -> str:
    prefix = f"PR-{at.astimezone(LOCAL):%Y}-"
    last = connection.execute(select(func.max(Referral.id)).where(Referral.id.like(f"{prefix}%"))).scalar()
    return f"{prefix}{1 + int(last.removeprefix(prefix) if last else 0):05d}"


def _item(reference: str, number: int, row: Row, strata: dict[str, str]) -> Row:
    names = (
        "platform",
        "pay_code",
        "pay_number",
        "clearing_number",
        "ver_dept",
        "amount",
        "currency",
        "paid_at",
    )
    return {
        "referral": reference,
        "number": number,
        "sale": row["sale_id"],
        "stratum": strata[row["platform"]],
        **{name: row[name] for name in names},
    }


def referrals(casebook: Casebook) -> list[Row]:
    """Every referral, the newest first, with who exported it when."""
    with casebook.read() as connection:
        rows = connection.execute(select(Referral.__table__).order_by(Referral.id.desc())).mappings().all()
        return [_told(connection, dict(row)) for row in rows]


def referral(casebook: Casebook, reference: str) -> Row:
    """One referral; raises NotFoundError."""
    with casebook.read() as connection:
        return told_of(connection, reference)


def told_of(connection: Connection, reference: str) -> Row:
    """One referral, within a transaction; raises NotFoundError."""
    row = connection.execute(select(Referral.__table__).where(Referral.id == reference)).mappings().first()
    if row is None:
        raise NotFoundError(f"There is no referral {reference!r}: 'cluegraph referrals list' lists them.")
    return _told(connection, dict(row))


def _told(connection: Connection, row: Row) -> Row:
    exports = connection.execute(
        select(ReferralExport.__table__)
        .where(ReferralExport.referral == row["id"])
        .order_by(ReferralExport.number)
    ).mappings()
    made = [
        {"number": one["number"], "by": one["exported_by"], "at": one["exported_at"], "sha256": one["sha256"]}
        for one in exports
    ]
    parsed = {name: orjson.loads(row[name]) for name in ("parameters", "strata")}
    days = {name: row[name].isoformat() for name in ("since", "until", "due")}
    return {**row, **parsed, **days, "exports": made}


def items_of(casebook: Casebook, reference: str | None = None) -> list[Row]:
    """What a referral asks about, payment by payment; of every referral where none is named."""
    query = select(ReferralItem.__table__).order_by(ReferralItem.referral, ReferralItem.number)
    if reference is not None:
        query = query.where(ReferralItem.referral == reference)
    with casebook.read() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]
