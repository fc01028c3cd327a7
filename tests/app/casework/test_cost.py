"""What acting on findings would cost: sales of the last month that they select."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from cases import finding
from ledger_desk import Desk
from shops import sale

from app.casework.cost import checked_rate, cost
from app.errors import BadInputError
from loaders.contract import Keys

AS_OF = date(2024, 3, 31)


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Two shops of one agent, each with a sale every ten days from the eighth of January on."""
    desk = Desk(tmp_path / "data", Keys.open(tmp_path / "key"))
    sales = [sale(shop, no, no, day=10 * no) for shop in ("P1", "P2") for no in range(8)]
    desk.load(*(document for one in sales for document in one))
    return desk


def test_sales_of_the_last_month_are_counted_once_a_set(desk: Desk) -> None:
    shop, same, agent = (
        finding("a", "Platform", "P1"),
        finding("b", "Community", "c", (("Platform", "P1"),)),
        finding("c", "Agent", "A1"),
    )
    extent = {
        "a": ["P1|00001", "P1|00006", "P1|00007"],  # the first is older
        "b": ["P1|00007"],
        "c": ["V-1", "P2|00007"],  # a check is no sale
    }
    sets = {"shop": [shop], "both": [shop, same], "agent": [agent], "none": []}
    told = cost(desk.ledger, sets, extent, as_of=AS_OF, rate=Decimal("0.25"))
    counts = {name: (one["evidence_sales"], one["subject_sales"]) for name, one in told.items()}
    assert counts == {"shop": (2, 2), "both": (2, 2), "agent": (1, 4), "none": (0, 0)}
    assert (told["agent"]["evidence_inspections"], told["agent"]["subject_inspections"]) == ("0.2", "1.0")


@pytest.mark.parametrize("rate", ["-0.1", "1.01"])
def test_a_rate_outside_0_to_1_is_refused(rate: str) -> None:
    with pytest.raises(BadInputError, match="no rate of inspection"):
        checked_rate(Decimal(rate))
