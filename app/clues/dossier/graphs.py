"""The graph around findings as GraphML and GEXF, to be opened in any program for graphs."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from io import BytesIO
from pathlib import Path
from typing import Any

import networkx as nx

from app.casebook.findings import FindingRecord
from app.clues.dossier.words import plain_text

_TAKEN = {"id", "label", "start", "end", "type", "key", "weight", "viz", "pid", "spells", "slices", "kind"}
"""Names that the formats give a meaning of their own: a property called so is written with `_` behind it."""


def graph_around(findings: Sequence[FindingRecord], pictures: Sequence[Mapping[str, Any]]) -> nx.MultiDiGraph:
    """One graph of what the pictures of findings show, with the findings and whom they are about.

    A node has `label`, `kind` and its properties; an edge `relation` and its properties.
    """
    graph = nx.MultiDiGraph()
    ids: dict[str, str] = {}
    for picture in pictures:
        for node in picture["nodes"]:
            ids[node["key"]] = node["id"]
            graph.add_node(
                plain_text(node["id"]),
                label=plain_text(node["name"] or node["key"]),
                kind=node["kind"],
                **_plain(node["properties"]),
            )
    edges = {
        (edge["source"], edge["target"], edge["type"]): edge["properties"]
        for picture in pictures
        for edge in picture["edges"]
    }
    for finding in findings:
        name = f"Finding:{finding.id}"
        graph.add_node(name, label=finding.rule, kind="Finding", rule=finding.rule, severity=finding.severity)
        for part in (finding.subject, *finding.members):
            other = ids.get(part["key"], f"{part['kind']}:{part['key']}")
            if plain_text(other) not in graph:
                graph.add_node(
                    plain_text(other), label=plain_text(part.get("name") or part["key"]), kind=part["kind"]
                )
            edges.setdefault((name, other, "ABOUT"), {})
    for number, ((source, target, relation), properties) in enumerate(sorted(edges.items()), 1):
        ends = plain_text(source), plain_text(target)
        graph.add_edge(*ends, key=f"e{number}", relation=relation, **_plain(properties))
    return graph


def write_graphs(folder: Path, graph: nx.MultiDiGraph, day: date) -> None:
    """Writes graph.graphml and graph.gexf; the day stands in the GEXF where its writer would put today."""
    nx.write_graphml(graph, folder / "graph.graphml", named_key_ids=True)
    written = BytesIO()
    nx.write_gexf(graph, written)
    dated = re.sub(
        r'lastmodifieddate="[^"]*"',
        f'lastmodifieddate="{day.isoformat()}"',
        written.getvalue().decode(),
        count=1,
    )
    (folder / "graph.gexf").write_text(dated, "utf-8")


def _plain(properties: Mapping[str, Any]) -> dict[str, Any]:
    """Properties that both formats can hold: numbers and truth as they are, everything else as text."""
    told: dict[str, Any] = {}
    for name, value in sorted(properties.items()):
        own = f"{name}_" if name in _TAKEN else name
        if value is None:
            continue
        if isinstance(value, list):
            value = "; ".join(map(str, value))
        # Of one name some nodes may have a whole number and others a fraction: both are numbers.
        told[own] = value if isinstance(value, bool | int | float) else plain_text(value)
    return told
