"""A referral as it goes to the payment authority: CSV, XLSX and JSON with a manifest, once."""

import hashlib
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from sqlalchemy import insert

from app.casebook.referral_models import ReferralExport
from app.casebook.store import Casebook
from app.errors import BadInputError
from app.handout import Table, files_of, whole_folder, write_csv, write_json, write_xlsx
from app.masking import refuse_numbers_of_persons
from app.supervision.referrals import Row, items_of, read_sql, referral, told_of
from loaders.ledger.ledger import Ledger

FORMAT_VERSION = 1
COLUMNS = (
    *("referralId", "number", "payCode", "payTransactionId", "clearingTransactionId", "verDept"),
    *("ebpCode", "orderNo", "amount", "currency", "payTime", "recpAccount", "recpCode", "recpName"),
)
"""The fixed form. `payTransactionId` is what was pushed to customs, `clearingTransactionId` what the clearing
institution knows; the last three name the payee, as the raw payment data (179) do."""


def export_referral(
    ledger: Ledger,
    casebook: Casebook,
    reference: str,
    out: Path,
    *,
    by: str,
    at: datetime,
    again: bool = False,
) -> dict[str, Any]:
    """Writes the folder `out`, which appears whole or not at all, and notes who exported what.

    The account and name of the payee are read from the ledger for these files alone: the authority cannot
    follow a payment without them, and nothing else that leaves cluegraph holds them. Returns the manifest.
    Raises NotFoundError for an unknown reference, BadInputError where it was exported before and `again` is
    not asked for, where nobody's name is given, or where `out` is there already.
    """
    if not by.strip() or len(by.strip()) > 120:
        raise BadInputError("An export needs the name of who makes it, of at most 120 characters.")
    refuse_numbers_of_persons(by)
    head = referral(casebook, reference)
    rows = _rows(ledger, reference, items_of(casebook, reference))
    # The note is kept before the folder appears: who is killed in between has to ask for it again, and no
    # copy is ever out without a note.
    with whole_folder(out) as folder, casebook.change(shown=False) as change:
        made = told_of(change.connection, reference)["exports"]
        if made and not again:  # of two who export at once one finds the other's note
            last = made[-1]
            raise BadInputError(
                f"The referral {reference} was exported by {last['by']} at {last['at']}, and goes out once: "
                "where that copy was lost, ask for it again (--again), which is noted."
            )
        manifest = _write(folder, head, rows, len(made) + 1)
        content = hashlib.sha256((folder / "referral.json").read_bytes()).hexdigest()
        change.connection.execute(
            insert(ReferralExport),
            {
                "referral": reference,
                "number": len(made) + 1,
                "exported_by": by.strip(),
                "exported_at": at.astimezone(UTC).isoformat(timespec="seconds"),
                "sha256": content,
            },
        )
    return manifest


def _rows(ledger: Ledger, reference: str, items: list[Row]) -> list[dict[str, Any]]:
    asked = pa.table(
        {
            "sale_id": pa.array([item["sale"] for item in items], pa.string()),
            "clearing_number": pa.array([item["clearing_number"] for item in items], pa.string()),
        }
    )
    with ledger.connect() as connection:
        connection.register("asked", asked)
        found = connection.sql(read_sql("referral_payees")).to_arrow_table().to_pylist()
    payees = {row["sale_id"]: row for row in found}
    return [
        dict(zip(COLUMNS, _cells(reference, item, payees.get(item["sale"], {})), strict=True))
        for item in items
    ]


def _cells(reference: str, item: Row, payee: Row) -> tuple[Any, ...]:
    platform, _, order = item["sale"].partition("|")
    numbers = (item["pay_code"], item["pay_number"], item["clearing_number"], item["ver_dept"])
    sale = (platform, order, item["amount"], item["currency"], item["paid_at"])
    return (
        reference,
        item["number"],
        *numbers,
        *sale,
        *(payee.get(name) for name in ("account", "code", "name")),
    )


def _write(folder: Path, head: Row, rows: list[dict[str, Any]], number: int) -> dict[str, Any]:
    told = {
        "referralId": head["id"],
        "payCode": head["company"],
        "from": head["since"],
        "to": head["until"],
        "due": head["due"],
        "asked": head["asked"],
    }
    table = Table("transactions", COLUMNS, [[row[name] for name in COLUMNS] for row in rows])
    write_json(folder / "referral.json", {**told, "transactions": rows})
    write_csv(folder / "transactions.csv", table)
    write_xlsx(folder / "referral.xlsx", [table], date.fromisoformat(head["drawn_at"][:10]))
    manifest = {"format_version": FORMAT_VERSION, **told, "export": number, "files": files_of(folder)}
    write_json(folder / "manifest.json", manifest)
    return manifest
