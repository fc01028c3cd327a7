"""The documents of a sale, field by field, as the published schema of the import messages (version 202205)
has them: names, order, required, types, lengths; misspelt names are the standard's.

New fields go to the end of a table: the content hash depends on the order.
"""

from collections.abc import Mapping

from loaders.contract.model import Field, fields

ORDER = fields("""
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

ORDER_ITEM = fields("""
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

PAYMENT = fields("""
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

WAYBILL = fields("""
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

WAYBILL_STATUS = fields("""
    logisticsCode * 1..18
    logisticsName * 1..100
    logisticsNo * 1..60
    logisticsStatus * =1
    logisticsTime * =14 time
    note ..1000
""")

INVENTORY = fields("""
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

INVENTORY_ITEM = fields("""
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

CANCEL = fields("""
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

REFUND_ITEM = fields("""
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

TAX = fields("""
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

TAX_ITEM = fields("""
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
DELIVERY = fields("""
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
RECEIPTS: Mapping[str, tuple[Field, ...]] = {
    "CEB312": fields(f"ebpCode * 1..18\n ebcCode * 1..18\n orderNo * 1..60\n {_RETURN}"),
    "CEB412": fields(f"payCode * 1..18\n payTransactionId * 1..60\n {_RETURN}"),
    "CEB512": fields(f"logisticsCode * 1..18\n logisticsNo * 1..60\n {_RETURN}"),
    "CEB514": fields(f"logisticsCode * 1..18\n logisticsNo * 1..60\n logisticsStatus * =1\n {_RETURN}"),
    "CEB622": fields(_CUSTOMS_RETURN),
    "CEB624": fields(_CUSTOMS_RETURN),
    "CEB626": fields(_CUSTOMS_RETURN),
    "CEB712": fields(
        f"customsCode =4\n operatorCode 1..18\n copNo ..20\n preNo ..18\n rkdNo ..18\n {_RETURN}"
    ),
}
RECEIPT = fields(f"""
    kind * in:{",".join(RECEIPTS)}
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
    copNo ..20
    preNo ..18
    rkdNo ..18
    invtNo =18
    {_RETURN}
""")

# Announcement 2018 no. 165/179; the payee stands with each order there, and is taken from the first.
RAW_PAYMENT = fields("""
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

RAW_PAYMENT_ORDER = fields("""
    payCode * 1..18
    payTransactionId * 1..60
    orderNo * 1..60
    ebpCode 1..18
    gname 1..
    itemLink 1..
""")
