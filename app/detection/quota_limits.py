"""Personal limits by date: a versioned table (quota_limits.yaml), checked when it is read."""

from datetime import date, timedelta
from decimal import Decimal
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Annotated, Self

import pyarrow as pa
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from app.errors import BadInputError

NAME = "quota_limits.yaml"
_Amount = Annotated[Decimal, Field(gt=0, max_digits=19, decimal_places=5)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class QuotaLimits(_Strict):
    """The limits that hold from one day until the next row's.

    `single` and `annual` are CNY of dutiable value for an order and for a person's calendar year; goods whose
    return is applied for within `return_days` of release give their value back.
    """

    holds_from: date
    single: _Amount
    annual: _Amount
    return_days: Annotated[int, Field(ge=0)]
    source: Annotated[str, Field(min_length=1)]

    @model_validator(mode="after")
    def _in_proportion(self) -> Self:
        if self.single > self.annual:
            raise ValueError("the single limit is above the annual one")
        return self


class LimitTable(_Strict):
    """Every row of the file, the earliest first."""

    version: Annotated[str, Field(pattern=r"^\d+\.\d+\.\d+$")]
    rows: Annotated[tuple[QuotaLimits, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _one_after_the_other(self) -> Self:
        days = [row.holds_from for row in self.rows]
        if any(later <= earlier for earlier, later in pairwise(days)):
            raise ValueError("each row must hold from a later day than the one before it")
        return self

    def at(self, day: date) -> QuotaLimits | None:
        """What holds on a day; None before the first row."""
        return next((row for row in reversed(self.rows) if row.holds_from <= day), None)

    def of_year(self, year: int) -> QuotaLimits | None:
        """What holds for a whole year: a limit that changes within it counts from its first of January."""
        return self.at(date(year, 12, 31))

    def days(self, until: date) -> pa.Table:
        """day (date), single, annual (DECIMAL(19,5), CNY; annual is that of the year), return_days.

        One row a day from the first row's to `until`, so that SQL joins them by equality.
        """
        first = self.rows[0].holds_from
        return self.of_days([first + timedelta(days=n) for n in range(max((until - first).days + 1, 0))])

    def of_days(self, days: list[date]) -> pa.Table:
        """The same of these days, but for those before the first row's."""
        every = [day for day in days if day >= self.rows[0].holds_from]
        held = [(day, self.at(day) or self.rows[0], self.of_year(day.year) or self.rows[0]) for day in every]
        money = pa.decimal128(19, 5)
        return pa.table(
            {
                "day": pa.array(every, pa.date32()),
                "single": pa.array([row.single for _, row, _ in held], money),
                "annual": pa.array([row.annual for _, _, row in held], money),
                "return_days": pa.array([row.return_days for _, row, _ in held], pa.int32()),
            }
        )


def read_limits(text: str, name: str = NAME) -> LimitTable:
    """The table in a YAML text; raises BadInputError with file, place and reason for what is none."""
    try:
        return LimitTable.model_validate(yaml.safe_load(text))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        raise BadInputError(f"{name}:{mark.line + 1 if mark else 1}: the table is no YAML.") from None
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"]) or "table"
        raise BadInputError(f"{name}: {place}: {first['msg'].removeprefix('Value error, ')}.") from None


@cache
def quota_limits() -> LimitTable:
    """The limits that come with cluegraph."""
    return read_limits(files("app.detection").joinpath(NAME).read_text("utf-8"))
