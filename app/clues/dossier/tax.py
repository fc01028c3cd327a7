"""The tax at stake behind findings: declared, billed, and what rules say that prices or codes hide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.casebook.findings import FindingRecord
from app.clues.dossier.words import word
from app.handout import Table

CNY = "142"
HIDDEN = ("shortfall", "tax_at_stake")
"""Numbers of findings that say what is hidden (CNY): value below the usual price, and the tax on it."""


@dataclass(frozen=True)
class TaxAtStake:
    """Amounts in CNY; counts are sales. `hidden` has one entry a finding and number."""

    sales: int
    foreign: int
    declared: Decimal
    declared_sales: int
    billed: Decimal
    billed_declarations: int
    dutiable: Decimal
    hidden: list[dict[str, Any]]

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON: money is text."""
        return {
            "currency": "CNY",
            "sales": self.sales,
            "sales_in_foreign_currency": self.foreign,
            "declared": str(self.declared),
            "sales_with_declared_tax": self.declared_sales,
            "billed": str(self.billed),
            "declarations_billed": self.billed_declarations,
            "dutiable_value": str(self.dutiable),
            "hidden": self.hidden,
            "is": word("tax", "is"),
            "is_not": word("tax", "is_not"),
        }


def tax_at_stake(findings: Iterable[FindingRecord], sales: Table) -> TaxAtStake:
    """What is at stake for some findings and the table of the sales behind them."""
    place = {name: number for number, name in enumerate(sales.columns)}
    own = [row for row in sales.rows if row[place["currency"]] in (None, CNY)]
    declared = _amounts(own, place["tax_declared"])
    billed = _amounts(sales.rows, place["tax_billed"])
    return TaxAtStake(
        sales=len(sales.rows),
        foreign=len(sales.rows) - len(own),
        declared=sum(declared, Decimal(0)),
        declared_sales=len(declared),
        billed=sum(billed, Decimal(0)),
        billed_declarations=len(billed),
        dutiable=sum(_amounts(own, place["dutiable_value"]), Decimal(0)),
        hidden=[
            {"finding": finding.id, "rule": finding.rule, "number": name, "unit": "CNY"}
            | {"value": str(finding.numbers[name]["value"])}
            for finding in findings
            for name in HIDDEN
            if name in finding.numbers
        ],
    )


def _amounts(rows: Sequence[Sequence[Any]], column: int) -> list[Decimal]:
    return [Decimal(row[column]) for row in rows if row[column] is not None]
