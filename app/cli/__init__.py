"""The command line: `cluegraph …`. Every mistake is one sentence and exit code 2."""

from app.cli.entry import main

__all__ = ["main"]
