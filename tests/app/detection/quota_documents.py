"""Sales, receipts, cancels and returns for tests of the personal limit."""

from ledger_documents import Document, cancel, receipt
from shops import person, sale


def cop(platform: str, no: int) -> str:
    """The declarant's own number of a sale's declaration."""
    return f"{platform[-10:]}-{no:05d}"


def buys(
    platform: str,
    no: int,
    who: int,
    *,
    day: int = 0,
    price: str = "2000",
    lines: int = 2,
    status: str | None = "899",
    info: str = "回执",
    declared_for: int | None = None,
    merchant: str | None = None,
) -> list[Document]:
    """A sale of `lines` pieces at `price`, and what customs answered to its declaration."""
    total = f"{float(price) * lines:.2f}"
    goods = {"price": price, "lines": lines}
    another = {} if declared_for is None else {"buyerIdNumber": person(declared_for)[0]}
    documents = sale(
        platform,
        no,
        who,
        day=day,
        merchant=merchant,
        order_says=goods,  # type: ignore[arg-type]
        payment_says={"amountPaid": total},
        inventory_says={**goods, **another},  # type: ignore[arg-type]
    )
    if status is not None:
        documents.append(receipt(cop(platform, no), status, returnInfo=info))
    return documents


def cancels(platform: str, no: int, status: str = "899") -> list[Document]:
    """An application to cancel, and the answer to it."""
    return [
        cancel(f"{no:05d}", platform),
        receipt(f"X-{platform}-{no:05d}"[:20], status, kind="CEB624"),
    ]


def returns(
    platform: str, no: int, lines: int, *, when: str = "20240201100000", status: str = "899", qty: str = "1"
) -> list[Document]:
    """An application to return `qty` of the first `lines` lines, and the answer to it."""
    (_, head), *_ = cancel(f"{no:05d}", platform, copNo=f"R{cop(platform, no)}", appTime=when)
    link = {name: head[name] for name in ("agentCode", "copNo", "invtNo")}
    items = [
        (
            "refund_items",
            {**link, "gnum": str(n), "gcode": "1901101000", "gname": "奶粉", "qty": qty, "unit": "011"},
        )
        for n in range(1, lines + 1)
    ]
    application: Document = [("refunds", head), *((kind, {**row, "appTime": when}) for kind, row in items)]
    return [application, receipt(head["copNo"], status, when="20240301120000000", kind="CEB626")]
