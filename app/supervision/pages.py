"""A portrait as one printable page of HTML: no script, nothing loaded from elsewhere; many as a folder."""

from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FunctionLoader, StrictUndefined
from markupsafe import Markup

from app.casebook.models import SEVERITIES
from app.casebook.store import Casebook
from app.errors import BadInputError
from app.supervision import pictures
from app.supervision.class_history import history_of, records
from app.supervision.indicators import ROLE_NAMES, indicators
from app.supervision.portraits import Portraits

_SEVERITIES = ("—", *SEVERITIES)


def _template(name: str) -> str:
    return files("app.supervision").joinpath(f"templates/{name}").read_text("utf-8")


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FunctionLoader(_template), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["told"] = told
    return environment


def told(one: dict[str, Any]) -> str:
    """The value of an indicator for a person."""
    value = one["value"]
    if value is None:
        return "—"
    if one["exact"] is not None:
        return f"{Decimal(one['exact']):,.2f}"
    if one["unit"] == "severity":
        return _SEVERITIES[int(value)]
    if one["unit"].startswith(("share", "reports")):
        return f"{value:.2%}"
    return f"{value:,.0f}" if value == int(value) or value > 1000 else f"{value:.1f}"


def portrait_page(portraits: Portraits, casebook: Casebook, code: str, day: date) -> str:
    """The page of an enterprise as of a day: class, history, radar, indicators by role, findings, decisions.

    Raises NotFoundError for an unknown enterprise.
    """
    portrait = portraits.one(code)
    code = portrait["code"]
    with casebook.read() as connection:
        known = code in records(connection, [code])
    past = history_of(casebook, code, day) if known else {"state": None, "ratings": [], "adjustments": []}
    ratings = [row for row in past["ratings"] if row["on_day"] <= day]
    names = {name: (title.zh, title.en) for name, title in indicators().groups.items()}
    bands = [(band.letter, band.lower, band.upper) for band in portraits.card.bands]
    radars = {row["role"]: Markup(pictures.radar(row["groups"], names)) for row in portrait["roles"]}  # noqa: S704
    return _environment().get_template("portrait.html").render(
        portrait=portrait,
        state=past["state"],
        ratings=ratings,
        adjustments=[row for row in past["adjustments"] if row["since"] <= day],
        findings=portraits.found.about.get(code, []),
        radars=radars,
        # Numbers, days and letters alone: nothing of a document is in a picture.
        history=Markup(pictures.history(ratings, bands)) if ratings else None,  # noqa: S704
        groups=indicators().groups,
        about=indicators().indicators,
        role_names=ROLE_NAMES,
        day=day,
    )  # fmt: skip


def export_pages(portraits: Portraits, casebook: Casebook, out: Path, day: date) -> int:
    """A page for every enterprise, CODE.html, in a folder that is new or empty; gives how many.

    Raises BadInputError for a folder that holds something.
    """
    if out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise BadInputError(f"{out} is there already and not an empty folder: name a new one.")
    out.mkdir(parents=True, exist_ok=True)
    for code in portraits.rated_in:
        (out / f"{code}.html").write_text(portrait_page(portraits, casebook, code, day), "utf-8")
    return len(portraits.rated_in)
