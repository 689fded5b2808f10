"""``overshort import`` and ``overshort forget``."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from overshort import sessions
from overshort.engine import ingest
from overshort.engine.forget import forget as take_out
from overshort.engine.moment import now
from overshort.errors import UsageError
from overshort.sources.declare import Adjustment, Options
from overshort.surfaces.cli.options import Home, home_of, page

__all__ = ["forget", "run"]

COUNTS = ("read", "added", "known", "revised", "refused")


def run(
    *paths: Path,
    dated: Annotated[str | None, Parameter(help="Date, YYYY-MM-DD, of a list that carries none inside.")] = None,
    index: Annotated[Literal["SPX", "NDX", "RUT"] | None, Parameter(help="Index of a list that names none.")] = None,
    symbol: Annotated[
        str | None, Parameter(help="Whose prices a file holds, if its name does not begin with it.")
    ] = None,
    zone: Annotated[
        str | None, Parameter(help="Time zone of bars stamped without one, such as Europe/Amsterdam.")
    ] = None,
    adjustment: Annotated[
        Adjustment | None, Parameter(help="What prices are adjusted for: none, split, or total (splits and dividends).")
    ] = None,
    dry_run: Annotated[bool, Parameter(negative="", help="Read and check everything, store nothing.")] = False,
    home: Home = None,
) -> int:
    """Take files or folders into the store; formats are recognised by content, never by name.

    Exit code 0 when at least one file went in or was already known, 1 when a path named here was refused.

    Parameters
    ----------
    paths
        Files, or folders to walk.
    """
    if not paths:
        raise UsageError("no path given; name at least one file or folder to import")
    day = sessions.parse_day(dated) if dated else None
    options = Options(dated=day, index=index, symbol=symbol, zone=zone, adjustment=adjustment)
    with _progress() as bar:
        task = bar.add_task("reading", total=None)

        def step(name: str, done: int, total: int) -> None:
            bar.update(task, description=name, completed=done, total=total)

        report = ingest.import_paths(home_of(home), paths, options=options, dry_run=dry_run, progress=step, now=now())
    _show(report, page(), dry_run=dry_run)
    return report.exit_code


def _progress() -> Progress:
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed}/{task.total}"))
    console = Console(stderr=True)
    return Progress(*columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal)


def _show(report: ingest.Report, console: Console, *, dry_run: bool) -> None:
    looked_at = [o for o in report.outcomes if o.status != "unrecognised" or o.named]
    if looked_at:
        console.print(_counts(looked_at))
    for outcome in looked_at:
        if remark := _remark(outcome):
            console.print(f"{Path(outcome.file).name}: {remark}", soft_wrap=True)
    _left_alone([o for o in report.outcomes if o.status == "unrecognised" and not o.named], console)
    if report.refused_file is not None:
        console.print(f"Refused rows, with reasons: {report.refused_file}", soft_wrap=True)
    console.print("Dry run: nothing was stored." if dry_run else _sum(looked_at))


def _counts(outcomes: list[ingest.Outcome]) -> Table:
    table = Table(box=None, header_style="bold", pad_edge=False)
    table.add_column("file", overflow="fold")
    table.add_column("kind")
    for count in COUNTS:
        table.add_column(count, justify="right")
    for outcome in outcomes:
        numbers = (f"{getattr(outcome, c):,}" for c in COUNTS)
        table.add_row(Path(outcome.file).name, outcome.source or "–", *numbers)
    return table


def _sum(outcomes: list[ingest.Outcome]) -> str:
    added, revised = sum(o.added for o in outcomes), sum(o.revised for o in outcomes)
    return f"{added:,} rows added, {revised:,} revised." if added or revised else "Nothing new: the store is unchanged."


def _remark(outcome: ingest.Outcome) -> str:
    match outcome.status:
        case "refused" | "unrecognised":
            return f"refused: {outcome.cause}"
        case "known":
            return f"already known, {outcome.cause}" if outcome.cause else "already known, row for row"
        case "taken":
            return outcome.cause


def _left_alone(outcomes: list[ingest.Outcome], console: Console) -> None:
    if outcomes:
        names = ", ".join(Path(o.file).name for o in outcomes[:6]) + (", …" if len(outcomes) > 6 else "")
        console.print(f"{len(outcomes)} files of no kind that this version reads were left alone: {names}")


def forget(file: str, *, home: Home = None) -> int:
    """Take a wrongly imported file out again: its rows vanish from every answer, its bytes stay in the vault.

    Parameters
    ----------
    file
        The file, the name it was imported under, or the first eight or more characters of its SHA-256.
    """
    page().print(str(take_out(home_of(home), file)), soft_wrap=True)
    return 0
