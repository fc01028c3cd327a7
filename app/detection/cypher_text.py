"""Reading Cypher as text: what a statement uses, whether it could write, its parameters written in."""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Any

import orjson

_TOKEN = re.compile(
    r"""(?P<comment>/\*.*?\*/|//[^\n]*)
      |(?P<string>'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")
      |(?P<quoted>`(?:``|[^`])*`)
      |(?P<parameter>\$[A-Za-z_]\w*)
      |(?P<word>[A-Za-z_]\w*)
      |(?P<space>\s+)
      |(?P<mark>.)""",
    re.VERBOSE | re.DOTALL,
)
_WRITES = {
    "CREATE",
    "MERGE",
    "SET",
    "DELETE",
    "DETACH",
    "REMOVE",
    "DROP",
    "FOREACH",
    "LOAD",
    "INSERT",
    "ALTER",
}


def tokens(text: str) -> Iterator[tuple[str, str, int]]:
    """(kind, text, position) of every token, comments and blanks included."""
    for match in _TOKEN.finditer(text):
        yield str(match.lastgroup), match.group(), match.start()


@lru_cache(maxsize=1024)
def parameters_used(text: str) -> frozenset[str]:
    """Names of the parameters that a statement uses, outside strings and comments."""
    return frozenset(token[1:] for kind, token, _ in tokens(text) if kind == "parameter")


def trespass(text: str) -> tuple[str, int] | None:
    """What a rule must not say, and at which position: a clause that writes, a procedure, the label Finding.

    A word after '.' or ':' is a name, not a clause; the session that runs a rule is read-only besides.
    """
    said = [token for token in tokens(text) if token[0] not in ("comment", "space")]
    for index, (kind, token, position) in enumerate(said):
        before = said[index - 1][1] if index else ""
        after = said[index + 1][1] if index + 1 < len(said) else ""
        if kind in ("word", "quoted") and token.strip("`") == "Finding" and before in (":", "|", "&", "!"):
            return "a match on :Finding (no rule feeds on what rules found)", position
        if kind != "word" or before in (".", ":", "|", "&"):
            continue
        if token.upper() in _WRITES and after not in (":", ".", ",", ")"):
            return f"{token.upper()}, which writes", position
        if token.upper() == "CALL" and after not in ("(", "{"):
            return "a call of a procedure", position
    return None


def line_of(text: str, position: int) -> int:
    """Line number (from 1) of a position."""
    return text.count("\n", 0, position) + 1


def write_in(text: str, values: Mapping[str, Any]) -> str:
    """The statement with its parameters written in as literals, to be pasted into Neo4j Browser.

    Raises KeyError for a parameter without a value.
    """
    pieces, names = _around_parameters(text)
    said = "".join(piece + literal(values[name]) for piece, name in zip(pieces, names, strict=False))
    return said + pieces[-1]


@lru_cache
def _around_parameters(text: str) -> tuple[list[str], list[str]]:
    """The text before, between and after its parameters, and their names; asked anew for every finding."""
    pieces, names = [""], []
    for kind, token, _ in tokens(text):
        if kind == "parameter":
            pieces.append("")
            names.append(token[1:])
        else:
            pieces[-1] += token
    return pieces, names


def literal(value: Any) -> str:
    """A Cypher literal; raises TypeError for what Cypher has no literal for."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key}: {literal(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(literal(item) for item in value) + "]"
    writers: dict[type, Callable[[Any], str]] = {
        bool: lambda flag: "true" if flag else "false",
        type(None): lambda _: "null",
        str: lambda text: orjson.dumps(text).decode(),
        date: lambda day: f"date('{day.isoformat()}')",
        int: str,
        float: repr,
    }
    if type(value) not in writers:
        raise TypeError(f"a {type(value).__name__} cannot be written into a Cypher statement")
    return writers[type(value)](value)
