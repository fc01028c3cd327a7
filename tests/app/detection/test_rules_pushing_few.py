"""Rules about pushed documents where there is nothing to judge by: said to be not judgeable, and silent."""

from collections.abc import Iterator

import pytest
from shops import Office, opened, sale
from test_rules_pushing import RULES

from app.detection.ask import ask
from app.detection.catalogue import STEPS
from app.detection.rulebook import load_rules
from app.graph.server import EmbeddedServer


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """No sale at first: a register alone."""
    firm = {"code": "SHOP", "name": "店", "roles": "platform", "asOf": "2024-01-01"}
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), [[("enterprises", firm)]], RULES) as office:
        yield office


def judgeable(office: Office) -> dict[str, int]:
    day = office.casebook.runs()[0]["as_of"]
    rules = load_rules(STEPS)
    return {rule: ask(office.graph, rules[rule], day).denominator["judgeable"] for rule in RULES}


def test_nobody_then_too_few(office: Office) -> None:
    assert judgeable(office) == dict.fromkeys(RULES, 0)
    bad = {"copCode": "X", "dxpId": "X"}
    for no in range(5):  # as bad as can be, of one shop
        office.desk.load(
            *sale(
                "SHOP",
                no,
                no % 2,
                order_says={"buyerRegNo": str(no), **bad},
                payment_says=bad,
                waybill_says=bad,
            )
        )
    office.project()
    office.detect(rules=RULES)
    # Every one of its numbers can be looked at; of nothing else is there enough.
    assert judgeable(office) == dict.fromkeys(RULES, 0) | {"document-reused": 5}
    assert [one.rule for one in office.casebook.findings() if one.rule in RULES] == []
