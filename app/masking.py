"""Numbers of persons are taken out of what is said to whoever typed them: it may be kept in a log."""

import re

from app.errors import BadInputError

_NUMBER = re.compile(r"(?<![0-9A-Za-z])(?:(?P<identity>\d{17}[\dXx])|(?:\+?86)?1[3-9]\d{9})(?![0-9A-Za-z])")
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECK_CHARACTERS = "10X98765432"


def without_numbers_of_persons(text: str) -> str:
    """The text with *** in place of every identity number (GB 11643-1999, by its check character) and every
    mobile telephone number. Codes of enterprises and ids of documents stay."""
    return _NUMBER.sub(lambda found: "***" if _is_one(found["identity"]) else found.group(), text)


def refuse_numbers_of_persons(*texts: str) -> None:
    """Raises BadInputError, which does not repeat it, where a text that is to be kept holds such a number."""
    if any(without_numbers_of_persons(text) != text for text in texts):
        raise BadInputError("A text holds an identity or telephone number: the casebook keeps none.")


def _is_one(identity: str | None) -> bool:
    if identity is None:
        return True
    total = sum(int(digit) * weight for digit, weight in zip(identity, _WEIGHTS, strict=False))
    return identity[-1].upper() == _CHECK_CHARACTERS[total % 11]
