"""Rules from the command line: listed with their last run, shown whole, checked strictly."""

import json
import sqlite3
from pathlib import Path

import pytest
from commanding import Job, Run

from app.detection.rulebook import rules_folder

NAMES = sorted(path.stem for path in rules_folder().glob("*.cypher"))


def test_every_rule_is_listed_with_what_its_last_run_looked_at(run: Run, job: Job) -> None:
    rows = run("rules", "list", "--json", data=job.data).json
    assert [row["id"] for row in rows] == NAMES
    for row in rows:
        assert row["last_run"]["looked_at"] >= row["last_run"]["judgeable"] >= 0
        assert row["last_run"]["ledger_version"] == 1
    text = run("rules", "list", data=job.data).out
    assert all(name in text for name in NAMES)


def test_one_rule_is_shown_whole(run: Run, job: Job) -> None:
    rule = run("rules", "show", "platform-traffic", "--json", data=job.data).json
    assert (rule["risk"], rule["base"], rule["subjects"]) == ("source control", True, ["Platform"])
    assert rule["parameters"][0]["name"] == "visits_per_order"
    assert rule["reason"]["zh"]
    assert "MATCH (p:Platform)" in rule["query"]
    text = run("rules", "show", "platform-traffic", data=job.data).out
    for part in ("no visits on record", "visits_per_order", "MATCH (p:Platform)", "judgeable"):
        assert part in text


def test_rules_can_be_looked_at_without_data(run: Run) -> None:
    assert {row["last_run"] for row in run("rules", "list", "--json").json} == {None}
    assert "Last run:    none" in run("rules", "show", "platform-traffic").out
    assert not run.data.exists()
    unknown = run("rules", "show", "platform-trafic")
    assert (unknown.code, unknown.out) == (2, "")
    assert "There is no rule 'platform-trafic'" in unknown.err


def test_rules_are_checked(run: Run, tmp_path: Path) -> None:
    assert [row["id"] for row in run("rules", "check", "--json").json] == NAMES
    text = (rules_folder() / "platform-traffic.cypher").read_text("utf-8")
    mine = tmp_path / "platform-traffic.cypher"
    mine.write_text(text, "utf-8")
    assert run("rules", "check", mine, "--json").json == [
        {"id": "platform-traffic", "version": "1.0.0", "file": "platform-traffic.cypher"}
    ]
    assert "1 rules are in order" in run("rules", "check", tmp_path).out

    mine.write_text(text.replace("risk: source", "risky: yes\nrisk: source"), "utf-8")
    (tmp_path / "other.cypher").write_text("MATCH (n) RETURN n", "utf-8")
    refused = run("rules", "check", tmp_path)
    assert (refused.code, refused.out) == (2, "")
    line = text[: text.index("risk: source")].count("\n") + 1
    assert f"platform-traffic.cypher:{line}: risky" in refused.err
    assert "other.cypher:1: a rule begins with front matter" in refused.err


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("needs: [platform-traffic-seen]", "needs: [none-such]"), "neither a step nor a rule 'none-such'"),
        (("// The upper end", "CREATE (n) // The upper end"), "CREATE, which writes"),
        (("  - name: minimum_orders", "  - name: minimum_visits"), "$minimum_orders"),
        (("zh: 平台访问量与放行订单量明显不符", "fr: non"), "title"),
    ],
)
def test_a_rule_of_ones_own_is_refused_with_file_and_line(
    run: Run, tmp_path: Path, change: tuple[str, str], told: str
) -> None:
    text = (rules_folder() / "platform-traffic.cypher").read_text("utf-8")
    assert change[0] in text
    mine = tmp_path / "platform-traffic.cypher"
    mine.write_text(text.replace(*change), "utf-8")
    refused = run("rules", "check", mine)
    assert refused.code == 2
    assert refused.err.startswith("platform-traffic.cypher:")
    assert told in refused.err


def test_where_there_is_nothing_to_check(run: Run, tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.cypher"):
        answer = run("rules", "check", path)
        assert answer.code == 2
        assert str(path) in answer.err


def test_no_two_steps_write_one_property_of_an_enterprise(job: Job) -> None:
    """Whoever came later would take the other's number for its own."""
    written: dict[str, set[str]] = {}
    with sqlite3.connect(job.settings.data / "casebook.sqlite") as casebook:
        rows = casebook.execute("SELECT step, properties FROM derived_nodes WHERE label = 'Enterprise'")
        for step, properties in rows.fetchall():
            for name in json.loads(properties):
                written.setdefault(name, set()).add(step)
    assert len(written) > 100
    assert {name: steps for name, steps in written.items() if len(steps) > 1} == {}


def test_neo4j_reads_the_statements_of_a_rule(run: Run, job: Job, tmp_path: Path) -> None:
    assert "rules are in order" in run("rules", "check", "--explain", data=job.data).out
    text = (rules_folder() / "platform-traffic.cypher").read_text("utf-8")
    mine = tmp_path / "platform-traffic.cypher"
    mine.write_text(text.replace("MATCH (p:Platform)\n", "MATCH (p:Platform\n", 1), "utf-8")
    assert mine.read_text("utf-8") != text
    assert run("rules", "check", mine).code == 0
    refused = run("rules", "check", mine, "--explain", data=job.data)
    assert (refused.code, refused.out) == (2, "")
    assert "platform-traffic.cypher: Neo4j cannot read the query: " in refused.err
