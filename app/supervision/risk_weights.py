"""The weights of a sale's risk, as a part of the table of measures: points are natural logarithms of odds."""

from typing import Annotated

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

Points = Annotated[float, Field(ge=-20, le=20, strict=True)]
Factor = Annotated[float, Field(ge=0, le=5, strict=True)]


class RiskWeights(Strict):
    """How facts of a sale become points.

    `base` are those of every sale, `classes` of the class. A finding counts `severities` times `subjects`
    (the part of the sale that it is about) times `rules` (1 where not named); of several about one part the
    one that counts most counts whole, each other one `further` times. `differences`: of each group in which
    the documents differ by more than the tolerance.
    """

    base: Points
    classes: dict[str, Points]
    severities: dict[Severity, Points]
    subjects: dict[str, Factor]
    rules: dict[str, Factor]
    further: Annotated[float, Field(ge=0, le=1, strict=True)]
    differences: dict[str, Points]

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
