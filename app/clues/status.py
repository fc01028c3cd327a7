"""The state of the stores: versions, watermarks, counts, freshness, readiness."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from app import __version__
from app.casebook.store import Casebook
from app.errors import CluegraphError, UnavailableError
from app.graph.open import open_graph
from app.graph.server import EmbeddedServer
from app.settings import Settings
from loaders.ledger.ledger import Ledger
from loaders.projection.schema import SCHEMA_VERSION

if TYPE_CHECKING:
    from app.graph.driver import Graph

_LEDGER = files("app.clues").joinpath("ledger_state.sql").read_text(encoding="utf-8")
_SEVERITIES = ("critical", "high", "medium", "low", "info")


@contextmanager
def graph_if_running(settings: Settings) -> Iterator["Graph | None"]:
    """The graph where it answers; None where the embedded one does not run. Starts nothing."""
    if settings.neo4j_uri is None and EmbeddedServer.of(settings).connection() is None:
        yield None
        return
    try:
        graph = open_graph(settings)
    except UnavailableError:
        yield None
        return
    with graph:
        yield graph


def state(ledger: Ledger, casebook: Casebook, graph: "Graph | None") -> dict[str, Any]:
    """Versions, watermarks and counts of the three stores, as plain values (instants in UTC, ISO 8601)."""
    found, runs = casebook.findings(), casebook.runs()
    detected = casebook.watermark("detection")
    of_graph = graph_state(graph)
    meta = of_graph["meta"]
    answer: dict[str, Any] = {
        "version": __version__,
        "ledger": ledger_state(ledger),
        "graph": of_graph,
        "casebook": {
            "seq": casebook.seq(),
            "shown": meta is not None and casebook.shown_by(meta["casebook_seq"]),
            "detected_ledger_version": None if detected is None else detected[0],
            "findings": {name: sum(one.severity == name for one in found) for name in _SEVERITIES},
            "shadow": {run["rule"]: run["found"] for run in runs if run["maturity"] == "shadow"},
        },
    }
    answer["fresh"] = {check["name"]: check["ok"] for check in checks(answer)}
    return answer


def ledger_state(ledger: Ledger) -> dict[str, Any]:
    """Version, loads, files, rejects, sales, and the days and the load that they reach to."""
    with ledger.connect() as connection:
        result = connection.execute(_LEDGER)
        names = [column[0] for column in result.description]
        row = result.fetchone()
    counts = dict(zip(names, row or (), strict=True))
    plain = {
        name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in counts.items()
    }
    return {"version": ledger.version, **plain}


def graph_state(graph: "Graph | None") -> dict[str, Any]:
    """Whether it runs, what it holds, and how far it was projected."""
    if graph is None:
        return {"running": False, "meta": None, "counts": None}
    from app.graph.driver import named

    counts = graph.read(named("counts"))[0]["counts"]
    return {"running": True, "meta": graph.meta(), "counts": counts}


def checks(now: dict[str, Any]) -> list[dict[str, Any]]:
    """What must hold so that answers are about all that was loaded and found: name, ok, detail."""
    meta = now["graph"]["meta"] or {}
    load, version_now = meta.get("load_seq"), now["ledger"]["version"]
    seq, detected = meta.get("casebook_seq"), now["casebook"]["detected_ledger_version"]
    schema = meta.get("schema_version")
    rows = (
        ("graph answers", now["graph"]["running"], "it does", "start it: cluegraph neo4j start"),
        ("graph has this schema", schema == SCHEMA_VERSION, f"schema {schema}", "cluegraph project"),
        ("graph has every load", load == version_now, f"load {load} of {version_now}", "cluegraph project"),
        (
            "graph has every finding",
            now["casebook"]["shown"],
            f"casebook change {seq} of {now['casebook']['seq']}",
            "cluegraph project",
        ),
        (
            "findings are about every load",
            detected == version_now,
            f"ledger version {detected} of {version_now}",
            "cluegraph detect",
        ),
    )
    return [
        {"name": name, "ok": ok, "detail": detail if ok else f"{detail}; {todo}"}
        for name, ok, detail, todo in rows
    ]


def readiness(ledger: Ledger, casebook: Casebook, graph: "Graph") -> dict[str, Any]:
    """Whether every check holds, with the checks; a store that cannot be used is a check that fails.

    Where documents arrive by the minute, findings of local rules are about all of them, and those of the
    others follow on their schedule: that is no reason not to be ready.
    """
    try:
        held = checks(state(ledger, casebook, graph))
        if not held[-1]["ok"] and _follows(ledger, casebook):
            told = f"those of local rules, at ledger version {ledger.version}; the others follow"
            held[-1] = held[-1] | {"ok": True, "detail": told}
    except CluegraphError as error:
        held = [{"name": "stores answer", "ok": False, "detail": str(error)}]
    return {"ready": all(check["ok"] for check in held), "checks": held}


def _follows(ledger: Ledger, casebook: Casebook) -> bool:
    """Whether all rules have run once, and the local ones about every load."""
    # Imported here: what rules are made of takes longer to import than `status` takes to run.
    from app.detection.local import local_rules

    runs = {run["rule"]: run["ledger_version"] for run in casebook.runs()}
    local = [runs.get(name) for name in local_rules(casebook)]
    return casebook.watermark("detection") is not None and set(local) == {ledger.version}


def about_versions(ledger: Ledger, casebook: Casebook) -> dict[str, Any]:
    """What an export says of where it comes from: versions of application, ledger, graph, casebook, rules."""
    runs = casebook.runs()
    detected = casebook.watermark("detection")
    graphs = [finding.graph_version for finding in casebook.findings(present=None)]
    return {
        "cluegraph": __version__,
        "versions": {
            "ledger": ledger.version,
            "ledger_detected": None if detected is None else detected[0],
            "graph": max(graphs, key=lambda one: one.get("load_seq", 0), default=None),
            "casebook": casebook.seq(),
            "rules": {run["rule"]: run["rule_version"] for run in runs if run["maturity"] == "live"},
        },
        "as_of": max((run["as_of"].isoformat() for run in runs), default=None),
    }
