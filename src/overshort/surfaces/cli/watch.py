"""``overshort watch``."""

import re
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from itertools import product
from typing import Annotated

from cyclopts import Parameter

from overshort.engine import theses
from overshort.engine.deliver import STDOUT, destination
from overshort.engine.moment import pause, ticks
from overshort.engine.watch import Watched
from overshort.errors import OvershortError, UsageError
from overshort.sources.wire import Pace
from overshort.store.outbox import Letter
from overshort.surfaces.cli.options import AsOf, Home, Json, emit, open_lake, when, working
from overshort.surfaces.watch import Look, Watch
from overshort.surfaces.words import counted

__all__ = ["run"]

UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
STEP = 0.5
"""Seconds after which a waiting loop looks whether it shall end."""


def run(
    *rules: str,
    subject: Annotated[
        tuple[str, ...], Parameter(negative="", help="SPX, NDX, RUT, or a stock; repeat it for more (default: SPX).")
    ] = (),
    to: Annotated[
        tuple[str, ...],
        Parameter(
            negative="",
            help="Where alerts go: an https address, http on this machine, an address of Apprise, or stdout (default); "
            "repeat it for more.",
        ),
    ] = (),
    once: Annotated[bool, Parameter(negative="", help="Look once and end: for cron or a systemd timer.")] = False,
    every: Annotated[str, Parameter(help="How long to wait between two looks: 90s, 15m, 1h.")] = "15m",
    announce: Annotated[
        bool, Parameter(negative="", help="Tell the state of rules seen for the first time, too.")
    ] = False,
    since: Annotated[
        str | None, Parameter(help="Compare with this earlier day, YYYY-MM-DD, and not with what was seen last.")
    ] = None,
    dry_run: Annotated[bool, Parameter(negative="", help="Show what would be sent; send and write nothing.")] = False,
    as_of: AsOf = None,
    json: Json = False,
    home: Home = None,
) -> int:
    """Send an alert, at least once and under a stable key, when the verdict of a rule changes.

    A rule is a thesis and each of its claims.  The first look records the verdicts and sends nothing.  With --as-of
    or --since it looks once.  Exit code 1 when an alert could not be delivered: it is kept, and sent by the next run.

    Parameters
    ----------
    rules
        Theses of the library, or TOML files of a thesis or of one claim.
    """
    if not rules:
        raise UsageError("no rule given; name a thesis of the library (`overshort thesis` lists them) or a TOML file")
    interval, asked, ended = _seconds(every), _rules(rules, subject), _Ended()
    say: Callable[[Letter], None] = _nothing if json else _say
    places = [destination(url, Pace(ticks, pause), say) for url in dict.fromkeys(to or (STDOUT,))]
    plan = Watch(lake=open_lake(home), rules=asked, places=places, announce=announce, ended=ended)
    if once or dry_run or as_of or since:
        return _look(plan, as_of, since, dry_run=dry_run, json=json)
    return _loop(plan, ended, interval, json)


def _rules(names: Sequence[str], subjects: Sequence[str]) -> list[Watched]:
    found = [theses.find(name) for name in dict.fromkeys(names)]
    called = [t.name for t in found]
    if twice := sorted({n for n in called if called.count(n) > 1}):
        raise UsageError(f"two rules are called {twice[0]!r}, by which alerts name them; rename a file")
    asked = dict.fromkeys(s.upper() for s in subjects or ("SPX",))
    return list(product(found, asked))


def _seconds(text: str) -> int:
    match = re.fullmatch(r"(\d{1,6})([smhd])", text.strip())
    if match is None or int(match[1]) == 0:
        raise UsageError(f"--every {text!r} is no length of time; write 90s, 15m, 1h or 1d")
    return int(match[1]) * UNITS[match[2]]


def _say(letter: Letter) -> None:
    print(f"{letter['text']} [{letter['key']}]", flush=True)


def _nothing(_: Letter) -> None:
    """With --json the document has been written, and alerts are in it."""


class _Ended:
    """Whether a signal asked the loop to end; a second one ends the process at once."""

    def __init__(self) -> None:
        self.asked = False

    def __call__(self) -> bool:
        return self.asked

    @contextmanager
    def listening(self) -> Iterator[None]:
        both = (signal.SIGINT, signal.SIGTERM)
        before = {s: signal.signal(s, self._ask) for s in both}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _ask(self, number: int, _: object) -> None:
        self.asked = True
        signal.signal(number, signal.default_int_handler if number == signal.SIGINT else signal.SIG_DFL)

    def wait(self, seconds: float) -> None:
        start = ticks()
        while not self.asked and (left := start + seconds - ticks()) > 0:
            pause(min(STEP, left))


def _loop(plan: Watch, ended: _Ended, interval: int, json: bool) -> int:
    """Look again and again; what goes wrong after the first look is said, and tried again."""
    with ended.listening():
        _look(plan, None, None, dry_run=False, json=json)
        while not ended():
            ended.wait(interval)
            if not ended():
                _look_again(plan, json)
    return 0


def _look_again(plan: Watch, json: bool) -> None:
    try:
        _look(plan, None, None, dry_run=False, json=json)
    except OvershortError as error:
        _note(f"{error}; it is tried again")


def _look(plan: Watch, as_of: str | None, since: str | None, *, dry_run: bool, json: bool) -> int:
    now, then = when(plan.lake, as_of), when(plan.lake, since) if since else None
    if then is not None and then.day >= now.day:
        raise UsageError(f"--since {then.day} is not before {now.day}, which it is compared with; give an earlier day")

    def show(look: Look) -> None:
        if json:
            emit(look.document(plan.lake, now, then, dry_run=dry_run))
            sys.stdout.flush()

    with working("measuring every session"):
        look = plan.rehearse(now, then) if dry_run else plan.look(now, then, show)
    if dry_run:
        show(look)
        _rehearsed(look, json)
    else:
        _summed(look, announced=plan.announce)
    return 1 if look.failed else 0


def _rehearsed(look: Look, json: bool) -> None:
    if not json:
        for letter in look.letters:
            _say(letter)
    _note(f"dry run: {counted(len(look.letters), 'alert')} to send, nothing was sent or written.")


def _summed(look: Look, *, announced: bool) -> None:
    for why in look.failed.values():
        _note(f"{why}; the alert is kept, and sent by the next look.")
    if look.recorded and not announced:
        _note(f"{counted(look.recorded, 'verdict')} recorded for the first time; of them nothing is sent.")
    if look.elsewhere:
        _note(f"{counted(look.elsewhere, 'alert')} kept for addresses that this run does not name.")
    if look.taken or look.waiting:
        _note(f"{counted(look.taken, 'alert')} delivered, {look.waiting:,} kept for the next look.")
    elif not look.recorded and sys.stderr.isatty():
        _note("no verdict changed.")


def _note(text: str) -> None:
    print(f"overshort: {text}", file=sys.stderr, flush=True)
