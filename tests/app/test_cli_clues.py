"""Dossiers and handovers from the command line and over the API, over a small world through the main job."""

import io
import json
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import networkx as nx
import pytest
from commanding import HOME, Job, Run, serving

from loaders.contract.kinds import KINDS
from loaders.ledger.ledger import Ledger

IDENTITY, PHONE = (
    re.compile(r"(?<![0-9a-z])\d{17}[\dXx](?![0-9a-z])"),
    re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)"),
)
SAMPLE = 200


@pytest.fixture(scope="module")
def gravest(job: Job) -> list[str]:
    """The gravest finding of each rule of the world."""
    from app.casebook.store import Casebook

    by_rule = {one.rule: one.id for one in reversed(Casebook.open(job.settings.casebook_address).findings())}
    assert len(by_rule) > 10
    return sorted(by_rule.values())


@pytest.fixture(scope="module")
def raw(job: Job) -> dict[str, set[str]]:
    """Every personal value of the world as it was declared, by what it is."""
    values: dict[str, set[str]] = {}
    with Ledger.open(job.settings.ledger_folder).connect() as connection:
        for kind in KINDS.values():
            for field in kind.personal_fields:
                found = connection.execute(
                    f'SELECT DISTINCT "{field.name}" FROM {kind.name} WHERE "{field.name}" IS NOT NULL'
                ).fetchall()
                values.setdefault(str(field.personal), set()).update(value for (value,) in found)
    assert min(map(len, values.values())) > 0
    return values


def text_of(folder: Path) -> str:
    """Everything in a folder as text, with what is packed in workbooks."""
    parts = []
    for path in folder.iterdir():
        if path.suffix == ".xlsx":
            with zipfile.ZipFile(path) as archive:
                parts += [archive.read(name).decode("utf-8") for name in archive.namelist()]
        else:
            parts.append(path.read_text("utf-8"))
    return "\n".join(parts)


def leaked(text: str, raw: dict[str, set[str]]) -> set[str]:
    """Kinds of personal values of which the text holds one: every number, and a sample of the rest."""
    found = {"id": raw["id"] & set(IDENTITY.findall(text)), "phone": raw["phone"] & set(PHONE.findall(text))}
    for kind in raw.keys() - found.keys():
        long = sorted(value for value in raw[kind] if len(value) > 2)[:: max(1, len(raw[kind]) // SAMPLE)]
        found[kind] = {value for value in long if value in text}
    return {kind for kind, values in found.items() if values}


def test_a_dossier_of_every_kind_of_finding_holds_no_personal_value(
    run: Run, job: Job, gravest: list[str], raw: dict[str, set[str]], tmp_path: Path
) -> None:
    out = tmp_path / "out"
    answer = run("export", "dossier", *gravest, out, "--json", data=job.data)
    assert answer.code == 0, answer.err
    manifest = answer.json
    assert (set(manifest["findings"]), manifest["personal_values"]) == (set(gravest), {"masked": True})
    assert leaked(text_of(out), raw) == set()
    assert len(list(out.glob("picture-*.svg"))) == len(gravest)
    graph = nx.read_graphml(out / "graph.graphml")
    assert set(graph) == set(nx.read_gexf(out / "graph.gexf"))
    assert {f"Finding:{identity}" for identity in gravest} <= set(graph)
    counted = {
        one["id"]: one["evidence"]["count"]
        for one in json.loads((out / "dossier.json").read_text("utf-8"))["findings"]
    }
    assert manifest["counts"]["evidence"] == sum(counted.values())
    assert manifest["notes"] == []


def test_personal_values_need_role_purpose_and_name_and_leave_a_line(
    run: Run, job: Job, gravest: list[str], raw: dict[str, set[str]], tmp_path: Path
) -> None:
    before = run("export", "accesses", "--json", data=job.data).json
    asked = ("export", "dossier", gravest[0], tmp_path / "out", "--unmasked")
    for lacking in (
        (),
        ("--role", "investigator", "--purpose", "case 2026-17"),
        ("--role", "investigator", "--by", "Wang"),
        ("--role", "intern", "--purpose", "case 2026-17", "--by", "Wang"),
    ):
        refused = run(*asked, *lacking, data=job.data)
        assert (refused.code, refused.err.count("\n")) == (2, 1)
    assert run("export", "accesses", "--json", data=job.data).json == before
    assert not (tmp_path / "out").exists()

    said = ("--role", "investigator", "--purpose", "case 2026-17", "--by", "Wang")
    made = run(*asked, *said, data=job.data)
    assert made.code == 0, made.err
    assert "holds personal values" in made.out
    assert leaked(made.out + made.err, raw) == set()
    (line, *others) = run("export", "accesses", "--json", data=job.data).json
    assert (line["by"], line["role"], line["findings"], others) == (
        "Wang",
        "investigator",
        [gravest[0]],
        before,
    )
    assert "case 2026-17" in run("export", "accesses", data=job.data).out
    assert leaked(text_of(tmp_path / "out"), raw) != set()


def test_mistakes_are_told_in_a_sentence_and_leave_nothing(
    run: Run, job: Job, gravest: list[str], tmp_path: Path
) -> None:
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "file").write_text("mine")
    out = tmp_path / "out"
    for command, told in (
        (("export", "dossier", "f-unknown", out), "There is no finding"),
        (("export", "dossier", gravest[0], tmp_path / "taken"), "not an empty folder"),
        (("export", "dossier", gravest[0], out, "--role", "investigator"), "for --unmasked alone"),
        (("export", "dossier", out), "Missing argument"),
        (("export", "clues", out, "--to", "smuggling"), "go together"),
        (("export", "clues", out, "--since", "last"), "go together"),
        (("export", "clues", out, "--since", "last", "--to", "../etc"), "names a folder"),
        (("export", "clues", out, "--since", "last", "--to", "a", "--severity", "grave"), "is no severity"),
        (("handovers", "show", "nobody-000001"), "no such handover"),
        (("handovers", "list", "--to", "a/b"), "names a folder"),
    ):
        answer = run(*command, data=job.data)
        assert (answer.code, answer.out) == (2, ""), command
        assert told in answer.err
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


def test_a_scheduled_export_says_what_it_did_and_what_came_of_it_is_kept(
    run: Run, job: Job, raw: dict[str, set[str]], tmp_path: Path
) -> None:
    command = ("export", "clues", "--since", "last", "--to", "smuggling", "--severity", "high", tmp_path)
    first = run(*command, data=job.data)
    assert re.match(r"smuggling-000001: new \d+ written to ", first.out), first.err
    again = run(*command, data=job.data)
    assert (again.code, again.out) == (
        0,
        "Nothing to hand over to smuggling: they have every clue as it stands.\n",
    )
    assert run(*command, "--json", data=job.data).json == []
    assert [path.name for path in tmp_path.iterdir()] == ["smuggling-000001"]
    assert leaked(text_of(tmp_path / "smuggling-000001"), raw) == set()

    (row,) = run("handovers", "list", "--to", "smuggling", "--json", data=job.data).json
    assert (row["state"], row["by"], row["outcomes"]) == (
        "handed over",
        "scheduled job",
        {"not told yet": row["clues"]["new"]},
    )
    clue = run("handovers", "show", row["id"], "--json", data=job.data).json["items"][0]["finding"]
    outcome = ("handovers", "outcome", row["id"], "case opened", "--finding", clue, "--by", "Li")
    told = run(*outcome, "--reason", "2026-17", "--expected", "", data=job.data)
    assert "case opened (Li, " in told.out
    refused = run(*outcome, "--expected", "", data=job.data)
    assert (refused.code, "is case opened by now" in refused.err) == (2, True)
    assert "case opened 1" in run("handovers", "list", data=job.data).out


def test_the_line_for_cron_runs_with_an_empty_environment(job: Job, tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "clues.md").read_text("utf-8")
    (line,) = re.findall(r"^\*/15 \* \* \* \* (.*)$", page, re.MULTILINE)
    command = line.replace("/opt/cluegraph/bin/cluegraph", f"{sys.executable} -m app.cli")
    command = command.replace("/srv/cluegraph/data", str(job.data)).replace(
        "/srv/clues", str(tmp_path / "clues")
    )
    done = subprocess.run(
        ["/bin/sh", "-c", command],
        env={"PYTHONPATH": str(HOME), "PATH": "/usr/bin:/bin"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert [path.name for path in (tmp_path / "clues").iterdir()] == ["anti-smuggling-000001"]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="there is no systemd-analyze")
def test_the_units_for_systemd_are_units(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs" / "clues.md").read_text("utf-8")
    service, timer = re.findall(r"^```ini\n(.*?)^```", page, re.MULTILINE | re.DOTALL)
    # What the unit runs is not here, nor is its user: the rest is as documented.
    here = service.replace("/opt/cluegraph/bin/cluegraph", sys.executable).replace("User=cluegraph\n", "")
    (tmp_path / "cluegraph-clues.service").write_text(here)
    (tmp_path / "cluegraph-clues.timer").write_text(timer)
    units = [tmp_path / f"cluegraph-clues.{kind}" for kind in ("service", "timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False, timeout=60
    )
    assert (done.returncode, [line for line in done.stderr.splitlines() if "cluegraph-clues" in line]) == (
        0,
        [],
    )
    broken = timer.replace("OnCalendar=*:0/15", "OnCalendar=sometimes")
    (tmp_path / "cluegraph-clues.timer").write_text(broken)
    refused = subprocess.run(
        ["systemd-analyze", "verify", units[1]], capture_output=True, text=True, check=False, timeout=60
    )
    assert "sometimes" in refused.stderr  # it does read them


@pytest.fixture(scope="module")
def api(job: Job) -> Iterator[httpx.Client]:
    with serving(job.data) as service, httpx.Client(base_url=service.address, timeout=120) as client:
        yield client


def test_a_dossier_is_downloaded_as_a_zip(
    api: httpx.Client, gravest: list[str], raw: dict[str, set[str]], tmp_path: Path
) -> None:
    answer = api.post("/v1/dossiers", json={"findings": gravest[:2]})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as archive:
        archive.extractall(tmp_path)
    manifest = json.loads((tmp_path / "dossier" / "manifest.json").read_text("utf-8"))
    assert sorted(manifest["findings"]) == sorted(gravest[:2])
    assert leaked(text_of(tmp_path / "dossier"), raw) == set()


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"findings": ["f-unknown"]}, 404),
        ({"findings": []}, 422),
        ({"findings": ["x"] * 51}, 422),
        ({"findings": ["x" * 33]}, 422),
        ({"findings": ["x"], "unmasked": True}, 422),
    ],
)
def test_a_dossier_that_cannot_be_is_refused(api: httpx.Client, body: dict[str, Any], status: int) -> None:
    answer = api.post("/v1/dossiers", json=body)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_handovers_and_outcomes_over_the_api(api: httpx.Client, run: Run, job: Job, tmp_path: Path) -> None:
    for recipient in ("tariff", "audit"):
        command = (
            "export",
            "clues",
            "--since",
            "last",
            "--to",
            recipient,
            "--severity",
            "critical",
            tmp_path,
        )
        assert run(*command, "--by", "Zhao", data=job.data).code == 0
    listed = api.get("/v1/handovers", params={"limit": 1}).json()
    rest = api.get("/v1/handovers", params={"limit": 500, "cursor": listed["next"]}).json()
    assert listed["count"] == 1 + len(rest["data"])
    (one,) = api.get("/v1/handovers", params={"to": "tariff"}).json()["data"]
    assert (one["by"], one["state"]) == ("Zhao", "handed over")

    path = f"/v1/handovers/{one['id']}"
    before = api.get(path).json()
    assert {item["change"] for item in before["items"]} == {"new"}
    told = {"outcome": "not pursued", "reason": "known", "by": "Li", "expected": ""}
    after = api.post(f"{path}/outcomes", json=told).json()
    assert after == api.get(path).json()
    assert after["outcomes"] == {"not pursued": len(before["items"])}
    assert api.post(f"{path}/outcomes", json=told).status_code == 422
    assert api.post(f"{path}/outcomes", json={**told, "outcome": "praised"}).status_code == 422
    assert api.get("/v1/handovers/tariff-000009").status_code == 404
    assert api.get("/v1/handovers", params={"to": "a/b"}).status_code == 422
    page = api.get("/v1/accesses", params={"limit": 1}).json()
    assert page["count"] >= len(page["data"])
