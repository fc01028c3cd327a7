"""What follows a declaration or stands behind a payment: cancels, returns, arrivals, receipts, 179."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from world.events import Event
from world.identifiers import Ints, digits, join
from world.papers import END
from world.render import Renderer, Table, lines_of, money, same, take, where
from world.sales import DAY


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
        "copNo": _withdrawal_cop(prefix, at),
        "preNo": _withdrawal_pre(prefix, at),
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


# Final answers to a declaration, their weight in 1/1,000 and what customs writes.
_STATUS = (
    ("899", 905, "结关"),
    ("800", 60, "放行"),
    ("500", 8, "查验"),
    ("300", 8, "人工审核"),
    ("100", 9, "退单"),
    ("399", 4, "审结"),
    ("700", 3, "退运"),
    ("501", 2, "扣留移送通关"),
    ("502", 1, "扣留移送缉私"),
    ("120", 0, "入库"),
)
_ACCEPTED = len(_STATUS) - 1
_RECEIPT_KINDS = ("CEB622", "CEB622", "CEB624", "CEB626", "CEB312")


def receipts(r: Renderer, start: int, stop: int) -> Table:
    """622 for every declaration (for some two), 624 and 626 for cancels and refunds, 312 for some orders."""
    sales, papers = r.sales, r.papers
    event = r.events.event
    declared = where(papers.has_inventory & (event != Event.WITHDRAWN), start, stop)
    edges = np.cumsum([weight for _, weight, _ in _STATUS])
    final = np.searchsorted(edges, declared * 7_368_787 % 1_000, side="right")
    # What was cancelled or returned had been cleared before.
    final = np.where(np.isin(event[declared], (Event.CANCELLED, Event.REFUNDED)), 0, final)
    cancelled = declared[event[declared] == Event.CANCELLED]
    refunded = declared[event[declared] == Event.REFUNDED]
    orders = where(papers.has_order, start, stop)
    rows = (declared[declared % 20 == 7], declared, cancelled, refunded, orders[orders % 50 == 11])
    at = np.concatenate(rows)
    kind = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
    status = np.full(len(at), _ACCEPTED)
    status[kind == 1] = final
    soon = papers.inventory_time[at] + np.where(kind == 0, 120, 5_400)
    later = (sales.declared[at] + np.where(kind == 2, 2, 10)) * DAY
    when = np.select([kind == 4, kind >= 2], [papers.order_time[at] + 60, later], soon)
    known = when < END
    at, kind, status, when = at[known], kind[known], status[known], when[known]
    is_order, is_withdrawal = pa.array(kind == 4), pa.array((kind == 2) | (kind == 3))
    absent = pa.scalar(None, pa.string())
    letter = pa.array(["", "", "X", "R", ""]).take(pa.array(kind))
    cop = pc.if_else(is_withdrawal, _withdrawal_cop(letter, at), take(r.numbers.cop, at))
    pre = pc.if_else(is_withdrawal, _withdrawal_pre(letter, at), take(r.numbers.pre, at))
    answer = pa.array(status)
    return {
        "kind": pa.array(_RECEIPT_KINDS).take(pa.array(kind)),
        "customsCode": pc.if_else(is_order, absent, take(r.numbers.customs, at)),
        "ebpCode": take(r.pools.code["platform"], sales.platform[at]),
        "ebcCode": take(r.pools.code["merchant"], sales.merchant[at]),
        "orderNo": pc.if_else(is_order, take(r.numbers.order, at), absent),
        "agentCode": pc.if_else(is_order, absent, take(r.pools.code["agent"], sales.agent[at])),
        "copNo": pc.if_else(is_order, absent, cop),
        "preNo": pc.if_else(is_order, absent, pre),
        "invtNo": pc.if_else(is_order, absent, take(r.numbers.invt, at)),
        "returnStatus": pa.array([code for code, _, _ in _STATUS]).take(answer),
        "returnTime": join(r.clock.time(when), "000"),
        "returnInfo": pa.array([text for _, _, text in _STATUS]).take(answer),
    }


def _withdrawal_cop(letter: pa.Array | str, at: Ints) -> pa.Array:
    return join(letter, digits(at, 12))


def _withdrawal_pre(letter: pa.Array | str, at: Ints) -> pa.Array:
    return join(letter, digits(at + 20_250_000_000_000_000, 17))


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
