"""The indicators of a portrait: what each says and is counted from, read from data/indicators.yaml."""

from collections.abc import Mapping
from functools import cache
from importlib.resources import as_file, files
from typing import Literal

from app.detection.rule import Text, Translated
from app.supervision.checked_yaml import Strict, WrongError, read_checked

ROLES: Mapping[str, tuple[str, str]] = {
    "platform": ("platform", "Platform"),
    "merchant": ("merchant", "Merchant"),
    "payment": ("company", "PaymentCompany"),
    "logistics": ("carrier", "LogisticsCompany"),
    "agent": ("agent", "Agent"),
    "warehouse": ("warehouse", "Warehouse"),
}
"""Role as the register names it → column of the tallies of sales, label in the graph."""

ROLE_NAMES: Mapping[str, dict[str, str]] = {
    "platform": {"en": "platform", "zh": "电商平台"},
    "merchant": {"en": "merchant", "zh": "电商企业"},
    "payment": {"en": "payment company", "zh": "支付企业"},
    "logistics": {"en": "logistics company", "zh": "物流企业"},
    "agent": {"en": "agent", "zh": "报关代理企业"},
    "warehouse": {"en": "warehouse", "zh": "仓储企业"},
}

SOURCES: Mapping[str, tuple[str, str, tuple[str, ...]]] = {
    "sale_outcomes": ("sale_id", "last_date", tuple(ROLES)),
    "judged_sales": ("sale_id", "last_date", tuple(ROLES)),
    "inspected_sales": ("inspection", "day", tuple(ROLES)),
    "reported_sales": ("report", "day", tuple(ROLES)),
    "answered_payments": ("verification", "day", tuple(ROLES)),
    "check_results": ("verification", "checked_on", ("platform",)),
}
"""Tally whose rows are single documents → its columns of identity and day, and the roles that it names."""


class Indicator(Strict):
    """One indicator; see data/indicators.yaml."""

    group: Text
    title: Translated
    meaning: Text
    measure: Literal[
        "share", "rate", "count", "amount", "months", "register", "findings", "partners", "control"
    ]
    unit: Text
    source: str = ""
    flag: str = ""
    interval: Literal["jeffreys", "none"] = "jeffreys"

    @property
    def has_interval(self) -> bool:
        """Whether its value is a share of cases, that chance may have moved."""
        return self.measure in ("share", "rate", "partners") and self.interval != "none"


class Indicators(Strict):
    """The file: groups in the order of a portrait, indicators in the order of their groups."""

    groups: dict[str, Translated]
    indicators: dict[str, Indicator]

    def check(self) -> None:
        """Raises WrongError for a group or a source that there is not."""
        for name, indicator in self.indicators.items():
            if indicator.group not in self.groups:
                raise WrongError(("indicators", name, "group"), f"there is no group {indicator.group!r}")
            if indicator.source and indicator.source not in SOURCES:
                raise WrongError(("indicators", name, "source"), f"there is no tally {indicator.source!r}")


@cache
def indicators() -> Indicators:
    """Every indicator and group there is."""
    with as_file(files("app.supervision") / "data" / "indicators.yaml") as path:
        return read_checked(path, Indicators)


def column_of(role: str) -> str:
    """Column of the tallies of sales that names the firm in this role."""
    return ROLES[role][0]
