"""Asking a real Neo4j."""

import pytest
from neo4j.warnings import Neo4jWarning

from app.errors import NotFoundError, UnavailableError
from app.graph.driver import Graph, named
from app.graph.server import EmbeddedServer


def test_values_travel_as_parameters(graph: Graph) -> None:
    code = "'} RETURN 1 //"
    graph.write("CREATE (:Platform {code: $code})", code=code)
    assert graph.read("MATCH (p:Platform {code: $code}) RETURN p.code AS code", code=code) == [{"code": code}]


def test_a_graph_is_ready_once_its_meta_node_is_there(graph: Graph) -> None:
    assert not graph.ready()
    graph.write("CREATE (:Meta {id: 'graph', schema_version: 1, load_seq: 7, casebook_seq: 3})")
    assert graph.ready()
    assert graph.meta() == {"id": "graph", "schema_version": 1, "load_seq": 7, "casebook_seq": 3}


def test_every_test_starts_with_an_empty_graph(bare_graph: Graph) -> None:
    assert bare_graph.read("MATCH (n) RETURN count(n) AS nodes") == [{"nodes": 0}]
    bare_graph.write("CREATE CONSTRAINT left_behind FOR (p:Platform) REQUIRE p.code IS UNIQUE")


def test_and_without_schema_where_it_asks_for_that(bare_graph: Graph) -> None:
    assert bare_graph.read("SHOW CONSTRAINTS YIELD name") == []


def test_a_warning_of_the_server_fails_a_test(graph: Graph) -> None:
    graph.write("CREATE (:Platform {code: 'A'})")
    with pytest.raises(Neo4jWarning):
        graph.read("MATCH (p:Platform) RETURN id(p) AS old")


def test_a_read_cannot_write(graph: Graph) -> None:
    with pytest.raises(Exception, match="read access mode"):
        graph.read("CREATE (:Platform {code: 'A'})")


def test_a_named_query_is_a_file() -> None:
    assert "MATCH (m:Meta" in named("meta")


@pytest.mark.parametrize("name", ["no_such_query", "../rules/x", "", "/etc/passwd"])
def test_a_query_without_a_file_says_so(name: str) -> None:
    with pytest.raises(NotFoundError, match="no query named"):
        named(name)


def test_nobody_there_is_one_sentence() -> None:
    with pytest.raises(UnavailableError, match=r"bolt://127\.0\.0\.1:1 does not answer"):
        Graph.connect("bolt://127.0.0.1:1", "neo4j", "secret-word")


def test_a_wrong_password_is_one_sentence_without_it(neo4j_server: EmbeddedServer) -> None:
    with pytest.raises(UnavailableError, match="does not accept user and password") as caught:
        Graph.connect(neo4j_server.start().uri, "neo4j", "secret-word")
    assert "secret-word" not in str(caught.value)


def test_an_address_that_is_none_is_one_sentence() -> None:
    with pytest.raises(UnavailableError, match="CLUEGRAPH_NEO4J_URI"):
        Graph.connect("htp:/nowhere", "neo4j", "secret-word")


def test_queries_cannot_reach_files_or_other_machines(graph: Graph) -> None:
    for address in ("file:///etc/hostname", "http://127.0.0.1:1/x.csv"):
        with pytest.raises(Exception, match=r"(?i)blocked|is false"):
            graph.read("LOAD CSV FROM $address AS line RETURN line", address=address)
