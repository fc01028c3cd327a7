"""The tables of docs/rules.md as the files of rules and tallies have them.

    python tests/app/detection/rules_page.py

writes them into the page, between the comments that mark where each begins and ends.
"""

import re
from pathlib import Path

from app.detection.catalogue import STEPS
from app.detection.rule import Parameter, Rule, SeverityTable
from app.detection.rulebook import load_rules
from app.detection.tally import tally, tally_names

PAGE = Path(__file__).parents[3] / "docs" / "rules.md"
RULES = load_rules(STEPS)


def tables() -> dict[str, str]:
    """Every table by the name of its mark."""
    return {"rules": _rules(), "parameters": _parameters(), "tallies": _tallies()}


def filled_in(page: str) -> str:
    """The page with its tables as they should be; what stands between them is left alone."""
    for name, table in tables().items():
        begin, end = f"<!-- {name} -->\n", f"<!-- end of {name} -->"
        inside = re.compile(re.escape(begin) + ".*?" + re.escape(end), re.DOTALL)
        assert len(inside.findall(page)) == 1, f"docs/rules.md has no place for the table of {name}"
        page = inside.sub(lambda _, text=begin + table + end: text, page)  # type: ignore[misc]
    return page


def _severity(rule: Rule) -> str:
    table = rule.front.severity
    if not isinstance(table, SeverityTable):
        return table
    return "; ".join(f"{table.steps[at]} from `{table.by}` {at:g}" for at in sorted(table.steps))


def _rules() -> str:
    head = "| rule | about | severity | base | window (months) | asks | silent on |\n" + "|---" * 7 + "|\n"
    rows = []
    for name in sorted(RULES):
        front = RULES[name].front
        cells = (
            f"`{name}` {front.version}",
            ", ".join(RULES[name].subjects),
            _severity(RULES[name]),
            "yes" if front.base else "",
            "" if front.window is None else str(front.window),
            f"{front.title.en} ({front.title.zh})",
            "; ".join(front.silent_on),
        )
        rows.append(f"| {' | '.join(cells)} |\n")
    return head + "".join(rows)


def _parameter(of: str, parameter: Parameter) -> str:
    cells = (of, f"`{parameter.name}`", str(parameter.default), parameter.unit, parameter.meaning.strip())
    return f"| {' | '.join(cells)} |\n"


def _parameters() -> str:
    """Rules that share a whole set of parameters share its rows."""
    sharing: dict[str, list[str]] = {}
    for name in sorted(RULES):
        sharing.setdefault(repr(RULES[name].front.parameters), []).append(name)
    rows = [
        _parameter(", ".join(f"`{name}`" for name in names), parameter)
        for names in sharing.values()
        for parameter in RULES[names[0]].front.parameters
    ]
    rows += [
        _parameter(f"tally `{name}`", parameter)
        for name in tally_names()
        for parameter in tally(name).front.parameters
    ]
    return "| of | parameter | default | unit | meaning |\n|---|---|---|---|---|\n" + "".join(rows)


def _tallies() -> str:
    rows = [f"| `{name}` | {tally(name).front.meaning.strip()} |\n" for name in tally_names()]
    return "| tally | what it counts |\n|---|---|\n" + "".join(rows)


if __name__ == "__main__":
    PAGE.write_text(filled_in(PAGE.read_text("utf-8")), "utf-8")
