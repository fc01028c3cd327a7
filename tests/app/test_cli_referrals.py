"""Referrals from the command line: drawn, exported once, replies taken as a whole or not at all."""

import json
from pathlib import Path

import pytest
from commanding import Run

import world

COLUMNS = "verificationId,referralId,payCode,payTransactionId,repliedAt,result\n"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, world.Truth]:
    """A small world of flat files."""
    out = tmp_path_factory.mktemp("world") / "files"
    return out, world.make(out, orders=500, seed=3, format="csv")


def test_from_a_draw_to_its_replies(run: Run, files: tuple[Path, world.Truth], tmp_path: Path) -> None:
    folder, truth = files
    assert run("load", folder).code == 0
    company = truth.rings[0]["payment_company"]
    period = ("--from", "2025-01-01", "--to", "2025-12-31", "--by", "Wang Fang")
    drawn = run("referrals", "draw", company, *period, "--half-width", 0.1, "--json").json
    assert 0 < drawn["asked"] < drawn["population"]
    reference = drawn["id"]

    out = tmp_path / "out"
    exported = run("referrals", "export", reference, out, "--by", "Wang Fang")
    assert exported.code == 0
    assert "for the payment authority alone" in exported.out
    again = run("referrals", "export", reference, tmp_path / "again", "--by", "Li Si")
    assert (again.code, "was exported by Wang Fang" in again.err) == (2, True)
    assert run("referrals", "export", reference, tmp_path / "again", "--by", "Li Si", "--again").code == 0

    asked = json.loads((out / "referral.json").read_text("utf-8"))["transactions"]
    replies = tmp_path / "payment_verifications.csv"
    rows = [
        f"X{one['number']},{reference},{one['payCode']},{one['payTransactionId']},2025-11-20,no_fund_flow\n"
        for one in asked[:-1]
    ]
    before = run("referrals", "list", "--json").json  # the world brought a few replies of its own
    replies.write_text(COLUMNS + "".join(rows) + f"XX,PR-1,{company},T,2025-11-20,forged\n", "utf-8")
    refused = run("referrals", "take", replies)
    assert refused.code == 2
    line = len(rows) + 2
    assert f"line {line}, referralId: there is no such referral" in refused.err
    assert f"line {line}, result: must be one of" in refused.err
    assert run("referrals", "list", "--json").json == before

    replies.write_text(COLUMNS + "".join(rows), "utf-8")
    assert run("referrals", "take", replies, "--json").json["documents"] == len(rows)
    (row,) = run("referrals", "list", "--json").json
    assert (row["answered"] >= len(rows), row["status"] != "exported") == (True, True)
    assert row["estimate"]["share"] > 0.5
    shown = run("referrals", "show", reference)
    assert drawn["argument"] in " ".join(shown.out.split())
    assert "Exported by Li Si" in shown.out
    items = run("referrals", "show", reference, "--json").json["items"]
    assert sum(item["state"] == "no_fund_flow" for item in items) >= len(rows) - 1
    assert reference in run("referrals", "list").out
    known = run("referrals", "replies", "--json").json
    assert sum(bool(one["answers"]) for one in known) >= len(rows)
    assert len(run("referrals", "replies", "--unmatched", "--json").json) < len(known)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        (("draw", "--from", "2025-01-01", "--to", "2025-02-01", "--by", "W"), "Name the payment company"),
        (("draw", "X", "--from", "yesterday", "--to", "2025-02-01", "--by", "W"), "is no day"),
        (
            ("draw", "X", "--from", "2025-01-01", "--to", "2025-02-01", "--by", "W"),
            "no payment with a number",
        ),
        (("show", "PR-1"), "There is no referral"),
        (("export", "PR-1", "out", "--by", "W"), "There is no referral"),
        (("take", "none.csv"), "There is no file"),
    ],
)
def test_mistakes_are_told_in_one_sentence(
    run: Run, tmp_path: Path, given: tuple[str, ...], said: str
) -> None:
    reports = tmp_path / "consumer_reports.csv"
    reports.write_text(
        "reportId,reportedAt,buyerIdNumber,kind\nR,2025-01-01,110105194912310020,other\n", "utf-8"
    )
    run("load", reports)
    answer = run("referrals", *given)
    assert answer.code == 2
    assert said in answer.err
