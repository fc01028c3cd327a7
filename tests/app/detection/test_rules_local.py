"""Local rules: asked about some subjects they say what a full run says about those."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pyarrow as pa
import pytest
from quota_documents import buys
from shops import Office, check, cleared, opened, person, sale
from sqlalchemy import select

from app.casebook.models import DerivedRelationship
from app.casebook.protections import periods
from app.detection.ask import Asked, ask, findings_of, names_of
from app.detection.catalogue import STEPS
from app.detection.rulebook import closure, load_rules
from app.detection.steps import Context, Flags, Rows
from app.detection.strata import since
from app.detection.tally import Tallies
from app.graph.server import EmbeddedServer
from app.supervision.protection import consumer_key, protect

RULES = load_rules(STEPS)
LOCAL = sorted(rule.id for rule in RULES.values() if rule.front.scope == "local")


BIG, RICH, HONEST, LOCKED, SHUT = range(700, 705)


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """Platforms of all sorts: never checked, checked long ago, failed, mended, new, hardly visited; people
    over the limit and within it, and two whose identity is locked."""
    sells = {"NEVER0": 0, "NEVER1": 5, "OLD": 10, "FAILED": 20, "MENDED": 30, "FINE": 40, "NEW": 95}
    sells |= {"QUIET0": 50, "QUIET1": 50}
    with_sales = [sale(name, no, 10 * at + no, day=at + no) for name, at in sells.items() for no in range(6)]
    for who, times in ((BIG, 7), (RICH, 8), (HONEST, 2)):
        with_sales += [buys("FINE", 100 * who + no, who, day=40 + no) for no in range(times)]
    with_sales += [sale("FINE", 100 * who, who, day=40) for who in (LOCKED, SHUT)]
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
        rules=[],
    ) as office:
        for who in (LOCKED, SHUT):
            protect(
                office.casebook, key_of(office, who), "locked",
                since=date(2024, 1, 1), until=None, why="lost", by="X", on=date(2024, 1, 1),
            )  # fmt: skip
        office.detect(rules=LOCAL)
        yield office


def key_of(office: Office, who: int) -> str:
    return consumer_key(office.desk.keys, person(who)[0])


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
    if "Consumer" in RULES[rule].subjects:
        silent = [key_of(office, HONEST), "nobody"]
    for subjects in (sorted(whole), sorted(whole)[:1], [*sorted(whole)[1:], *silent], silent, []):
        some = results(office, ask(office.graph, RULES[rule], as_of, subjects))
        assert some == {key: whole[key] for key in subjects if key in whole}


@pytest.mark.parametrize("rule", LOCAL)
def test_what_a_local_rule_needs_is_local_too(office: Office, rule: str) -> None:
    """Its steps, run for some keys, give those keys what they give them in a full run, and nobody else."""
    as_of = office.casebook.runs()[0]["as_of"]
    chosen, order = closure([rule], RULES, STEPS)
    assert list(chosen) == [rule]  # a local rule may need no other: that one would have to be local as well
    wanted = {
        "Enterprise": ["FAILED", "MENDED", "NEVER1", "OLD"],
        "Consumer": [key_of(office, who) for who in (BIG, HONEST, LOCKED, SHUT)],
    }
    parameters = {one.id: one.parameters for one in RULES.values()}

    def locks() -> pa.Table:
        with office.casebook.read() as connection:
            return periods(connection)

    def ran(step: str, some: dict[str, list[str]] | None) -> Rows:
        first = since(as_of, RULES[rule].front.window)
        with office.desk.ledger.connect() as connection:
            tables = {label: pa.table({"key": keys}) for label, keys in (some or {}).items()}
            tallies = Tallies(
                connection,
                since=first,
                until=as_of,
                keys=tables.get("Enterprise"),
                consumers=tables.get("Consumer"),
                hold=some is None,
            )
            context = Context(tallies, first, as_of, parameters, [rule], Flags(), lambda *_: [], locks)
            return STEPS[step].run(context)

    for step in order[:-1]:
        whole, some = ran(step, None), ran(step, wanted)
        everything = STEPS[step].whole
        assert some.nodes == {
            (label, key): row
            for (label, key), row in whole.nodes.items()
            if label in everything or key in wanted[label]
        }
        assert some.relationships == {
            identity: row
            for identity, row in whole.relationships.items()
            if identity[4] in wanted[identity[3]]
        }
        assert some.nodes or some.relationships


def test_what_local_steps_join_is_joined_by_no_other_step(office: Office) -> None:
    """A batch shows the graph what such a step wrote as all there is of it."""
    local = {name for rule in LOCAL for name in closure([rule], RULES, STEPS)[1] if name in STEPS}
    office.detect()
    table = DerivedRelationship.__table__
    with office.casebook.read() as connection:
        rows = {(row.type, row.step) for row in connection.execute(select(table.c.type, table.c.step))}
    mine = {kind for kind, step in rows if step in local}
    assert mine == {"COUNTS_TOWARDS", "DECLARED_WHILE_LOCKED"}
    assert not mine & {kind for kind, step in rows if step not in local}
