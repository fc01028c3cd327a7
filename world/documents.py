"""The documents of a slice of sales, one table a kind of the contract."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from world.events import Event
from world.identifiers import Ints, digits, join
from world.papers import END
from world.render import Renderer, Table, lines_of, money, same, take, thousandths, where
from world.sales import DAY

SITES = ("01", "02")


def render(r: Renderer, start: int, stop: int) -> dict[str, Table]:
    """Every document of sales start..stop: kind → columns of equal length, in the order of the standard."""
    return {
        **_orders(r, start, stop),
        "payments": _payments(r, start, stop),
        "waybills": _waybills(r, start, stop),
        "waybill_status": _statuses(r, start, stop),
        **_inventories(r, start, stop),
        "cancels": _cancels(r, start, stop),
        **_refunds(r, start, stop),
        "deliveries": _deliveries(r, start, stop),
        "receipts": _receipts(r, start, stop),
        **_raw_payments(r, start, stop),
    }


def _orders(r: Renderer, start: int, stop: int) -> dict[str, Table]:
    sales, papers, people = r.sales, r.papers, r.people
    at, app, time = r.versions(where(papers.has_order, start, stop), papers.order_time, changed=True)
    actual = papers.actual_paid[at]
    # The version that a change replaces had its amount wrong.
    actual = np.where((r.events.event[at] == Event.CHANGED) & (app == 1), actual + 3_300, actual)
    silent = at % 12 == 5  # the payment's number may be left out
    number = pc.if_else(pa.array(silent), pa.scalar(None, pa.string()), take(r.numbers.payment, at))
    platform, buyer = sales.platform[at], sales.consumer[at]
    head = r.head(app, time)
    orders: Table = {
        **head,
        "orderType": same("I", len(at)),
        "orderNo": take(r.numbers.order, at),
        **r.firm("platform", "ebp", platform),
        **r.firm("merchant", "ebc", sales.merchant[at]),
        "goodsValue": money(sales.goods[at]),
        "freight": money(sales.freight[at]),
        "discount": money(sales.discount[at]),
        "taxTotal": money(sales.tax[at]),
        "acturalPaid": money(actual),
        "currency": same("142", len(at)),
        "buyerRegNo": join("u", digits(buyer * 1_299_709 + platform * 15_485_863, 10)),
        "buyerName": take(people.names, buyer),
        "buyerTelephone": r.phone(sales.buyer_phone[at]),
        "buyerIdType": same("1", len(at)),
        "buyerIdNumber": take(people.ids, buyer),
        **r.firm("company", "pay", sales.ordered_company[at]),
        "payTransactionId": number,
        "consignee": take(people.names, sales.recipient[at]),
        "consigneeTelephone": r.parcel_phone(at, sales.recipient_phone[at]),
        "consigneeAddress": take(people.addresses, sales.address[at]),
        "consigneeDistrict": r.district(sales.address[at]),
        **r.sender("platform", platform, r.cast.gateway[platform]),
    }
    row, line, gnum = lines_of(sales, at)
    product = sales.product[line]
    items: Table = {
        "ebpCode": orders["ebpCode"].take(pa.array(row)),
        "orderNo": orders["orderNo"].take(pa.array(row)),
        "gnum": pa.array(gnum).cast(pa.string()),
        "itemNo": take(r.goods.item_no, product),
        "itemName": take(r.goods.name, product),
        "gmodel": take(r.goods.model, product),
        "barCode": take(r.goods.bar_code, product),
        "unit": take(r.goods.unit, product),
        "qty": pa.array(sales.qty[line]).cast(pa.string()),
        "price": money(sales.price[line]),
        "totalPrice": money(papers.line_total[line]),
        "currency": same("142", len(row)),
        "country": take(r.goods.country, product),
        "appType": head["appType"].take(pa.array(row)),
        "appTime": head["appTime"].take(pa.array(row)),
    }
    return {"orders": orders, "order_items": items}


def _payments(r: Renderer, start: int, stop: int) -> Table:
    sales, papers = r.sales, r.papers
    at, app, time = r.versions(where(papers.has_payment, start, stop), papers.payment_time)
    company = sales.company[at]
    return {
        **r.head(app, time),
        **r.firm("company", "pay", company),
        "payTransactionId": take(r.numbers.payment, at),
        "orderNo": take(r.numbers.order, at),
        **r.firm("platform", "ebp", sales.platform[at]),
        "payerIdType": same("1", len(at)),
        "payerIdNumber": take(r.people.ids, papers.payer[at]),
        "payerName": take(r.people.names, papers.payer[at]),
        "telephone": r.phone(papers.payer_phone[at]),
        "amountPaid": money(papers.amount_paid[at]),
        "currency": same("142", len(at)),
        "payTime": r.clock.time(papers.paid[at]),
        **r.sender("company", company),
    }


def _weight(r: Renderer, at: Ints) -> Ints:
    """Net weight in grams."""
    row, line, _ = lines_of(r.sales, at)
    grams = r.goods.weight[r.sales.product[line]] * r.sales.qty[line]
    return np.bincount(row, weights=grams, minlength=len(at)).astype(np.int64)


def _waybills(r: Renderer, start: int, stop: int) -> Table:
    sales, papers = r.sales, r.papers
    at, app, time = r.versions(where(papers.has_waybill, start, stop), sales.sent)
    return {
        **r.head(app, time),
        **r.firm("carrier", "logistics", sales.carrier[at]),
        "logisticsNo": take(r.numbers.parcel, at),
        "orderNo": take(r.numbers.order, at),
        "freight": money(sales.freight[at]),
        "insuredFee": same("0", len(at)),
        "currency": same("142", len(at)),
        "weight": thousandths(_weight(r, at) + 150),
        "packNo": same("1", len(at)),
        "goodsInfo": take(r.goods.name, sales.product[sales.lines[at]]),
        "consignee": take(r.people.names, papers.parcel_recipient[at]),
        "consigneeAddress": take(r.people.addresses, papers.parcel_address[at]),
        "consigneeTelephone": r.parcel_phone(at, papers.parcel_phone[at]),
        **r.sender("carrier", sales.carrier[at]),
    }


def _statuses(r: Renderer, start: int, stop: int) -> Table:
    sales, papers = r.sales, r.papers
    at = where((papers.signed >= 0) & papers.has_waybill & (r.events.event != Event.WITHDRAWN), start, stop)
    return {
        **r.head(np.ones(len(at), dtype=np.int64), papers.signed[at] + 900),
        **r.firm("carrier", "logistics", sales.carrier[at]),
        "logisticsNo": take(r.numbers.parcel, at),
        "logisticsStatus": same("S", len(at)),
        "logisticsTime": r.clock.time(papers.signed[at]),
        **r.sender("carrier", sales.carrier[at]),
    }


def _inventories(r: Renderer, start: int, stop: int) -> dict[str, Table]:
    sales, papers, people = r.sales, r.papers, r.people
    at, app, time = r.versions(where(papers.has_inventory, start, stop), papers.inventory_time)
    bonded = r.cast.bonded[sales.platform[at]]
    absent = pa.scalar(None, pa.string())
    is_bonded = pa.array(bonded)
    customs = take(r.numbers.customs, at)
    area = r.firm("warehouse", "area", sales.warehouse[at])
    late = pa.array(at % 10 == 3)  # customs gives these their number in the receipt only
    net = _weight(r, at)
    head = r.head(app, time)
    inventories: Table = {
        **head,
        "orderNo": take(r.numbers.order, at),
        **r.firm("platform", "ebp", sales.platform[at]),
        **r.firm("merchant", "ebc", sales.merchant[at]),
        "logisticsNo": take(r.numbers.parcel, at),
        **r.firm("carrier", "logistics", sales.carrier[at]),
        "copNo": take(r.numbers.cop, at),
        "preNo": take(r.numbers.pre, at),
        "assureCode": take(r.pools.code["agent"], sales.agent[at]),
        "emsNo": pc.if_else(is_bonded, join("T", customs, "W000001"), absent),
        "invtNo": pc.if_else(late, absent, take(r.numbers.invt, at)),
        "ieFlag": same("I", len(at)),
        "declTime": r.clock.date(sales.declared[at]),
        "customsCode": customs,
        "portCode": customs,
        "buyerIdType": same("1", len(at)),
        "buyerIdNumber": take(people.ids, papers.invoice_buyer[at]),
        "buyerName": take(people.names, papers.invoice_buyer[at]),
        "buyerTelephone": r.phone(papers.invoice_phone[at]),
        "consigneeAddress": take(people.addresses, sales.address[at]),
        **r.firm("agent", "agent", sales.agent[at]),
        "areaCode": pc.if_else(is_bonded, area["areaCode"], absent),
        "areaName": pc.if_else(is_bonded, area["areaName"], absent),
        "tradeMode": pc.if_else(is_bonded, "1210", "9610"),
        "trafMode": pc.if_else(is_bonded, "7", "5"),
        "trafNo": pc.if_else(is_bonded, absent, same("CA982", len(at))),
        "voyageNo": pc.if_else(is_bonded, absent, join("V", r.clock.date(sales.declared[at]))),
        "billNo": pc.if_else(is_bonded, absent, join("999-", r.clock.date(sales.declared[at]))),
        "loctNo": pc.if_else(is_bonded, absent, join(customs, pa.array(SITES).take(pa.array(sales.agent[at] % 2)))),
        "country": pc.if_else(is_bonded, "142", take(r.goods.country, sales.product[sales.lines[at]])),
        "freight": money(sales.freight[at]),
        "insuredFee": same("0", len(at)),
        "currency": same("142", len(at)),
        "packNo": same("1", len(at)),
        "grossWeight": thousandths(net + 150),
        "netWeight": thousandths(net),
        **r.sender("agent", sales.agent[at]),
    }
    return {"inventories": inventories, "inventory_items": _inventory_items(r, at, inventories)}


def _inventory_items(r: Renderer, at: Ints, heads: Table) -> Table:
    sales, papers = r.sales, r.papers
    row, line, gnum = lines_of(sales, at)
    qty, price = papers.invoice_qty[line], papers.invoice_price[line]
    product = papers.invoice_product[line]
    # A line that the order does not have: an addition at no price.
    more = np.flatnonzero(papers.extra_line[at])
    count = np.diff(sales.lines)[at[more]]
    row, gnum = np.concatenate([row, more]), np.concatenate([gnum, count + 1])
    product = np.concatenate([product, (sales.product[sales.lines[at[more]]] + 1) % len(r.goods.item_no)])
    qty, price = np.concatenate([qty, np.ones_like(more)]), np.concatenate([price, np.zeros_like(more)])
    order = np.lexsort((gnum, row))
    row, gnum, product, qty, price = row[order], gnum[order], product[order], qty[order], price[order]
    picked = pa.array(row)
    head = {name: heads[name].take(picked) for name in ("ebpCode", "orderNo", "copNo")}
    return {
        **head,
        "gnum": pa.array(gnum).cast(pa.string()),
        "itemNo": take(r.goods.item_no, product),
        "itemName": take(r.goods.name, product),
        "gcode": take(r.goods.gcode, product),
        "gname": take(r.goods.name, product),
        "gmodel": take(r.goods.model, product),
        "barCode": take(r.goods.bar_code, product),
        "country": take(r.goods.country, product),
        "currency": same("142", len(row)),
        "qty": pa.array(qty).cast(pa.string()),
        "unit": take(r.goods.unit, product),
        "qty1": thousandths(np.maximum(1, r.goods.weight[product] * qty)),
        "unit1": take(r.goods.unit1, product),
        "price": thousandths(price),
        "totalPrice": money(qty * price // 10),
        "appType": heads["appType"].take(picked),
        "appTime": heads["appTime"].take(picked),
    }


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
        "copNo": join(prefix, digits(at, 12)),
        "preNo": join(prefix, digits(at + 20_250_000_000_000_000, 17)),
        "invtNo": take(r.numbers.invt, at),
        "buyerIdType": same("1", len(at)),
        "buyerIdNumber": take(people.ids, sales.consumer[at]),
        "buyerName": take(people.names, sales.consumer[at]),
        "buyerTelephone": r.phone(sales.buyer_phone[at]),
        **r.firm("agent", "agent", sales.agent[at]),
        "reason": same(reason, len(at)),
        **r.sender("agent", sales.agent[at]),
    }


def _cancels(r: Renderer, start: int, stop: int) -> Table:
    at = where((r.events.event == Event.CANCELLED) & r.papers.has_inventory, start, stop)
    return _withdrawal(r, at, "消费者取消订单", "X")


def _refunds(r: Renderer, start: int, stop: int) -> dict[str, Table]:
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


def _deliveries(r: Renderer, start: int, stop: int) -> Table:
    """711 of directly mailed parcels: arrived in the supervised store on the day before they are declared."""
    sales, papers = r.sales, r.papers
    direct = ~r.cast.bonded[sales.platform] & papers.has_inventory & papers.has_waybill
    direct &= r.events.event != Event.WITHDRAWN
    at = where(direct, start, stop)
    group = (sales.declared[at] * len(r.cast.carriers) + sales.carrier[at]) * len(r.cast.warehouses) + sales.warehouse[at]
    order = np.argsort(group, kind="stable")
    at, group = at[order], group[order]
    new = np.concatenate([[True], np.diff(group) != 0]) if len(at) else np.zeros(0, dtype=bool)
    first = np.maximum.accumulate(np.where(new, np.arange(len(at)), 0)) if len(at) else np.zeros(0, dtype=np.int64)
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
_STATUS = (("899", 905, "结关"), ("800", 60, "放行"), ("500", 8, "查验"), ("300", 8, "人工审核"), ("100", 9, "退单"),
           ("399", 4, "审结"), ("700", 3, "退运"), ("501", 2, "扣留移送通关"), ("502", 1, "扣留移送缉私"))  # fmt: skip


def _receipts(r: Renderer, start: int, stop: int) -> Table:
    """622 for every declaration (for some two), 624 and 626 for cancels and refunds, 312 for some orders."""
    sales, papers = r.sales, r.papers
    event = r.events.event
    declared = where(papers.has_inventory & (event != Event.WITHDRAWN), start, stop)
    edges = np.cumsum([weight for _, weight, _ in _STATUS])
    final = np.searchsorted(edges, declared * 7_368_787 % 1_000, side="right")
    # What was seized or refused stays so only for sales with nothing else to say.
    final = np.where(np.isin(event[declared], (Event.CANCELLED, Event.REFUNDED)), 0, final)
    first = declared[declared % 20 == 7]
    cancelled, refunded = declared[event[declared] == Event.CANCELLED], declared[event[declared] == Event.REFUNDED]
    orders = where(papers.has_order, start, stop)
    orders = orders[orders % 50 == 11]
    kinds = ("CEB622", "CEB622", "CEB624", "CEB626", "CEB312")
    rows = (first, declared, cancelled, refunded, orders)
    at = np.concatenate(rows)
    kind = np.repeat(np.arange(5), [len(part) for part in rows])
    status = np.concatenate([np.full(len(first), -1), final, np.full(len(cancelled) + len(refunded) + len(orders), -1)])
    when = np.where(kind == 4, papers.order_time[at] + 60, papers.inventory_time[at] + np.where(kind == 0, 120, 5_400))
    when = np.where((kind == 2) | (kind == 3), (sales.declared[at] + np.where(kind == 2, 2, 10)) * DAY, when)
    known = when < END
    at, kind, status, when = at[known], kind[known], status[known], when[known]
    absent = pa.scalar(None, pa.string())
    order = pa.array(kind == 4)
    withdrawal = pa.array((kind == 2) | (kind == 3))
    letter = pa.array(["", "", "X", "R", ""]).take(pa.array(kind))
    return {
        "kind": pa.array(kinds).take(pa.array(kind)),
        "customsCode": pc.if_else(order, absent, take(r.numbers.customs, at)),
        "ebpCode": take(r.pools.code["platform"], sales.platform[at]),
        "ebcCode": take(r.pools.code["merchant"], sales.merchant[at]),
        "orderNo": pc.if_else(order, take(r.numbers.order, at), absent),
        "agentCode": pc.if_else(order, absent, take(r.pools.code["agent"], sales.agent[at])),
        "copNo": pc.if_else(order, absent, pc.if_else(withdrawal, join(letter, digits(at, 12)), take(r.numbers.cop, at))),
        "preNo": pc.if_else(
            order, absent,
            pc.if_else(withdrawal, join(letter, digits(at + 20_250_000_000_000_000, 17)), take(r.numbers.pre, at)),
        ),
        "invtNo": pc.if_else(order, absent, take(r.numbers.invt, at)),
        "returnStatus": pa.array([code for code, _, _ in _STATUS] + ["120"]).take(pa.array(np.where(status < 0, len(_STATUS), status))),
        "returnTime": join(r.clock.time(when), "000"),
        "returnInfo": pa.array([text for _, _, text in _STATUS] + ["入库"]).take(pa.array(np.where(status < 0, len(_STATUS), status))),
    }  # fmt: skip


def _raw_payments(r: Renderer, start: int, stop: int) -> dict[str, Table]:
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
