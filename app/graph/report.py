"""What a server or tool that failed has to say, cut down to what helps."""

import re
from pathlib import Path

_LINES = 6
_LEVEL = re.compile(r"^\S+ \S+ +(ERROR|WARN) +")
_ROOT_CAUSE = re.compile(r"^Caused by: (?:[\w.$]+: )*(.+)$", re.MULTILINE)
_EXCEPTION = re.compile(r"^[\w.$]+Exception: (.+)$", re.MULTILINE)
_INPUT_PLACE = re.compile(r"source:([^,\]]+), position:\d+, line:(\d+)")
_CAUSE = re.compile(r"^(Caused by|Exception in thread \S+|Error occurred during initialization)")


def start_failure(log: Path, start: int, console: Path) -> str:
    """The last words of a server: errors in `log` since byte `start`, else the end of both, on one line."""
    lines = _tail(log, start) + _tail(console, 0)
    telling = [line for line in lines if _LEVEL.match(line) or _CAUSE.match(line)]
    words = [_LEVEL.sub("", line) for line in (telling or lines)]
    return " | ".join(dict.fromkeys(words[-_LINES:])) or "it ended without a word."


def told_error(text: str) -> str:
    """The reason in what an administration command printed with `--verbose`, on one line."""
    reasons = _ROOT_CAUSE.findall(text) or _EXCEPTION.findall(text)
    if not reasons:
        return next((line for line in text.splitlines() if line.strip()), "it ended without a word.")
    place = _INPUT_PLACE.search(text)
    return str(reasons[-1]) + (f" ({place[1]}, line {place[2]})" if place else "")


def _tail(path: Path, start: int) -> list[str]:
    try:
        with path.open("rb") as file:
            file.seek(max(start, path.stat().st_size - 64_000))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except FileNotFoundError:
        return []
    return [line.strip() for line in lines if line.strip() and not line.lstrip().startswith(("at ", "... "))]
