"""Rules tried where nothing is at stake: backtests, shadow runs, worlds; nothing in use is touched."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import psutil
import pytest
from cases import DAY
from shops import Office, check, inspection, opened, sale

from app.casework.backtest import backtest
from app.casework.in_world import try_in_world
from app.casework.outcomes import decide
from app.casework.precision_table import precision_on
from app.casework.shadow import shadow_run, standing_shadow
from app.casework.trial import rules_with, scratch
from app.detection.rulebook import rules_folder
from app.errors import BadInputError, BusyError, NotFoundError
from app.graph.server import EmbeddedServer
from app.settings import Settings

RULE = "platform-failed-checks"
ROOT = Path(__file__).parents[3]
TABLE = precision_on(DAY)
SAID: dict[str, Any] = {"why": "looked into", "by": "officer 7", "on": DAY}


def documents() -> list[Any]:
    """Three shops that sell until the end of January; one failed a check, another two."""
    sales = [sale(shop, no, no, day=5 * no) for shop in ("ONCE", "TWICE", "LATER") for no in range(5)]
    checks = [check("ONCE", "fail"), check("TWICE", "fail"), check("TWICE", "fail", what="can_register")]
    return [*(document for one in sales for document in one), *checks]


@pytest.fixture(scope="module")
def office(neo4j_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    """An office after two loads with a detection each: the second brought more about all three shops."""
    folder = tmp_path_factory.mktemp("office")
    with opened(neo4j_server, folder, documents(), [RULE]) as office:
        office.load(
            [
                check("LATER", "fail", at="2024-01-20T10:00:00"),
                inspection("I1", "ONCE|00001", "discrepancy"),
                inspection("I2", "TWICE|00001"),
            ]
        )
        office.detect(rules=[RULE])
        decide(office.casebook, office.found(RULE)["ONCE"].id, "confirmed", expected="open", **SAID)
        decide(office.casebook, office.found(RULE)["TWICE"].id, "false alarm", expected="open", **SAID)
        yield office


@pytest.fixture
def settings(office: Office) -> Settings:
    """The office's data folder; trials get little memory."""
    return Settings(data=office.desk.folder, neo4j_heap="512m", neo4j_page_cache="64m")


def in_use(office: Office) -> tuple[Any, ...]:
    """What a trial must leave as it is."""
    nodes = office.graph.read("MATCH (n) RETURN count(n) AS n")
    found = [one.as_dict() for one in office.casebook.findings(present=None)]
    return office.graph.meta(), nodes, office.casebook.seq(), found, office.desk.ledger.version


def gone(settings: Settings) -> bool:
    """Whether a trial left neither folder nor server."""
    return not (settings.data / "trial").exists() and not [
        one for one in psutil.process_iter(["cmdline"])
        if any(str(settings.data / "trial") in part for part in one.info["cmdline"] or ())
    ]  # fmt: skip


def changed(folder: Path, *changes: tuple[str, str], rule: str = RULE) -> str:
    """A rule of ours with other text, in a file of its own."""
    text = (rules_folder() / f"{rule}.cypher").read_text("utf-8")
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    (folder / f"{rule}.cypher").write_text(text, "utf-8")
    return str(folder / f"{rule}.cypher")


def test_the_past_is_asked_as_it_stood(office: Office, settings: Settings) -> None:
    before = in_use(office)
    told = backtest(settings, office.desk.ledger, office.casebook, RULE, 1, TABLE)
    assert (told["looked_at"], told["judgeable"], told["found"]) == (3, 2, 2)  # nothing was known of LATER
    by_shop = {one["subject"]["key"]: one for one in told["findings"]}
    assert {shop: one["outcome"] for shop, one in by_shop.items()} == {"ONCE": "right", "TWICE": "wrong"}
    assert all(one["known_then"] for one in by_shop.values())
    assert by_shop["ONCE"]["later"]["inspections"] == 1
    assert "inspections" not in by_shop["TWICE"]["later"]
    assert (told["outcomes"]["right"], told["outcomes"]["wrong"], told["without_outcome"]) == (1, 1, 0)
    assert (told["outcomes"]["precision"], told["outcomes"]["level"]) == (0.5, 0.95)
    assert told["as_of"] == office.casebook.runs()[0]["as_of"].isoformat()
    assert set(told["seconds"]) == {"building the graph", "asking"}
    assert told["megabytes"] > 0
    assert in_use(office) == before
    assert gone(settings)


def test_a_changed_rule_runs_beside_the_one_that_is_live(
    office: Office, settings: Settings, tmp_path: Path
) -> None:
    before = in_use(office)
    file = changed(
        tmp_path,
        ("default: 1\n", "default: 2\n"),
        ("2: medium", "2: high"),
        ("version: 1.0.0", "version: 1.1.0"),
    )
    told = shadow_run(settings, office.desk.ledger, office.casebook, file, TABLE, rate=Decimal("0.5"))
    shops = {name: sorted(one["subject"]["key"] for one in told[name]) for name in ("new", "gone", "kept")}
    assert shops == {"new": [], "gone": ["LATER", "ONCE"], "kept": ["TWICE"]}
    (kept,) = told["kept"]
    assert (kept["severity_before"], kept["severity"], kept["decision"]) == ("medium", "high", "false alarm")
    assert kept["others"] == {"right": 0, "wrong": 0}  # what was decided on itself is not others' word
    assert (told["running"]["version"], told["running"]["found"]) == ("1.0.0", 3)
    assert (told["changed"]["version"], told["changed"]["found"]) == ("1.1.0", 1)
    outcomes = {name: (one["right"], one["wrong"]) for name, one in told["outcomes"].items()}
    assert outcomes == {"new": (0, 0), "gone": (1, 0), "kept": (0, 1), "running": (1, 1), "changed": (0, 1)}
    # Checks are no sales: nothing of the evidence could be inspected, the shops' sales could.
    assert told["cost"]["running"]["evidence_sales"] == 0
    assert told["cost"]["running"]["subject_sales"] == 15
    assert told["cost"]["changed"]["subject_inspections"] == "2.5"
    assert "ring-platforms" in told["others_touched"]  # it hears the flags of a base rule
    assert "document-payer" not in told["others_touched"]
    assert in_use(office) == before
    assert gone(settings)


def test_a_trial_that_fails_leaves_nothing(office: Office, settings: Settings, tmp_path: Path) -> None:
    before = in_use(office)
    file = changed(tmp_path, ("RETURN p.code AS subject,", "RETURN p.code AS subject, 1 AS never_heard_of,"))
    with pytest.raises(BadInputError, match="no unit for the returned number 'never_heard_of'"):
        backtest(settings, office.desk.ledger, office.casebook, file, 2, TABLE)
    assert in_use(office) == before
    assert gone(settings)


def test_what_a_killed_trial_left_is_taken_away_by_the_next(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", neo4j_heap="512m", neo4j_page_cache="64m")
    child = subprocess.Popen(
        [sys.executable, Path(__file__).with_name("trial_child.py"), settings.data],
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "up\n"
    with pytest.raises(BusyError, match="Another trial of a rule is under way"), scratch(settings):
        pass
    child.send_signal(signal.SIGKILL)
    child.wait(60)
    assert not gone(settings)
    with scratch(settings) as own:
        assert list(own.data.iterdir()) == []
        assert EmbeddedServer.of(own).connection() is None
    assert gone(settings)


def test_a_parameter_of_a_step_reaches_it_and_a_world_says_what_is_missed(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data", neo4j_heap="512m", neo4j_page_cache="64m")
    file = changed(tmp_path, ("default: 3\n", "default: 500\n"), rule="document-payer")
    told = try_in_world(settings, file, {}, orders=2_000, seed=7)
    assert told["judgeable"] > 20
    assert (told["findings"], told["precision"]) == (0, None)
    assert told["planted"] == len(told["missed"]) > 0
    assert told["recall"] == 0
    assert not settings.data.exists()  # there was no data folder, and a test makes none


def test_a_rule_that_no_world_plants_is_refused(tmp_path: Path) -> None:
    settings = Settings(data=tmp_path / "data")
    with pytest.raises(BadInputError, match="No world plants anything for 'consumer-locked'"):
        try_in_world(settings, "consumer-locked", {}, orders=500, seed=7)
    with pytest.raises(BadInputError, match=r"A world of 500 sales is too small .* 20,000 does"):
        try_in_world(settings, "inspection-yield", {}, orders=500, seed=7)
    with pytest.raises(BadInputError, match="too small: ask for at least"):
        try_in_world(settings, RULE, {}, orders=5, seed=7)
    assert not settings.data.exists()


def test_what_is_no_rule_is_refused_before_anything_is_built(
    office: Office, settings: Settings, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.cypher"
    broken.write_text("MATCH (n) RETURN n", "utf-8")
    garbled = tmp_path / "garbled.cypher"
    garbled.write_bytes(b"\xff\xfe\x00")
    for named, kind, told in (
        ("nope", NotFoundError, "no rule 'nope'"),
        (str(tmp_path / "nope.cypher"), NotFoundError, "There is no file"),
        (str(broken), BadInputError, "broken.cypher:1: a rule begins with front matter"),
        (str(garbled), BadInputError, "cannot be read as UTF-8"),
    ):
        with pytest.raises(kind, match=told):
            rules_with(named, {})
    with pytest.raises(BadInputError, match=r"1.5 is no rate of inspection"):
        shadow_run(settings, office.desk.ledger, office.casebook, RULE, TABLE, rate=Decimal("1.5"))
    identity, rules, running = rules_with(changed(tmp_path, ("maturity: live", "maturity: draft")), {})
    assert (identity, rules[RULE].front.maturity) == (RULE, "live")  # others may need it: it is tried as live
    assert rules[RULE].path != running[RULE].path


def test_a_standing_shadow_is_looked_at_in_the_casebook(office: Office) -> None:
    with pytest.raises(BadInputError, match="is live, no shadow: give a file"):
        standing_shadow(office.desk.ledger, office.casebook, office.graph, RULE, TABLE)
    with pytest.raises(NotFoundError, match="no rule 'nope'"):
        standing_shadow(office.desk.ledger, office.casebook, office.graph, "nope", TABLE)
