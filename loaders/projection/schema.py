"""The graph's schema: the nodes and relationships that the ledger alone yields, and the SQL of their rows.

One object drives both ways of writing: the bulk importer's CSV headers and the Bolt increments are generated
from it, so the two cannot drift apart. What detection adds (communities, findings, derived properties) comes
from the casebook and is no part of it.
"""

from dataclasses import dataclass
from importlib.resources import files

SCHEMA_VERSION = 4
"""Raised whenever a label, a key, a property or its meaning changes; another version is rebuilt."""

TYPES = ("string", "long", "double", "boolean", "date", "localdatetime", "string[]", "long[]")
"""Property types, spelled as the bulk importer spells them. Money is a `long` of 1/100,000 named `…_e5`."""


@dataclass(frozen=True)
class Property:
    """One property of a node or a relationship; an absent value and an empty list are no property at all."""

    name: str
    type: str = "string"


@dataclass(frozen=True)
class NodeType:
    """A kind of node. Its SQL yields `key`, the properties in this order and, with `roles`, a list `labels`.

    `label` carries the unique key `key`; `roles` are further labels that a node may have, several at once.
    """

    label: str
    key: str
    properties: tuple[Property, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def sql(self) -> str:
        """The query that yields the rows of all nodes, or of the touched ones."""
        return read_sql(f"nodes/{self.label}.sql")


@dataclass(frozen=True)
class RelationshipType:
    """A kind of relationship between two kinds of node. Its SQL yields `start_key`, `end_key` and properties.

    `identity` names properties that tell two relationships between the same two nodes apart. `shares` says
    what a platform's shares are counted from: `table.column`, rows of sales and the other end of each.
    """

    type: str
    start: str
    end: str
    properties: tuple[Property, ...] = ()
    identity: tuple[str, ...] = ()
    shares: str = ""
    file: str = ""

    @property
    def name(self) -> str:
        """Unique name: the type, with both ends where the type stands for several kinds."""
        return f"{self.start}-{self.type}-{self.end}"

    @property
    def both_ends(self) -> bool:
        """Whether a change at either end changes it; otherwise it belongs to the node that it starts from."""
        return bool(self.shares)

    @property
    def sql(self) -> str:
        """The query that yields the rows of all relationships, or of those that touched nodes own."""
        if not self.shares:
            return read_sql(f"relationships/{self.file or self.type}.sql")
        table, column = self.shares.split(".")
        parts = {"TABLE": table, "COLUMN": column, "START": self.start, "END": self.end}
        parts["IDENTITY"] = "".join(f", {name}" for name in self.identity)
        text = read_sql("shares.sql")
        for part, value in parts.items():
            text = text.replace(f"<{part}>", value)
        return text


def read_sql(name: str) -> str:
    """Text of one SQL file of this package."""
    return files("loaders.projection").joinpath("sql", name).read_text("utf-8")


def _properties(text: str) -> tuple[Property, ...]:
    return tuple(Property(*part.split(":")) for part in text.split())


ROLES = ("Platform", "Merchant", "PaymentCompany", "LogisticsCompany", "Agent", "Warehouse")
"""Role labels of an Enterprise; one node a firm carries as many of them as it has roles."""

NODES: tuple[NodeType, ...] = (
    NodeType(
        "Enterprise",
        "code",
        _properties(
            "name names:string[] codes:string[] first_seen:date last_seen:date jurisdiction domestic_agent "
            "credit_class identity_authenticated:boolean registered_at:date registered_capital_e5:long "
            "register_as_of:date"
        ),
        ROLES,
    ),
    NodeType("Consumer", "key", _properties("masked_number masked_name birth_year:long")),
    NodeType("Phone", "key", _properties("masked_text")),
    NodeType("Address", "key", _properties("masked_text district place")),
    NodeType(
        "Transaction",
        "id",
        _properties(
            "logistics_code agent_code warehouse_code guarantor_code site_code "
            "order_sender payment_sender waybill_sender inventory_sender "
            "order_time_local:localdatetime pay_time_local:localdatetime trading_time_local:localdatetime "
            "waybill_time_local:localdatetime sign_time_local:localdatetime decl_date:date "
            "last_date:date "
            "goods_value_e5:long freight_e5:long discount_e5:long tax_total_e5:long actural_paid_e5:long "
            "amount_paid_e5:long dutiable_value_e5:long currency trade_mode invt_no pay_transaction_id "
            "logistics_no receipt_status cleared:boolean missing:string[] differences:string[] "
            "difference_sizes_e5:long[] unjudgeable:string[]"
        ),
    ),
    NodeType("Sender", "id", _properties("dxp_id cop_code")),
    NodeType(
        "BusinessSite",
        "code",
        _properties("name class machine_capacity:long physical_capacity:long valid_from:date valid_to:date"),
    ),
    NodeType("LegalPerson", "key", _properties("masked_number masked_name")),
    NodeType("BankAccount", "key", _properties("masked_text")),
    NodeType("WebSite", "value"),
    NodeType("IpAddress", "value"),
    NodeType("Licence", "value"),
    NodeType(
        "Verification",
        "id",
        _properties("check result selection checked_at_local:localdatetime observed expected"),
    ),
    NodeType(
        "PaymentReply",
        "id",
        _properties(
            "result replied_at_local:localdatetime referral_id pay_code pay_transaction_id "
            "settled_amount_e5:long"
        ),
    ),
    NodeType(
        "ConsumerReport",
        "id",
        _properties("kind reported_at_local:localdatetime consumer_key"),
    ),
    NodeType(
        "Inspection",
        "id",
        _properties(
            "kind selection result discrepancy inspected_at_local:localdatetime "
            "selected_at_local:localdatetime instruction_id site_code invt_no"
        ),
    ),
)

_SHARES = _properties(
    "transactions:long amount_e5:long share_of_start:double share_of_end:double first:date last:date"
)
_COUNTS = _properties("transactions:long first:date last:date")

RELATIONSHIPS: tuple[RelationshipType, ...] = (
    RelationshipType("ON", "Transaction", "Enterprise"),
    RelationshipType("BOUGHT_BY", "Transaction", "Consumer", _properties("account")),
    RelationshipType("PAID_THROUGH", "Transaction", "Enterprise"),
    RelationshipType("DELIVERED_TO", "Transaction", "Address"),
    RelationshipType("CONTACT", "Transaction", "Phone", _properties("roles:string[]")),
    RelationshipType("SOLD_BY", "Transaction", "Enterprise"),
    RelationshipType("PAID_BY", "Transaction", "Consumer"),
    RelationshipType("USES", "Consumer", "Phone", _COUNTS),
    RelationshipType("RECEIVES_AT", "Consumer", "Address", _COUNTS),
    RelationshipType("BUYS_ON", "Consumer", "Enterprise", _COUNTS),
    RelationshipType("SETTLES_WITH", "Enterprise", "Enterprise", _SHARES, shares="sale.payment_company"),
    RelationshipType("SHIPS_WITH", "Enterprise", "Enterprise", _SHARES, shares="sale.logistics"),
    RelationshipType("DECLARES_WITH", "Enterprise", "Enterprise", _SHARES, shares="sale.agent"),
    RelationshipType("STORES_IN", "Enterprise", "Enterprise", _SHARES, shares="sale.warehouse"),
    RelationshipType("GUARANTEED_BY", "Enterprise", "Enterprise", _SHARES, shares="sale.guarantor"),
    RelationshipType("CLEARS_AT", "Enterprise", "BusinessSite", _SHARES, shares="sale.site"),
    RelationshipType(
        "PUSHED_BY",
        "Enterprise",
        "Sender",
        _properties("document") + _SHARES,
        identity=("document",),
        shares="sent.sender",
    ),
    RelationshipType("PAID_INTO", "Enterprise", "BankAccount", _SHARES, shares="payee.account"),
    RelationshipType("REPRESENTED_BY", "Enterprise", "LegalPerson"),
    RelationshipType("BANKS_WITH", "Enterprise", "BankAccount"),
    RelationshipType("RUNS", "Enterprise", "WebSite"),
    RelationshipType("HOSTED_AT", "Enterprise", "IpAddress"),
    RelationshipType("LICENSED_UNDER", "Enterprise", "Licence", _properties("kinds:string[]")),
    RelationshipType("REGISTERED_AT", "Enterprise", "Address"),
    RelationshipType("REACHED_AT", "Enterprise", "Phone"),
    RelationshipType("CHECKED", "Verification", "Enterprise"),
    RelationshipType("ABOUT", "PaymentReply", "Transaction", file="ABOUT_reply"),
    RelationshipType("ABOUT", "ConsumerReport", "Transaction", file="ABOUT_report_sale"),
    RelationshipType("ABOUT", "ConsumerReport", "Enterprise", file="ABOUT_report_platform"),
    RelationshipType("INSPECTED", "Inspection", "Transaction"),
)

NODE: dict[str, NodeType] = {node.label: node for node in NODES}
"""Node types by label."""
