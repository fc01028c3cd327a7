"""The ledger's SQL: the files of `sql/`, and the statements that follow from the contract."""

import re
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from loaders.contract.kinds import KINDS
from loaders.contract.model import Kind

STEPS = (
    "sale_payments",
    "sale_inventories",
    "sale_lines",
    "sale_waybills",
    "sale_raw_payments",
    "sale_movements",
    "sale_withdrawals",
    "sale_conflicts",
    "same_payment_company",
)
"""What `transactions` is made from, each over the current documents and the steps before it."""

_INCLUDE = re.compile(r"^ *-- include (?P<name>\w+)$", re.MULTILINE)
RANKED_BY = (
    "document_id",
    "content_hash",
    "appType",
    "appTime",
    "appStatus",
    "copCode",
    "dxpId",
    "file_id",
    "message_guid",
    "position",
    "load_seq",
)
"""Columns that `current` looks at, where a kind has them."""

REUSED_AFTER_DAYS = 183
"""A waybill number that is submitted as new after that many days is another parcel's (external-data.md)."""


@cache
def sql(name: str) -> str:
    """The statement, or statements, of `sql/<name>.sql`; a line `-- include <name>` stands for that file."""
    text = files("loaders.ledger").joinpath(f"sql/{name}.sql").read_text(encoding="utf-8")
    return _INCLUDE.sub(lambda found: sql(found["name"]), text)


def columns_of(kind: Kind) -> list[str]:
    """Columns of a kind's table, load_seq last."""
    return [*kind.schema.names, "load_seq"]


def current(kind: Kind, columns: Sequence[str] | None = None) -> str:
    """SELECT of a kind's current rows (all columns, or those given), over the table or view of all its rows.

    Of each identity the greatest version by (time, appType, content hash), unless it withdraws; of lines
    those of the greatest time of their document, while the document itself is current.
    """
    selected = ", ".join(f'd."{c}"' for c in columns or columns_of(kind))
    return _current_lines(kind, selected) if kind.items_of else _current_documents(kind, selected)


def _newest(kind: Kind) -> list[str]:
    order = [f'"{kind.version_time}" DESC NULLS LAST']
    if kind.document:
        order.append("appType DESC")
    return order


def _ranking(kind: Kind) -> str:
    # After the version the sender, so that of one content submitted by two the same one counts, in any order
    # of arrival; then provenance, for rows that differ in nothing else.
    return ", ".join(
        [
            *_newest(kind),
            "content_hash DESC",
            *(
                f"{name} DESC NULLS LAST"
                for name in ("dxpId", "copCode", "appStatus")
                if kind.document or name != "appStatus"
            ),
            "file_id",
            "message_guid",
            '"position"',
        ]
    )


def _valid(kind: Kind) -> str:
    """Rows that can be current at all: saved but not declared (appStatus 1) never are."""
    return "appStatus IS DISTINCT FROM '1'" if kind.document else "true"


def _current_documents(kind: Kind, columns: str) -> str:
    name = kind.name
    use, uses, by_use = "", "", ""
    source = f"(SELECT d.* FROM {name} AS d SEMI JOIN several AS s USING (document_id) WHERE {_valid(kind)})"
    if name == "waybills":
        use, uses, by_use = ", 0 AS use, d.appTime AS submitted", ", d.use, d.submitted", ", use"
        source = f"(SELECT *, {_use()} AS use FROM (SELECT *, {_begins()} AS begins FROM {source}))"
        # When it was first submitted: a later change does not make a waybill late.
        source = f"(SELECT *, min(appTime) OVER (PARTITION BY document_id, use) AS submitted FROM {source})"
    keeps = "d.appType IS DISTINCT FROM 3" if kind.document else "true"
    # Most documents have one version only: those need no ranking.
    return f"""
WITH several AS (SELECT document_id FROM {name} WHERE {_valid(kind)} GROUP BY document_id HAVING count(*) > 1)
SELECT {columns}{use}
FROM {name} AS d ANTI JOIN several AS s ON d.document_id = s.document_id
WHERE {_valid(kind)} AND {keeps}
UNION ALL
SELECT {columns}{uses}
FROM (
    SELECT *, row_number() OVER (PARTITION BY document_id{by_use} ORDER BY {_ranking(kind)}) AS place
    FROM {source}
) AS d
WHERE d.place = 1 AND {keeps}"""


def _begins() -> str:
    return f"""CAST(coalesce(appType = 1 AND epoch_us(appTime) - epoch_us(lag(appTime) OVER (
        PARTITION BY document_id ORDER BY appTime NULLS FIRST, appType, content_hash
    )) > {REUSED_AFTER_DAYS} * 86400000000, false) AS INTEGER)"""


def _use() -> str:
    return """CAST(sum(begins) OVER (
        PARTITION BY document_id ORDER BY appTime NULLS FIRST, appType, content_hash
        RANGE BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
    ) AS INTEGER)"""


def _current_lines(kind: Kind, columns: str) -> str:
    name, head = kind.name, KINDS[kind.items_of or ""]
    link, line = kind.identity[:-1], kind.identity[-1]
    keys, newest = ", ".join(link), ", ".join(_newest(kind))
    same = " AND ".join(f"d.{c} IS NOT DISTINCT FROM s.{c}" for c in link)
    inner = ", ".join(dict.fromkeys([*columns.split(", "), *(f'd."{c}"' for c in link)]))
    of_head = " AND ".join(f"d.{c} IS NOT DISTINCT FROM h.{c}" for c in link)
    return f"""
WITH several AS (
    SELECT {keys} FROM {name} WHERE {_valid(kind)} GROUP BY {keys}
    HAVING min(appTime) IS DISTINCT FROM max(appTime) OR count(appTime) NOT IN (0, count(*))
        OR min(appType) <> max(appType)
    UNION
    SELECT {keys} FROM {name} WHERE {_valid(kind)} GROUP BY {keys}, {line} HAVING count(*) > 1
),
lines AS (
    SELECT {inner}
    FROM {name} AS d ANTI JOIN several AS s ON {same}
    WHERE {_valid(kind)}
    UNION ALL
    SELECT {inner}
    FROM (
        SELECT
            d.*,
            rank() OVER (PARTITION BY {keys} ORDER BY {newest}) AS age,
            row_number() OVER (PARTITION BY {keys}, {line} ORDER BY {_ranking(kind)}) AS place
        FROM (SELECT d.* FROM {name} AS d SEMI JOIN several AS s ON {same} WHERE {_valid(kind)}) AS d
    ) AS d
    WHERE d.age = 1 AND d.place = 1
)
SELECT {columns} FROM lines AS d SEMI JOIN current_{head.name} AS h ON {of_head}"""


def ordered_kinds() -> Iterable[Kind]:
    """The kinds, heads before their lines."""
    return sorted(KINDS.values(), key=lambda kind: kind.items_of is not None)
