"""The risk of a sale: told by its parts, each counted once."""

from datetime import date
from pathlib import Path

import pytest
from at_hand import DAY, found, known, sale
from firms import BAD, HONEST, District, documents, finding

from app.casework.outcomes import decide
from app.supervision.measure_table import measures_on
from app.supervision.sale_risk import Risk, known_on, risk_of

TABLE = measures_on(DAY)


def points(risk: Risk) -> dict[str, float]:
    return {part.what: part.points for part in risk.parts if part.kind not in ("base", "class")}


def test_of_a_sale_of_which_nothing_is_known_only_base_and_class_count() -> None:
    risk = risk_of(sale(1), known(), TABLE)
    assert [(part.kind, part.what) for part in risk.parts] == [("base", "every sale"), ("class", "C")]
    assert (risk.letter, risk.points) == (None, TABLE.risk.base + TABLE.risk.classes["C"])
    assert 0.02 < risk.chance < 0.04


def test_the_worst_class_of_those_who_take_part_counts() -> None:
    row = sale(1, merchant="M", company="PAY", agent="AG")
    assert risk_of(row, known(P="A", M="B", PAY="D", AG="C"), TABLE).letter == "D"
    assert risk_of(row, known(P="A"), TABLE).letter == "A"


def test_of_several_findings_about_one_part_the_others_count_less_and_none_twice() -> None:
    casebook = known(
        found("ring-platforms", "Platform", "P", "critical"),
        found("platform-failed-checks", "Platform", "P", "high"),
        found("platform-unverified", "Platform", "P", "medium"),
        found("goods-split", "Address", "a", "medium"),
    )
    weights = TABLE.risk
    risk = risk_of(sale(1, address_key="a"), casebook, TABLE)
    assert points(risk) == {
        "goods-split": weights.severities["medium"],
        "ring-platforms": weights.severities["critical"],
        "platform-failed-checks": weights.further * weights.severities["high"],
    }  # what the office has not done says nothing
    told = {part["what"]: part for part in risk.told()}
    assert told["goods-split"] == {
        "kind": "finding", "what": "goods-split", "points": 1.0, "sign": "person", "about": "address",
        "finding": "goods-split a", "severity": "medium",
    }  # fmt: skip
    # A person who is buyer and payer is one person.
    twice = sale(2, "Q", consumer_key="c", payer_key="c")
    assert len(points(risk_of(twice, known(found("consumer-quota", "Consumer", "c")), TABLE))) == 1


def test_an_agents_finding_is_about_the_merchants_that_it_names() -> None:
    partners = [{"kind": "Merchant", "key": "M1", "name": "M1"}]
    casebook = known(found("document-items", "Agent", "AG", members=partners))
    assert points(risk_of(sale(1, merchant="M1", agent="AG"), casebook, TABLE))
    assert not points(risk_of(sale(1, merchant="M2", agent="AG"), casebook, TABLE))


def test_each_measure_sees_what_it_can_find() -> None:
    row = sale(1, differing=["items"], consumer_key="c")
    risk = risk_of(row, known(found("consumer-stolen-identity", "Consumer", "c")), TABLE)
    weights = TABLE.risk
    assert points(risk) == {"items": weights.differences["items"], "consumer-stolen-identity": 2.0}
    for measure, sees in weights.sees.items():
        assert points(risk.seen_by(measure, weights)) == pytest.approx(
            {"items": sees["goods"] * points(risk)["items"], "consumer-stolen-identity": sees["person"] * 2.0}
        )


def test_what_the_casebook_knows_of_a_day(tmp_path: Path) -> None:
    district = District(tmp_path, documents())
    district.found(
        finding(BAD, "high"),
        finding(HONEST[0], "medium"),
        finding("ring", "critical", "Community", members=HONEST[1:3]),
    )
    ring, false = "platform-failed-checks-2", "platform-failed-checks-1"
    day = date(2024, 12, 31)
    decide(district.casebook, false, "false alarm", expected="open", why="checked", by="K01", on=day)
    with district.casebook.read() as connection:
        casebook = known_on(connection, day)
    assert {key: [one.id for one in ones] for key, ones in casebook.findings.items()} == {
        ("Platform", BAD): ["platform-failed-checks-0"],
        ("Platform", HONEST[1]): [ring],
        ("Platform", HONEST[2]): [ring],
    }
    assert casebook.classes == {}
