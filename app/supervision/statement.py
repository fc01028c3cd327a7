"""The statement for one person: what was declared in their name, and what is left of their limit at most."""

from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

import jinja2
import pyarrow as pa
import yaml

from app.casebook.store import Casebook
from app.detection.quota_limits import quota_limits
from app.detection.tally import Tallies
from app.supervision.protection import consumer_key, protections
from loaders.contract.keys import Keys, normalise
from loaders.ledger.ledger import Ledger

NOTE = {
    "en": "The limit is national and this ledger is one office's: what is left is what is left at most.",
    "zh": "限额为全国统一额度，本账册仅含本关数据：剩余额度为最多可用额度。",
}


def statement(
    ledger: Ledger,
    casebook: Casebook,
    keys: Keys,
    number: str,
    *,
    id_type: str = "1",
    year: int | None = None,
) -> dict[str, Any]:
    """What was declared in the name of an identity number, of one calendar year or of all.

    `person` (key, masked), `as_of` (last day of the ledger), `ledger_version`, `years` (limit, used, given
    back, left at most), `sales` (when, where, goods, amounts, state), `reports`, `protection`, `note`. Money
    is decimal CNY but for the lines' own currency; days are of Asia/Shanghai. The number is nowhere in it.
    Raises BadInputError for what is no identity number.
    """
    key = consumer_key(keys, number, id_type)
    version = ledger.version
    asked = {"consumer": key, "year": year}
    with ledger.connect(version) as connection:
        ((masked_name, as_of),) = connection.execute(_sql("statement_person"), {"consumer": key}).fetchall()
        people, nobody = pa.table({"key": [key]}), pa.table({"key": pa.array([], pa.string())})
        tallies = Tallies(
            connection, since=None, until=as_of or date(1970, 1, 1), keys=nobody, consumers=people
        )
        tallies.keep("consumer_quota")
        sales = tallies.query(_sql("statement_sales"), asked).to_pylist()
        years = tallies.query(_sql("statement_years"), asked).to_pylist()
        at_hand = pa.table(
            {
                "sale_id": pa.array([row["sale_id"] for row in sales], pa.string()),
                "declared": pa.array([row["state"] != "not declared" for row in sales], pa.bool_()),
            }
        )
        goods = tallies.query(_sql("statement_goods"), at_hand=at_hand).to_pylist()
        reports = tallies.query(_sql("statement_reports"), {"consumer": key}).to_pylist()
    for sale in sales:
        sale["goods"] = [line for line in goods if line["sale_id"] == sale["sale_id"]]
    for line in goods:
        del line["sale_id"], line["document"]
    return {
        "person": {"key": key, "masked_number": _masked(number), "masked_name": masked_name},
        "ledger_version": version,
        "as_of": as_of,
        "year": year,
        "years": years or _untouched(year or (as_of.year if as_of else None)),
        "sales": sales,
        "reports": reports,
        "protection": [
            {"number": one.number, "level": one.level, "since": one.since, "until": one.until}
            | {"lifted": one.lifted}
            for one in protections(casebook, consumer=key)
        ],
        "note": NOTE,
    }


def page(told: dict[str, Any]) -> str:
    """A statement as one printable HTML page, in Chinese and English, that asks no other file or machine."""
    return _environment().get_template("statement.html").render(told=told, **_labels())


def _untouched(year: int | None) -> list[dict[str, Any]]:
    """The year of a person in whose name nothing was declared: the whole limit is left."""
    limits = None if year is None else quota_limits().of_year(year)
    if limits is None:
        return []
    none = limits.annual - limits.annual
    return [
        {"year": year, "limit": limits.annual, "used": none, "given_back": none}
        | {"left_at_most": limits.annual, "sales": 0, "pending": 0, "in_foreign_currency": 0}
    ]


def _masked(number: str) -> str:
    """The first three and the last two characters of a number."""
    form = normalise("id", number).partition(":")[2]
    return f"{form[:3]}{'*' * (len(form) - 5)}{form[-2:]}" if len(form) > 7 else "***"


@cache
def _sql(name: str) -> str:
    return files("app.supervision").joinpath("sql", f"{name}.sql").read_text("utf-8")


@cache
def _labels() -> dict[str, Any]:
    text = files("app.supervision").joinpath("templates", "statement_labels.yaml").read_text("utf-8")
    return dict(yaml.safe_load(text))


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("app.supervision"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["money"] = lambda amount: "" if amount is None else f"{amount:,.2f}"
    environment.filters["count"] = lambda amount: f"{amount:f}".rstrip("0").rstrip(".")
    return environment
