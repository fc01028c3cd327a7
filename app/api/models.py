"""What the API answers. Persons are keys and masked text; money is text (CNY) or an integer of 1/100,000."""

from datetime import date
from typing import Annotated, Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

Row = TypeVar("Row")
Severity = Literal["info", "low", "medium", "high", "critical"]

FINDING_EXAMPLE: dict[str, Any] = {
    "id": "3k2m5q7dhx4zv6pwrbjivplkht",
    "rule": "platform-failed-checks",
    "rule_version": "1.0.0",
    "parameters": {},
    "window": 12,
    "as_of": "2024-06-30",
    "ledger_version": 3,
    "graph_version": {"schema_version": 1, "load_seq": 3, "casebook_seq": 7},
    "subject": {"kind": "Platform", "key": "4401968001", "name": "示例平台"},
    "members": [],
    "severity": "medium",
    "score": 2.0,
    "reason": {
        "en": "2 of 7 checks failed and none was passed later.",
        "zh": "七项核查中两项未通过，其后亦未通过。",
    },
    "numbers": {"failed": {"value": 2, "unit": "checks"}},
    "denominator": {"looked_at": 120, "judgeable": 80, "found": 4},
    "evidence": {"ids": ["4401968001|ORDER-1"], "count": 1},
    "query": "MATCH (v:Verification)-[:CHECKED]->(p:Platform {code: '4401968001'}) RETURN v, p",
    "picture": "MATCH path = (:Verification)-[:CHECKED]->(:Platform {code: '4401968001'}) RETURN path",
    "first_seen": 2,
    "last_seen": 3,
    "history": [{"ledger_version": 2, "change": "found", "detail": {}}],
    "present": True,
    "decision": "open",
    "snoozed_until": None,
    "materially_changed": False,
}


class Entity(BaseModel):
    """Something in the graph: `kind` is the node's label, `key` its key."""

    kind: str = Field(description="Label of the node.", examples=["Platform"])
    key: str = Field(
        description="Key of the node: a code, an id, or the keyed hash of a person.", examples=["4401968001"]
    )
    name: str | None = Field(
        default=None, description="Name seen, masked for persons.", examples=["示例平台"]
    )


class Finding(BaseModel):
    """One suspicion: reason, numbers, what it was measured against, and the documents behind it."""

    model_config = ConfigDict(json_schema_extra={"examples": [FINDING_EXAMPLE]})

    id: str = Field(description="Stable for ever: the same suspicion is the same finding.")
    rule: str = Field(description="Id of the rule.")
    rule_version: str = Field(description="Version of the rule (semver).")
    parameters: dict[str, Any] = Field(description="Parameters of the rule, by name.")
    window: int | None = Field(description="Months that the rule looked at; null where it has no window.")
    as_of: date = Field(description="Last day that was looked at.")
    ledger_version: int = Field(description="Ledger version that the result holds for.")
    graph_version: dict[str, Any] = Field(
        description="Schema version, projected ledger version, casebook sequence."
    )
    subject: Entity = Field(description="Whom it is about.")
    members: list[Entity] = Field(description="The members, where the subject is a group.")
    severity: Severity = Field(description="Compares across rules.")
    score: float = Field(description="Orders findings within a rule.")
    reason: dict[str, str] = Field(description="One sentence with the numbers in it, by language (en, zh).")
    numbers: dict[str, dict[str, Any]] = Field(description="Name → value and unit.")
    denominator: dict[str, int] = Field(description="How many were looked at, judgeable, found.")
    evidence: dict[str, Any] = Field(description="Ids of the documents (bounded), and their full count.")
    query: str = Field(description="Cypher that shows the numbers again: paste it into Neo4j Browser.")
    picture: str = Field(description="Cypher that draws the finding in Neo4j Browser.")
    first_seen: int = Field(description="Ledger version at which it was found first.")
    last_seen: int = Field(description="Ledger version at which it was seen last.")
    history: list[dict[str, Any]] = Field(description="What changed, and at which ledger version.")
    present: bool = Field(description="The machine's word: the data still shows it.")
    decision: str = Field(description="A person's word; neither overwrites the other.")
    snoozed_until: date | None = Field(description="Day on which a snooze ends.")
    materially_changed: bool = Field(description="Changed enough since it was decided to be looked at again.")


class Page(BaseModel, Generic[Row]):
    """A page of a list."""

    data: list[Row] = Field(description="The rows of this page.")
    count: int = Field(description="How many rows match in all, over every page.", examples=[1])
    next: str | None = Field(description="Cursor of the next page; null on the last.", examples=[None])


class Evidence(BaseModel):
    """One document behind a finding and where it came from. No personal value."""

    id: str = Field(
        description="Id of the sale: ebpCode|orderNo, or of the external row.",
        examples=["4401968001|ORDER-1"],
    )
    kind: str = Field(description="Kind of the document.", examples=["orders"])
    document: str = Field(
        description="Identity of the document, its values joined by |.", examples=["4401968001|ORDER-1"]
    )
    file: str = Field(description="Name of the file that brought it.", examples=["orders.csv"])
    message: str | None = Field(description="guid of the message.", examples=["5F6C2F4E-0001"])
    position: int = Field(description="Place in the message, or record number, from 1.", examples=[1])
    load: int = Field(description="The load (ledger version) that brought it.", examples=[3])


class Node(BaseModel):
    """A node of a picture."""

    id: str = Field(description="Unique within the picture.", examples=["Platform:4401968001"])
    kind: str = Field(description="Label.", examples=["Platform"])
    key: str = Field(description="Key of the node.", examples=["4401968001"])
    name: str | None = Field(description="Text to show.", examples=["示例平台"])
    properties: dict[str, Any] = Field(
        description="Properties of the node.", examples=[{"code": "4401968001"}]
    )


class Edge(BaseModel):
    """An edge of a picture."""

    source: str = Field(description="Id of the node where it starts.", examples=["Platform:4401968001"])
    target: str = Field(description="Id of the node where it ends.", examples=["PaymentCompany:440196P001"])
    type: str = Field(description="Type of the relationship.", examples=["SETTLES_WITH"])
    properties: dict[str, Any] = Field(
        description="Properties of the relationship.", examples=[{"transactions": 120}]
    )


class Picture(BaseModel):
    """The picture of a finding: what its query shows, as nodes and edges."""

    nodes: list[Node] = Field(description="Nodes, sorted by id.")
    edges: list[Edge] = Field(description="Edges between them, sorted.")
    cut: bool = Field(description="Whether nodes or edges beyond the limit were left out.", examples=[False])


class Enterprise(BaseModel):
    """What is known of one enterprise."""

    code: str = Field(description="Canonical code (10 or 18 characters).", examples=["4401968001"])
    roles: list[str] = Field(description="Roles seen or registered.", examples=[["Platform"]])
    properties: dict[str, Any] = Field(
        description="Names seen, register fields, first and last seen.", examples=[{"name": "示例平台"}]
    )
    counts: dict[str, int] = Field(
        description="How many transactions and consumers are connected; these are counted, never listed.",
        examples=[{"transactions_on": 1200}],
    )
    findings: list[Entity] = Field(description="Findings about it: kind Finding, key its id, name its rule.")


class Consumer(BaseModel):
    """What is known of one consumer: masked, by key."""

    key: str = Field(description="Keyed hash of identity type and number.", examples=["mfzwizltoqzdgmbq"])
    properties: dict[str, Any] = Field(
        description="Masked number and name, first and last seen.", examples=[{"masked_name": "张**"}]
    )
    counts: dict[str, int] = Field(
        description="Sales, platforms, phones and addresses around it.", examples=[{"bought": 3}]
    )
    findings: list[Entity] = Field(description="Findings about it: kind Finding, key its id, name its rule.")


class Neighbour(BaseModel):
    """A neighbour and the relationship that leads there."""

    kind: str = Field(description="Label of the neighbour.", examples=["PaymentCompany"])
    key: str | None = Field(description="Key of the neighbour.", examples=["440196P001"])
    name: str | None = Field(description="Name of the neighbour, masked for persons.", examples=["示例支付"])
    properties: dict[str, Any] = Field(
        description="Properties of the relationship.", examples=[{"transactions": 120}]
    )


class Neighbourhood(BaseModel):
    """Neighbours over one relationship type and direction, the heaviest first."""

    type: str = Field(description="Type of the relationship.", examples=["SETTLES_WITH"])
    direction: Literal["out", "in"] = Field(description="As seen from what was asked for.", examples=["out"])
    total: int = Field(description="How many there are.", examples=[2])
    shown: int = Field(description="How many are in `neighbours`: at most the limit.", examples=[2])
    neighbours: list[Neighbour] = Field(description="The neighbours shown.")


class Neighbours(BaseModel):
    """The neighbours of an entity, with the bounds that were put on hubs."""

    data: list[Neighbourhood] = Field(description="One entry for each relationship type and direction.")
    count: int = Field(
        description="How many neighbours there are in all, over the types listed.", examples=[2]
    )
    cut: list[str] = Field(
        description="What was cut, in words: types beyond the limit, and heavy types that are only counted.",
        examples=[["ON: 1200 transactions are counted, not listed."]],
    )


class Cluster(BaseModel):
    """A community."""

    id: str = Field(description="Stable from run to run.", examples=["c-7h2k"])
    properties: dict[str, Any] = Field(
        description="Kind, size, method, parameters, significance.",
        examples=[{"kind": "platforms", "size": 12}],
    )


class Member(Entity):
    """A member of a community."""

    properties: dict[str, Any] = Field(
        description="Role and weight in the community.", examples=[{"weight": 14.2}]
    )


class ClusterWithMembers(Cluster):
    """A community with its members."""

    total: int = Field(description="How many members it has.", examples=[12])
    members: list[Member] = Field(description="Members, the weightiest first; at most the limit.")


class Health(BaseModel):
    """The process answers."""

    status: Literal["ok"] = Field(description="Always ok: an answer is the sign of health.", examples=["ok"])
    version: str = Field(description="Version of cluegraph.", examples=["0.1.0"])


class Check(BaseModel):
    """One thing that must hold."""

    name: str = Field(description="What was checked.", examples=["graph has every load"])
    ok: bool = Field(description="Whether it holds.", examples=[True])
    detail: str = Field(
        description="What was found, and what to do where it does not hold.", examples=["load 3 of 3"]
    )


class Readiness(BaseModel):
    """Whether the answers of this service are about all that was loaded."""

    ready: bool = Field(description="Whether every check holds.", examples=[True])
    checks: list[Check] = Field(description="The checks.")


Limit = Annotated[int, Field(ge=1, le=500)]
