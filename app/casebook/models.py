"""Tables of the casebook: what was found, how it changed, and what the graph is given besides the ledger.

Plain types only (text, integers, booleans, dates), so that SQLite and PostgreSQL hold the same rows. JSON is
kept as canonical text: equality of two results is equality of two strings.
"""

from datetime import date

from sqlalchemy import (
    CheckConstraint,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    false,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

SEVERITIES = ("info", "low", "medium", "high", "critical")
MATURITIES = ("draft", "shadow", "live")
DECISIONS = (
    "open",
    "in case",
    "confirmed",
    "false alarm",
    "valuable",
    "real sale on a false platform",
    "snoozed",
)


class Base(DeclarativeBase):
    """Names every constraint, so that a migration can name it too."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(column_0_label)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


class Sequence(Base):
    """`casebook` counts the committed changes (casebook_seq); `shown` is the last that the graph shows,
    `shown before` the one before it."""

    __tablename__ = "sequence"
    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    value: Mapped[int] = mapped_column(Integer, default=0)


class Watermark(Base):
    """How far a job has come. `state` is canonical JSON of everything the job's result depends on."""

    __tablename__ = "watermarks"
    name: Mapped[str] = mapped_column(String(40), primary_key=True)
    ledger_version: Mapped[int] = mapped_column(Integer)
    state: Mapped[str] = mapped_column(Text)


class Run(Base):
    """The latest run of one rule: for which ledger version it holds, and what it was measured against.

    One row a rule, replaced in place: a second run on the same data writes the same row, that is, nothing.
    """

    __tablename__ = "runs"
    rule: Mapped[str] = mapped_column(String(80), primary_key=True)
    rule_version: Mapped[str] = mapped_column(String(20))
    maturity: Mapped[str] = mapped_column(String(10), server_default="live")
    parameters: Mapped[str] = mapped_column(Text)
    window_months: Mapped[int | None] = mapped_column(Integer)
    as_of: Mapped[date] = mapped_column(Date)
    ledger_version: Mapped[int] = mapped_column(Integer)
    looked_at: Mapped[int] = mapped_column(Integer)
    judgeable: Mapped[int] = mapped_column(Integer)
    found: Mapped[int] = mapped_column(Integer)


class Finding(Base):
    """One suspicion, for ever: the machine's columns and the person's stand side by side.

    `maturity` is that of the rule: what a rule found that is not live is kept apart, and is no finding yet.
    """

    __tablename__ = "findings"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    rule: Mapped[str] = mapped_column(String(80))
    rule_version: Mapped[str] = mapped_column(String(20))
    maturity: Mapped[str] = mapped_column(String(10), server_default="live")
    parameters: Mapped[str] = mapped_column(Text)
    window_months: Mapped[int | None] = mapped_column(Integer)
    as_of: Mapped[date] = mapped_column(Date)
    ledger_version: Mapped[int] = mapped_column(Integer)
    graph_version: Mapped[str] = mapped_column(Text)
    subject_kind: Mapped[str] = mapped_column(String(40))
    subject_key: Mapped[str] = mapped_column(String(120))
    severity: Mapped[str] = mapped_column(String(10))
    score: Mapped[float] = mapped_column(Float)
    result: Mapped[str] = mapped_column(Text)
    query: Mapped[str] = mapped_column(Text)
    picture: Mapped[str] = mapped_column(Text)
    first_seen: Mapped[int] = mapped_column(Integer)
    last_seen: Mapped[int] = mapped_column(Integer)
    present: Mapped[bool]
    decision: Mapped[str] = mapped_column(String(40), default="open")
    snoozed_until: Mapped[date | None] = mapped_column(Date)
    baseline: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (
        Index("ix_findings_rule_subject", "rule", "subject_kind", "subject_key", unique=True),
        Index("ix_findings_present_severity", "present", "severity"),
        CheckConstraint("severity in ('info', 'low', 'medium', 'high', 'critical')", name="severity"),
        CheckConstraint(
            "decision in ('open', 'in case', 'confirmed', 'false alarm', 'valuable', "
            "'real sale on a false platform', 'snoozed')",
            name="decision",
        ),
    )


class FindingHistory(Base):
    """What changed in a finding, and at which ledger version. An equal result adds no row.

    `severity` is the one after the change; `material` says that whoever was told before should hear of it.
    """

    __tablename__ = "finding_history"
    finding: Mapped[str] = mapped_column(ForeignKey("findings.id"), primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True)
    ledger_version: Mapped[int] = mapped_column(Integer)
    casebook_seq: Mapped[int] = mapped_column(Integer)
    change: Mapped[str] = mapped_column(String(20))
    severity: Mapped[str | None] = mapped_column(String(10))
    material: Mapped[bool] = mapped_column(server_default=false())
    detail: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_finding_history_order", "casebook_seq", "finding", "number"),)


class Community(Base):
    """Registry of communities: an id that stays while the members mostly do.

    `live` says whether the latest run still found it; `split_from` and `merged_from` (canonical JSON lists of
    ids) say where a new one came from and which ones an old one took in.
    """

    __tablename__ = "communities"
    id: Mapped[str] = mapped_column(String(32), primary_key=True)
    kind: Mapped[str] = mapped_column(String(40))
    first_seen: Mapped[int] = mapped_column(Integer)
    last_changed: Mapped[int] = mapped_column(Integer)
    live: Mapped[bool]
    split_from: Mapped[str] = mapped_column(Text)
    merged_from: Mapped[str] = mapped_column(Text)


class CommunityMember(Base):
    """Members of a community as of its latest change; a community that is gone keeps its last ones."""

    __tablename__ = "community_members"
    community: Mapped[str] = mapped_column(ForeignKey("communities.id"), primary_key=True)
    member: Mapped[str] = mapped_column(String(120), primary_key=True)


class DerivedNode(Base):
    """Properties that detection gives a node of the graph; `step` is the computation that they come from."""

    __tablename__ = "derived_nodes"
    label: Mapped[str] = mapped_column(String(40), primary_key=True)
    key: Mapped[str] = mapped_column(String(160), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    properties: Mapped[str] = mapped_column(Text)


class DerivedRelationship(Base):
    """A relationship that detection gives the graph."""

    __tablename__ = "derived_relationships"
    type: Mapped[str] = mapped_column(String(40), primary_key=True)
    start_label: Mapped[str] = mapped_column(String(40), primary_key=True)
    start_key: Mapped[str] = mapped_column(String(160), primary_key=True)
    end_label: Mapped[str] = mapped_column(String(40), primary_key=True)
    end_key: Mapped[str] = mapped_column(String(160), primary_key=True)
    step: Mapped[str] = mapped_column(String(40), primary_key=True)
    properties: Mapped[str] = mapped_column(Text)
