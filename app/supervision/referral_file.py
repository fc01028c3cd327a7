"""A file of replies, held against the referrals before it is loaded: right as a whole, or refused."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pyarrow as pa

from app.casebook.store import Casebook
from app.errors import BadInputError
from app.supervision.referrals import items_of, read_sql, referrals
from loaders.contract import KINDS, Conformed, Keys, RawBatch, conform
from loaders.ledger.ledger import Ledger
from loaders.sources import read

KIND = "payment_verifications"
_TOLD = 10  # mistakes in the sentence that refuses a file
_KNOWN = "SELECT document_id, payCode, payTransactionId FROM payment_verifications"

Row = dict[str, Any]


@dataclass(frozen=True)
class Mistake:
    """One mistake: line (record number where the file has no lines), column and reason; never a value."""

    line: int | None
    column: str | None
    reason: str

    def __str__(self) -> str:
        where = f"line {self.line}" if self.line else "the file"
        return f"{where}, {self.column}: {self.reason}" if self.column else f"{where}: {self.reason}"


def check_replies(path: Path, ledger: Ledger, casebook: Casebook, keys: Keys, *, today: date) -> None:
    """Refuse a file of replies that must not be loaded; changes nothing.

    Raises BadInputError with line, column and reason of its mistakes: all that the data contract refuses, a
    referral that there is none of, a payment that the named referral does not ask about, a reply twice or one
    whose id is that of a reply about another payment, two results for one payment at one time, and a reply of
    a day after `today` (UTC+8); or where there is no reply in it.
    """
    mistakes = sorted(
        _mistakes(path, ledger, casebook, keys, today),
        key=lambda one: (one.line or 0, one.column or "", one.reason),
    )
    if mistakes:
        rest = f"; and {len(mistakes) - _TOLD} more" if len(mistakes) > _TOLD else ""
        told = "; ".join(map(str, mistakes[:_TOLD]))
        raise BadInputError(
            f"{path.name} is refused, nothing of it was loaded; mistakes: {len(mistakes)}. {told}{rest}."
        )


def _mistakes(path: Path, ledger: Ledger, casebook: Casebook, keys: Keys, today: date) -> Iterator[Mistake]:
    asked = _asked(casebook)
    with ledger.connect() as connection:
        known = {row[0]: row[1:] for row in connection.execute(_KNOWN).fetchall()}
    seen: dict[str, int | None] = {}
    said: dict[tuple[str, ...], tuple[str, int | None]] = {}
    nothing = True
    for batch in read([path], workers=1):
        nothing = nothing and not batch.tables and not batch.rejects.num_rows
        others = sorted(set(batch.tables) - {KIND})
        for kind in others:
            yield Mistake(None, None, f"it holds {kind}, not {KIND}: load it with 'cluegraph load'")
        ready = conform(batch, keys)
        yield from _refused(ready)
        rows = batch.tables[KIND].to_pylist() if KIND in batch.tables else []
        lines = _lines(batch, rows)
        for row, line in zip(rows, lines, strict=True):
            for column, reason in _wrong(_trimmed(row), line, asked, known, seen, said):
                yield Mistake(line, column, reason)
        if KIND in ready.tables:
            line_of = {row["position"]: line for row, line in zip(rows, lines, strict=True)}
            for column, position, reason in _against_ledger(ledger, ready.tables[KIND], today):
                yield Mistake(line_of.get(position, position), column, reason)
    if nothing:
        yield Mistake(None, None, "it holds no reply")


def _against_ledger(ledger: Ledger, given: pa.Table, today: date) -> Iterator[tuple[str, int, str]]:
    """Column, position and reason of replies of days to come, and of those that the ledger has otherwise
    without being older."""
    with ledger.connect() as connection:
        connection.register("given", given)
        rows = connection.sql(read_sql("replies_at_odds")).fetchall()
    for position, day, at_odds in rows:
        if day > today:
            yield "repliedAt", position, f"is after today, {today}"
        if at_odds:
            yield "repliedAt", position, "the ledger has this reply otherwise: a correction is replied later"


def _trimmed(row: Row) -> Row:
    """Every column of the contract, absent and empty ones as None."""
    given = ((name, row.get(name)) for name in KINDS[KIND].by_name)
    return {name: (value.strip() or None) if isinstance(value, str) else value for name, value in given}


def _refused(ready: Conformed) -> Iterator[Mistake]:
    """What the data contract refuses: its rejects say the line before the reason."""
    for reject in ready.rejects.to_pylist():
        line, found, reason = reject["reason"].partition(": ")
        if found and line.startswith("line ") and line[5:].isdigit():
            column = reject["field"]
            yield Mistake(int(line[5:]), column, reason.removeprefix(f"{column} "))
        else:
            yield Mistake(reject["position"], reject["field"], reject["reason"])


def _lines(batch: RawBatch, rows: list[Row]) -> list[int | None]:
    """Line of each row, counting the header; its record number where the file has no lines."""
    places = {}
    if rows and batch.locate is not None:
        places = dict(batch.locate(rows[0]["file_id"], [row["position"] for row in rows]))
    return [
        (places[row["position"]].line if row["position"] in places else None) or row["position"]
        for row in rows
    ]


def _asked(casebook: Casebook) -> dict[str, set[str]]:
    """Of each referral its company, its sales and both numbers of its payments, each with what it is."""
    asked = {row["id"]: {f"company {row['company']}"} for row in referrals(casebook)}
    for item in items_of(casebook):
        numbers = [number for number in (item["pay_number"], item["clearing_number"]) if number]
        told = {f"company {item['pay_code']}", f"sale {item['sale']}"}
        asked[item["referral"]] |= told | {f"number {number}" for number in numbers}
    return asked


def _wrong(
    row: Row,
    line: int | None,
    asked: dict[str, set[str]],
    known: dict[str, tuple[str, str]],
    seen: dict[str, int | None],
    said: dict[tuple[str, ...], tuple[str, int | None]],
) -> Iterator[tuple[str, str]]:
    identity, payment = row["verificationId"], (row["payCode"], row["payTransactionId"])
    referral = row["referralId"]
    if referral and referral not in asked:
        yield "referralId", "there is no such referral"
    elif referral:
        named = {f"number {row['payTransactionId']}", f"sale {row['ebpCode']}|{row['orderNo']}"}
        if not named & asked[referral]:
            yield "payTransactionId", "the referral does not ask about this payment"
        elif row["payCode"] and f"company {row['payCode']}" not in asked[referral]:
            yield "payCode", "the referral asks about payments of another company"
    if identity:
        if identity in seen:
            yield "verificationId", f"stands in line {seen[identity]} already"
        elif identity in known and known[identity] != payment:
            yield "verificationId", "is known as that of a reply about another payment"
        seen.setdefault(identity, line)
    if all((*payment, row["repliedAt"], row["result"])):
        result, first = said.setdefault((*payment, row["repliedAt"]), (row["result"], line))
        if result != row["result"]:
            yield "result", f"contradicts line {first} about the same payment at the same time"
