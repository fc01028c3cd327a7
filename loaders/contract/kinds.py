"""Every table of documents and of external data."""

from collections.abc import Mapping

from loaders.contract import documents as d
from loaders.contract.external import EXTERNAL
from loaders.contract.model import Kind

_DOCUMENTS = (
    Kind("orders", d.ORDER, ("ebpCode", "orderNo"), message="CEB311", entity="OrderHead"),
    Kind(
        "order_items",
        d.ORDER_ITEM,
        ("ebpCode", "orderNo", "gnum"),
        items_of="orders",
        message="CEB311",
        entity="OrderList",
        from_head=("ebpCode", "orderNo"),
    ),
    Kind(
        "payments",
        d.PAYMENT,
        ("payCode", "payTransactionId", "ebpCode", "orderNo"),
        message="CEB411",
        entity="PaymentHead",
    ),
    Kind(
        "waybills",
        d.WAYBILL,
        ("logisticsCode", "logisticsNo", "orderNo"),
        message="CEB511",
        entity="LogisticsHead",
    ),
    Kind(
        "waybill_status",
        d.WAYBILL_STATUS,
        ("logisticsCode", "logisticsNo", "logisticsStatus", "logisticsTime"),
        message="CEB513",
        entity="LogisticsStatus",
    ),
    Kind(
        "inventories",
        d.INVENTORY,
        ("ebpCode", "orderNo", "agentCode", "copNo"),
        fallback_identity=("ebpCode", "orderNo", "logisticsCode", "logisticsNo"),
        message="CEB621",
        entity="InventoryHead",
    ),
    Kind(
        "inventory_items",
        d.INVENTORY_ITEM,
        ("ebpCode", "orderNo", "copNo", "gnum"),
        items_of="inventories",
        message="CEB621",
        entity="InventoryList",
        from_head=("ebpCode", "orderNo", "copNo"),
    ),
    Kind("cancels", d.CANCEL, ("agentCode", "copNo", "invtNo"), message="CEB623", entity="InvtCancel"),
    Kind("refunds", d.CANCEL, ("agentCode", "copNo", "invtNo"), message="CEB625", entity="InvtRefundHead"),
    Kind(
        "refund_items",
        d.REFUND_ITEM,
        ("agentCode", "copNo", "invtNo", "gnum"),
        items_of="refunds",
        message="CEB625",
        entity="InvtRefundList",
        from_head=("agentCode", "copNo", "invtNo"),
    ),
    Kind(
        "taxes", d.TAX, ("invtNo", "taxNo"), message="CEB816", entity="TaxHeadRd", version_time="returnTime"
    ),
    Kind(
        "tax_items",
        d.TAX_ITEM,
        ("invtNo", "taxNo", "gnum"),
        items_of="taxes",
        message="CEB816",
        entity="TaxListRd",
        from_head=("invtNo", "taxNo"),
    ),
    Kind(
        "deliveries",
        d.DELIVERY,
        ("logisticsCode", "logisticsNo", "operatorCode"),
        message="CEB711",
        entity="DeliveryHead",
    ),
    Kind(
        "receipts",
        d.RECEIPT,
        tuple(f.name for f in d.RECEIPT if f.name not in ("customsCode", "ebcCode")),
        version_time="returnTime",
        variants=d.RECEIPTS,
    ),
    Kind("raw_payments", d.RAW_PAYMENT, ("payCode", "payTransactionId")),
    Kind(
        "raw_payment_orders",
        d.RAW_PAYMENT_ORDER,
        ("payCode", "payTransactionId", "orderNo"),
        items_of="raw_payments",
        from_head=("payCode", "payTransactionId", "ebpCode"),
    ),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in (*_DOCUMENTS, *EXTERNAL)}
"""Every table by its name, which is also the stem of its flat file; heads stand before their lines."""
