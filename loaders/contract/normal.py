"""Normal forms of persons' values: what is keyed is the same however it was typed. Described in
docs/documents.md.

Many values are brought to their form at once, one to a line of one long text: a pattern that runs over a
hundred thousand lines costs a fraction of a hundred thousand runs.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from typing import Final

NORMALISER_VERSION: Final = 1
"""Kept in the ledger beside the key's id: other normal forms give other keys."""

_NOT_WORD = re.compile(r"[^\w\n]+|_+")
_ID_TYPE = re.compile(r"([0-9A-Za-z]{1,2}):(.*)", re.DOTALL)
# Every blank but the line end, written out: one set of characters is found much faster than a choice of two.
_BLANK = r" \t\r\f\v\x1c-\x1f\x85\xa0\u1680\u2000-\u200b\u2028\u2029\u202f\u205f\u3000\ufeff"
_MIDDLE = re.compile(rf"[{_BLANK}·•‧∙⋅・.]+")
_BLANKS = re.compile(rf"[{_BLANK}]+")
_PHONE = re.compile(
    r"(?:\+|00)?(?:86)?-?"
    r"(?P<number>1\d{10}|0\d{2,3}-?\d{7,8}|[48]00-?\d{3}-?\d{4})"
    r"(?P<extension>(?:[-,;#*/.:x]|转|分机|ext)+\d{1,8})?",
    re.IGNORECASE,
)
# 138-1234-5678 and 138 1234 5678 are written for the eye.
_GROUPED_MOBILE = re.compile(r"^((?:\+|00)?(?:86)?-?1\d{2})[-.](\d{4})[-.](\d{4})")
_NOT_PHONE = re.compile(r"[^0-9+]+")
_PHONE_NOISE = re.compile(r"[\s()\u200b\ufeff]+")

_PUNCTUATION = re.compile(rf"[{_BLANK},.;:'\"!?()\[\]{{}}<>|/\\、。·•《》【】“”‘’_~+*&^%$@=]+")
_DASHES = re.compile(r"[-—–－‐]+")
_CHINA = re.compile(r"^中国(?=.)", re.MULTILINE)
_BUILDING = re.compile(r"(?<=[0-9A-Z])(?:号楼|号院|#楼|号幢|号栋|栋楼|#|栋|幢|座|橦|棟)-?")
_UNIT = re.compile(r"(?<=[0-9A-Z])(?:单元|层|楼|F(?=[0-9-]|$)|室|房|户|(?<=[0-9]{3})号$)-?", re.MULTILINE)
_CHAIN = re.compile(r"^([^栋\n]*?[^栋0-9A-Z\n-]-?)([0-9A-Z]{1,3})-(?=[0-9A-Z]+-)(?=[^栋\n]*$)", re.MULTILINE)
_AFTER_BUILDING = re.compile(r"(?<=栋)[^栋\n]*$", re.MULTILINE)
_AFTER_NUMBER = re.compile(
    r"(?<=[号弄里村路街苑园城厦场心寓区舍])[0-9A-Z]+(?:-[0-9A-Z]+)*$|(?<=[^0-9A-Z\n-])[0-9A-Z]+(?:-[0-9A-Z]+)+$",
    re.MULTILINE,
)


def _wide(text: str) -> str:
    return text if text.isascii() else unicodedata.normalize("NFKC", text)


def _lines(values: Sequence[str]) -> str:
    text = "\n".join(values)
    if text.count("\n") >= len(values):
        text = "\n".join(" ".join(value.splitlines()) for value in values)
    # U+2028 and its like are blanks here, not ends of lines: lines are split at \n alone.
    return _wide(text)


def identities(values: Sequence[str]) -> list[str]:
    """`[type:]number`, type 1 where none is given → `type:NUMBER`, letters and digits only, capitals."""
    return [_identity(value) for value in values]


def _identity(raw: str) -> str:
    text = _wide(raw).strip()
    kind, number = "1", text
    if found := _ID_TYPE.fullmatch(text):
        kind, number = found.groups()
    if not number.isalnum():
        number = _NOT_WORD.sub("", number).replace("\n", "")
    return f"{kind}:{number}".upper() if number else ""


def names(values: Sequence[str]) -> list[str]:
    """Half-width, no blanks, no middle dots, capitals."""
    return _MIDDLE.sub("", _lines(values)).upper().split("\n")


def phones(values: Sequence[str]) -> list[str]:
    """Digits without +86; `x` at the end where there was an extension (a relayed, virtual number).

    Numbers of other countries keep `+` and their country; what is no number at all keeps its letters and
    digits.
    """
    return [_phone(value) for value in values]


def _phone(raw: str) -> str:
    if len(raw) == 11 and raw[0] == "1" and raw.isdecimal() and raw.isascii():
        return raw
    text = _GROUPED_MOBILE.sub(r"\1\2\3", _PHONE_NOISE.sub("", _wide(raw)))
    if found := _PHONE.fullmatch(text):
        return found["number"].replace("-", "") + ("x" if found["extension"] else "")
    digits = _NOT_PHONE.sub("", text)
    if digits.startswith("00"):
        digits = "+" + digits[2:]
    return digits if any(c.isdigit() for c in digits) else _NOT_WORD.sub("", text).upper()


def addresses(values: Sequence[str]) -> list[str]:
    """The unit: half-width, capitals, no blanks and punctuation, no leading `中国`, building and unit marks
    made one.

    `3号楼`, `3幢`, `3座`, `3#` become `3栋`; `单元`, `层`, `室` and their like become `-`:
    `文三路1号3幢2单元501室` and `文三路1号 3-2-501` are both `文三路1号3栋2-501`.
    """
    return _address_lines(values).split("\n")


def buildings(values: Sequence[str]) -> list[str]:
    """The building: the unit form cut after its last `栋`, else after the house number or the name of the
    place."""
    text = _address_lines(values)
    text = _AFTER_NUMBER.sub("", _AFTER_BUILDING.sub("", text))
    return text.split("\n")


def _address_lines(values: Sequence[str]) -> str:
    text = _PUNCTUATION.sub("", _lines(values)).upper()
    text = _CHINA.sub("", _DASHES.sub("-", text))
    text = _UNIT.sub("-", _BUILDING.sub("栋", text))
    text = _CHAIN.sub(r"\1\2栋", text)
    while "--" in text:
        text = text.replace("--", "-")
    text = f"\n{text}\n".replace("栋-", "栋").replace("\n-", "\n").replace("-\n", "\n")
    return text[1:-1]


def accounts(values: Sequence[str]) -> list[str]:
    """`ebpCode|buyerRegNo`: half-width, no blanks; accounts differ by case."""
    forms = _BLANKS.sub("", _lines(values)).split("\n")
    return ["" if form.endswith("|") else form for form in forms]


def banks(values: Sequence[str]) -> list[str]:
    """Letters and digits only, capitals."""
    return _NOT_WORD.sub("", _lines(values)).upper().split("\n")


NORMAL_FORMS: Mapping[str, Callable[[Sequence[str]], list[str]]] = {
    "id": identities,
    "name": names,
    "phone": phones,
    "address": addresses,
    "building": buildings,
    "account": accounts,
    "bank": banks,
}
"""Raw values → normal forms of each kind of key; `building` is an address keyed at building level. Empty is
none."""
