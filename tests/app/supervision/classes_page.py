"""The tables of docs/classes.md as the data files have them.

    python tests/app/supervision/classes_page.py

writes them into the page, between the comments that mark where each begins and ends.
"""

import re
from pathlib import Path

from app.supervision.credit import read_credit_tables
from app.supervision.events import Event, read_events
from app.supervision.indicators import ROLES, indicators
from app.supervision.scorecard import read_scorecards

PAGE = Path(__file__).parents[3] / "docs" / "classes.md"
CARD = read_scorecards().versions[-1]


def tables() -> dict[str, str]:
    """Every table by the name of its mark."""
    return {
        "indicators": _indicators(),
        "weights": _weights(),
        "bands": _bands(),
        "credit": _credit(),
        "events": _events(),
    }


def filled_in(page: str) -> str:
    """The page with its tables as they should be; what stands between them is left alone."""
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        inside = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        assert len(inside.findall(page)) == 1, f"docs/classes.md has no place for the table of {name}"
        page = inside.sub(lambda _, text=begin + table + end: text, page)  # type: ignore[misc]
    return page


def _table(head: list[str], rows: list[list[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


def _indicators() -> str:
    rows = []
    for name, one in indicators().indicators.items():
        scoring = CARD.indicators[name]
        scale = ", ".join(f"{at:g} → {points:g}" for at, points in scoring.scale)
        by = "" if scoring.by == "value" else "percentile: "
        group = indicators().groups[one.group]
        title = f"{one.title.en} ({one.title.zh})"
        rows.append(
            [f"`{name}`", f"{group.en} ({group.zh})", title, one.meaning, str(scoring.minimum), by + scale]
        )
    return _table(["indicator", "group", "title", "what it says", "at least", "points"], rows)


def _weights() -> str:
    rows = []
    for name in indicators().indicators:
        weights = [CARD.weights[role].get(name) for role in ROLES]
        rows.append([f"`{name}`", *("" if weight is None else f"{weight:g}" for weight in weights)])
    return _table(["indicator", *ROLES], rows)


def _bands() -> str:
    rows = [[band.letter, f"{band.lower:g}", f"{band.upper:g}"] for band in CARD.bands]
    return _table(["class", "from", "below"], rows)


def _credit() -> str:
    rows = [
        [
            f"{table.holds_from} to {table.holds_until or '…'}",
            name,
            limits.at_least or "",
            limits.at_best or "",
        ]
        for table in read_credit_tables().versions
        for name, limits in table.classes.items()
    ]
    return _table(["register's state of", "official class", "at least", "at best"], rows)


def _events() -> str:
    rows = [
        [f"`{event.id}`", f"{event.title.en} ({event.title.zh})", _when(event), event.to, str(event.days)]
        for event in read_events().versions[-1].events
    ]
    return _table(["event", "title", "when", "class", "days"], rows)


def _when(event: Event) -> str:
    if event.finding is not None:
        return f"finding `{event.finding}`, {event.severity} or graver"
    told = f"`{event.fact}`, {event.at_least} or more within {event.within_days} days"
    told += f", as {', '.join(event.roles)}"
    if event.share is not None:
        told += f"; lower end of the share's 95 % interval at least {event.share:g}"
    if event.level is not None:
        told += f"; chance at the rate of the {event.before_days} days before at most {event.level:g}"
    return told


if __name__ == "__main__":
    PAGE.write_text(filled_in(PAGE.read_text("utf-8")), "utf-8")
