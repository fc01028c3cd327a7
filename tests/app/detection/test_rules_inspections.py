"""What random inspections find: only they count, on both sides; two of them say nothing."""

from collections.abc import Iterator

import pytest
from ledger_documents import Document
from shops import Office, opened, sale

from app.detection.catalogue import STEPS
from app.detection.rulebook import load_rules
from app.detection.steps import Context, Flags
from app.detection.tally import Tallies
from app.graph.server import EmbeddedServer


def inspection(
    platform: str, no: int, result: str = "ok", *, selection: str = "random", invt: str = ""
) -> Document:
    """The result of one inspection, of a sale named by its order or by its declaration's number."""
    row = {
        "inspectionId": f"I-{platform}-{no:03d}",
        "inspectedAt": f"2024-01-{10 + no % 12:02d}T10:00:00",
        "kind": "physical",
        "result": result,
        **({"invtNo": invt} if invt else {"ebpCode": platform, "orderNo": f"{no:05d}"}),
        **({"selection": selection} if selection else {}),
        **({"discrepancy": "quantity"} if result == "discrepancy" else {}),
    }
    return [("inspections", row)]


def _shop(platform: str, index: int, wrong: int, sales: int = 15, **more: str) -> list[Document]:
    """A shop of which every sale was inspected, the first few with a discrepancy."""
    documents: list[Document] = []
    for no in range(sales):
        documents += sale(platform, no, 100 * index + no, day=no, agent=f"A{index % 3}")
        documents += [inspection(platform, no, "discrepancy" if no < wrong else "ok", **more)]
    return documents


def _documents() -> list[Document]:
    documents: list[Document] = []
    for index in range(8):
        documents += _shop(f"HONEST{index}", index, wrong=1 if index == 0 else 0)
    documents += _shop("BAD", 10, wrong=6)
    documents += _shop("TWICE", 11, wrong=2, sales=2)
    # Class, clue and system choose whom they suspect: a share of theirs is no share.
    documents += _shop("SUSPECTED", 12, wrong=9, selection="clue")
    documents += _shop("UNKNOWN", 13, wrong=9, selection="")
    # An agent behind one bad merchant on three honest platforms.
    for no in range(18):
        platform = f"HONEST{no % 3}"
        documents += sale(platform, 500 + no, 2000 + no, day=no, merchant=f"M{no % 9}", agent="BADAGENT")
        documents += [inspection(platform, 500 + no, "seized" if no % 2 else "ok")]
    # Named by the number of the declaration alone.
    for no in range(12):
        says = {"invtNo": f"01002024I{no:09d}"}
        documents += sale("BYNUMBER", no, 2100 + no, day=no, inventory_says=says)
        documents += [
            inspection("BYNUMBER", no, "transferred" if no < 7 else "ok", invt=f"01002024I{no:09d}")
        ]
    return documents


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), _documents()) as office:
        yield office


def test_who_shows_discrepancies_at_random_is_found(office: Office) -> None:
    found = office.found("inspection-yield")
    assert {key: (finding.subject["kind"], finding.severity) for key, finding in found.items()} == {
        "BAD": ("Platform", "medium"),
        "BYNUMBER": ("Platform", "high"),
        "BADAGENT": ("Agent", "medium"),
    }
    bad = found["BAD"]
    assert bad.evidence["ids"] == [f"I-BAD-{no:03d}" for no in range(6)]
    assert (bad.numbers["inspections"]["value"], bad.numbers["discrepant"]["value"]) == (15, 6)
    assert 0.15 < bad.numbers["low"]["value"] < 0.4 == bad.numbers["share"]["value"]  # type: ignore[operator]
    for reason in bad.reason.values():
        assert "15" in reason
        assert "40%" in reason


def test_inspections_for_a_reason_or_for_none_known_count_on_neither_side(office: Office) -> None:
    rows = office.graph.read(
        "MATCH (p:Platform) WHERE p.code IN ['SUSPECTED', 'UNKNOWN'] "
        "RETURN count(p.platform_discrepancy_judgeable) AS n"
    )
    assert rows == [{"n": 0}]
    # The base rate is that of all random inspections but those of whoever stands out: one of a hundred.
    assert office.found("inspection-yield")["BAD"].numbers["peers_share"]["value"] < 0.05


def test_two_inspections_are_not_judgeable(office: Office) -> None:
    (finding, *_) = office.found("inspection-yield").values()
    # Eight honest shops, the bad one and the one by number; eight merchants alike; four agents.
    (platforms,) = office.graph.read(
        "MATCH (p:Platform) WHERE p.platform_discrepancy_judgeable >= 10 RETURN count(p) AS n"
    )
    assert platforms == {"n": 10}
    assert finding.denominator["judgeable"] < finding.denominator["looked_at"]
    assert "TWICE" not in office.found("inspection-yield")


def test_platforms_with_enough_random_inspections_are_judged_for_base_flags(office: Office) -> None:
    until = office.casebook.runs()[0]["as_of"]
    parameters = {rule.id: rule.parameters for rule in load_rules(STEPS).values()}
    flags = Flags()
    with office.desk.ledger.connect() as connection:
        tallies = Tallies(connection, since=None, until=until)
        context = Context(tallies, None, until, parameters, ["inspection-yield"], flags, lambda *_: [])
        STEPS["inspection-yield-peers"].run(context)
    assert flags.judged == {"clearance": {"BAD", "BYNUMBER", *(f"HONEST{index}" for index in range(8))}}


def test_without_enough_random_inspections_nobody_is_judged(
    neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    few = [*_shop("BAD", 0, wrong=9), *_shop("HONEST", 1, wrong=0)]
    with opened(neo4j_server, tmp_path_factory.mktemp("few"), few, ["inspection-yield"]) as office:
        assert office.found("inspection-yield") == {}
        (run,) = (run for run in office.casebook.runs() if run["rule"] == "inspection-yield")
        assert (run["judgeable"], run["found"]) == (0, 0)
