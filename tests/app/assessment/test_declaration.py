"""A declaration whose lines a load would not have as they are handed in is refused by name."""

import pytest
from counter import Counter
from ledger_documents import Document
from shops import sale

from app.assessment.declaration import MistakenError


def lines(documents: list[Document], kind: str) -> list[dict[str, str]]:
    return [row for document in documents for one, row in document if one == kind]


@pytest.mark.parametrize("kind", ["order_items", "inventory_items"])
def test_two_lines_with_one_number_are_refused(counter: Counter, kind: str) -> None:
    says = {"lines": 2}
    documents = sale("SHOP", 1, 1, order_says=says, inventory_says=says)  # type: ignore[arg-type]
    counter.declaration(documents)
    lines(documents, kind)[1]["gnum"] = "01"
    with pytest.raises(MistakenError) as raised:
        counter.declaration(documents)
    assert raised.value.mistakes == ((f"{kind}[1].gnum", "is that of another line"),)


def test_a_line_of_another_declaration_is_refused(counter: Counter) -> None:
    documents = sale("SHOP", 1, 1)
    (line,) = lines(documents, "inventory_items")
    line["copNo"] = "OTHER"
    with pytest.raises(MistakenError) as raised:
        counter.declaration(documents)
    assert raised.value.mistakes == (("inventory_items[0].copNo", "is not that of inventories"),)
    del line["copNo"]
    counter.declaration(documents)


def test_a_field_of_the_contract_is_named_though_it_has_a_figure(counter: Counter) -> None:
    documents = sale("SHOP", 1, 1)
    lines(documents, "inventory_items")[0] |= {"qty1": "many", "buyer110105": "x"}
    with pytest.raises(MistakenError) as raised:
        counter.declaration(documents)
    assert [name for name, _ in raised.value.mistakes] == [
        "inventory_items[0].(another)",
        "inventory_items[0].qty1",
    ]


@pytest.mark.parametrize(
    ("name", "value", "what"),
    [
        ("appStatus", "1", "says that it is only saved: there is nothing to assess"),
        ("appType", "3", "withdraws the document: there is nothing to assess"),
    ],
)
def test_what_the_ledger_would_never_count_is_refused(
    counter: Counter, name: str, value: str, what: str
) -> None:
    documents = sale("SHOP", 1, 1)
    lines(documents, "orders")[0][name] = value
    with pytest.raises(MistakenError) as raised:
        counter.declaration(documents)
    assert raised.value.mistakes == ((f"orders[0].{name}", what),)
