"""What follows a declaration or stands behind a payment: cancels, returns, arrivals, 179."""

import numpy as np
import pyarrow as pa

from world.events import Event
from world.identifiers import Ints, digits, join
from world.papers import END
from world.render import Renderer, Table, lines_of, money, same, take, where
from world.sales import DAY


def withdrawal_cop(letter: pa.Array | str, at: Ints) -> pa.Array:
    """Own number of a cancel (letter X) or refund (R)."""
    return join(letter, digits(at, 12))


def withdrawal_pre(letter: pa.Array | str, at: Ints) -> pa.Array:
    """The number that customs' entrance gave to a cancel or refund."""
    return join(letter, digits(at + 20_250_000_000_000_000, 17))


def _withdrawal(r: Renderer, at: Ints, reason: str, prefix: str) -> Table:
    """Columns that cancels and refunds share, in the order of the standard."""
    sales, people = r.sales, r.people
    when = (sales.declared[at] + np.where(prefix == "X", 1, 9)) * DAY + 36_000 + at % 7_200
    return {
        **r.head(np.ones(len(at), dtype=np.int64), when),
        "customsCode": take(r.numbers.customs, at),
        "orderNo": take(r.numbers.order, at),
        **r.firm("platform", "ebp", sales.platform[at]),
        **r.firm("merchant", "ebc", sales.merchant[at]),
        "logisticsNo": take(r.numbers.parcel, at),
        **r.firm("carrier", "logistics", sales.carrier[at]),
        "copNo": withdrawal_cop(prefix, at),
        "preNo": withdrawal_pre(prefix, at),
        "invtNo": take(r.numbers.invt, at),
        "buyerIdType": same("1", len(at)),
        "buyerIdNumber": take(people.ids, sales.consumer[at]),
        "buyerName": take(people.names, sales.consumer[at]),
        "buyerTelephone": r.phone(sales.buyer_phone[at]),
        **r.firm("agent", "agent", sales.agent[at]),
        "reason": same(reason, len(at)),
        **r.sender("agent", sales.agent[at]),
    }


def cancels(r: Renderer, start: int, stop: int) -> Table:
    at = where((r.events.event == Event.CANCELLED) & r.papers.has_inventory, start, stop)
    return _withdrawal(r, at, "消费者取消订单", "X")


def refunds(r: Renderer, start: int, stop: int) -> dict[str, Table]:
    at = where((r.events.event == Event.REFUNDED) & r.papers.has_inventory, start, stop)
    heads = _withdrawal(r, at, "消费者退货", "R")
    row, line, gnum = lines_of(r.sales, at)
    picked, product = pa.array(row), r.sales.product[line]
    items: Table = {
        **{name: heads[name].take(picked) for name in ("agentCode", "copNo", "invtNo")},
        "gnum": pa.array(gnum).cast(pa.string()),
        "gcode": take(r.goods.gcode, product),
        "gname": take(r.goods.name, product),
        "qty": pa.array(r.sales.qty[line]).cast(pa.string()),
        "unit": take(r.goods.unit, product),
        "appType": heads["appType"].take(picked),
        "appTime": heads["appTime"].take(picked),
    }
    return {"refunds": heads, "refund_items": items}


def deliveries(r: Renderer, start: int, stop: int) -> Table:
    """711 of directly mailed parcels: arrived in the supervised store on the day before they are declared."""
    sales, papers = r.sales, r.papers
    direct = ~r.cast.bonded[sales.platform] & papers.has_inventory & papers.has_waybill
    direct &= r.events.event != Event.WITHDRAWN
    at = where(direct, start, stop)
    group = (sales.declared[at] * len(r.cast.carriers) + sales.carrier[at]) * len(
        r.cast.warehouses
    ) + sales.warehouse[at]
    order = np.argsort(group, kind="stable")
    at, group = at[order], group[order]
    new = np.concatenate([[True], np.diff(group) != 0]) if len(at) else np.zeros(0, dtype=bool)
    first = (
        np.maximum.accumulate(np.where(new, np.arange(len(at)), 0))
        if len(at)
        else np.zeros(0, dtype=np.int64)
    )
    date = r.clock.date(sales.declared[at])
    return {
        **r.head(np.ones(len(at), dtype=np.int64), np.minimum(sales.declared[at] * DAY + 25_200, END - 1)),
        "customsCode": take(r.numbers.customs, at),
        "copNo": join("D", digits(at[first] if len(at) else at, 10)),
        **r.firm("warehouse", "operator", sales.warehouse[at]),
        "ieFlag": same("I", len(at)),
        "trafMode": same("5", len(at)),
        "trafNo": same("CA982", len(at)),
        "voyageNo": join("V", date),
        "billNo": join("999-", date),
        **r.firm("carrier", "logistics", sales.carrier[at]),
        "gnum": pa.array(np.arange(len(at)) - first + 1).cast(pa.string()),
        "logisticsNo": take(r.numbers.parcel, at),
        **r.sender("warehouse", sales.warehouse[at]),
    }


def raw_payments(r: Renderer, start: int, stop: int) -> dict[str, Table]:
    """179 data: of every payment that covers several orders, and of one in sixteen of the others."""
    sales, papers = r.sales, r.papers
    leader = (sales.group == np.arange(len(sales))) | ((sales.group < 0) & (np.arange(len(sales)) % 16 == 9))
    at = where(leader & papers.has_payment, start, stop)
    company = sales.company[at]
    merchant = sales.merchant[at]
    paid: Table = {
        "payTransactionId": take(r.numbers.payment, at),
        "payCode": take(r.pools.code["company"], company),
        "totalAmount": money(papers.amount_paid[at]),
        "currency": same("142", len(at)),
        "tradingTime": r.clock.time(papers.paid[at]),
        "verDept": pa.array(["1", "2", "2", "3"]).take(pa.array(company % 4)),
        "payType": same("1", len(at)),
        "ebpCode": take(r.pools.code["platform"], sales.platform[at]),
        "recpAccount": join("6217", digits(merchant * 104_729 + 85_010_000_000_000, 15)),
        "recpCode": take(r.pools.code["merchant"], merchant),
        "recpName": take(r.pools.name["merchant"], merchant),
    }
    # The second order of a shared payment may lie beyond the slice: it is found by its leader.
    members = np.flatnonzero(np.isin(sales.group, at[sales.group[at] >= 0]))
    covered = np.sort(np.concatenate([at[sales.group[at] < 0], members]))
    payer = np.where(sales.group[covered] >= 0, sales.group[covered], covered)
    orders: Table = {
        "payTransactionId": take(r.numbers.payment, payer),
        "payCode": take(r.pools.code["company"], sales.company[payer]),
        "orderNo": take(r.numbers.order, covered),
        "ebpCode": take(r.pools.code["platform"], sales.platform[covered]),
        "gname": take(r.goods.name, sales.product[sales.lines[covered]]),
    }
    return {"raw_payments": paid, "raw_payment_orders": orders}
