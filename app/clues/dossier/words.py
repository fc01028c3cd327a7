"""Words and the glossary of a dossier, and text that any reader of XML can take."""

from functools import cache
from importlib.resources import files
from typing import Any

import yaml


@cache
def words() -> dict[str, dict[str, dict[str, str]]]:
    """Kinds of nodes, relations, severities and units: name → zh, en."""
    return dict(_read("words"))


@cache
def glossary() -> list[dict[str, dict[str, str]]]:
    """Terms in plain words: term and meaning, each zh and en."""
    return list(_read("glossary"))


def word(of: str, name: str) -> dict[str, str]:
    """zh and en of a name; one that is not listed in its own letters."""
    own = name.replace("_", " ").lower()
    return words()[of].get(name, {"zh": own, "en": own})


def note(name: str, **values: object) -> dict[str, str]:
    """A sentence, zh and en, with values filled in."""
    return {language: text.format(**values) for language, text in words()["notes"][name].items()}


def plain_text(value: object) -> str:
    """The value as one line of text that XML 1.0 can hold; control characters and the like become �."""
    text = " ".join(str(value).split())
    return "".join(one if one.isprintable() and not _forbidden(ord(one)) else "�" for one in text)


def _forbidden(code: int) -> bool:
    return code < 0x20 or 0xD800 <= code <= 0xDFFF or code & 0xFFFE == 0xFFFE or 0xFDD0 <= code <= 0xFDEF


def _read(name: str) -> Any:
    return yaml.safe_load(files("app.clues.dossier").joinpath(f"{name}.yaml").read_text("utf-8"))
