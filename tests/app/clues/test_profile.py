"""Named queries on a real Neo4j: what is known, who is near, and what was cut."""

from pathlib import Path
from typing import LiteralString, cast

import pytest

from app.casebook.store import Casebook
from app.clues import profile
from app.errors import NotFoundError
from app.graph.driver import Graph, named

ROOT = Path(__file__).parents[3]
SMALL: LiteralString = """
CREATE (p:Enterprise:Platform {code: 'P1', name: '甲', first_seen: date('2024-01-02')}),
       (q:Enterprise:Platform {code: 'P2', name: '乙'}),
       (c:Enterprise:PaymentCompany {code: 'C1', name: '丙'}),
       (k:Consumer {key: 'k1', masked_name: '张*'}),
       (h:Phone {key: 'h1', masked: '138****0000'}),
       (g:Community {id: 'g1', kind: 'platforms', size: 2}),
       (f:Finding {id: 'f1', rule: 'ring-platforms', severity: 'high', score: 1.0, present: true}),
       (p)-[:SETTLES_WITH {transactions: 5}]->(c), (q)-[:SETTLES_WITH {transactions: 9}]->(c),
       (p)-[:SHARES_CONSUMERS {lift: 8.5}]->(q),
       (p)-[:MEMBER_OF {weight: 1.0}]->(g), (q)-[:MEMBER_OF {weight: 2.0}]->(g),
       (f)-[:ABOUT {role: 'subject'}]->(g), (f)-[:ABOUT {role: 'member'}]->(p),
       (k)-[:USES {transactions: 3}]->(h), (k)-[:BUYS_ON {transactions: 3}]->(p)
WITH p, c, k
UNWIND range(1, 3) AS n
CREATE (t:Transaction {id: 'P1|' + n, decl_date: date('2024-01-02')}),
       (t)-[:ON]->(p), (t)-[:PAID_THROUGH]->(c), (t)-[:BOUGHT_BY]->(k)
"""


@pytest.fixture
def small(graph: Graph) -> Graph:
    graph.write(SMALL)
    return graph


@pytest.fixture
def book(tmp_path: Path) -> Casebook:
    return Casebook.open(f"sqlite:///{tmp_path / 'casebook.sqlite'}")


def test_an_enterprise_is_told_with_its_roles_and_counts(small: Graph, book: Casebook) -> None:
    known = profile.enterprise_profile(small, book, "P1")

    assert known["roles"] == ["Platform"]
    assert known["properties"] == {"code": "P1", "name": "甲", "first_seen": "2024-01-02"}
    assert known["counts"]["transactions_on"] == 3
    assert known["counts"]["consumers_buying_on"] == 1
    assert known["findings"] == []


def test_neighbours_of_a_hub_are_bounded_and_it_says_so(small: Graph) -> None:
    near = profile.enterprise_neighbours(small, "C1", limit=1)

    [settles] = near["data"]
    assert (settles["type"], settles["direction"], settles["total"], settles["shown"]) == (
        "SETTLES_WITH",
        "in",
        2,
        1,
    )
    assert settles["neighbours"] == [
        {"kind": "Platform", "key": "P2", "name": "乙", "properties": {"transactions": 9}}
    ]
    assert near["count"] == 2
    assert near["cut"] == [
        "PAID_THROUGH: 3 transactions are counted, not listed.",
        "SETTLES_WITH (in): 1 of 2 are listed.",
    ]


def test_transactions_and_consumers_of_a_platform_are_never_listed(small: Graph) -> None:
    near = profile.enterprise_neighbours(small, "P1", limit=10)

    assert {row["type"] for row in near["data"]} == {"SETTLES_WITH", "SHARES_CONSUMERS", "MEMBER_OF", "ABOUT"}
    assert near["cut"] == [
        "ON: 3 transactions are counted, not listed.",
        "BUYS_ON: 1 consumers are counted, not listed.",
    ]


def test_a_consumer_is_told_masked(small: Graph, book: Casebook) -> None:
    known = profile.consumer_profile(small, book, "k1")
    near = profile.consumer_neighbours(small, "k1", limit=2)

    assert known["properties"] == {"key": "k1", "masked_name": "张*"}
    assert known["counts"] == {"bought": 3, "paid_for_others": 0, "platforms": 1, "phones": 1, "addresses": 0}
    assert [(row["type"], row["total"], row["shown"]) for row in near["data"]] == [
        ("BOUGHT_BY", 3, 2),
        ("BUYS_ON", 1, 1),
        ("USES", 1, 1),
    ]
    assert near["cut"] == ["BOUGHT_BY (in): 2 of 3 are listed."]


def test_clusters_come_page_by_page_and_with_their_members(small: Graph) -> None:
    rows, count = profile.clusters_page(small, None, "", 10)
    assert ([row["id"] for row in rows], count) == (["g1"], 1)
    assert profile.clusters_page(small, None, "g1", 10) == ([], 1)
    assert profile.clusters_page(small, "consumers", "", 10) == ([], 0)

    one = profile.cluster_with_members(small, "g1", limit=1)
    assert one["total"] == 2
    assert [member["key"] for member in one["members"]] == ["P2"]


@pytest.mark.parametrize("ask", ["enterprise", "consumer", "cluster"])
def test_what_is_not_there_is_told_as_such(small: Graph, book: Casebook, ask: str) -> None:
    questions = {
        "enterprise": lambda: profile.enterprise_neighbours(small, "none", 1),
        "consumer": lambda: profile.consumer_profile(small, book, "none"),
        "cluster": lambda: profile.cluster_with_members(small, "none", 1),
    }
    with pytest.raises(NotFoundError, match="There is no"):
        questions[ask]()


@pytest.mark.parametrize(
    "path", sorted((ROOT / "cypher" / "queries").glob("*.cypher")), ids=lambda path: path.stem
)
def test_a_named_query_says_what_it_answers_and_only_reads(graph: Graph, path: Path) -> None:
    text = named(path.stem)
    assert text.startswith("// ")
    kind = graph.driver.execute_query(
        cast(LiteralString, "EXPLAIN " + text),
        dict.fromkeys(("after", "code", "id", "ids", "key", "kind", "limit")),
    ).summary.query_type
    assert kind == "r"


@pytest.mark.parametrize(
    "path", sorted((ROOT / "cypher" / "browser").glob("*.cypher")), ids=lambda path: path.stem
)
def test_a_saved_query_runs_with_the_parameters_in_its_first_lines(small: Graph, path: Path) -> None:
    lines = path.read_text("utf-8").splitlines()
    given = dict(line.removeprefix(":param ").split(" => ") for line in lines if line.startswith(":param "))
    values = {name: int(value) if value.isdigit() else value.strip("'") for name, value in given.items()}
    text = "\n".join(line for line in lines if not line.startswith(":param "))

    assert text.startswith("// ")
    assert path.name in (ROOT / "cypher" / "browser" / "guide.md").read_text("utf-8")
    small.read(cast(LiteralString, text), **values)
