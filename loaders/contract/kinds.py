"""Every table of documents and of external data, field by field.

The document fields follow the published schema of the import messages, version 202205 (names, order, required, types,
lengths; the misspelt names are the standard's). New fields go to the end of a table: the content hash depends on it.
"""

from collections.abc import Mapping
from dataclasses import replace

from loaders.contract.model import Field, Kind, fields

_ORDER = fields("""
    orderType * =1
    orderNo * 1..60
    ebpCode * 1..18
    ebpName * 1..100
    ebcCode * 1..18
    ebcName * 1..100
    goodsValue * decimal
    freight * decimal
    discount * decimal
    taxTotal * decimal
    acturalPaid * decimal
    currency * =3
    buyerRegNo * 1..60 account
    buyerName * 1..60 name
    buyerTelephone * 1..30 phone
    buyerIdType * =1 default:1
    buyerIdNumber * 1..60 id
    payCode ..18
    payName ..100
    payTransactionId ..60
    batchNumbers ..100
    consignee * 1..100 name
    consigneeTelephone * 1..50 phone
    consigneeAddress * 1..200 address
    consigneeDistrict =6
    note ..1000
""")

_ORDER_ITEM = fields("""
    ebpCode * 1..18
    orderNo * 1..60
    gnum * integer
    itemNo ..30
    itemName * 1..250
    gmodel * 1..510
    itemDescribe ..1000
    barCode ..50
    unit * =3
    qty * decimal
    price * decimal
    totalPrice * decimal
    currency * =3
    country * =3
    note ..1000
""")

_PAYMENT = fields("""
    payCode * 1..18
    payName * 1..100
    payTransactionId * 1..60
    orderNo * 1..60
    ebpCode * 1..18
    ebpName * 1..100
    payerIdType * =1 default:1
    payerIdNumber * 1..60 id
    payerName * 1..60 name
    telephone ..60 phone
    amountPaid * decimal
    currency * =3
    payTime * =14 time
    note ..1000
""")

_WAYBILL = fields("""
    logisticsCode * 1..18
    logisticsName * 1..100
    logisticsNo * 1..60
    billNo ..37
    orderNo * 1..60
    freight decimal
    insuredFee decimal
    currency * =3
    weight * decimal
    packNo * integer ..9
    goodsInfo ..200
    consignee * 1..100 name
    consigneeAddress * 1..200 address
    consigneeTelephone * 1..50 phone
    note ..1000
""")

_WAYBILL_STATUS = fields("""
    logisticsCode * 1..18
    logisticsName * 1..100
    logisticsNo * 1..60
    logisticsStatus * =1
    logisticsTime * =14 time
    note ..1000
""")

_INVENTORY = fields("""
    orderNo * 1..60
    ebpCode * 1..18
    ebpName * 1..100
    ebcCode * 1..18
    ebcName * 1..100
    logisticsNo * 1..60
    logisticsCode * 1..18
    logisticsName * 1..100
    copNo ..20
    preNo ..18
    assureCode * 1..30
    emsNo ..30
    invtNo ..18
    ieFlag * =1
    declTime * =8 date
    customsCode * =4
    portCode * =4
    ieDate =8 date
    buyerIdType * =1 default:1
    buyerIdNumber * 1..60 id
    buyerName * 1..60 name
    buyerTelephone * 1..30 phone
    consigneeAddress * 1..200 address
    agentCode * 1..18
    agentName * 1..100
    areaCode ..18
    areaName ..100
    tradeMode * =4
    trafMode * =1
    trafNo ..100
    voyageNo ..32
    billNo ..37
    loctNo ..10
    licenseNo ..19
    country * =3
    freight * decimal
    insuredFee * decimal
    currency * =3
    wrapType =1
    packNo * integer ..9
    grossWeight * decimal
    netWeight * decimal
    note ..1000
""")

_INVENTORY_ITEM = fields("""
    ebpCode * 1..18
    orderNo * 1..60
    copNo ..20
    gnum * integer
    itemRecordNo ..30
    itemNo ..20
    itemName ..250
    gcode * =10
    gname * 1..250
    gmodel * 1..510
    barCode ..50
    country * =3
    tradeCountry 1..3
    currency * =3
    qty * decimal
    unit * =3
    qty1 * decimal
    unit1 * =3
    qty2 decimal
    unit2 =3
    price * decimal
    totalPrice * decimal
    note ..1000
""")

_CANCEL = fields("""
    customsCode * =4
    orderNo * 1..60
    ebpCode * 1..18
    ebpName * 1..100
    ebcCode * 1..18
    ebcName * 1..100
    logisticsNo * 1..60
    logisticsCode * 1..18
    logisticsName * 1..100
    copNo ..20
    preNo ..18
    invtNo * 1..18
    buyerIdType * =1 default:1
    buyerIdNumber * 1..60 id
    buyerName * 1..60 name
    buyerTelephone * 1..30 phone
    agentCode * 1..18
    agentName * 1..100
    reason * 1..1000
    note ..1000
""")

_REFUND_ITEM = fields("""
    agentCode * 1..18
    copNo ..20
    invtNo * 1..18
    gnum * integer
    gcode * =10
    gname * 1..250
    qty * decimal
    unit * =3
    note ..1000
""")

_TAX = fields("""
    returnTime * =17 time
    invtNo * 1..18
    taxNo * 1..50
    customsTax * decimal
    valueAddedTax * decimal
    consumptionTax * decimal
    status * =1
    entDutyNo ..50
    note ..1000
    assureCode ..64
    ebcCode ..64
    logisticsCode ..64
    agentCode 1..18
    customsCode =4
""")

_TAX_ITEM = fields("""
    invtNo * 1..18
    taxNo * 1..50
    gnum * integer
    gcode * =10
    taxPrice * decimal
    customsTax * decimal
    valueAddedTax * decimal
    consumptionTax * decimal
""")

# One row a waybill: the head's elements, then the line's; the line's own note is `listNote`.
_DELIVERY = fields("""
    customsCode * =4
    copNo ..20
    preNo ..18
    rkdNo ..18
    operatorCode * 1..18
    operatorName * 1..100
    ieFlag * =1
    trafMode * =1
    trafNo * 1..100
    voyageNo * 1..32
    billNo * 1..37
    logisticsCode * 1..18
    logisticsName * 1..100
    unloadLocation ..100
    note ..1000
    gnum * integer flat?
    logisticsNo * 1..60
    listNote ..1000
""")

_RETURN = """
    returnStatus * 1..10
    returnTime * =17 time
    returnInfo * 1..1000
"""
_CUSTOMS_RETURN = f"""
    customsCode =4
    ebpCode 1..18
    ebcCode 1..18
    agentCode 1..18
    copNo * 1..20
    preNo * =18
    invtNo =18
    {_RETURN}
"""
_RECEIPTS: Mapping[str, tuple[Field, ...]] = {
    "CEB312": fields(f"ebpCode * 1..18\n ebcCode * 1..18\n orderNo * 1..60\n {_RETURN}"),
    "CEB412": fields(f"payCode * 1..18\n payTransactionId * 1..60\n {_RETURN}"),
    "CEB512": fields(f"logisticsCode * 1..18\n logisticsNo * 1..60\n {_RETURN}"),
    "CEB514": fields(f"logisticsCode * 1..18\n logisticsNo * 1..60\n logisticsStatus * =1\n {_RETURN}"),
    "CEB622": fields(_CUSTOMS_RETURN),
    "CEB624": fields(_CUSTOMS_RETURN),
    "CEB626": fields(_CUSTOMS_RETURN),
    "CEB712": fields(f"customsCode =4\n operatorCode 1..18\n copNo ..20\n preNo ..18\n rkdNo ..18\n {_RETURN}"),
}
_RECEIPT = fields(f"""
    kind * in:{",".join(_RECEIPTS)}
    ebpCode 1..18
    ebcCode 1..18
    orderNo 1..60
    payCode 1..18
    payTransactionId 1..60
    logisticsCode 1..18
    logisticsNo 1..60
    logisticsStatus =1
    customsCode =4
    agentCode 1..18
    operatorCode 1..18
    copNo 1..20
    preNo ..18
    rkdNo ..18
    invtNo =18
    {_RETURN}
""")

# Announcement 2018 no. 165/179; the payee stands with each order there, and is taken from the first.
_RAW_PAYMENT = fields("""
    payTransactionId * 1..60
    payCode * 1..18
    ebpCode 1..18
    totalAmount * decimal
    currency =3
    tradingTime * =14 time
    verDept =1
    payType 1..
    recpAccount 1.. bank
    recpCode 1..
    recpName 1..
    initalRequest 1..
    initalResponse 1..
    note ..1000
""")

_RAW_PAYMENT_ORDER = fields("""
    payCode * 1..18
    payTransactionId * 1..60
    orderNo * 1..60
    ebpCode 1..18
    gname 1..
    itemLink 1..
""")

_PLATFORM_VERIFICATION = fields("""
    verificationId * 1..
    ebpCode * 1..18
    checkedAt * time
    check * in:can_register,can_login,can_purchase,goods_shipped,goods_on_sale,traffic_match,licence_valid
    result * in:pass,fail,unknown,not_applicable
    selection in:random,suspicion,routine
    observed 1..
    expected 1..
    inspector 1..
    note 1..
""")

_PAYMENT_VERIFICATION = fields("""
    verificationId * 1..
    referralId 1..
    payCode * 1..18
    payTransactionId * 1..60
    ebpCode 1..18
    orderNo 1..60
    repliedAt * time
    result * in:genuine,not_found,amount_mismatch,payer_mismatch,no_fund_flow,wrong_number
    settledAmount decimal
    note 1..
""")

_CONSUMER_REPORT = fields("""
    reportId * 1..
    reportedAt * time
    buyerIdNumber * 1..60 id
    buyerIdType =1 default:1
    ebpCode 1..18
    orderNo 1..60
    kind * in:not_my_order,quota_used,not_delivered,other
    note 1..
""")

_INSPECTION = fields("""
    inspectionId * 1..
    invtNo 1..18
    ebpCode 1..18
    orderNo 1..60
    inspectedAt * time
    kind * in:manual_review,machine,physical
    selection in:random,class_rate,instruction,clue,system
    instructionId 1..
    selectedAt time
    siteCode 1..
    result * in:ok,discrepancy,seized,transferred
    discrepancy in:name,hs_code,quantity,value,identity,payment,other
    note 1..
""")

_ENTERPRISE = fields("""
    code * =10|18
    name * 1..
    roles * some:platform,merchant,payment,logistics,agent,warehouse
    uscc =18
    legalRepresentative 1.. name
    legalRepresentativeId 1.. id
    registeredAddress 1.. address
    telephone 1.. phone
    bankAccount 1.. bank
    siteDomain 1..
    ipAddress 1..
    icpLicence 1..
    paymentLicence 1..
    domesticAgent 1..
    jurisdiction 1..
    identityAuthenticated in:yes,no
    registeredAt date
    registeredCapital decimal
    creditClass 1..
    asOf * date
""")

_BUSINESS_SITE = fields("""
    siteCode * 1..
    name 1..
    class 1..
    machineCapacity integer
    physicalCapacity integer
    validFrom * date
    validTo date
""")

_PAYMENT_ALIAS = fields("""
    payCode * 1..18
    sameAs * 1..18
    validFrom * date
    validTo date
    note 1..
""")

_POSITIVE_LIST = fields("""
    gcode * 1..10
    name 1..
    tradeModes 1..
    note 1..
    validFrom * date
    validTo date
""")


def _external(name: str, columns: tuple[Field, ...], version_time: str, *, whole: bool = True) -> Kind:
    return Kind(
        name, columns, (columns[0].name,), document=False, all_or_nothing=whole, version_time=version_time
    )


_ALL = (
    Kind("orders", _ORDER, ("ebpCode", "orderNo"), message="CEB311", entity="OrderHead"),
    Kind(
        "order_items",
        _ORDER_ITEM,
        ("ebpCode", "orderNo", "gnum"),
        items_of="orders",
        message="CEB311",
        entity="OrderList",
        from_head=("ebpCode", "orderNo"),
    ),
    Kind(
        "payments",
        _PAYMENT,
        ("payCode", "payTransactionId", "ebpCode", "orderNo"),
        message="CEB411",
        entity="PaymentHead",
    ),
    Kind(
        "waybills",
        _WAYBILL,
        ("logisticsCode", "logisticsNo", "orderNo"),
        message="CEB511",
        entity="LogisticsHead",
    ),
    Kind(
        "waybill_status",
        _WAYBILL_STATUS,
        ("logisticsCode", "logisticsNo", "logisticsStatus", "logisticsTime"),
        message="CEB513",
        entity="LogisticsStatus",
    ),
    Kind(
        "inventories",
        _INVENTORY,
        ("ebpCode", "orderNo", "agentCode", "copNo"),
        fallback_identity=("ebpCode", "orderNo", "logisticsCode", "logisticsNo"),
        message="CEB621",
        entity="InventoryHead",
    ),
    Kind(
        "inventory_items",
        _INVENTORY_ITEM,
        ("ebpCode", "orderNo", "copNo", "gnum"),
        items_of="inventories",
        message="CEB621",
        entity="InventoryList",
        from_head=("ebpCode", "orderNo", "copNo"),
    ),
    Kind("cancels", _CANCEL, ("agentCode", "copNo", "invtNo"), message="CEB623", entity="InvtCancel"),
    Kind("refunds", _CANCEL, ("agentCode", "copNo", "invtNo"), message="CEB625", entity="InvtRefundHead"),
    Kind(
        "refund_items",
        _REFUND_ITEM,
        ("agentCode", "copNo", "invtNo", "gnum"),
        items_of="refunds",
        message="CEB625",
        entity="InvtRefundList",
        from_head=("agentCode", "copNo", "invtNo"),
    ),
    Kind(
        "taxes", _TAX, ("invtNo", "taxNo"), message="CEB816", entity="TaxHeadRd", version_time="returnTime"
    ),
    Kind(
        "tax_items",
        _TAX_ITEM,
        ("invtNo", "taxNo", "gnum"),
        items_of="taxes",
        message="CEB816",
        entity="TaxListRd",
        from_head=("invtNo", "taxNo"),
    ),
    Kind(
        "deliveries",
        _DELIVERY,
        ("logisticsCode", "logisticsNo", "operatorCode"),
        message="CEB711",
        entity="DeliveryHead",
    ),
    Kind(
        "receipts",
        _RECEIPT,
        tuple(f.name for f in _RECEIPT if f.name not in ("customsCode", "ebcCode")),
        version_time="returnTime",
        variants=_RECEIPTS,
    ),
    Kind("raw_payments", _RAW_PAYMENT, ("payCode", "payTransactionId")),
    Kind(
        "raw_payment_orders",
        _RAW_PAYMENT_ORDER,
        ("payCode", "payTransactionId", "orderNo"),
        items_of="raw_payments",
        from_head=("payCode", "payTransactionId", "ebpCode"),
    ),
    _external("platform_verifications", _PLATFORM_VERIFICATION, "checkedAt"),
    _external("payment_verifications", _PAYMENT_VERIFICATION, "repliedAt"),
    _external("consumer_reports", _CONSUMER_REPORT, "reportedAt", whole=False),
    replace(
        _external("inspections", _INSPECTION, "inspectedAt", whole=False),
        one_of=(("invtNo",), ("ebpCode", "orderNo")),
    ),
    _external("enterprises", _ENTERPRISE, "asOf"),
    _external("business_sites", _BUSINESS_SITE, "validFrom"),
    _external("payment_aliases", _PAYMENT_ALIAS, "validFrom"),
    _external("positive_list", _POSITIVE_LIST, "validFrom"),
)

KINDS: Mapping[str, Kind] = {kind.name: kind for kind in _ALL}
"""Every table by its name, which is also the stem of its flat file."""
