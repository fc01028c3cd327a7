"""External regulatory data: this project's own tables."""

from dataclasses import replace

from loaders.contract.model import Field, Kind, fields

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


EXTERNAL: tuple[Kind, ...] = (
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
"""Kinds of external data."""
