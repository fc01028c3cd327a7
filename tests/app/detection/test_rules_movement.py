"""How parcels move: planted cases are found, honest parcels that look like them are left alone."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pyarrow as pa
import pytest
from ledger_documents import Document, receipt
from parcels import END, parcel, taken_back
from shops import FIRST, Office, opened

from app.detection.strata import months_before
from app.detection.tally import Tallies
from app.graph.server import EmbeddedServer

SALES = 30
RULES = (
    "waybill-not-signed",
    "waybill-mass-signed",
    "waybill-uniform",
    "declared-not-arrived",
    "returns-abuse",
)


def at(day: int, time: str) -> str:
    return f"{FIRST + timedelta(days=day):%Y%m%d}{time}"


def _honest(documents: list[Document]) -> None:
    """Eight shops over four carriers and eight places of clearance, and one sale that is the last."""
    for index in range(8):
        for no in range(SALES):
            carrier, site = f"L{index % 4}", f"SITE{index}"
            documents += parcel(f"HONEST{index}", no, 100 * index + no, day=no, carrier=carrier, site=site)
    documents += parcel("HONEST0", 99, 99, day=END, signed_at=None, stored=False)
    # Some are returned everywhere, and two of those who returned buy again.
    for no in range(24):
        index = no % 8
        documents += taken_back(f"HONEST{index}", no, day=no, kind="refunds")


def _planted(documents: list[Document]) -> None:
    for no in range(SALES):
        documents += parcel("UNSIGNED", no, 1000 + no, day=no, signed_at=None if no < 12 else "")
        # Two dozen parcels in two minutes, each to its own address.
        minute = at(35, f"1030{no:02d}") if no < 12 else at(36, f"2200{no:02d}")
        documents += parcel("ATONCE", no, 1100 + no, day=no, signed_at=minute if no < 24 else "")
        # Unlike goods of one weight; of the second shop the waybills are older than the payments, too.
        documents += parcel("ONEWEIGHT", no, 1200 + no, day=no, grams=1234, pieces=1 + no % 3)
        documents += parcel(
            "INVENTED", no, 1300 + no, day=no, grams=777, pieces=1 + no % 3, submitted=at(no - 1, "090000")
        )
        documents += parcel("GHOSTGOODS", no, 1400 + no, day=no, site="SITE3", stored=no >= 12)
        # Cancelled, and the same person declares again within days.
        documents += parcel("FREEING", no, 1500 + no // 3, day=no)
        if no % 3 < 2:
            documents += taken_back("FREEING", no, day=no)
    for no in range(12):
        for index in range(4):
            # A carrier that loses half of what it carries for everybody, and one that signs shop by shop.
            documents += parcel(
                f"HONEST{index}", 200 + no, 2000 + 20 * index + no, day=no, carrier="LOSES",
                signed_at=None if no % 2 else "", site=f"SITE{index}",
            )  # fmt: skip
            documents += parcel(
                f"HONEST{index}", 300 + no, 2100 + 20 * index + no, day=no, carrier="SIGNSALL",
                signed_at=at(40 + index, f"1815{no:02d}"), site=f"SITE{index}",
            )  # fmt: skip
            # A place of clearance that half of everybody's parcels never reach.
            documents += parcel(
                f"HONEST{index}", 400 + no, 2200 + 20 * index + no, day=no, site="BADSITE", stored=no % 2 == 0
            )


def _look_alikes(documents: list[Document]) -> None:
    for no in range(SALES):
        documents += parcel("YOUNG", no, 3000 + no, day=END - 6, signed_at=None, stored=False)
        documents += parcel("NOFEED", no, 3100 + no, day=no, carrier="SILENT", signed_at=None)
        documents += parcel("NOSTORE", no, 3200 + no, day=no, site="NEVER", stored=False)
        # Taken back before they were sent, or stopped by customs: they reach nobody.
        documents += parcel("BACK", no, 3300 + no, day=no, signed_at=None if no < 12 else "", stored=no >= 12)
        if no < 6:
            documents += taken_back("BACK", no, day=no)
        elif no < 12:
            documents += [receipt(f"BACK-{no:05d}", "100")]
        documents += parcel(
            "STATION", no, 3400 + no, day=no, signed_at=at(35, "103000"), address="广州市天河区某驿站"
        )
        documents += parcel("ONEPRODUCT", no, 3500 + no, day=no, grams=613, price=80 if no % 3 else 59)
        documents += parcel(
            "SMALLGOODS", no, 3600 + no, day=no, grams=1000, carrier="ROUNDS", pieces=1 + no % 3
        )
        documents += parcel("LARGEGOODS", no, 3700 + no, day=no, grams=1000 * (2 + no % 3), carrier="ROUNDS")
        documents += parcel("PRESALE", no, 3800 + no, day=no, submitted=at(no - 1, "200000"))
        # Often returned, by people who do not declare again.
        documents += parcel("FASHION", no, 3900 + no, day=no)
        if no % 3 < 2:
            documents += taken_back("FASHION", no, day=no, kind="refunds")
    for no in range(12):
        for index in range(4):
            # Everything that a carrier delivered in weeks, told in one minute.
            documents += parcel(
                f"HONEST{4 + index}", 200 + no, 4000 + 20 * index + no, day=no, carrier="BATCHES",
                signed_at=at(45, "235900"), site=f"SITE{4 + index}",
            )  # fmt: skip
    for no in range(19):
        documents += parcel("TINY", no, 4200 + no, day=no, signed_at=None, grams=500, pieces=1 + no % 3)


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    documents: list[Document] = []
    _honest(documents)
    _planted(documents)
    _look_alikes(documents)
    with opened(neo4j_server, tmp_path_factory.mktemp("office"), documents) as office:
        assert office.desk.rows("SELECT reason FROM rejects") == []
        yield office


def found(office: Office, rule: str) -> dict[str, tuple[str, str]]:
    """Kind and severity by the key of each finding."""
    findings = office.found(rule).items()
    return {key: (finding.subject["kind"], finding.severity) for key, finding in findings}


def test_parcels_that_nobody_signed_for(office: Office) -> None:
    """Of a platform, and of a carrier: its four honest platforms stay silent."""
    assert found(office, "waybill-not-signed") == {
        "UNSIGNED": ("Platform", "medium"),
        "LOSES": ("LogisticsCompany", "high"),
    }
    finding = office.found("waybill-not-signed")["UNSIGNED"]
    assert finding.evidence["ids"] == [f"UNSIGNED|{no:05d}" for no in range(12)]
    assert "40.0%" in finding.reason["en"]
    assert "40.0%" in finding.reason["zh"]


def test_parcels_signed_for_at_once(office: Office) -> None:
    """A platform's, and those of a carrier that signs shop by shop."""
    assert found(office, "waybill-mass-signed") == {
        "ATONCE": ("Platform", "high"),
        "SIGNSALL": ("LogisticsCompany", "high"),
    }
    finding = office.found("waybill-mass-signed")["ATONCE"]
    assert finding.evidence["ids"] == [f"ATONCE|{no:05d}" for no in range(24)]
    assert "80.0%" in finding.reason["en"]
    assert "80.0%" in finding.reason["zh"]


def test_one_weight_for_unlike_goods(office: Office) -> None:
    """Waybills from before the payment make it graver."""
    assert found(office, "waybill-uniform") == {
        "ONEWEIGHT": ("Platform", "medium"),
        "INVENTED": ("Platform", "high"),
    }
    finding = office.found("waybill-uniform")["INVENTED"]
    assert (finding.numbers["early"]["value"], finding.evidence["count"]) == (SALES, SALES)
    assert "30 of its waybills" in finding.reason["en"]
    assert "30 份运单" in finding.reason["zh"]


def test_declared_goods_that_never_arrived(office: Office) -> None:
    """Of a merchant, and of a place of clearance for everybody."""
    assert found(office, "declared-not-arrived") == {
        "GHOSTGOODS": ("Merchant", "high"),
        "0100-BADSITE": ("BusinessSite", "high"),
    }
    findings = office.found("declared-not-arrived")
    assert findings["GHOSTGOODS"].evidence["ids"] == [f"GHOSTGOODS|{no:05d}" for no in range(12)]
    assert findings["0100-BADSITE"].evidence["count"] == 24
    assert "50.0%" in findings["0100-BADSITE"].reason["en"]
    assert "50.0%" in findings["0100-BADSITE"].reason["zh"]


def test_quota_that_returns_free_and_that_is_used_again(office: Office) -> None:
    assert found(office, "returns-abuse") == {"FREEING": ("Platform", "high")}
    finding = office.found("returns-abuse")["FREEING"]
    assert finding.evidence["count"] == 20
    numbers = {name: number["value"] for name, number in finding.numbers.items()}
    # Of three sales of a person two are taken back: a day or two later the next one is declared.
    assert (numbers["sales"], numbers["back"], numbers["reused"]) == (30, 20, 20)
    assert "20 were cancelled or returned" in finding.reason["en"]
    assert "20 笔撤单或退货" in finding.reason["zh"]


@pytest.mark.parametrize(
    "shop",
    [
        "YOUNG",
        "NOFEED",
        "NOSTORE",
        "BACK",
        "STATION",
        "ONEPRODUCT",
        "SMALLGOODS",
        "LARGEGOODS",
        "PRESALE",
        "FASHION",
        "TINY",
        *(f"HONEST{index}" for index in range(8)),
    ],
)
def test_look_alikes_are_left_alone(office: Office, shop: str) -> None:
    assert [rule for rule in RULES if shop in office.found(rule)] == []


@pytest.mark.parametrize("carrier", ["SILENT", "BATCHES", "ROUNDS"])
def test_honest_carriers_are_left_alone(office: Office, carrier: str) -> None:
    assert [rule for rule in RULES if carrier in office.found(rule)] == []


@pytest.mark.parametrize(
    ("code", "number"),
    [
        ("NOFEED", "platform_not_signed_judgeable"),
        ("SILENT", "carrier_not_signed_judgeable"),
        ("NOSTORE", "merchant_not_arrived_judgeable"),
        ("SMALLGOODS", "platform_one_weight_judgeable"),
        ("YOUNG", "platform_not_signed_judgeable"),
        ("YOUNG", "merchant_not_arrived_judgeable"),
    ],
)
def test_what_a_feed_does_not_deliver_is_not_judgeable(office: Office, code: str, number: str) -> None:
    (row,) = office.graph.read(
        "MATCH (e:Enterprise {code: $code}) RETURN e[$number] AS n", code=code, number=number
    )
    assert row == {"n": None}


def test_too_few_sales_are_not_judgeable(office: Office) -> None:
    (row,) = office.graph.read(
        "MATCH (e:Platform {code: 'TINY'}) "
        "RETURN e.platform_not_signed_differing AS unsigned, e.platform_one_weight_differing AS alike"
    )
    assert row == {"unsigned": 19, "alike": 19}
    for rule in RULES:
        (run,) = (run for run in office.casebook.runs() if run["rule"] == rule)
        assert 0 < run["judgeable"] <= run["looked_at"] - (rule != "returns-abuse"), rule


def test_the_query_of_a_finding_shows_the_same(office: Office) -> None:
    for rule in RULES:
        for finding in office.casebook.findings(rule=rule):
            (row,) = office.graph.read(finding.query)  # type: ignore[arg-type]
            assert row["subject"] == finding.subject["key"]
            every = office.graph.read(finding.evidence["query"])
            assert len(every) == finding.evidence["count"], finding.rule
            assert office.graph.read(finding.picture), finding.rule  # type: ignore[arg-type]


def test_nothing_is_judged_where_nothing_moves(
    neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Three shops are too few to compare with."""
    documents: list[Document] = []
    for index in range(3):
        for no in range(SALES):
            documents += parcel(
                f"SHOP{index}", no, 100 * index + no, day=2 * no, signed_at=None if index else ""
            )
    with opened(neo4j_server, tmp_path_factory.mktemp("few"), documents, RULES) as office:
        for rule in RULES:
            (run,) = (run for run in office.casebook.runs() if run["rule"] == rule)
            assert (run["judgeable"], run["found"]) == (0, 0), rule


UNTIL = date(2024, 12, 31)


def sales_at_hand(rows: list[dict[str, object]], schema: pa.Schema) -> pa.Table:
    """Rows like those of `transactions`, with what a movement needs."""
    usual = {"ebp_code": "BIG", "logistics_code": "LBIG", "last_date": date(2024, 6, 1), "waybills": 1}
    return pa.Table.from_pylist([{**usual, **row} for row in rows], schema=schema)


def bursts(office: Office, per_minute: dict[int, int]) -> int:
    """Bursts of a platform on one day, with so many parcels in each minute, every one to its own address."""
    noon = datetime(2024, 6, 1, 4, tzinfo=UTC)
    rows: list[dict[str, object]] = [
        {
            "sale_id": f"BIG|{minute}-{n}",
            "sign_time": noon + timedelta(minutes=minute),
            "address_key": f"{minute}-{n}",
        }
        for minute, parcels in per_minute.items()
        for n in range(parcels)
    ]
    with office.desk.ledger.connect() as connection:
        schema = connection.sql("FROM main.transactions LIMIT 0").to_arrow_table().schema
        at_hand = sales_at_hand(rows, schema)
        tallies = Tallies(connection, since=months_before(UNTIL, 12), until=UNTIL, additional_sales=at_hand)
        return sum(row["platform"] == "BIG" for row in tallies.table("signing_bursts").to_pylist())


def test_the_rhythm_of_a_large_platform_is_no_burst(office: Office) -> None:
    """Four a minute through five hours, and a dozen in a minute of them: that is how it always goes."""
    assert bursts(office, {0: 12}) == 1
    assert bursts(office, {0: 12, **dict.fromkeys(range(1, 300), 4)}) == 0


def test_sales_of_a_season_count_by_what_others_see_returned(office: Office) -> None:
    """Every platform has four in ten of one week's sales returned: a sale of that week counts for more."""
    weeks = [date(2024, 6, 3) + timedelta(days=7 * week) for week in range(10)]
    rows: list[dict[str, object]] = [
        {
            "sale_id": f"S{shop}|{day}-{n}",
            "ebp_code": f"S{shop}",
            "decl_date": day,
            "last_date": day,
            "inventories": 1,
            "refunded": day == weeks[3] and n < 20,
        }
        for shop in range(6)
        for day in weeks
        for n in range(50)
    ]
    with office.desk.ledger.connect() as connection:
        schema = connection.sql("FROM main.transactions LIMIT 0").to_arrow_table().schema
        at_hand = sales_at_hand(rows, schema)
        tallies = Tallies(connection, since=date(2024, 6, 1), until=UNTIL, additional_sales=at_hand)
        tallies.keep("returned_sales")
        told = tallies.query(
            "SELECT id LIKE '%|2024-06-24-%' AS season, min(weeks_worth) AS least, max(weeks_worth) AS most "
            "FROM returned_sales GROUP BY ALL ORDER BY ALL"
        ).to_pylist()
    assert told[0]["most"] < 1 < 3 < told[1]["least"]
