"""From one report, the others that are likely hit: used the same way, with odds that can be followed."""

from typing import Any

import pytest
from ledger_desk import Desk
from ledger_documents import Document
from shops import person, sale

from app.errors import NotFoundError
from app.supervision.likely_hit import likely_hit
from app.supervision.protection import consumer_key
from loaders.contract import Keys

VICTIM, ON_PHONE, SAME_DAYS, LATER, HOUSEMATE, REPORTED_TOO = 900, 901, 902, 903, 904, 905
FORGER = person(999)


def _report(no: int, who: int, kind: str, **about: str) -> Document:
    row = {"reportId": f"R{no}", "reportedAt": "2024-02-20T10:00:00", "buyerIdNumber": person(who)[0]}
    return [("consumer_reports", {**row, "kind": kind, **about})]


def _forged(no: int, who: int, day: int, **contact: str) -> list[Document]:
    return sale("FAKE", no, who, day=day, company="SMALLPAY", order_says=contact)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Desk:
    """Two hundred honest people on two shops, and a false platform that uses identities of some of them."""
    folder = tmp_path_factory.mktemp("likely")
    desk = Desk(folder / "data", Keys(bytes(32)))
    phone, address = {"buyerTelephone": FORGER[2]}, {"consigneeAddress": FORGER[3]}
    documents: list[Document] = []
    for who in range(200):
        documents += sale(f"HONEST{who % 2}", who, who, day=who % 30)
    for who in (VICTIM, ON_PHONE, SAME_DAYS, LATER, HOUSEMATE):
        documents += sale("HONEST0", who, who, day=3)
    documents += _forged(1, VICTIM, 20, **phone, **address)
    documents += _forged(2, ON_PHONE, 40, **phone)
    documents += _forged(3, SAME_DAYS, 21)
    documents += _forged(4, LATER, 60)
    documents += _forged(5, REPORTED_TOO, 22, **phone)
    # Somebody of the victim's own home: the reported sale did not go there.
    home = {"consigneeAddress": person(VICTIM)[3]}
    documents += sale("HONEST1", 700, HOUSEMATE, day=20, order_says=home, waybill_says=home)
    # The whole town fetches its parcels from one locker, a forged one among them.
    locker = {"consigneeAddress": "北京市朝阳区某路9号丰巢快递柜"}
    for who in range(40):
        documents += sale("HONEST0", 800 + who, who, day=20, order_says=locker, waybill_says=locker)
    documents += sale("FAKE", 6, VICTIM, day=20, company="SMALLPAY", order_says=locker, waybill_says=locker)
    documents += [
        _report(1, VICTIM, "not_my_order", ebpCode="FAKE", orderNo="00001"),
        _report(2, REPORTED_TOO, "quota_used"),
        _report(3, VICTIM, "not_my_order", ebpCode="FAKE"),
        _report(4, 5, "not_delivered"),
        _report(5, 998, "not_my_order", ebpCode="FAKE", orderNo="NONE"),
    ]
    desk.load(*documents)
    assert desk.rows("SELECT reason FROM rejects") == []
    return desk


def found(desk: Desk, report: str, **asked: Any) -> tuple[dict[str, Any], dict[int, dict[str, Any]]]:
    """The answer, and its rows by person, in order."""
    answer = likely_hit(desk.ledger, report, **asked)
    who = {consumer_key(desk.keys, person(one)[0]): one for one in range(1000)}
    return answer, {who[row["key"]]: row for row in answer["data"]}


def test_the_same_phone_comes_before_the_same_days_and_these_before_the_platform(desk: Desk) -> None:
    answer, rows = found(desk, "R1")
    assert list(rows) == [ON_PHONE, SAME_DAYS, LATER]
    odds = [row["odds"] for row in rows.values()]
    assert odds == sorted(odds, reverse=True)
    assert (answer["count"], answer["reported"]) == (3, 1)
    told = {one["factor"]: one for one in rows[ON_PHONE]["factors"]}
    assert told["phone"]["what"] == {"en": "a phone of the reported sale", "zh": "使用被举报交易的电话"}
    assert rows[ON_PHONE]["evidence"] == {"ids": ["FAKE|00002"], "count": 1}
    assert rows[SAME_DAYS]["factors"][0]["what"]["en"] == "same platform on the same days"


def test_the_odds_can_be_followed(desk: Desk) -> None:
    """Jeffreys' half a count: of the one other who reported, all share the phone; of the others, one."""
    answer, rows = found(desk, "R1")
    others = answer["looked_at"] - answer["reported"]
    phone = {one["factor"]: one for one in rows[ON_PHONE]["factors"]}["phone"]
    assert (phone["among_reported"], phone["among_others"]) == ([1, 1], [1, others])
    assert phone["likelihood_ratio"] == pytest.approx((1.5 / 2) / (1.5 / (others + 1)), rel=5e-3)
    product = 1.0
    for one in rows[ON_PHONE]["factors"]:
        product *= one["likelihood_ratio"]
    assert rows[ON_PHONE]["likelihood_ratio"] == pytest.approx(product, rel=2e-2)
    assert answer["prior_odds"] == pytest.approx(2 / others, rel=5e-3)
    assert rows[ON_PHONE]["odds"] == pytest.approx(product * 2 / others, rel=2e-2)


def test_a_home_a_locker_and_who_reported_themselves_are_not_listed(desk: Desk) -> None:
    for report in ("R1", "R3"):
        _, rows = found(desk, report)
        assert not {VICTIM, HOUSEMATE, REPORTED_TOO, *range(40)} & rows.keys()


def test_the_list_is_bounded_and_says_how_many_there_are(desk: Desk) -> None:
    answer, rows = found(desk, "R1", limit=1)
    assert (list(rows), answer["count"]) == ([ON_PHONE], 3)


def test_it_is_the_same_again_and_holds_keys_alone(desk: Desk) -> None:
    answer, _ = found(desk, "R1")
    assert likely_hit(desk.ledger, "R1") == answer
    for value in (*person(VICTIM), *FORGER, person(ON_PHONE)[0]):
        assert value not in repr(answer)


@pytest.mark.parametrize(("report", "told"), [("R9", "no report 'R9'"), ("R5", "names no sale")])
def test_a_report_that_leads_nowhere_is_told(desk: Desk, report: str, told: str) -> None:
    with pytest.raises(NotFoundError, match=told):
        likely_hit(desk.ledger, report)
