"""Commands that change something: world, load, project, detect, run, demo."""

from collections.abc import Callable
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from app.cli import job
from app.cli.console import make_data, need_data, print_json, printable, say, settings_of, steps
from app.cli.handover import hand_over
from app.cli.job import Task
from app.cli.look import AsJson, print_findings
from app.cli.serving import run_service
from app.errors import BadInputError, NotFoundError
from app.local_time import today
from app.settings import Settings

DEMO_ORDERS = 3_000
DEMO_SEED = 7


class Format(StrEnum):
    """How a world is written."""

    XML = "xml"
    CSV = "csv"


class Kind(StrEnum):
    """What a world is like: the standard one has planted cases, the others have no rings."""

    STANDARD = "standard"
    INDEPENDENT = "independent"
    HEAVY_TAILED = "heavy-tailed"
    THEMED = "themed"


def _given(text: str) -> Path:
    """A path as it was given; an empty one is a variable that was not set, and not this folder."""
    if not text:
        raise typer.BadParameter("An empty path names no file and no folder.")
    return Path(text)


Paths = Annotated[
    list[Path],
    typer.Argument(
        metavar="PATH...", help="Files, folders, .zip or .tar.gz; - is standard input.", parser=_given
    ),
]


AsOf = Annotated[
    str | None,
    typer.Option(
        "--as-of", help="Day (2025-06-30) to look back from, today at the latest; that of the last sale."
    ),
]


def register(app: typer.Typer) -> None:
    """Adds the commands of this module."""
    for command in (world, load, project, detect, run, demo):
        app.command()(command)


def world(
    out: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder to write; it must not be there yet, or be empty.")
    ],
    orders: Annotated[int, typer.Option(min=1, help="How many sales.")] = 10_000,
    seed: Annotated[int, typer.Option(min=0, help="The same seed makes the same world.")] = 1,
    format: Annotated[Format, typer.Option(help="Message files, or flat files.")] = Format.XML,
    kind: Annotated[
        Kind, typer.Option(help="With planted cases, or one of the worlds without rings.")
    ] = Kind.STANDARD,
    as_json: AsJson = False,
) -> None:
    """Make a synthetic world: files to load, with planted cases, honest look-alikes, and truth.json."""
    summary = job.make_world(out, orders, seed, format.value, kind.value)
    if as_json:
        print_json(summary)
    else:
        say(f"{orders} sales written to {out}; what was planted is in {out / 'truth.json'}.")


def load(context: typer.Context, paths: Paths, as_json: AsJson = False) -> None:
    """Load files into the ledger: checked, keyed, once. What cannot be accepted is listed by `rejects`."""
    settings = settings_of(context)
    _check_paths(paths)
    make_data(settings)
    report = _done(settings, Task("load", tuple(map(str, paths))))
    _tell(report, as_json, load_lines)


def project(
    context: typer.Context,
    rebuild: Annotated[
        bool, typer.Option("--rebuild", help="Build the whole graph anew and swap it in.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Bring the graph up to the ledger and the casebook."""
    settings = settings_of(context)
    need_data(settings)
    report = _done(settings, Task("project", rebuild=rebuild))
    _tell(report, as_json, project_lines)


def detect(
    context: typer.Context,
    rule: Annotated[
        list[str] | None, typer.Option(help="Only this rule and those that it needs; may be repeated.")
    ] = None,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Compute tallies, communities and rules, and keep the findings."""
    settings = settings_of(context)
    need_data(settings)
    report = _done(settings, Task("detect", rules=tuple(rule or ()), as_of=_known_day(as_of)))
    _tell(report, as_json, detect_lines)


def run(context: typer.Context, paths: Paths, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Load files, project the graph, detect: the main job."""
    settings = settings_of(context)
    _check_paths(paths)
    day = _known_day(as_of)
    make_data(settings)
    report = _done(settings, Task("run", tuple(map(str, paths)), as_of=day))
    _tell(report, as_json, job_lines)


def demo(
    context: typer.Context,
    orders: Annotated[
        int, typer.Option(min=100, help="How many sales the demonstration world has.")
    ] = DEMO_ORDERS,
    then_serve: Annotated[
        bool, typer.Option("--serve", help="Go on serving the API until interrupted.")
    ] = False,
) -> None:
    """Make a small world of message files, run the main job over it, and show what was found."""
    settings = settings_of(context)
    make_data(settings)
    files = settings.data / "demo"
    if settings.ledger_folder.is_dir() and not files.is_dir():
        raise BadInputError(
            f"The data folder {settings.data} holds a ledger that is not the demonstration's: "
            "name an empty folder with --data."
        )
    if not (files / "truth.json").is_file():
        say(f"Making a world of {orders} sales as message files in {files} …")
        job.make_world(files, orders, DEMO_SEED, "xml", "standard")
    say("Running the main job on the embedded Neo4j (its first start downloads 140 MB) …")
    report = _done(settings, Task("run", (str(files),)))
    say()
    print_findings(job.found(settings))
    say()
    _tell(report, False, job_lines)
    _addresses(settings, then_serve)


def _done(settings: Settings, task: Task) -> dict[str, Any]:
    """The report of a task: done by the service of the data folder where one runs, else here."""
    with steps() as progress:
        report = hand_over(settings, task, progress)
        return job.do(settings, task, progress) if report is None else report


def _addresses(settings: Settings, then_serve: bool) -> None:
    command = "cluegraph" if settings.data == Path("cluegraph-data") else f"cluegraph --data {settings.data}"
    for line in job.where_to_look(settings):
        say(line)
    if then_serve:
        run_service(settings)
    else:
        say(f"API:           http://{settings.api_host}:{settings.api_port}/docs, after `{command} serve`")
        say(f"Again:         {command} findings, {command} finding ID; `{command} neo4j stop` ends Neo4j")


def _known_day(text: str | None) -> str | None:
    """The day of --as-of in ISO form; BadInputError for what is none, or a day to come."""
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        raise BadInputError("--as-of takes a day like 2025-06-30.") from None
    if day > today():
        raise BadInputError(f"--as-of: nothing is known yet of {day}.")
    return day.isoformat()


def _check_paths(paths: list[Path]) -> None:
    missing = [str(path) for path in paths if str(path) != "-" and not path.exists()]
    if missing:
        raise NotFoundError(f"There is no file or folder {', '.join(missing)}.")


def _tell(report: dict[str, Any], as_json: bool, lines: Callable[[dict[str, Any]], list[str]]) -> None:
    if as_json:
        print_json(report)
    else:
        say("\n".join(lines(report)))


def load_lines(report: dict[str, Any]) -> list[str]:
    """A load for a person."""
    known = sum(counts["known"] for counts in report["kinds"].values())
    lines = [
        f"Loaded {report['documents']:,} documents ({report['rows']:,} rows) from {report['files']:,} files "
        f"in {report['seconds']:.1f} s; {known:,} rows and {report['known_files']:,} files were known; "
        f"{report['rejects']:,} rejects; ledger version {report['ledger_version']}."
    ]
    if report["rejects"]:
        lines.append("`cluegraph rejects` lists what was not accepted.")
    lines += [f"Skipped {printable(name)}: {why}." for name, why in report["skipped_files"]]
    for name, columns in report["unknown_columns"].items():
        lines.append(f"Ignored in {printable(name)}: {printable(', '.join(columns))}.")
    return lines


def project_lines(report: dict[str, Any]) -> list[str]:
    """A projection for a person."""
    at = f"the graph is at load {report['load_seq']}"
    return [f"Graph: {report['way']} ({report['reason']}) in {report['seconds']:.1f} s; {at}."]


def detect_lines(report: dict[str, Any]) -> list[str]:
    """A detection for a person."""
    lines = [
        f"{name}: {rule['found']} found of {rule['judgeable']} judgeable, {rule['looked_at']} looked at "
        f"({rule['new']} new, {rule['changed']} changed, {rule['gone']} gone)"
        + ("" if rule["maturity"] == "live" else f"; {rule['maturity']}, kept apart")
        for name, rule in report["rules"].items()
    ]
    return [*lines, f"Detected in {report['seconds']:.1f} s, as of {report['as_of']}."]


def job_lines(report: dict[str, Any]) -> list[str]:
    """The main job for a person."""
    counts = ", ".join(f"{count} {name}" for name, count in report["findings"].items())
    return [
        *load_lines(report["load"]),
        *project_lines(report["project"]),
        f"Detected in {report['detect']['seconds']:.1f} s, as of {report['detect']['as_of']}.",
        f"Findings: {counts}. {report['seconds']:.1f} s in all.",
    ]
