"""What each document of each sale says, as numbers: the facts, changed where an event wants it."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from world.cast import DAYS, Cast
from world.events import Event, Events
from world.goods import PRODUCTS_PER_THEME
from world.identifiers import Ints
from world.people import People
from world.sales import CUT_OFFS, DAY, Sales

Flags = npt.NDArray[np.bool_]
END = DAYS * DAY


@dataclass
class Papers:
    """One entry a sale (lines: one a line). Money in fen, line prices in 1/1,000 CNY, times as in Sales."""

    has_order: Flags
    has_payment: Flags
    has_waybill: Flags
    has_inventory: Flags
    order_time: Ints
    payment_time: Ints
    inventory_time: Ints
    paid: Ints
    actual_paid: Ints
    amount_paid: Ints
    line_total: Ints  # of the order's lines, fen
    payer: Ints
    payer_phone: Ints  # -1 where the payment names none
    invoice_buyer: Ints  # buyer as the declaration names him
    invoice_phone: Ints
    invoice_product: Ints
    invoice_qty: Ints
    invoice_price: Ints
    extra_line: Flags
    parcel_recipient: Ints
    parcel_phone: Ints
    parcel_address: Ints
    signed: Ints  # -1 where nobody signed yet
    private_number: Flags  # the parcel carries a virtual number


def make_papers(rng: np.random.Generator, cast: Cast, people: People, sales: Sales, events: Events) -> Papers:
    """Turn sales and events into what the documents say (gifts and aliases also change `sales` itself)."""
    n = len(sales)
    event = events.event

    def stranger(at: Ints) -> Ints:
        """Somebody who is not the buyer."""
        return (sales.consumer[at] + 1 + rng.integers(0, len(people) - 1, len(at))) % len(people)

    gift = events.where(Event.GIFT)
    sales.recipient[gift] = stranger(gift)
    sales.recipient_phone[gift] = people.phone[sales.recipient[gift]]
    sales.address[gift] = people.address[sales.recipient[gift]]

    payer = sales.consumer.copy()
    payer_phone = np.where(rng.random(n) < 0.8, people.phone[sales.consumer], -1)
    payer_phone = np.where(sales.ring >= 0, np.where(rng.random(n) < 0.5, sales.buyer_phone, -1), payer_phone)
    for kind in (Event.OTHER_PAYER, Event.AUTHENTICATED_PAYER):
        at = events.where(kind)
        payer[at] = stranger(at)
        payer_phone[at] = people.phone[payer[at]]
    invoice_buyer, invoice_phone = sales.consumer.copy(), sales.buyer_phone.copy()
    at = events.where(Event.OTHER_BUYER)
    invoice_buyer[at] = stranger(at)
    at = events.where(Event.OTHER_PHONE)
    invoice_phone[at] = people.phone[stranger(at)]

    actual = sales.due
    paid_amount = _paid_together(sales)
    at = events.where(Event.ARITHMETIC)
    actual[at] += np.maximum(1_500, actual[at] * rng.integers(10, 40, len(at)) // 100)
    paid_amount[at] = actual[at]
    at = events.where(Event.AMOUNT_PAID)
    paid_amount[at] -= np.maximum(300, paid_amount[at] * rng.integers(10, 45, len(at)) // 100)
    at = events.where(Event.ROUNDING)
    paid_amount[at] += rng.integers(1, 96, len(at)) * rng.choice([-1, 1], len(at))

    company = sales.company
    at = events.where(Event.OTHER_COMPANY)
    sales.ordered_company[at] = np.where(company[at] == 0, 1, 0)
    at = events.where(Event.ALIAS)
    if cast.alias:
        sales.ordered_company[at], company[at] = cast.alias

    order_time = _cut_off(sales.paid)
    inventory_time = np.maximum(
        sales.declared * DAY + rng.integers(8 * 3_600, 21 * 3_600, n), sales.sent + 600
    )
    inventory_time = np.minimum(inventory_time, sales.declared * DAY + DAY - 1)
    paid = sales.paid.copy()
    at = events.where(Event.PAID_LATE)
    paid[at] = (sales.declared[at] + rng.integers(2, 9, len(at))) * DAY + paid[at] % DAY
    signed = sales.signed.copy()
    at = events.where(Event.SIGNED_EARLY)
    signed[at] = (sales.declared[at] - rng.integers(2, 6, len(at))) * DAY + signed[at] % DAY
    never = (rng.random(n) < 0.02) & (event != Event.SIGNED_EARLY)
    signed = np.where(never | (signed >= END) | (inventory_time >= END), -1, signed)

    parcel_recipient, parcel_phone = sales.recipient.copy(), sales.recipient_phone.copy()
    parcel_address = sales.address.copy()
    at = events.where(Event.OTHER_CONSIGNEE)
    parcel_recipient[at] = stranger(at)
    parcel_phone[at] = people.phone[parcel_recipient[at]]
    at = events.where(Event.OTHER_ADDRESS)
    parcel_address[at] = people.address[stranger(at)]
    same = at[parcel_address[at] == sales.address[at]]
    parcel_address[same] = people.hub[sales.consumer[same]]

    lines = _Lines.of(rng, sales, event)
    payment_time = paid + rng.integers(5, 600, n)
    return Papers(
        has_order=(event != Event.NO_ORDER) & (order_time < END),
        has_payment=(event != Event.NO_PAYMENT) & (payment_time < END),
        has_waybill=(event != Event.NO_WAYBILL) & (sales.sent < END),
        has_inventory=(event != Event.NO_INVENTORY) & (inventory_time < END),
        order_time=order_time,
        payment_time=payment_time,
        inventory_time=inventory_time,
        paid=paid,
        actual_paid=actual,
        amount_paid=paid_amount,
        line_total=lines.order_total,
        payer=payer,
        payer_phone=payer_phone,
        invoice_buyer=invoice_buyer,
        invoice_phone=invoice_phone,
        invoice_product=lines.product,
        invoice_qty=lines.qty,
        invoice_price=lines.price,
        extra_line=event == Event.ITEM_COUNT,
        parcel_recipient=parcel_recipient,
        parcel_phone=parcel_phone,
        parcel_address=parcel_address,
        signed=signed,
        private_number=(rng.random(n) < 0.015) & (event == Event.NONE) & (sales.ring < 0),
    )


def _cut_off(paid: Ints) -> Ints:
    """When the platform submits an order: pushed in batches at its cut-offs."""
    hour = paid % DAY
    cut_off: Ints = CUT_OFFS[np.searchsorted(CUT_OFFS, hour, side="right")]
    return paid - hour + cut_off + paid % 60


def _paid_together(sales: Sales) -> Ints:
    """Amount of the payment: what is due, of all sales that it covers."""
    amount = sales.due
    at = np.flatnonzero(sales.group >= 0)
    total = np.zeros(len(sales), dtype=np.int64)
    np.add.at(total, sales.group[at], amount[at])
    amount[at] = total[sales.group[at]]
    return amount


@dataclass
class _Lines:
    """The lines as the order totals them and as the declaration has them."""

    order_total: Ints
    product: Ints
    qty: Ints
    price: Ints

    @staticmethod
    def of(rng: np.random.Generator, sales: Sales, event: Ints) -> "_Lines":
        of_line = np.repeat(event, np.diff(sales.lines))
        total = sales.qty * sales.price
        product, qty, price = sales.product.copy(), sales.qty.copy(), sales.price * 10
        first = np.zeros(len(total), dtype=np.bool_)
        first[sales.lines[:-1]] = True
        at = np.flatnonzero((of_line == Event.LINE_TOTAL) & first)
        total[at] += np.maximum(1_200, total[at] * rng.integers(15, 50, len(at)) // 100)
        at = np.flatnonzero(of_line == Event.DECLARED_VALUE)
        price[at] = price[at] * rng.integers(45, 75, len(at)) // 1_000 * 10
        at = np.flatnonzero((of_line == Event.ITEM_SWAPPED) & first)
        product[at] = (product[at] + 5 * PRODUCTS_PER_THEME + 3) % (int(sales.product.max()) + 1)
        at = np.flatnonzero((of_line == Event.ITEM_QUANTITY) & first)
        qty[at] *= 2
        price[at] //= 2
        return _Lines(total, product, qty, price)
