"""An office where declarations are handed in: its ledger, its casebook, and the desk."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any, Self

import orjson
from ledger_desk import Desk as Ledgers
from ledger_documents import Document
from shops import sale

from app.assessment.declaration import Declaration, read_declaration
from app.assessment.desk import Desk
from app.assessment.places import Places
from app.assessment.upkeep import UpkeepReport, run_once
from app.casebook.store import Casebook
from app.settings import Settings
from loaders.contract import Keys
from loaders.ledger.at_hand import HEADS, LINES

NOON = datetime(2024, 1, 20, 4, tzinfo=UTC)
"""Noon in Shanghai, some days after the sales of `shops`."""


def body(documents: Iterable[Document], **more: Any) -> bytes:
    """What is posted of some documents: those that an assessment takes."""
    told: dict[str, Any] = {}
    for document in documents:
        for kind, row in document:
            if kind in (*HEADS, *LINES):
                told.setdefault(kind, []).append(row)
    return orjson.dumps(told | more)


def buys(
    who: int, no: int, price: str = "1000", *, platform: str = "SHOP", lines: int = 1, **says: Any
) -> list[Document]:
    """The documents of a sale of `lines` pieces at `price`."""
    goods: dict[str, Any] = {"price": price, "lines": lines}
    total = f"{Decimal(price) * lines:.2f}"
    return sale(
        platform, no, who, order_says=goods, payment_says={"amountPaid": total}, inventory_says=goods, **says
    )


KEY = b"a key that is the same each time"


class Counter:
    """A data folder with ledger and casebook, and a desk that is opened when it is first asked."""

    def __init__(self, folder: Path, casebook_url: str | None = None) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        (folder / "key").write_bytes(KEY)  # so that the draws are the same every time
        self.keys = Keys.open(folder / "key")
        self.ledgers = Ledgers(folder, self.keys)
        self.settings = Settings(data=folder, casebook_url=casebook_url)
        self.places = Places.of(self.settings)
        self.now = NOON
        self._desk: Desk | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def casebook(self) -> Casebook:
        return Casebook.open(self.settings.casebook_address)

    @property
    def desk(self) -> Desk:
        if self._desk is None:
            self._desk = Desk(self.settings, lambda: self.now)
        return self._desk

    def close(self) -> None:
        """Close the desk; the next question opens another."""
        if self._desk is not None:
            self._desk.close()
            self._desk = None

    def load(self, *documents: Document) -> None:
        self.ledgers.load(*documents)

    def refresh(self) -> UpkeepReport:
        return run_once(self.settings, self.ledgers.ledger, self.now)

    def declaration(self, documents: Iterable[Document]) -> Declaration:
        return read_declaration(body(documents), self.keys)

    def assess(self, documents: Iterable[Document]) -> dict[str, Any]:
        return self.desk.assess(self.declaration(documents), self.now)

    def later(self, **time: float) -> None:
        self.now += timedelta(**time)


def facts(answer: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The facts of an answer by name, with their numbers."""
    return {row["name"]: row["numbers"] for row in answer["reasons"] if row["kind"] == "fact"}
