"""Documents about goods: sales of one line, the positive list, tax bills."""

from ledger_documents import Document
from shops import sale


def bought(
    platform: str,
    no: int,
    *,
    who: int | None = None,
    day: int = 0,
    merchant: str | None = None,
    agent: str = "A1",
    company: str = "WALLET",
    price: str = "100",
    gcode: str = "1901101000",
    bar_code: str | None = "6900000000001",
    name: str = "奶粉",
    measure: str = "1",
    order_says: dict[str, str] | None = None,
) -> list[Document]:
    """A sale of one line, declared at `price` for `measure` units of measure of goods."""
    who = who if who is not None else 100 + no
    documents = sale(
        platform, no, who, day=day, merchant=merchant, agent=agent, company=company, order_says=order_says
    )
    line = {"gcode": gcode, "gname": name, "price": price, "totalPrice": price, "qty1": measure}
    line |= {"barCode": bar_code} if bar_code else {}
    return [
        [(kind, {**row, **line} if kind == "inventory_items" else row) for kind, row in document]
        for document in documents
    ]


def listed(gcode: str, since: str, until: str | None = None, **more: str) -> Document:
    """An entry of the positive list."""
    return [
        (
            "positive_list",
            {"gcode": gcode, "validFrom": since, **({"validTo": until} if until else {}), **more},
        )
    ]


def tax_bill(no: int, gcode: str, rate: int) -> Document:
    """A bill of one line of 100 CNY, taxed at `rate` per cent."""
    number = f"01002024100{no:07d}"
    head = {
        "returnTime": "20240120100000000",
        "invtNo": number,
        "taxNo": f"T{number}",
        "customsTax": "0",
        "valueAddedTax": str(rate),
        "consumptionTax": "0",
        "status": "1",
    }
    line = {name: head[name] for name in ("invtNo", "taxNo", "customsTax", "valueAddedTax", "consumptionTax")}
    return [("taxes", head), ("tax_items", {**line, "gnum": "1", "gcode": gcode, "taxPrice": "100"})]
