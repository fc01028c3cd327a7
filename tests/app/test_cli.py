"""The commands over a small world that went through the main job."""

import json
import stat
from pathlib import Path

import openpyxl
import pytest
from commanding import Job, Run, cluegraph

from app.cli.entry import data_first
from loaders.contract.keys import Keys

FIELDS = {
    *(
        "id",
        "rule",
        "rule_version",
        "parameters",
        "window",
        "ledger_version",
        "graph_version",
        "subject",
        "members",
    ),
    *(
        "severity",
        "score",
        "reason",
        "numbers",
        "denominator",
        "evidence",
        "query",
        "first_seen",
        "last_seen",
    ),
    *("history", "present", "decision"),
}


def test_findings_are_one_array_with_the_fields_of_the_rules_page(run: Run, job: Job) -> None:
    found = run("findings", "--json", data=job.data).json

    assert found
    for finding in found:
        assert set(finding) >= FIELDS
        for part in (finding["subject"], *finding["members"]):
            assert set(part) == {"kind", "key", "name"}
        assert set(finding["reason"]) == {"en", "zh"}
    gravity = ["info", "low", "medium", "high", "critical"]
    ranks = [gravity.index(finding["severity"]) for finding in found]
    assert ranks == sorted(ranks, reverse=True)


def test_the_planted_ring_is_found_with_the_company_behind_it(run: Run, job: Job) -> None:
    [planted] = job.truth.rings
    rings = run("findings", "--rule", "ring-platforms", "--json", data=job.data).json

    members = [{part["key"] for part in ring["members"] if part["kind"] == "Platform"} for ring in rings]
    wanted = set(planted["members"])
    assert any(len(found & wanted) / len(found | wanted) >= 0.8 for found in members)
    companies = run("findings", "--rule", "payment-captive-platforms", "--json", data=job.data).json
    assert planted["payment_company"] in {company["subject"]["key"] for company in companies}


def test_filters_narrow_what_is_listed(run: Run, job: Job) -> None:
    every = run("findings", "--json", data=job.data).json
    grave = run("findings", "--severity", "high", "--json", data=job.data).json

    assert 0 < len(grave) < len(every)
    assert {finding["severity"] for finding in grave} <= {"high", "critical"}
    assert run("findings", "--since", "0", "--json", data=job.data).json == every
    assert run("findings", "--since", "1", "--json", data=job.data).json == []
    assert run("findings", "--since", "2000-01-01", "--json", data=job.data).json == every
    assert run("findings", "--since", "2999-01-01", "--json", data=job.data).json == []
    text = run("findings", "--severity", "high", data=job.data)
    assert text.code == 0
    assert all(finding["id"] in text.out and finding["reason"]["en"] in text.out for finding in grave)


def test_one_finding_is_told_in_full(run: Run, job: Job) -> None:
    first = run("findings", "--json", data=job.data).json[0]
    assert run("finding", first["id"], "--json", data=job.data).json == first

    text = run("finding", first["id"], data=job.data).out
    for part in (first["reason"]["en"], first["reason"]["zh"], first["query"], *first["numbers"]):
        assert part in text


def test_status_says_that_everything_is_up_to_date(run: Run, job: Job) -> None:
    state = run("status", "--json", data=job.data).json

    assert state["ledger"]["version"] == state["graph"]["meta"]["load_seq"] == 1
    assert state["graph"]["counts"]["Transaction"] == state["ledger"]["sales"] > 0
    assert state["graph"]["meta"]["casebook_seq"] == state["casebook"]["seq"]
    assert set(state["fresh"].values()) == {True}
    assert "ledger version" in run("status", data=job.data).out


def test_the_main_job_repeated_changes_nothing(run: Run, job: Job) -> None:
    before = run("findings", "--json", data=job.data).json
    state = run("status", "--json", data=job.data).json
    again = run("run", job.files, "--json", data=job.data)

    assert again.code == 0
    assert again.json["load"]["load_seq"] is None
    assert again.json["project"]["way"] == "none"
    assert run("findings", "--json", data=job.data).json == before
    assert run("status", "--json", data=job.data).json == state


def test_steps_one_by_one_say_what_they_did(run: Run, job: Job) -> None:
    assert "the graph was up to date" in run("project", data=job.data).out
    assert "ring-platforms" in run("detect", data=job.data).out
    assert "were known" in run("load", job.files / "enterprises.csv", data=job.data).out


def test_keys_are_those_of_the_ledger(job: Job) -> None:
    keys = Keys.open(job.data / "key", create=False)
    answer = cluegraph(
        "--data",
        job.data,
        "key",
        "--json",
        given="11010519491231002x\n１１０１０５１９４９１２３１００２Ｘ\n",
    )

    assert answer.json == {
        "kind": "id",
        "key_id": keys.key_id,
        "keys": [keys.key_of("id", "1:11010519491231002X")] * 2,
    }
    phone = cluegraph("--data", job.data, "key", "--kind", "phone", given="+86 138-0000-0000\n")
    assert phone.out == keys.key_of("phone", "13800000000") + "\n"
    assert stat.S_IMODE((job.data / "key").stat().st_mode) == 0o600


def test_rejects_name_place_and_reason_but_no_value(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "consumer_reports.csv"
    bad.write_text(
        "reportId,reportedAt,buyerIdNumber,kind\n"
        "R-1,2024-05-01T10:00:00,110105194912310020,shoes\n"
        "R-2,someday,110105194912310020,other\n"
    )
    assert run("load", bad).code == 0
    rows = run("rejects", "--json").json

    assert [(row["file_name"], row["kind"], row["position"], row["field"]) for row in rows] == [
        (rows[0]["file_name"], "consumer_reports", 1, "kind"),
        (rows[0]["file_name"], "consumer_reports", 2, "reportedAt"),
    ]
    assert all(row["reason"] for row in rows)
    assert "110105194912310020" not in json.dumps(rows) + run("rejects").out


def test_standard_input_can_be_loaded(tmp_path: Path) -> None:
    check = {"verificationId": "V-1", "ebpCode": "4401968001", "checkedAt": "2024-05-01"}
    text = json.dumps(check | {"check": "can_login", "result": "pass"})
    file = tmp_path / "platform_verifications.jsonl"
    file.write_text(text + "\n")
    data = tmp_path / "data"
    assert cluegraph("--data", data, "load", file, "--json").json["documents"] == 1

    piped = cluegraph("--data", data, "load", "-", given="no document of any kind")
    assert piped.code == 0
    assert "rejects" in piped.out or "Skipped" in piped.out


def test_clues_are_exported_without_personal_values(run: Run, job: Job, tmp_path: Path) -> None:
    out = tmp_path / "clues"
    manifest = run("export", "clues", out, "--json", data=job.data).json
    found = run("findings", "--json", data=job.data).json

    assert manifest["counts"]["findings"] == len(found) > 0
    assert json.loads((out / "findings.json").read_text("utf-8")) == found
    assert manifest["versions"]["ledger"] == 1
    assert set(manifest["versions"]["rules"]) >= {finding["rule"] for finding in found}
    assert openpyxl.load_workbook(out / "clues.xlsx")["findings"].max_row == len(found) + 1
    later = run("export", "clues", tmp_path / "later", "--since", "1", "--json", data=job.data).json
    assert later["counts"]["findings"] == 0
    assert later["since_ledger_version"] == 1


def test_worlds_are_made_as_asked(run: Run, tmp_path: Path) -> None:
    for form in ("xml", "csv"):
        asked = ("world", tmp_path / form, "--orders", 500, "--seed", 3, "--format", form, "--json")
        answer = run(*asked).json
        assert answer["orders"] == 500
        assert (tmp_path / form / "truth.json").is_file()
    assert (tmp_path / "csv" / "orders.csv").is_file()
    assert (tmp_path / "xml" / "CEB311").is_dir()


@pytest.mark.parametrize(
    ("given", "moved"),
    [
        (["findings", "--data", "x", "--json"], ["--data", "x", "findings", "--json"]),
        (["findings", "--data=x"], ["--data=x", "findings"]),
        (["load", "--", "--data", "x"], ["load", "--", "--data", "x"]),
        (["status", "--data"], ["--data", "status"]),
    ],
)
def test_the_data_folder_may_be_named_anywhere(given: list[str], moved: list[str]) -> None:
    assert data_first(given) == moved


def test_help_and_version(run: Run) -> None:
    assert "Commands:" in cluegraph().out
    assert run("findings", "--help").code == 0
    assert cluegraph("--version").out.startswith("cluegraph ")
