"""Normal forms of persons' values: what is keyed is the same however it was typed. Described in docs/documents.md."""

import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Final

NORMALISER_VERSION: Final = 1
"""Kept in the ledger beside the key's id: other normal forms give other keys."""

_NOT_WORD = re.compile(r"[\W_]+")
_ID_TYPE = re.compile(r"([0-9A-Za-z]{1,2}):(.*)", re.DOTALL)
_MIDDLE = re.compile(r"[\s·•‧∙⋅・.\u200b\ufeff]+")
_PHONE = re.compile(
    r"(?:\+|00)?(?:86)?[-\s]*"
    r"(?P<number>1\d{10}|0\d{2,3}-?\d{7,8}|[48]00-?\d{3}-?\d{4})"
    r"(?P<extension>[-,;#*x/转分机EXText.:]+\d{1,8})?"
)
_NOT_PHONE = re.compile(r"[^0-9+]+")
_PHONE_NOISE = re.compile(r"[\s()]+|(?<=\d)[.\-](?=\d{4}\b)")
_BLANKS = re.compile(r"[\s\u200b\ufeff]+")


def _wide(raw: str) -> str:
    return raw if raw.isascii() else unicodedata.normalize("NFKC", raw)


def identity(raw: str) -> str:
    """`[type:]number`, type 1 where none is given → `type:NUMBER`, letters and digits only, capitals."""
    text = _wide(raw).strip()
    kind, number = "1", text
    if found := _ID_TYPE.fullmatch(text):
        kind, number = found.groups()
    return f"{kind}:{number if number.isalnum() else _NOT_WORD.sub('', number)}".upper()


def name(raw: str) -> str:
    """Half-width, no blanks, no middle dots, capitals."""
    return _MIDDLE.sub("", _wide(raw)).upper()


def phone(raw: str) -> str:
    """Digits of the number without +86; `x` at the end where there was an extension (a relayed, virtual number).

    Numbers of other countries keep `+` and their country; what is no number at all keeps its letters and digits.
    """
    if len(raw) == 11 and raw[0] == "1" and raw.isdecimal() and raw.isascii():
        return raw
    text = _PHONE_NOISE.sub("", _wide(raw))
    if found := _PHONE.fullmatch(text):
        return found["number"].replace("-", "") + ("x" if found["extension"] else "")
    digits = _NOT_PHONE.sub("", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    return digits if any(c.isdigit() for c in digits) else _NOT_WORD.sub("", text).upper()


_PUNCTUATION = re.compile(r"[\s\u200b\ufeff,.;:'\"!?()\[\]{}<>|/\\、。·•《》【】“”‘’_~+*&^%$@=]+")
_BUILDING = re.compile(r"(?<=[0-9A-Z])(?:号楼|号院|#楼|号幢|号栋|栋楼|#|栋|幢|座|橦|棟)-?")
_UNIT = re.compile(r"(?<=[0-9A-Z])(?:单元|层|楼|F(?=[0-9-]|$)|室|房|户)-?|(?<=[-栋][0-9])号$|(?<=[-栋][0-9]{2})号$|(?<=[0-9]{3})号?$")
_CHAIN = re.compile(r"(?<![0-9A-Z栋-])([0-9A-Z]{1,3})-(?=[0-9A-Z]+-)")
_DASHES = re.compile(r"[-—–－‐]+")
_TAIL = re.compile(r"(号|弄|里|村|路|街|苑|园|城|厦|场|中心|公寓|小区|宿舍)[0-9A-Z]+(?:-[0-9A-Z]+)*$")
_ANY_TAIL = re.compile(r"(?<=[^0-9A-Z-])[0-9A-Z]+(?:-[0-9A-Z]+)+$|(?<=[^0-9A-Z-])[0-9]{3,4}$")


def address(raw: str) -> str:
    """The unit: half-width, capitals, no blanks and punctuation, `中国` dropped, building and unit marks made one.

    `3号楼`, `3幢`, `3座`, `3#` become `3栋`; `单元`, `层`, `室` and their like become `-`: `文三路1号3幢2单元501室` and
    `文三路1号 3-2-501` are both `文三路1号3栋2-501`.
    """
    text = _PUNCTUATION.sub("", _wide(raw)).upper()
    text = _DASHES.sub("-", text).removeprefix("中国")
    text = _UNIT.sub("-", _BUILDING.sub("栋", text))
    text = _CHAIN.sub(r"\1栋", text, count=1) if "栋" not in text else text
    return _DASHES.sub("-", text).replace("栋-", "栋").strip("-")


def building(raw: str) -> str:
    """The building of an address: its unit form cut after the last `栋`, else after the house number or place name."""
    text = address(raw)
    before, mark, _ = text.rpartition("栋")
    if mark:
        return before + mark
    if _TAIL.search(text):
        return _TAIL.sub(r"\1", text)
    return _ANY_TAIL.sub("", text) or text


def account(raw: str) -> str:
    """`ebpCode|buyerRegNo`: half-width, no blanks; accounts differ by case."""
    return _BLANKS.sub("", _wide(raw))


def bank(raw: str) -> str:
    """Letters and digits only, capitals."""
    return _NOT_WORD.sub("", _wide(raw)).upper()


NORMAL_FORMS: Mapping[str, Callable[[str], str]] = {
    "id": identity,
    "name": name,
    "phone": phone,
    "address": address,
    "building": building,
    "account": account,
    "bank": bank,
}
"""The normal form of each kind of key; `building` is an address keyed at building level."""
