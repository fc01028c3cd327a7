"""Only live rules act: what shadows find is kept apart, and drafts run where asked for by name."""

from datetime import date
from pathlib import Path

import pytest
from shops import Office, check, sale

from app.casework.outcomes import decide
from app.clues.status import state
from app.detection.rulebook import rules_folder
from app.errors import BadInputError, NotFoundError
from app.graph.driver import Graph

RULE = "platform-failed-checks"
DAY = date(2024, 6, 3)


def rules(folder: Path, maturity: str) -> Path:
    """Two of our rules, one of them of this maturity."""
    folder.mkdir(exist_ok=True)
    for name in (RULE, "platform-unverified"):
        text = (rules_folder() / f"{name}.cypher").read_text("utf-8")
        text = text.replace("maturity: live", f"maturity: {maturity if name == RULE else 'live'}")
        (folder / f"{name}.cypher").write_text(text, encoding="utf-8")
    return folder


def shown(office: Office) -> list[str]:
    """Rules of all that is told: findings, those that are gone as well, and their nodes in the graph."""
    rows = office.graph.read("MATCH (f:Finding) RETURN f.rule AS rule, f.present AS present ORDER BY rule")
    listed = office.casebook.findings(present=None)
    assert sorted((one.rule, one.present) for one in listed) == [(r["rule"], r["present"]) for r in rows]
    return [row["rule"] for row in rows if row["present"]]


def test_only_live_rules_act(graph: Graph, tmp_path: Path) -> None:
    office = Office(tmp_path, graph)
    sales = [sale(platform, no, no, day=50 * no) for platform in ("BAD", "UNSEEN") for no in range(3)]
    office.load([*(document for one in sales for document in one), check("BAD", "fail")])
    folder = tmp_path / "rules"

    office.detect(folder=rules(folder, "live"))
    assert shown(office) == [RULE, "platform-unverified"]
    before = office.found(RULE)["BAD"]

    report = office.detect(folder=rules(folder, "shadow"))
    assert (report.rules[RULE].maturity, report.rules[RULE].found) == ("shadow", 1)
    assert shown(office) == ["platform-unverified"]
    (apart,) = office.casebook.findings(maturity="shadow")
    assert (apart.id, apart.reason) == (before.id, before.reason)
    with pytest.raises(NotFoundError):
        office.casebook.finding(before.id)
    with pytest.raises(NotFoundError):
        decide(office.casebook, before.id, "confirmed", expected="open", why="w", by="b", on=DAY)
    with pytest.raises(BadInputError, match="'ripe' is no maturity"):
        office.casebook.findings(maturity="ripe")
    assert state(office.desk.ledger, office.casebook, None)["casebook"]["shadow"] == {RULE: 1}
    assert office.detect(folder=folder).casebook_seq == report.casebook_seq  # a second run changes nothing

    report = office.detect(folder=rules(folder, "draft"))
    assert RULE not in report.rules
    assert RULE not in {run["rule"] for run in office.casebook.runs()}
    assert shown(office) == ["platform-unverified"]
    by_name = office.detect(folder=folder, rules=[RULE])
    assert {name: rule.found for name, rule in by_name.rules.items()} == {RULE: 1}
    assert shown(office) == ["platform-unverified"]
    assert [one.subject["key"] for one in office.casebook.findings(maturity="draft")] == ["BAD"]

    office.detect(folder=rules(folder, "live"))
    assert shown(office) == [RULE, "platform-unverified"]
    after = office.found(RULE)["BAD"]
    assert (after.id, after.first_seen) == (before.id, before.first_seen)
