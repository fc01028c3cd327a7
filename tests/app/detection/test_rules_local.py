"""Local rules: asked about some subjects they say what a full run says about those."""

from collections.abc import Iterator
from dataclasses import replace

import pyarrow as pa
import pytest
from shops import Office, check, cleared, opened, sale

from app.detection.ask import Asked, ask, findings_of, names_of
from app.detection.catalogue import STEPS
from app.detection.rulebook import closure, load_rules
from app.detection.steps import Context, Flags, NodeRows
from app.detection.strata import since
from app.detection.tally import Tallies
from app.graph.server import EmbeddedServer

RULES = load_rules(STEPS)
LOCAL = sorted(rule.id for rule in RULES.values() if rule.front.scope == "local")


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Platforms of all sorts: never checked, checked long ago, failed, mended, new, hardly visited."""
    sells = {"NEVER0": 0, "NEVER1": 5, "OLD": 10, "FAILED": 20, "MENDED": 30, "FINE": 40, "NEW": 95}
    sells |= {"QUIET0": 50, "QUIET1": 50}
    with_sales = [sale(name, no, 10 * at + no, day=at + no) for name, at in sells.items() for no in range(6)]
    checks = [
        check("OLD", "pass", at="2020-01-01T10:00:00"),
        check("OLD", "fail", at="2020-02-01T10:00:00", what="licence_valid"),
        *(check("FAILED", "fail", what=what) for what in ("can_login", "goods_shipped", "can_purchase")),
        check("MENDED", "fail"),
        check("MENDED", "pass", at="2024-03-01T10:00:00"),
        check("FINE", "pass"),
        check("FINE", "pass", at="2024-03-10T10:00:00", what="traffic_match", observed="900"),
        check("FAILED", "pass", at="2024-03-10T10:00:00", what="traffic_match", observed="900"),
        check("UNSEEN", "fail"),  # checked, and in no sale
    ]
    for name in ("QUIET0", "QUIET1"):
        checks += [check(name, "fail", at="2024-03-10T10:00:00", what="traffic_match", observed="0")]
        checks += [cleared(name, no) for no in range(6)]
    with opened(
        neo4j_server,
        tmp_path_factory.mktemp("office"),
        [*(document for sales in with_sales for document in sales), *checks],
    ) as office:
        yield office


def results(office: Office, answer: Asked) -> dict[str, str]:
    """Subject → result part, without how many were found in all, which only a full run knows."""
    (run,) = (run for run in office.casebook.runs() if run["rule"] == answer.rule.id)
    answer = replace(answer, denominator=answer.denominator | {"found": 0})
    findings = findings_of(answer, names_of(office.graph, [answer]), run["as_of"], 1, {})
    return {row["subject_key"]: row["result"] for row in findings.values()}


@pytest.mark.parametrize("rule", LOCAL)
def test_asked_about_some_subjects_a_local_rule_says_what_it_says_of_all(office: Office, rule: str) -> None:
    as_of = office.casebook.runs()[0]["as_of"]
    whole = results(office, ask(office.graph, RULES[rule], as_of))
    assert whole.keys() == office.found(rule).keys()
    assert len(whole) >= 2
    silent = ["FINE", "NEW", "NOBODY"]
    for subjects in (sorted(whole), sorted(whole)[:1], [*sorted(whole)[1:], *silent], silent, []):
        some = results(office, ask(office.graph, RULES[rule], as_of, subjects))
        assert some == {key: whole[key] for key in subjects if key in whole}


@pytest.mark.parametrize("rule", LOCAL)
def test_what_a_local_rule_needs_is_local_too(office: Office, rule: str) -> None:
    """Its steps, run for some keys, give those keys what they give them in a full run, and nobody else."""
    as_of = office.casebook.runs()[0]["as_of"]
    chosen, order = closure([rule], RULES, STEPS)
    assert list(chosen) == [rule]  # a local rule may need no other: that one would have to be local as well
    wanted = ["FAILED", "MENDED", "NEVER1", "OLD"]

    parameters = {one.id: one.parameters for one in RULES.values()}

    def ran(step: str, keys: list[str] | None) -> NodeRows:
        first = since(as_of, RULES[rule].front.window)
        with office.desk.ledger.connect() as connection:
            some = None if keys is None else pa.table({"key": keys})
            tallies = Tallies(connection, since=first, until=as_of, keys=some)
            rows = STEPS[step].run(Context(tallies, first, as_of, parameters, [rule], Flags(), lambda *_: []))
        assert not rows.relationships
        return rows.nodes

    for step in order[:-1]:
        whole = ran(step, None)
        assert ran(step, wanted) == {node: row for node, row in whole.items() if node[1] in wanted} != whole
