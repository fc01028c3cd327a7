"""The entry point: reads the arguments, runs the command, tells a mistake in one sentence."""

import os
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from app import __version__
from app.cli import (
    assessments,
    classes,
    clues,
    consumers,
    instructions,
    live,
    look,
    make,
    measures,
    platforms,
    referrals,
    rule_life,
    rule_trials,
    rules,
    serving,
    webhooks,
)
from app.cli.console import configure_logging
from app.cli.handover import HandedOverError
from app.errors import CluegraphError
from app.masking import without_numbers_of_persons
from app.settings import read_settings

MISTAKE = 2
FAULT = 1
INTERRUPTED = 130

app = typer.Typer(
    name="cluegraph",
    help="Supervision of cross-border e-commerce: documents in, explained findings out.",
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    data: Annotated[
        Path | None,
        typer.Option("--data", help="The data folder; also CLUEGRAPH_DATA. Everything lives under it."),
    ] = None,
    show_version: Annotated[bool, typer.Option("--version", help="Print the version and stop.")] = False,
) -> None:
    """Supervision of cross-border e-commerce: documents in, explained findings out."""
    if show_version:
        typer.echo(f"cluegraph {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())
        raise typer.Exit
    settings = read_settings(data=data)
    configure_logging(settings.log_level)
    context.obj = settings


make.register(app)
look.register(app)
clues.register(app)
referrals.register(app)
platforms.register(app)
rules.register(app)
rule_life.register(app)
rule_trials.register(app)
consumers.register(app)
serving.register(app)
live.register(app)
classes.register(app)
assessments.register(app)
instructions.register(app)
webhooks.register(app)
measures.register(app)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and ends the process: 0 done, 2 a mistake (one sentence on standard error),
    1 a fault of the program, 130 interrupted."""
    debug = os.environ.get("CLUEGRAPH_DEBUG", "").lower() not in ("", "0", "false", "no")
    try:
        code = app(args=data_first(sys.argv[1:] if arguments is None else arguments), standalone_mode=False)
        sys.stdout.flush()
    except Exception as error:
        if debug:
            traceback.print_exc()
        code, sentence = explain(error)
        if sentence:
            print(sentence, file=sys.stderr)
    except KeyboardInterrupt:
        code = INTERRUPTED
    sys.exit(code if isinstance(code, int) else 0)


def data_first(arguments: Sequence[str]) -> list[str]:
    """`--data X` moved to the front, so that it may stand before or after the command."""
    front: list[str] = []
    rest: list[str] = []
    waiting = iter(arguments)
    for argument in waiting:
        if argument == "--":
            rest += [argument, *waiting]
        elif argument == "--data":
            front += [argument, *([value] if (value := next(waiting, None)) is not None else [])]
        elif argument.startswith("--data="):
            front.append(argument)
        else:
            rest.append(argument)
    return front + rest


def explain(error: Exception) -> tuple[int, str]:
    """Exit code and the one sentence for an error. The text of an unforeseen error is not shown: it may
    quote values of a document; numbers of persons that somebody typed are not repeated."""
    code, sentence = _explained(error)
    return code, without_numbers_of_persons(sentence)


def _explained(error: Exception) -> tuple[int, str]:
    if isinstance(error, HandedOverError):
        return error.code, error.sentence
    if isinstance(error, CluegraphError):
        return MISTAKE, " ".join(str(error).split())
    if isinstance(error, typer.TyperException):
        text = " ".join(error.format_message().split()).rstrip(".")
        return MISTAKE, f"{text}; `cluegraph --help` lists the commands and their options."
    if isinstance(error, typer.Abort):
        return INTERRUPTED, ""
    if isinstance(error, BrokenPipeError):
        # Whoever reads our output (head, less) has seen enough; what is still buffered goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0, ""
    if isinstance(error, OSError):
        where = f" {error.filename}" if error.filename else ""
        return MISTAKE, f"The system refused{where}: {error.strerror or type(error).__name__}."
    from app.clues.faults import store_error  # here: it knows every store's errors, and imports them all

    if (sentence := store_error(error)) is not None:
        return MISTAKE, sentence
    frame = traceback.extract_tb(error.__traceback__)[-1]
    place = f"{Path(frame.filename).name}:{frame.lineno}"
    return FAULT, (
        f"A fault in cluegraph ({type(error).__name__} at {place}), not a mistake of yours: "
        "run again with CLUEGRAPH_DEBUG=1 and report what it prints."
    )
