"""What customs answers: receipts of every message, and tax bills."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from world.events import Event
from world.followups import withdrawal_cop, withdrawal_pre
from world.identifiers import Ints, join
from world.papers import END
from world.render import Renderer, Table, declared_lines, money, same, take, where
from world.sales import DAY

# Final answers to a declaration, their weight in 1/1,000 and what customs writes.
STATUS = (
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
_CLEARED, _CLOSED, _ACCEPTED = 0, 5, len(STATUS) - 1
# As the elements of each kind follow each other in its message.
# fmt: off
_COLUMNS = (
    "kind", "customsCode", "ebpCode", "ebcCode", "orderNo", "payCode", "payTransactionId",
    "logisticsCode", "logisticsNo", "logisticsStatus", "agentCode", "operatorCode", "copNo", "preNo",
    "rkdNo", "invtNo", "returnStatus", "returnTime", "returnInfo",
)
# fmt: on
# Retail imports pay seven tenths of VAT (13 %) and consumption tax, in 1/10,000; freight pays VAT alone.
_REDUCED, _VAT = 7_000, 910


def receipts(r: Renderer, start: int, stop: int, deliveries: Table) -> Table:
    """622 for every declaration (for some two), 624 and 626 for cancels and refunds, 712 for one arrival in
    five, 312, 412, 512 and 514 for one document in fifty."""
    sales, papers = r.sales, r.papers
    carrier, parcel = r.pools.code["carrier"], r.numbers.parcel

    def some(kind: str, at: Ints, when: Ints, status: int = _ACCEPTED) -> tuple[Ints, Table]:
        at, when = at[when < END], when[when < END]
        return at, _answers(r, same(kind, len(at)), np.full(len(at), status), when)

    at = _every_fiftieth(where(papers.has_order, start, stop), 11)
    at, of_orders = some("CEB312", at, papers.order_time[at] + 60)
    of_orders |= {
        "ebpCode": take(r.pools.code["platform"], sales.platform[at]),
        "ebcCode": take(r.pools.code["merchant"], sales.merchant[at]),
        "orderNo": take(r.numbers.order, at),
    }
    at = _every_fiftieth(where(papers.has_payment, start, stop), 23)
    at, of_payments = some("CEB412", at, papers.payment_time[at] + 60)
    of_payments |= {
        "payCode": take(r.pools.code["company"], sales.company[at]),
        "payTransactionId": take(r.numbers.payment, at),
    }
    at = _every_fiftieth(where(papers.has_waybill, start, stop), 31)
    at, of_waybills = some("CEB512", at, sales.sent[at] + 60)
    of_waybills |= {"logisticsCode": take(carrier, sales.carrier[at]), "logisticsNo": take(parcel, at)}
    signed = (papers.signed >= 0) & papers.has_waybill & (r.events.event != Event.WITHDRAWN)
    at = _every_fiftieth(where(signed, start, stop), 41)
    at, of_statuses = some("CEB514", at, papers.signed[at] + 960, _CLOSED)
    of_statuses |= {
        "logisticsCode": take(carrier, sales.carrier[at]),
        "logisticsNo": take(parcel, at),
        "logisticsStatus": same("S", len(at)),
    }
    parts = [_of_declarations(r, start, stop), of_orders, of_payments, of_waybills, of_statuses]
    parts.append(_of_deliveries(r, deliveries))
    whole = pa.concat_tables([pa.table(part) for part in parts], promote_options="default")
    return {name: whole[name].combine_chunks() for name in _COLUMNS}


def _every_fiftieth(at: Ints, rest: int) -> Ints:
    some: Ints = at[at % 50 == rest]
    return some


def _answers(r: Renderer, kind: pa.Array, status: Ints, when: Ints) -> Table:
    """Columns that every receipt has; `status` is a position in STATUS."""
    answer = pa.array(status)
    return {
        "kind": kind,
        "returnStatus": pa.array([code for code, _, _ in STATUS]).take(answer),
        "returnTime": join(r.clock.time(when), "000"),
        "returnInfo": pa.array([text for _, _, text in STATUS]).take(answer),
    }


def answered(r: Renderer, start: int, stop: int) -> tuple[Ints, Ints]:
    """Sales whose declaration is answered, and the final answer to each."""
    event = r.events.event
    declared = where(r.papers.has_inventory & (event != Event.WITHDRAWN), start, stop)
    edges = np.cumsum([weight for _, weight, _ in STATUS])
    final = np.searchsorted(edges, declared * 7_368_787 % 1_000, side="right")
    # What was cancelled or returned had been cleared before.
    went_back = np.isin(event[declared], (Event.CANCELLED, Event.REFUNDED))
    return declared, np.where(went_back, _CLEARED, final)


def _of_declarations(r: Renderer, start: int, stop: int) -> Table:
    sales, papers = r.sales, r.papers
    declared, final = answered(r, start, stop)
    event = r.events.event[declared]
    cancelled, refunded = declared[event == Event.CANCELLED], declared[event == Event.REFUNDED]
    rows = (declared[declared % 20 == 7], declared, cancelled, refunded)
    at = np.concatenate(rows)
    kind = np.repeat(np.arange(len(rows)), [len(part) for part in rows])
    status = np.full(len(at), _ACCEPTED)
    status[kind == 1] = final
    soon = papers.inventory_time[at] + np.where(kind == 0, 120, 5_400)
    later = (sales.declared[at] + np.where(kind == 2, 2, 10)) * DAY
    when = np.where(kind >= 2, later, soon)
    known = when < END
    at, kind, status, when = at[known], kind[known], status[known], when[known]
    is_withdrawal = pa.array(kind >= 2)
    letter = pa.array(["", "", "X", "R"]).take(pa.array(kind))
    return {
        **_answers(r, pa.array(["CEB622", "CEB622", "CEB624", "CEB626"]).take(pa.array(kind)), status, when),
        "customsCode": take(r.numbers.customs, at),
        "ebpCode": take(r.pools.code["platform"], sales.platform[at]),
        "ebcCode": take(r.pools.code["merchant"], sales.merchant[at]),
        "agentCode": take(r.pools.code["agent"], sales.agent[at]),
        "copNo": pc.if_else(is_withdrawal, withdrawal_cop(letter, at), take(r.numbers.cop, at)),
        "preNo": pc.if_else(is_withdrawal, withdrawal_pre(letter, at), take(r.numbers.pre, at)),
        "invtNo": take(r.numbers.invt, at),
    }


def _of_deliveries(r: Renderer, deliveries: Table) -> Table:
    """A store receipt's own number names the first sale of its parcels."""
    own = deliveries["copNo"].filter(pc.equal(deliveries["gnum"], "1"))
    at = pc.utf8_slice_codeunits(own, 1).cast(pa.int64()).to_numpy()
    at, own = at[at % 5 == 2], own.filter(pa.array(at % 5 == 2))
    day = r.sales.declared[at]
    number = join(take(r.numbers.customs, at), r.clock.date(day), pc.utf8_slice_codeunits(own, 5))
    when = np.minimum(day * DAY + 27_000, END - 1)
    return {
        **_answers(r, same("CEB712", len(at)), np.full(len(at), _CLOSED), when),
        "customsCode": take(r.numbers.customs, at),
        "operatorCode": take(r.pools.code["warehouse"], r.sales.warehouse[at]),
        "copNo": own,
        "rkdNo": number,
    }


def taxes(r: Renderer, start: int, stop: int) -> dict[str, Table]:
    """816 for one cleared declaration in ten: what its lines owe; void where the goods went back."""
    sales = r.sales
    at, final = answered(r, start, stop)
    at = at[(final == _CLEARED) & (at // 10 % 10 == 4)]
    when = (sales.declared[at] + 1) * DAY + 32_400 + at % 7_200
    at, when = at[when < END], when[when < END]
    row, gnum, product, qty, price = declared_lines(r, at)
    value, rate = qty * price // 10, r.goods.rate_bp[product]
    freight = np.where(gnum == 1, sales.freight[at][row], 0)  # is taxed with the first line
    owed = (value * rate + 5_000) // 10_000 + freight * _VAT // 10_000
    # VAT is owed on the consumption tax too.
    consumption = value * (rate - _VAT) * _REDUCED // (10_000 * (_REDUCED + _VAT))

    def total(amounts: Ints) -> pa.Array:
        return money(np.bincount(row, weights=amounts, minlength=len(at)).astype(np.int64))

    void = np.isin(r.events.event[at], (Event.CANCELLED, Event.REFUNDED))
    # The bills of thirty days are put together for one payment.
    paid = sales.declared[at] // 30 * 30 + 30
    together = ~void & (paid * DAY < END)
    payment = join(take(r.numbers.customs, at), r.clock.date(paid))
    agent = take(r.pools.code["agent"], sales.agent[at])
    numbers = {"invtNo": take(r.numbers.invt, at), "taxNo": join("T", take(r.numbers.invt, at))}
    heads: Table = {
        "returnTime": join(r.clock.time(when), "000"),
        **numbers,
        "customsTax": same("0", len(at)),
        "valueAddedTax": total(owed - consumption),
        "consumptionTax": total(consumption),
        "status": pa.array(np.select([void, together], ["3", "2"], "1")),
        "entDutyNo": pc.if_else(pa.array(together), payment, pa.scalar(None, pa.string())),
        "assureCode": agent,
        "ebcCode": take(r.pools.code["merchant"], sales.merchant[at]),
        "logisticsCode": take(r.pools.code["carrier"], sales.carrier[at]),
        "agentCode": agent,
        "customsCode": take(r.numbers.customs, at),
    }
    items: Table = {
        **{name: column.take(pa.array(row)) for name, column in numbers.items()},
        "gnum": pa.array(gnum).cast(pa.string()),
        "gcode": take(r.goods.gcode, product),
        "taxPrice": money(value + freight),
        "customsTax": same("0", len(row)),
        "valueAddedTax": money(owed - consumption),
        "consumptionTax": money(consumption),
    }
    return {"taxes": heads, "tax_items": items}
