"""Lanes: dated data that is read strictly; of several reasons the gravest wins, and each is told."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Any

import orjson
import pytest
import yaml
from counter import NOON, Counter, body, buys, facts
from shops import person, sale
from sqlalchemy import insert

from app.assessment.book import packed, unpacked
from app.assessment.declaration import MOST_BYTES, MistakenError, read_declaration
from app.assessment.kept import assessment, replay
from app.assessment.lane_table import lanes_on, read_lanes
from app.casebook.assessment_models import Assessment
from app.casebook.models import Finding
from app.errors import BadInputError, NotFoundError
from app.supervision.drawing import office_seed, share_of
from app.supervision.instructions import Instruction, approve, issue, keep_draft, withdraw
from app.supervision.measure_table import measures_on
from app.supervision.protection import consumer_key, lift, protect
from loaders.contract.keys import Keys

SHIPPED = files("app.assessment").joinpath("data/lanes.yaml").read_text("utf-8")


def changed(tmp_path: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    """The shipped table with something changed in its version."""
    told = yaml.safe_load(SHIPPED)
    change(told["versions"][0])
    file = tmp_path / "lanes.yaml"
    file.write_text(yaml.safe_dump(told, allow_unicode=True), "utf-8")
    return file


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda v: v["facts"]["identity-invalid"].update(lane="stop"), "'stop' is no lane"),
        (lambda v: v["facts"]["identity-locked"].update(lane="manual review"), "always held"),
        (lambda v: v["facts"].pop("quota-annual"), "'quota-annual' is missing"),
        (lambda v: v["facts"].update(sunny=dict(v["facts"]["quota-annual"])), "'sunny' is none of"),
        (lambda v: v["findings"].pop("low"), "'low' is missing"),
        (lambda v: v["findings"].update(low="gate"), "'gate' is no lane"),
        (lambda v: v["facts"]["quota-annual"].update(en="{price} too much"), "no number 'price'"),
        (lambda v: v.update(reservation_days=0), "reservation_days"),
        (lambda v: v.update(colour="red"), "colour"),
    ],
)
def test_a_table_with_a_mistake_is_refused_with_its_place(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], why: str
) -> None:
    with pytest.raises(BadInputError, match=r"lanes.yaml:\d+:\d+: ") as error:
        read_lanes(changed(tmp_path, change))
    assert why in str(error.value)


def test_a_day_before_the_first_version_has_no_lanes() -> None:
    assert lanes_on(date(2019, 1, 1)).version == "1.0.0"
    with pytest.raises(NotFoundError):
        lanes_on(date(2018, 12, 31))


@pytest.fixture
def office(counter: Counter) -> Counter:
    counter.load(*buys(90, 90))
    counter.refresh()
    return counter


def test_differences_are_facts_with_their_sizes(office: Counter) -> None:
    other = {"payerIdNumber": person(5)[0], "payerName": "另人", "amountPaid": "90"}
    told = office.assess(sale("SHOP", 1, 1, payment_says=other))
    assert {"document-payer", "document-amount"} <= facts(told).keys()
    assert {"name": "amount_paid", "size": "10.00000"} in told["differences"]
    reason = next(row for row in told["reasons"] if row["name"] == "document-amount")
    assert (reason["rule"], reason["rule_version"]) == ("document-amount", "1.0.0")
    assert "amount_paid 10" in reason["reason"]["en"]
    assert "amount_paid 10" in reason["reason"]["zh"]


def test_an_identity_number_that_is_none_is_a_fact(office: Counter) -> None:
    valid = "11010519491231002X"
    for number, wrong in ((valid, False), (valid[:-1] + "1", True)):
        one = {"buyerIdNumber": number}
        told = office.assess(
            sale("SHOP", 1, 1, order_says=one, inventory_says=one, payment_says={"payerIdNumber": number})
        )
        assert ("identity-invalid" in facts(told)) is wrong


def test_goods_off_the_positive_list_are_a_fact_where_a_list_is_loaded(office: Counter) -> None:
    assert "goods-not-listed" not in facts(office.assess(buys(1, 1)))
    office.load([("positive_list", {"gcode": "33049900", "validFrom": "2020-01-01"})])
    office.refresh()
    assert facts(office.assess(buys(1, 2)))["goods-not-listed"] == {"codes": ["1901101000"]}
    office.load([("positive_list", {"gcode": "1901", "validFrom": "2020-01-01"})])
    office.refresh()
    assert "goods-not-listed" not in facts(office.assess(buys(1, 3)))


def test_who_is_under_watch_is_reviewed_and_who_was_freed_is_not(office: Counter) -> None:
    key, day = consumer_key(office.keys, person(1)[0]), date(2024, 1, 15)
    one = protect(office.casebook, key, "watched", since=day, until=None, why="Asked.", by="Li", on=day)
    told = office.assess(buys(1, 1))
    assert facts(told)["identity-watched"] == {"since": "2024-01-15"}
    lift(office.casebook, one.number, day=date(2024, 1, 8), why="Asked.", by="Li", on=day)
    assert "identity-watched" not in facts(office.assess(buys(1, 2)))


def found(office: Counter, identity: str, kind: str, key: str, severity: str, **more: Any) -> None:
    """A finding in the casebook, as detection would have left it."""
    result = {"members": more.pop("members", [])}
    row = {
        "id": identity,
        "rule": f"rule-of-{identity}",
        "rule_version": "1.0.0",
        "maturity": "live",
        "parameters": "{}",
        "as_of": date(2024, 1, 20),
        "ledger_version": 1,
        "graph_version": "{}",
        "subject_kind": kind,
        "subject_key": key,
        "severity": severity,
        "score": 1.0,
        "result": orjson.dumps(result).decode(),
        "query": "",
        "picture": "",
        "first_seen": 1,
        "last_seen": 1,
        "present": True,
        "decision": "open",
        **more,
    }
    with office.casebook.change() as change:
        change.connection.execute(insert(Finding), [row])
        change.written += 1


def test_present_findings_about_who_takes_part_ask_for_lanes(office: Counter) -> None:
    found(office, "f-platform", "Platform", "SHOP", "low")
    found(office, "f-agent", "Agent", "A1", "critical", members=[{"kind": "Merchant", "key": "ANOTHER"}])
    found(office, "f-cleared", "Platform", "SHOP", "critical", decision="false alarm")
    found(office, "f-gone", "Platform", "SHOP", "critical", present=False)
    found(office, "f-draft", "Platform", "SHOP", "critical", maturity="shadow")
    found(office, "f-ring", "Community", "C1", "high", members=[{"kind": "Platform", "key": "SHOP"}])
    office.refresh()
    told = office.assess(buys(1, 1))
    findings = {row["finding"]: row["lane"] for row in told["reasons"] if row["kind"] == "finding"}
    assert findings == {"f-platform": "machine review", "f-ring": "machine inspection"}
    assert told["lane"] == "machine inspection"


def order(office: Counter, **says: Any) -> Instruction:
    """An instruction, drafted and approved."""
    told = {
        "id": "",
        "scope_kind": "platform",
        "scope_key": "SHOP",
        "action": "physical inspection",
        "rate": Decimal(1),
        "starts": NOON,
        "ends": NOON + timedelta(days=10),
        "reason": "A test.",
        "source": "person",
        "finding": None,
        "class_letter": None,
        "state": "drafted",
        **says,
    }
    with office.casebook.change() as change:
        one = keep_draft(change, Instruction(**told), "Li", NOON)
    return approve(office.casebook, one.id, by="Wang", why="Right.", at=NOON)


def test_an_instruction_is_obeyed_from_the_moment_it_is_issued(office: Counter) -> None:
    drafted = order(office)
    assert not instructed(office.assess(buys(1, 1)))
    issue(office.casebook, drafted.id, by="Wang", why="Now.", at=NOON)
    told = office.assess(buys(1, 2))
    assert instructed(told) == [(drafted.id, "physical inspection")]
    assert told["lane"] == "physical inspection"
    assert not instructed(office.assess(buys(1, 3, platform="OTHER")))
    withdraw(office.casebook, drafted.id, expected="issued", by="Wang", why="Over.", at=NOON)
    assert not instructed(office.assess(buys(1, 4)))


def test_an_instruction_is_obeyed_by_a_declaration_that_was_answered_before(office: Counter) -> None:
    drafted = order(office)
    first = office.assess(buys(1, 1))
    issue(office.casebook, drafted.id, by="Wang", why="Now.", at=NOON)
    told = office.assess(buys(1, 1))
    assert (told["lane"], told["replaces"]) == ("physical inspection", first["id"])
    assert office.assess(buys(1, 1)) == told
    withdraw(office.casebook, drafted.id, expected="issued", by="Wang", why="Over.", at=NOON)
    assert not instructed(office.assess(buys(1, 1)))


def test_an_instruction_at_a_rate_takes_that_share_and_ends(office: Counter) -> None:
    half = order(office, scope_kind="goods", scope_key="1901", rate=Decimal("0.5"), action="manual review")
    issue(office.casebook, half.id, by="Wang", why="Now.", at=NOON)
    taken = [bool(instructed(office.assess(buys(no, no)))) for no in range(1, 41)]
    assert 8 <= sum(taken) <= 32
    seed = office_seed(Keys.open(office.settings.key_file))
    day = date(2024, 1, 9)  # of the declarations
    assert taken == [share_of(f"{seed}|{half.id}", day, f"SHOP|{no:05d}") < 0.5 for no in range(1, 41)]
    office.later(days=11)
    assert not any(instructed(office.assess(buys(no, 100 + no))) for no in range(1, 11))


def instructed(told: dict[str, Any]) -> list[tuple[str, str]]:
    return [(row["name"], row["lane"]) for row in told["reasons"] if row["kind"] == "instruction"]


def test_draws_are_those_of_the_measures_and_repeatable(office: Counter) -> None:
    measures = measures_on(date(2024, 1, 20)).of(None)
    seed = office_seed(Keys.open(office.settings.key_file))
    for no in range(1, 60):
        told = office.assess(buys(no, no))
        share = share_of(seed, date(2024, 1, 9), f"SHOP|{no:05d}")
        assert told["measure"]["draw"] == share
        drawn = {row["lane"] for row in told["reasons"] if row["kind"] in ("random", "class")}
        assert (share < measures.physical_inspection) is ("physical inspection" in drawn)
    assert told["measure"]["class"] == "C"
    assert told["measure"]["rated"] is False


def test_a_replay_tells_the_same_and_a_changed_answer_is_told_by_its_place(office: Counter) -> None:
    office.assess(buys(1, 1, "20000"))
    told = office.assess(buys(1, 2, "7000"))
    assert told["lane"] == "hold"
    scratch = office.folder / "work"
    assert replay(office.casebook, told["id"], scratch)["same"]
    with office.casebook.change(shown=False) as change:
        row = change.connection.execute(
            Assessment.__table__.select().where(Assessment.id == told["id"])
        ).one()
        answer = unpacked(row.answer)
        answer["quota"]["used"] = "1.00000"
        change.connection.execute(
            Assessment.__table__.update().where(Assessment.id == told["id"]).values(answer=packed(answer))
        )
    again = replay(office.casebook, told["id"], scratch)
    assert again["differences"] == [{"where": "quota.used", "answered": "1.00000", "replayed": "27000.00000"}]


def test_what_is_kept_is_the_answer_and_no_personal_value(office: Counter) -> None:
    told = office.assess(buys(1, 1))
    office.close()
    kept = assessment(office.casebook, told["id"])
    assert {name: kept[name] for name in told} == told
    assert kept["reservation"]["state"] == "reserved"
    with office.casebook.read() as connection:
        inputs = str(unpacked(connection.execute(Assessment.__table__.select()).one().inputs))
    assert not any(value in inputs for value in person(1))


@pytest.mark.parametrize(
    ("more", "wrong"),
    [
        ({"orders": [], "order_items": []}, None),
        ({"inventories": [], "orders": []}, ("inventories", "or orders must say which sale it is")),
        ({"inventories": {}}, ("inventories", "must be a list of flat rows")),
        ({"payments": [{}, {}]}, ("payments", "has more than 1 row")),
        ({"inventory_items": [{}] * 100}, ("inventory_items", "has more than 99 rows")),
        ({"receipts": []}, ("receipts", "is no kind of document here")),
        ({"13800000001": []}, ("(another)", "is no kind of document here")),
        ({"waybills": [{"orderNo": "7"}]}, ("waybills[0].logisticsCode", "is required")),
    ],
)
def test_a_malformed_declaration_is_refused_by_its_fields(
    counter: Counter, more: dict[str, Any], wrong: tuple[str, str] | None
) -> None:
    given = body(sale("SHOP", 1, 1), **more)
    if wrong is None:
        assert read_declaration(given, counter.keys).sale.sale_id == "SHOP|00001"
        return
    with pytest.raises(MistakenError) as error:
        read_declaration(given, counter.keys)
    assert wrong in error.value.mistakes


def test_documents_of_another_sale_are_refused_and_no_value_is_repeated(counter: Counter) -> None:
    mixed = [
        *sale("SHOP", 1, 1, drop=["payment"]),
        *sale("SHOP", 2, 2, drop=["order", "waybill", "inventory"]),
    ]
    with pytest.raises(MistakenError, match=r"payments\[0\].orderNo is not that of inventories") as error:
        read_declaration(body(mixed), counter.keys)
    assert "00002" not in str(error.value)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'"x"', b"\xff", b"x" * (MOST_BYTES + 1)])
def test_what_is_no_declaration_at_all_is_refused(counter: Counter, text: bytes) -> None:
    with pytest.raises(BadInputError):
        read_declaration(text, counter.keys)
