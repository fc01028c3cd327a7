"""The weights of a sale's risk, as a part of the table of measures: points are natural logarithms of odds."""

from typing import Annotated, Literal, get_args

from pydantic import Field

from app.detection.rule import Severity
from app.plain_yaml import Place
from app.supervision.checked_yaml import Strict, WrongError, check_names
from app.supervision.scorecard import CLASSES, check_rule

SUBJECTS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "sale": (("Transaction",), ("sale_id",)),
    "consumer": (("Consumer",), ("consumer_key", "declared_consumer_key", "payer_key")),
    "phone": (("Phone",), ("buyer_phone_key", "payer_phone_key", "consignee_phone_key")),
    "address": (("Address",), ("address_key",)),
    "platform": (("Platform", "Enterprise"), ("platform",)),
    "merchant": (("Merchant", "Enterprise"), ("merchant",)),
    "payment": (("PaymentCompany", "Enterprise"), ("company",)),
    "agent": (("Agent", "Enterprise"), ("agent",)),
    "logistics": (("LogisticsCompany", "Enterprise"), ("carrier",)),
    "sender": (("Sender",), ("order_sender", "payment_sender", "waybill_sender", "inventory_sender")),
    "site": (("BusinessSite",), ("site",)),
}
"""Part of a sale → labels of findings about it, columns of the sale; what is nearest to the parcel first."""
DIFFERENCES = (
    "missing", "payer", "amount", "payment_company", "items", "consignee", "order_of_time",
)  # fmt: skip
"""Groups of differences between the documents of a sale, as the tally judged_sales tells them."""

MeasureName = Literal["manual_review", "machine_inspection", "physical_inspection"]
Sign = Literal["goods", "person"]
"""What points at a sale: its goods are other than declared, or the person did not buy them."""
Points = Annotated[float, Field(ge=-20, le=20, strict=True)]
Factor = Annotated[float, Field(ge=0, le=5, strict=True)]


class RiskWeights(Strict):
    """How facts of a sale become points.

    `base` are those of every sale, `classes` of the class. A finding counts `severities` times `subjects`
    (the part of the sale that it is about) times `rules` (1 where not named); of several about one part the
    one that counts most counts whole, each other one `further` times. `differences`: of each group in which
    the documents differ by more than the tolerance. Rules and differences that are `goods` point at the
    goods, all others at the person; `sees` says how much of each a measure can find.
    """

    base: Points
    classes: dict[str, Points]
    severities: dict[Severity, Points]
    subjects: dict[str, Factor]
    rules: dict[str, Factor]
    further: Annotated[float, Field(ge=0, le=1, strict=True)]
    differences: dict[str, Points]
    goods: tuple[str, ...]
    sees: dict[MeasureName, dict[Sign, Factor]]

    def sign(self, what: str) -> Sign:
        """What a rule or a difference points at."""
        return "goods" if what in self.goods else "person"

    def check_at(self, at: Place) -> None:
        """Raises WrongError for unknown names, and for a class without points."""
        check_names(self.classes, CLASSES, "class", (*at, "classes"))
        check_names(self.subjects, SUBJECTS, "part of a sale", (*at, "subjects"))
        check_names(self.differences, DIFFERENCES, "difference", (*at, "differences"))
        for letter in CLASSES:
            if letter not in self.classes:
                raise WrongError((*at, "classes"), f"there are no points for class {letter}")
        for rule in self.rules:
            check_rule(rule, (*at, "rules", rule))
        for number, what in enumerate(self.goods):
            if what not in DIFFERENCES:
                check_rule(what, (*at, "goods", number))
        for measure in get_args(MeasureName):
            if set(self.sees.get(measure, ())) != set(get_args(Sign)):
                raise WrongError((*at, "sees"), f"{measure} needs what it sees of goods and of person")
