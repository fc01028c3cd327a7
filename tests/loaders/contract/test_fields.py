"""Our field tables against the published ones."""

import csv
from pathlib import Path

import pytest
from lxml import etree

from loaders.contract import KINDS, Field
from loaders.contract.model import ENVELOPE

STANDARDS = Path(__file__).parents[4] / "shared" / "standards"
needs_standards = pytest.mark.skipif(
    not (STANDARDS / "ceb" / "xsd").is_dir(), reason=f"the published schemas are not at {STANDARDS}"
)
_XS = "{http://www.w3.org/2001/XMLSchema}"

# Entity of the schema → our table, for those that a table follows as a whole.
ENTITIES = {kind.entity: kind for kind in KINDS.values() if kind.entity} | {
    "InvtRefundHead": KINDS["refunds"],
    "InvtRefundList": KINDS["refund_items"],
}
RECEIPTS = {
    "OrderReturn": "CEB312",
    "PaymentReturn": "CEB412",
    "LogisticsReturn": "CEB512",
    "LogisticsStatusReturn": "CEB514",
    "InventoryReturn": "CEB622",
    "InvtCancelReturn": "CEB624",
    "InvtRefundReturn": "CEB626",
    "DeliveryReturn": "CEB712",
}


def published() -> dict[str, dict[str, dict[str, object]]]:
    """Entity → element → required, base type and facets, from the schema."""
    path = next((STANDARDS / "ceb" / "xsd").glob("*进口业务*.xsd"))
    out: dict[str, dict[str, dict[str, object]]] = {}
    for entity in etree.parse(path).getroot().findall(f"{_XS}element"):
        elements: dict[str, dict[str, object]] = {}
        for element in entity.iter(f"{_XS}element"):
            if element is entity or element.get("name") is None:
                continue
            rule = element.find(f"{_XS}simpleType/{_XS}restriction")
            facets = {} if rule is None else {etree.QName(f).localname: f.get("value") for f in rule}
            base = element.get("type") if rule is None else rule.get("base")
            elements[element.get("name")] = {
                "required": element.get("minOccurs") != "0",
                "base": base,
                **facets,
            }
        out[entity.get("name")] = elements
    return out


def agrees(ours: Field, theirs: dict[str, object]) -> None:
    low = theirs.get("length", theirs.get("minLength"))
    high = theirs.get("length", theirs.get("maxLength"))
    assert ours.required is theirs["required"], ours.name
    if theirs["base"] == "xs:decimal":
        assert (ours.type, theirs["totalDigits"], theirs["fractionDigits"]) == ("decimal", "19", "5")
    elif theirs["base"] == "xs:int":
        assert ours.type == "integer"
        assert ours.max_length == (int(theirs["totalDigits"]) if "totalDigits" in theirs else None)
    else:
        assert ours.type in ("text", "time", "date")
        assert ours.max_length == int(high)
        assert ours.min_length == (None if low is None else int(low))
        # A text of fixed length that is named a time is one.
        assert (ours.type == "time") == (high in ("14", "17"))


@needs_standards
@pytest.mark.parametrize("entity", sorted(ENTITIES))
def test_a_table_has_every_element_in_the_order_of_the_schema(entity: str) -> None:
    kind, theirs = ENTITIES[entity], published()[entity]
    ours = [f for f in kind.fields if f.name in theirs and f.name not in kind.from_head]
    if entity == "DeliveryHead":
        ours = [f for f in ours if f.name not in ("gnum", "logisticsNo")]
    envelope = [name for name in theirs if name in ENVELOPE]
    assert envelope + [f.name for f in ours] == list(theirs)
    for f in ours:
        agrees(f, theirs[f.name])


@needs_standards
def test_the_lines_of_a_store_receipt_are_in_its_rows() -> None:
    theirs, ours = published()["DeliveryList"], KINDS["deliveries"].by_name
    for theirs_name, ours_name in {"gnum": "gnum", "logisticsNo": "logisticsNo", "note": "listNote"}.items():
        agrees(ours[ours_name], theirs[theirs_name])


@needs_standards
@pytest.mark.parametrize("entity", sorted(RECEIPTS))
def test_a_receipt_has_what_its_message_has(entity: str) -> None:
    theirs = published()[entity]
    ours = KINDS["receipts"].variants[RECEIPTS[entity]]
    assert {f.name for f in ours} == set(theirs) - {"guid"}
    for f in ours:
        agrees(f, theirs[f.name])
        shared = KINDS["receipts"].by_name[f.name]
        assert (shared.max_length or 0) >= (f.max_length or 0), "the shared table must not refuse it"
        assert (shared.min_length or 0) <= (f.min_length or 0)


@needs_standards
def test_the_list_of_elements_says_the_same_as_the_schema() -> None:
    schema = published()
    with (STANDARDS / "ceb" / "import_fields_202205.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = [row for row in csv.DictReader(file) if row["entity"] in {*ENTITIES, *RECEIPTS}]
    assert len(rows) > 250
    for row in rows:
        assert schema[row["entity"]][row["element"]]["required"] is (row["min"] == "1")


def test_every_identity_names_fields_and_every_line_has_a_head() -> None:
    for kind in KINDS.values():
        assert set(kind.identity) | set(kind.fallback_identity) <= set(kind.by_name)
        assert kind.items_of is None or kind.items_of in KINDS
        assert kind.version_time in kind.schema.names


def test_the_ledger_keeps_a_key_beside_each_personal_value() -> None:
    schema = KINDS["orders"].ledger_schema()
    assert {"buyerIdNumber_key", "consigneeAddress_key", "consigneeAddress_building_key"} <= set(schema.names)
    assert schema.names[-9:-7] == ["appTime", "appStatus"]
    assert schema.names[-1] == "contract_version"
    assert "appType" not in KINDS["enterprises"].ledger_schema().names
