"""The documents of a slice of sales, one table a kind of the contract."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from world.answers import receipts, taxes
from world.events import Event
from world.followups import cancels, deliveries, raw_payments, refunds
from world.identifiers import Ints, digits, join
from world.render import Renderer, Table, declared_lines, lines_of, money, same, take, thousandths, where

SITES = ("01", "02")


def render(r: Renderer, start: int, stop: int) -> dict[str, Table]:
    """Every document of sales start..stop: kind → columns of equal length, in the order of the standard."""
    arrived = deliveries(r, start, stop)
    return {
        **_orders(r, start, stop),
        "payments": _payments(r, start, stop),
        "waybills": _waybills(r, start, stop),
        "waybill_status": _statuses(r, start, stop),
        **_inventories(r, start, stop),
        "cancels": cancels(r, start, stop),
        **refunds(r, start, stop),
        **taxes(r, start, stop),
        "deliveries": arrived,
        "receipts": receipts(r, start, stop, arrived),
        **raw_payments(r, start, stop),
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
        "loctNo": pc.if_else(
            is_bonded, absent, join(customs, pa.array(SITES).take(pa.array(sales.agent[at] % 2)))
        ),
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
    row, gnum, product, qty, price = declared_lines(r, at)
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
