"""The numbers by which payments are referred: dated entries of data/referrals.yaml."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib.resources import files

import yaml
from pydantic import TypeAdapter

from app.detection.rule import Parameter


@dataclass(frozen=True)
class ReferralParameters:
    """What holds on a day; the file says unit, meaning and source of each."""

    level: float
    half_width: float
    expected_share: float
    least_of_stratum: int
    answer_days: int


def parameters_on(day: date) -> ReferralParameters:
    """The numbers that hold on a day: of each the entry with the latest `holds_from` until then."""
    values = {}
    for entry in sorted(_entries(), key=lambda one: one.holds_from):
        if entry.holds_from <= day or entry.name not in values:
            values[entry.name] = entry.default
    return TypeAdapter(ReferralParameters).validate_python(values)


@cache
def _entries() -> list[Parameter]:
    text = files("app.supervision").joinpath("data", "referrals.yaml").read_text("utf-8")
    return TypeAdapter(list[Parameter]).validate_python(yaml.safe_load(text))
