"""Parcels on their way: sales with the documents of how they move and what comes back."""

from datetime import timedelta

from ledger_documents import Document, cancel, receipt, signed
from shops import FIRST, sale

END = 100
"""Day of the last sale: what was sold in the first weeks should long have arrived."""


def parcel(
    platform: str,
    no: int,
    who: int,
    *,
    day: int,
    carrier: str = "L1",
    signed_at: str | None = "",
    site: str = "SITE1",
    stored: bool = True,
    grams: int | None = None,
    pieces: int = 1,
    price: int | None = None,
    submitted: str = "",
    merchant: str | None = None,
    address: str = "",
) -> list[Document]:
    """A directly mailed sale that was signed for and taken into the store; goods differ by number.

    `signed_at` is a day and time (default: a minute of its own, four days later; None: never), `submitted`
    when the waybill was (default: in the evening of the sale).
    """
    number = f"{no:05d}"
    when = FIRST + timedelta(days=day + 4)
    goods = {"lines": pieces, "price": str(price or 20 * 2 ** (no % 5))}
    ships = {"logisticsCode": carrier, "logisticsName": f"物流{carrier}"}
    goes = {"consigneeAddress": address} if address else {}
    documents = sale(
        platform,
        no,
        who,
        day=day,
        merchant=merchant,
        order_says={**goods, **goes},  # type: ignore[dict-item]
        payment_says={"amountPaid": str(int(goods["price"]) * pieces)},
        waybill_says={
            **ships,
            **goes,
            "weight": f"{(grams or 1001 + 7 * no) / 1000:.3f}",
            "appTime": submitted or f"{FIRST + timedelta(days=day):%Y%m%d}180000",
        },
        inventory_says={
            **goods,  # type: ignore[dict-item]
            **goes,
            **ships,
            "tradeMode": "9610",
            "loctNo": site,
        },
    )
    if signed_at is not None:
        at = signed_at or f"{when:%Y%m%d}{8 + no % 12:02d}{who % 60:02d}00"
        documents += [signed(f"W-{platform}-{number}", at, **ships)]
    return documents + ([delivery(platform, number, carrier)] if stored else [])


def delivery(platform: str, number: str, carrier: str) -> Document:
    """The receipt of a parcel into the supervised store."""
    row = {
        "customsCode": "0100",
        "operatorCode": "STORE",
        "operatorName": "仓库",
        "ieFlag": "I",
        "trafMode": "5",
        "trafNo": "CA982",
        "voyageNo": "V1",
        "billNo": "B1",
        "gnum": "1",
        "logisticsCode": carrier,
        "logisticsName": f"物流{carrier}",
        "logisticsNo": f"W-{platform}-{number}",
    }
    return [("deliveries", row)]


def taken_back(platform: str, no: int, *, day: int, kind: str = "cancels") -> list[Document]:
    """A cancel (or refund) of a sale, applied for two days after the sale, and accepted."""
    applied = FIRST + timedelta(days=day + 2)
    number = f"{no:05d}"
    ((_, row),) = cancel(number, platform, appTime=f"{applied:%Y%m%d}100000")
    answer = "CEB624" if kind == "cancels" else "CEB626"
    return [[(kind, row)], receipt(f"X-{platform}-{number}", "899", kind=answer)]
