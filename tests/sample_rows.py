"""Rows that every check of the contract passes, for tests to change."""

from loaders.contract import Keys

KEYS = Keys(bytes(32))
GUID = "4CDE1CFD-EDED-46B1-946C-B8022E42FC94"
# What a flat file may leave out is left out.
PAYMENT = {
    "payCode": "4403160BUF",
    "payName": "示例支付",
    "payTransactionId": "P1",
    "orderNo": "O1",
    "ebpCode": "44069679AS",
    "ebpName": "示例平台",
    "payerIdNumber": "11010519491231002X",
    "payerName": "王芳",
    "amountPaid": "12.5",
    "currency": "142",
    "payTime": "20240229235959",
}
PLATFORM = {
    "verificationId": "V1",
    "ebpCode": "44069679AS",
    "checkedAt": "2024-03-01T10:00",
    "check": "can_login",
    "result": "fail",
}
