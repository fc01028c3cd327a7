"""A world is the same every time, the same in both formats, and valid where a schema says what valid is."""

import csv
import hashlib
import json
import re
from collections import Counter
from pathlib import Path

import duckdb
import pytest
from lxml import etree

import world
from loaders.errors import BadInputError
from loaders.sources.xml import MESSAGES

SCHEMAS = Path(__file__).parents[3] / "shared" / "standards" / "ceb" / "xsd"
CEB = "{http://www.chinaport.gov.cn/ceb}"


def fingerprints(folder: Path) -> dict[str, str]:
    """Hash of every file of a world."""
    return {
        str(path.relative_to(folder)): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in folder.rglob("*")
        if path.is_file()
    }


def rows(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file without empty values and without the sender."""
    with path.open(encoding="utf-8", newline="") as file:
        return [
            {c: v for c, v in row.items() if v and c not in ("copCode", "dxpId")}
            for row in csv.DictReader(file)
        ]


def texts(element: etree._Element) -> dict[str, str]:
    """Simple children of an element by their local names, without the guid."""
    named = {etree.QName(child).localname: child.text or "" for child in element if not len(child)}
    return {name: text for name, text in named.items() if name != "guid"}


def counted(documents: list[dict[str, str]]) -> Counter[frozenset[tuple[str, str]]]:
    return Counter(frozenset(d.items()) for d in documents)


@pytest.mark.parametrize("format", ["csv", "xml"])
def test_same_arguments_give_the_same_bytes(
    format: world.Format, csv_world: tuple[Path, world.Truth], xml_world: Path, tmp_path: Path
) -> None:
    _, truth = csv_world
    world.make(tmp_path, orders=truth.orders, seed=truth.seed, format=format)
    assert fingerprints(tmp_path) == fingerprints(csv_world[0] if format == "csv" else xml_world)


def test_another_seed_gives_another_world(csv_world: tuple[Path, world.Truth], tmp_path: Path) -> None:
    out, truth = csv_world
    world.make(tmp_path, orders=truth.orders, seed=truth.seed + 1, format="csv")
    mine, other = fingerprints(out), fingerprints(tmp_path)
    # Which goods may be imported is the same for everybody.
    assert [name for name in mine if mine[name] == other[name]] == ["positive_list.csv"]


@pytest.mark.parametrize(
    ("kind", "message", "head"),
    [
        ("orders", "CEB311", "OrderHead"),
        ("payments", "CEB411", "PaymentHead"),
        ("waybills", "CEB511", "LogisticsHead"),
        ("waybill_status", "CEB513", "LogisticsStatus"),
        ("inventories", "CEB621", "InventoryHead"),
        ("cancels", "CEB623", "InvtCancel"),
        ("refunds", "CEB625", "InvtRefundHead"),
        ("taxes", "CEB816", "TaxHeadRd"),
    ],
)
def test_messages_and_flat_files_say_the_same(
    kind: str, message: str, head: str, csv_world: tuple[Path, world.Truth], xml_world: Path
) -> None:
    said = []
    for path in sorted((xml_world / message).glob("*.xml")):
        tree = etree.parse(str(path))
        said += [texts(element) for element in tree.iter(CEB + head)]
    assert said
    assert counted(said) == counted(rows(csv_world[0] / f"{kind}.csv"))


@pytest.mark.parametrize(
    ("kind", "message", "entity", "head", "line", "of_head"),
    [
        ("order_items", "CEB311", "Order", "OrderHead", "OrderList", ("ebpCode", "orderNo")),
        (
            "inventory_items",
            "CEB621",
            "Inventory",
            "InventoryHead",
            "InventoryList",
            ("ebpCode", "orderNo", "copNo"),
        ),
        (
            "refund_items",
            "CEB625",
            "InvtRefund",
            "InvtRefundHead",
            "InvtRefundList",
            ("agentCode", "copNo", "invtNo"),
        ),
        ("tax_items", "CEB816", "Tax", "TaxHeadRd", "TaxListRd", ("invtNo", "taxNo")),
    ],
)
def test_lines_stand_with_their_heads(
    kind: str,
    message: str,
    entity: str,
    head: str,
    line: str,
    of_head: tuple[str, ...],
    csv_world: tuple[Path, world.Truth],
    xml_world: Path,
) -> None:
    said = []
    for path in sorted((xml_world / message).glob("*.xml")):
        for element in etree.parse(str(path)).iter(CEB + entity):
            first = element.find(CEB + head)
            assert first is not None
            whole = texts(first)
            shared = {name: whole[name] for name in (*of_head, "appType", "appTime") if name in whole}
            said += [texts(item) | shared for item in element.iter(CEB + line)]
    assert said
    assert counted(said) == counted(rows(csv_world[0] / f"{kind}.csv"))


def test_receipts_and_store_receipts_say_the_same(
    csv_world: tuple[Path, world.Truth], xml_world: Path
) -> None:
    said = []
    for message, entity in (
        ("CEB312", "OrderReturn"),
        ("CEB412", "PaymentReturn"),
        ("CEB512", "LogisticsReturn"),
        ("CEB514", "LogisticsStatusReturn"),
        ("CEB622", "InventoryReturn"),
        ("CEB624", "InvtCancelReturn"),
        ("CEB626", "InvtRefundReturn"),
        ("CEB712", "DeliveryReturn"),
    ):
        for path in sorted((xml_world / message).glob("*.xml")):
            said += [texts(e) | {"kind": message} for e in etree.parse(str(path)).iter(CEB + entity)]
    assert counted(said) == counted(rows(csv_world[0] / "receipts.csv"))
    said = []
    for path in sorted((xml_world / "CEB711").glob("*.xml")):
        tree = etree.parse(str(path))
        head = next(tree.iter(CEB + "DeliveryHead"))
        said += [texts(head) | texts(line) for line in tree.iter(CEB + "DeliveryList")]
    assert counted(said) == counted(rows(csv_world[0] / "deliveries.csv"))


def test_external_data_is_flat_in_both_formats(csv_world: tuple[Path, world.Truth], xml_world: Path) -> None:
    mine, other = fingerprints(csv_world[0]), fingerprints(xml_world)
    flat = {name for name in other if name.endswith(".csv")}
    assert {"platform_verifications.csv", "enterprises.csv", "consumer_reports.csv"} <= flat
    assert all(mine[name] == other[name] for name in flat)


def test_raw_payments_say_the_same(csv_world: tuple[Path, world.Truth], xml_world: Path) -> None:
    payments, orders, guids = [], [], []
    for path in sorted((xml_world / "customs179").glob("*.json")):
        for line in path.read_text(encoding="utf-8").splitlines():
            document = json.loads(line)
            head, lists = document["payExchangeInfoHead"], document["payExchangeInfoLists"]
            guids.append(head.pop("guid"))
            payee = {name: lists[0][name] for name in ("recpAccount", "recpCode", "recpName")}
            payments.append(head | payee | {"totalAmount": f"{head['totalAmount']:.2f}"})
            paid = {name: head[name] for name in ("payCode", "payTransactionId")}
            orders += [
                paid | {name: one[name] for name in ("orderNo", "ebpCode")} | one["goodsInfo"][0]
                for one in lists
            ]
    assert counted(payments) == counted(rows(csv_world[0] / "raw_payments.csv"))
    assert counted(orders) == counted(rows(csv_world[0] / "raw_payment_orders.csv"))
    assert len(orders) > len(payments)
    assert len(set(guids)) == len(guids)


def test_a_tax_bill_follows_its_declaration(tables: duckdb.DuckDBPyConnection) -> None:
    bills = tables.sql("""
        SELECT count(*), count(*) FILTER (taxed <> cny(taxTotal)),
               count(*) FILTER (valueAddedTax <> lines.vat OR cny(consumptionTax) <> consumed),
               count(*) FILTER (cny(consumptionTax) > 0), count(DISTINCT status)
        FROM (SELECT *, cny(valueAddedTax) + cny(consumptionTax) AS taxed FROM taxes) AS bill
        JOIN (SELECT invtNo, sum(cny(valueAddedTax)) AS vat, sum(cny(consumptionTax)) AS consumed
              FROM tax_items GROUP BY invtNo) AS lines USING (invtNo)
        JOIN (SELECT invtNo, ebpCode, orderNo FROM inventories) USING (invtNo)
        JOIN orders USING (ebpCode, orderNo)
    """).fetchall()
    ((count, other, apart, consumption, states),) = bills
    assert apart == 0
    # Only where the declaration differs from the order does what is owed.
    assert other < count / 20
    assert 0 < consumption < count
    assert states == 3


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason="the published schemas are not beside the project")
def test_every_message_follows_the_published_schema(xml_world: Path) -> None:
    schema = etree.XMLSchema(etree.parse(str(next(SCHEMAS.glob("*进口业务*.xsd")))))
    files = sorted(xml_world.glob("CEB*/*.xml"))
    assert {path.parent.name for path in files} == set(MESSAGES)
    wrong = [str(schema.error_log[0]) for path in files if not schema.validate(etree.parse(str(path)))]
    assert wrong == []


def test_messages_hold_at_most_a_hundred_documents_of_one_sender(xml_world: Path) -> None:
    sizes = []
    for path in sorted((xml_world / "CEB311").glob("*.xml")):
        tree = etree.parse(str(path))
        sizes.append(len(tree.findall(CEB + "Order")))
        sender = tree.findtext(f"{CEB}BaseTransfer/{CEB}copCode")
        assert sender
    assert max(sizes) == 100
    assert min(sizes) >= 1


def test_messages_come_prefixed_unprefixed_and_with_a_mark(xml_world: Path) -> None:
    starts = [path.read_bytes()[:200] for path in (xml_world / "CEB411").glob("*.xml")]
    assert any(start.startswith(b"\xef\xbb\xbf") for start in starts)
    assert any(b"<CEB411Message" in start for start in starts)
    assert any(b"<ceb:CEB411Message" in start for start in starts)


def test_no_personal_value_is_in_the_truth(csv_world: tuple[Path, world.Truth]) -> None:
    out, _ = csv_world
    text = (out / world.TRUTH_FILE).read_text(encoding="utf-8")
    for row in rows(out / "orders.csv"):
        for column in ("buyerIdNumber", "buyerTelephone", "buyerName", "consigneeAddress"):
            # A name of two characters may be part of another word; it stands there between quotes if at all.
            value = f'"{row[column]}"' if column == "buyerName" else row[column]
            assert value not in text
    assert not re.search(r"(?<!\d)\d{17}[\dX](?!\d)", text)


@pytest.mark.parametrize("kind", ["independent", "heavy-tailed", "themed"])
def test_worlds_without_rings_plant_none(kind: world.WorldKind, tmp_path: Path) -> None:
    truth = world.make(tmp_path, orders=3_000, seed=1, format="csv", kind=kind)
    assert truth.rings == []
    planted = {p["rule"] for p in truth.planted if p["required"]}
    assert planted <= {"platform-unverified", "platform-failed-checks"}
    assert truth.look_alikes


def test_truth_reads_back(csv_world: tuple[Path, world.Truth]) -> None:
    out, truth = csv_world
    assert world.Truth.read(out) == truth


def test_too_small_a_world_is_refused_in_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="at least 500"):
        world.make(tmp_path, orders=10, seed=1, format="csv")
