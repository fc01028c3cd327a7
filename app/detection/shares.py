"""Shares against peers for the graph: from a row a document to verdicts, properties and evidence.

A tally has one row a document (`id`) with whoever had a part in it (a column a role) and, a column a
measure, whether it shows what is looked for: true, false, or NULL where it cannot be judged.
"""

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from app.detection.peers import Cells, Ints, PeerParameters, Verdict, judge
from app.detection.steps import Rows
from app.detection.tally import Tallies


@dataclass(frozen=True)
class Role:
    """A kind of subject: its label, its column, the prefix of its numbers, the label that carries its key.

    One that is `shared` serves everybody: a few bad ones of the first role are not its doing.
    """

    label: str
    column: str
    prefix: str
    keyed: str = "Enterprise"
    shared: bool = False


PLATFORM = Role("Platform", "platform", "platform")
MERCHANT = Role("Merchant", "merchant", "merchant")
AGENT = Role("Agent", "agent", "agent")
CARRIER = Role("LogisticsCompany", "carrier", "carrier", shared=True)
SITE = Role("BusinessSite", "site", "site", keyed="BusinessSite", shared=True)


@dataclass(frozen=True)
class Measure:
    """What is looked for: a column of a tally, and the roles whose shares of it are judged.

    `roles` are in the order in which a subject is named where two explain the same documents. `worth` names a
    column of how many ordinary documents each counts for. `document` labels what the evidence consists of;
    `key` is the column of its keys.
    """

    name: str
    tally: str
    roles: tuple[Role, ...]
    worth: str = "1"
    document: str = "Transaction"
    key: str = "id"

    def columns(self) -> str:
        """Columns of its roles, for a statement."""
        return ", ".join(role.column for role in self.roles)


@dataclass(frozen=True)
class Judged:
    """Verdicts of one measure. A role has its subjects numbered, and a list of their `names`."""

    names: list[list[Any]]
    totals: list[tuple[Ints, Ints]]  # judgeable and differing documents of each subject
    verdicts: list[dict[int, Verdict]]
    explained: list[pa.Table]  # cells with differing documents that a found subject explains


def judge_shares(
    table: pa.Table,
    columns: Sequence[str | tuple[str, ...]],
    parameters: PeerParameters,
    shared: Collection[int] = (),
) -> Judged:
    """Every subject of every role against its peers, one cause for one finding.

    `table` has a row for those that had a part together, `judgeable` and `differing` documents of each.
    `columns` name the roles; several columns are one subject together, absent where one of them is NULL.
    `shared` are positions of roles that serve everybody.
    """
    cells, names = Cells.of(table, [_values(table, column) for column in columns], shared)
    verdicts, explained = judge(cells, parameters)
    return Judged(
        names=names,
        totals=[
            (_summed(cells.judgeable, owner, len(some)), _summed(cells.differing, owner, len(some)))
            for owner, some in zip(cells.owner, names, strict=True)
        ],
        verdicts=verdicts,
        explained=[
            table.take(pa.array(np.flatnonzero((by >= 0) & (cells.differing > 0)))) for by in explained
        ],
    )


def put_measure(rows: Rows, tallies: Tallies, measure: Measure, parameters: PeerParameters) -> Judged:
    """Judge a measure, and leave its numbers on its subjects and EVIDENCE_ABOUT them on its documents.

    Every subject gets `<role>_<measure>_judgeable` and `…_differing`, those with something that no other
    subject explains the numbers of their verdict; EVIDENCE_ABOUT says `<measure>`: the role that is meant.
    """
    tallies.keep(measure.tally)
    judged = judge_shares(
        tallies.query(
            f"SELECT {measure.columns()}, count(*) FILTER ({measure.name}) AS differing, "
            f"CAST(greatest(round(sum({measure.worth})), differing) AS BIGINT) AS judgeable "
            f"FROM {measure.tally} WHERE {measure.name} IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ),
        [role.column for role in measure.roles],
        parameters,
        [at for at, role in enumerate(measure.roles) if role.shared],
    )
    for at, role in enumerate(measure.roles):
        of_role = f"{role.prefix}_{measure.name}"
        judgeable, differing = judged.totals[at]
        for subject, key in enumerate(judged.names[at]):
            counts = {"judgeable": int(judgeable[subject]), "differing": int(differing[subject])}
            if subject in judged.verdicts[at]:
                counts |= numbers_of(judged.verdicts[at][subject])
            rows.put(key, {f"{of_role}_{name}": value for name, value in counts.items()}, label=role.keyed)
        for document, key in _documents(tallies, measure, role, judged.explained[at]):
            ends = (measure.document, document), (role.keyed, key)
            rows.join("EVIDENCE_ABOUT", *ends, {measure.name: role.label})
    return judged


def numbers_of(verdict: Verdict) -> dict[str, Any]:
    """A verdict as numbers of its subject; whether it is found is for the rule to say."""
    values = asdict(verdict)
    values["tested"], values["tested_differing"] = values.pop("judgeable"), values.pop("differing")
    del values["found"]
    return values


def _documents(tallies: Tallies, measure: Measure, role: Role, cells: pa.Table) -> list[tuple[str, str]]:
    """Differing documents of these cells, each with the subject of the role."""
    if not cells.num_rows:
        return []
    same = " AND ".join(f"t.{r.column} IS NOT DISTINCT FROM at_hand.{r.column}" for r in measure.roles)
    found = tallies.query(
        f"SELECT t.{measure.key} AS id, t.{role.column} AS key "
        f"FROM {measure.tally} AS t JOIN at_hand ON {same} WHERE t.{measure.name} ORDER BY id, key",
        at_hand=cells,
    )
    return [(row["id"], row["key"]) for row in found.to_pylist()]


def _values(table: pa.Table, column: str | tuple[str, ...]) -> list[Any]:
    if isinstance(column, str):
        return list(table[column].to_pylist())
    rows = zip(*(table[name].to_pylist() for name in column), strict=True)
    return [None if None in row else row for row in rows]


def _summed(values: Ints, owner: Ints, size: int) -> Ints:
    sums = np.bincount(owner[owner >= 0], weights=values[owner >= 0], minlength=size)
    return np.asarray(np.rint(sums), dtype=np.int64)
