"""Reports of consumers and identity numbers that nobody can have: planted cases, look-alikes, too few."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from ledger_desk import Desk
from ledger_documents import Document
from shops import Office, opened, person, report, sale

from app.detection.tally import Tallies
from app.graph.server import EmbeddedServer
from loaders.contract import Keys

SALES = 30
WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


def resident(who: int) -> str:
    """A number that passes its check digit (GB 11643)."""
    body = f"110101199001{who % 28 + 1:02d}{who // 28:03d}"
    return body + "10X98765432"[sum(int(c) * w for c, w in zip(body, WEIGHTS, strict=True)) % 11]


def wrong_digit(number: str) -> str:
    return number[:-1] + ("1" if number[-1] != "1" else "2")


def no_date(number: str) -> str:
    return number[:10] + "0230" + number[14:]


def shop(platform: str, index: int, wrong: int = 0, how: str = "1", sales: int = SALES) -> list[Document]:
    """Sales of one shop, each to another resident; the first `wrong` of them give a number that is none."""
    forms = (wrong_digit, no_date, lambda number: number[:-1])
    documents: list[Document] = []
    for no in range(sales):
        number = resident(100 * index + no)
        if no < wrong:
            number = forms[no % 3](number)
        buyer = {"buyerIdNumber": number, "buyerIdType": how}
        documents += sale(
            platform, no, 100 * index + no, day=no, order_says=buyer, inventory_says=buyer,
            payment_says={"payerIdNumber": number, "payerIdType": how},
        )  # fmt: skip
    return documents


def _documents() -> list[Document]:
    documents = sale("LAST", 0, 3000, day=80)  # until when the ledger looks
    for index in range(8):
        documents += shop(f"HONEST{index}", index)
    documents += shop("FORGED", 10, wrong=9)
    documents += shop("TYPO", 11, wrong=1)
    documents += shop("PASSPORT", 12, wrong=9, how="2")
    documents += shop("FEW", 13, wrong=9, sales=15)
    for who in range(6):
        documents += [report("FORGED", who, 1000 + who, "quota_used" if who % 2 else "not_my_order")]
    documents += [report("HONEST0", 3, 3)]
    documents += [report("HONEST1", no, 105, note=f"{no}") for no in range(5)]
    documents += [report("HONEST2", no, 200 + no, "not_delivered") for no in range(8)]
    documents += [report("HONEST3", no, 300 + no, reportedAt="2022-03-01T10:00:00") for no in range(8)]
    documents += [report("FEW", no, 1300 + no) for no in range(5)]
    documents += [report("UNSEEN", no, 1400 + no) for no in range(5)]
    return documents


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), _documents()) as office:
        yield office


def run_of(office: Office, rule: str) -> tuple[int, int, int]:
    (run,) = (run for run in office.casebook.runs() if run["rule"] == rule)
    return run["looked_at"], run["judgeable"], run["found"]


def test_people_who_report_misuse_beyond_the_peers_are_found(office: Office) -> None:
    found = office.found("consumer-reports")
    assert set(found) == {"FORGED"}  # one report, one who repeats, other kinds, long ago, few sales: silent
    finding = found["FORGED"]
    assert (finding.numbers["people_reporting"]["value"], finding.numbers["sales"]["value"]) == (6, SALES)
    assert finding.evidence["count"] == 6
    assert finding.evidence["ids"][0] == "R-FORGED-0-1000-not_my_order"
    assert finding.severity == "high"
    assert "20.00%" in finding.reason["en"]
    assert "20.00%" in finding.reason["zh"]
    assert run_of(office, "consumer-reports") == (13, 11, 1)


def test_other_reports_are_told_apart(office: Office) -> None:
    rows = office.graph.read("MATCH (p:Platform {code: 'HONEST2'}) RETURN p.reports_other AS other")
    assert rows == [{"other": 8}]


def test_identity_numbers_that_nobody_can_have_are_found_with_their_sales(office: Office) -> None:
    found = office.found("consumer-invalid-identity")
    assert set(found) == {"FORGED"}  # one typo, passports, few people: silent
    finding = found["FORGED"]
    numbers = {name: number["value"] for name, number in finding.numbers.items()}
    assert (numbers["people_judged"], numbers["invalid_numbers"]) == (SALES, 9)
    assert finding.evidence["ids"] == [f"FORGED|{no:05d}" for no in range(9)]
    assert finding.severity == "high"
    assert "30.0%" in finding.reason["en"]
    assert "30.0%" in finding.reason["zh"]
    assert run_of(office, "consumer-invalid-identity") == (13, 10, 1)


def test_findings_show_themselves_again(office: Office) -> None:
    for rule in ("consumer-reports", "consumer-invalid-identity"):
        for finding in office.found(rule).values():
            (row,) = office.graph.read(finding.query)  # type: ignore[arg-type]
            assert row["subject"] == finding.subject["key"]
            every = office.graph.read(finding.evidence["query"])
            assert len(every) == finding.evidence["count"]
            assert office.graph.read(finding.picture)  # type: ignore[arg-type]


def test_no_number_leaves_the_ledger(office: Office) -> None:
    derived, _ = office.casebook.derived()
    text = repr(derived) + repr(office.casebook.findings())
    assert wrong_digit(resident(1000)) not in text
    assert person(1000)[0] not in text


NUMBERS = {
    "11010519491231002X": False,
    "11010519491231002x": False,
    "１１０１０５１９４９１２３１００２Ｘ": False,
    "110105 19491231 002X": False,
    "110105194912310021": True,  # another check digit
    no_date(resident(1)): True,
    "11010520991231002X": True,  # not born yet
    "110105491231002": True,  # the fifteen digits of before 1999
    "1101051949123100XX": True,
    "X": True,
}


def test_a_number_is_judged_as_gb_11643_has_it(tmp_path: Path) -> None:
    desk = Desk(tmp_path / "data", Keys.open(tmp_path / "key"))
    documents: list[Document] = []
    for no, number in enumerate(NUMBERS):
        buyer = {"buyerIdNumber": number}
        documents += sale(f"P{no}", no, no, order_says=buyer, inventory_says=buyer)
    desk.load(*documents)
    with desk.ledger.connect() as connection:
        tallies = Tallies(connection, since=None, until=date(2024, 12, 31))
        rows = {row["platform"]: row["invalid"] for row in tallies.table("platform_identities").to_pylist()}
    assert rows == {f"P{no}": int(invalid) for no, invalid in enumerate(NUMBERS.values())}


def test_without_reports_and_with_too_few_platforms_nobody_is_judged(
    neo4j_server: EmbeddedServer, tmp_path: Path
) -> None:
    """Four shops, one of them full of wrong numbers: there is nobody to compare with."""
    documents = [d for index in range(3) for d in shop(f"HONEST{index}", index)]
    rules = ["consumer-invalid-identity", "consumer-reports"]
    with opened(neo4j_server, tmp_path, [*documents, *shop("FORGED", 10, wrong=20)], rules) as office:
        assert run_of(office, "consumer-invalid-identity") == (4, 0, 0)
        assert run_of(office, "consumer-reports") == (4, 0, 0)
        office.load([report("FORGED", no, 1000 + no) for no in range(9)])
        office.detect(rules=rules)
        assert run_of(office, "consumer-reports") == (4, 0, 0)
