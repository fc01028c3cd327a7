"""Who decides: names of members of staff as they are kept, and whether two names are of one person."""

import re
import unicodedata

from app.errors import BadInputError
from app.masking import refuse_numbers_of_persons

_MOST = 80
_LONG_NUMBER = re.compile(r"\d(?:[ -]?\d){10,}[Xx]?")


def named(by: str) -> str:
    """The name of who does something, in 1 to 80 characters; raises BadInputError."""
    by = said(by, "who does it", _MOST)
    if not _letters(by):
        raise BadInputError("Say who does it: a name has letters or digits.")
    return by


def said(text: str, what: str, most: int) -> str:
    """A text that is to be kept, on one line; BadInputError where it is empty, longer than `most`
    characters, or holds a number of a person."""
    text = _line(text)
    if not text or len(text) > most:
        raise BadInputError(f"Say {what}, in 1 to {most} characters.")
    refuse_numbers_of_persons(text)
    return text


def same_person(one: str, other: str) -> bool:
    """Whether two names are of one person: case, width, spaces and punctuation make no other."""
    return _letters(one) == _letters(other)


def from_outside(text: str, most: int) -> str:
    """What another system said, fit to be kept: on one line, cut, *** in place of every long number."""
    return _LONG_NUMBER.sub("***", _line(text))[:most]


def _line(text: str) -> str:
    return "".join(letter for letter in " ".join(text.split()) if letter.isprintable())


def _letters(name: str) -> str:
    folded = unicodedata.normalize("NFKC", name).casefold()
    return "".join(letter for letter in folded if letter.isalnum())
