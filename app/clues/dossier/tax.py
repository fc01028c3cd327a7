"""The tax at stake behind findings: what was declared and billed, and what rules say that prices or codes hide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from app.casebook.findings import FindingRecord
from app.handout import Table

CNY = "142"
HIDDEN = ("shortfall", "tax_at_stake")
"""Numbers of findings that say what is hidden: value below the usual price, and the tax on it or saved (CNY)."""

IS = {
    "en": (
        "Declared: the tax that the orders state (taxTotal), in CNY, over all sales listed here. Billed: customs "
        "duty, value-added tax and consumption tax of the tax bills (816) of their declarations, void bills left "
        "out. Hidden: what the findings about prices or codes say; it is worked out from what other merchants "
        "declare and from the rates that the tax bills show."
    ),
    "zh": (
        "“订单税款”为所列交易订单申报的税款（taxTotal）人民币合计；“税单税款”为相应清单的电子税单所列关税、增值税、消费税合计，"
        "不含作废税单；“隐藏税款”为价格或归类类线索所载金额，系根据其他商家对同类商品的申报及税单所示税率推算。"
    ),
}
IS_NOT = {
    "en": (
        "This is no assessment of evaded tax. It does not say that the declared tax was not paid, nor what ordinary "
        "trade would have to pay; amounts of several findings may be about the same goods and are not added up. Sales "
        "in a foreign currency are counted, not summed."
    ),
    "zh": (
        "以上金额不是偷逃税款的核定结果：既不表示申报税款未缴纳，也不是按一般贸易应缴的税款；多条线索的金额可能涉及同一批货物，"
        "故不相加；以外币申报的交易只计笔数，不计入合计。"
    ),
}


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
            "is": IS,
            "is_not": IS_NOT,
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
