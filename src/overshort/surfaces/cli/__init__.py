"""The command line: commands are registered by import path, so that ``--help`` loads no data library."""

import os
import sys
from collections.abc import Sequence

from cyclopts import App, CycloptsError, UnusedCliTokensError

from overshort.edition import __version__
from overshort.errors import OvershortError

__all__ = ["app", "main"]

_ROOM = "overshort.surfaces.cli"
_COMMANDS = {
    "import": ("take:run", "Take publishers' files or folders into the local store."),
    "pull": ("pull:run", "Pull what the store lacks from publishers' servers."),
    "forget": ("take:forget", "Take a wrongly imported file out again; its bytes are kept."),
    "brief": ("brief:run", "How crowded the shorts are, as a page or as JSON."),
    "book": ("book:run", "Your own positions against the crowd, from a CSV file; nothing of it is stored."),
    "chart": ("chart:run", "One fund's 4-hour candles with envelopes, averages, value area and trigger."),
    "figures": ("figures:run", "Any panel of figures, as table, CSV, Parquet or JSON."),
    "explain": ("explain:run", "A metric's definition, and a figure down to the rows behind it."),
    "streaks": (
        "streaks:run",
        "Every earlier streak of rising months of a length, what followed, and what chance gives.",
    ),
    "screen": ("screen:run", "Listed common stocks by how much a covering would hurt, with weights and base rate."),
    "study": ("study:run", "What followed every earlier time a claim held, and how little that can prove."),
    "forecast": ("forecast:run", "How probable each covering event is, dated and written into a ledger."),
    "ledger": ("ledger:run", "What became of the forecasts that were written, and their running score."),
    "tape": ("tape:run", "Where a session's option premium was traded, with every trade accounted for."),
    "thesis": (
        "thesis:run",
        "Claims over figures, combined: whether each held, how often, and what speaks against it.",
    ),
    "watch": ("watch:run", "Send an alert when the verdict of a thesis or a claim changes, at least once."),
    "audit": ("audit:run", "A market commentary, sentence by sentence: what the data known on its date say."),
    "status": ("status:run", "What the store holds, how fresh it is, and what is missing for which metric."),
    "mcp": ("mcp:run", "Serve the store to a language model over the Model Context Protocol; reads only."),
    "serve": ("serve:run", "Pages of every index and stock for any day, and the same as JSON, on this machine alone."),
    "demo": ("demo:run", "Make a store of a simulated market."),
}

app = App(
    name="overshort",
    help="How crowded the short side of U.S. equities is, and whether price confirms it.",
    help_epilogue="Measurements of public data; not investment advice. Short-interest data: FINRA.",
    version=__version__,
    help_format="plaintext",
    suppress_keyboard_interrupt=False,  # it is caught below, and said
)
for _name, (_where, _help) in _COMMANDS.items():
    app.command(f"{_ROOM}.{_where}", name=_name, help=_help)


def _complain(message: str) -> None:
    print(f"overshort: {message}", file=sys.stderr)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit.

    Exit codes: 0 while there is anything to show, 1 for an error, 2 for wrong usage, 3 for nothing to show or,
    with ``--fail-stale``, for stale figures, 130 when interrupted.
    """
    sys.exit(_run(sys.argv[1:] if arguments is None else list(arguments)))


def _run(arguments: list[str]) -> int:
    try:
        code = app(arguments, exit_on_error=False, print_error=False, result_action="return_value")
    except CycloptsError as error:
        _complain(f"{_sentence(error)} See `overshort {' '.join(arguments[:1])} --help`.")
        return 2
    except OvershortError as error:
        _complain(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        _complain("interrupted; what was committed stays, run the command again to go on.")
        return 130
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        _complain(f"{where}{error.strerror or error}; check that folder, its free space and your rights to it.")
        return 1
    return code if isinstance(code, int) else 0


def _sentence(error: CycloptsError) -> str:
    if isinstance(error, UnusedCliTokensError) and error.unused_tokens:
        words = ", ".join(f'"{token}"' for token in error.unused_tokens)
        return f"{words} is more than this command takes; quote what belongs together, or leave it out."
    return str(error).strip()
