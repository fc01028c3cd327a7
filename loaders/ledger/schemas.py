"""Columns of the ledger's own tables; those of the kinds are the contract's."""

import pyarrow as pa

from loaders.contract.kinds import KINDS
from loaders.contract.model import REJECTS_SCHEMA

_MONEY, _TIME, _TEXT, _COUNT = pa.decimal128(19, 5), pa.timestamp("us", "UTC"), pa.string(), pa.int32()
_SEQ = pa.field("load_seq", pa.int64())


def _columns(of_type: pa.DataType, names: str) -> list[pa.Field]:
    return [pa.field(name, of_type) for name in names.split()]


TRANSACTIONS = pa.schema(
    [
        *_columns(
            _TEXT,
            "sale_id ebp_code order_no ebc_code pay_code logistics_code agent_code area_code "
            "assure_code customs_code site_code consumer_key payer_key buyer_phone_key payer_phone_key "
            "consignee_phone_key address_key account_key "
            "order_sender payment_sender waybill_sender inventory_sender",
        ),
        *_columns(_TIME, "order_time pay_time trading_time waybill_time sign_time"),
        *_columns(pa.date32(), "decl_date first_date last_date"),
        *_columns(_MONEY, "goods_value freight discount tax_total actural_paid amount_paid dutiable_value"),
        *_columns(_TEXT, "currency trade_mode invt_no pay_transaction_id logistics_no receipt_status"),
        *_columns(pa.bool_(), "cleared cancelled refunded"),
        *_columns(_COUNT, "orders payments waybills inventories raw_payments"),
        pa.field("missing", pa.list_(_TEXT)),
        pa.field("differences", pa.list_(pa.struct([("name", _TEXT), ("size", _MONEY)]))),
        pa.field("unjudgeable", pa.list_(_TEXT)),
        pa.field("chapters", pa.list_(_TEXT)),
        *_columns(_MONEY, "weight pieces"),  # kilograms; of the declared lines
        *_columns(_TEXT, "store_operator consignee_key declared_consumer_key"),
        pa.field("bucket", _COUNT),
    ]
)
"""Current transactions, one row a sale."""

LOADS = pa.schema(
    [
        _SEQ,
        ("at", _TIME),
        ("files", pa.int64()),
        ("rows", pa.int64()),
        ("rejected", pa.int64()),
        ("key_id", _TEXT),
        ("contract_version", _COUNT),
    ]
)
"""A row here commits a load."""

FILES = pa.schema(
    [
        ("file_id", _TEXT),
        ("name", _TEXT),
        ("size", pa.int64()),
        ("format", _TEXT),
        ("unknown_columns", pa.list_(_TEXT)),
        _SEQ,
    ]
)
REJECTS = REJECTS_SCHEMA.append(_SEQ)
TOUCHED = pa.schema([("sale_id", _TEXT), _SEQ])

OWN = {"loads": LOADS, "files": FILES, "rejects": REJECTS, "touched": TOUCHED}
"""Tables that every row's load_seq runs through, besides the kinds."""

SCHEMAS = {
    **{name: kind.schema.append(_SEQ) for name, kind in KINDS.items()},
    **OWN,
    "transactions": TRANSACTIONS,
}
"""Every table of the ledger."""
