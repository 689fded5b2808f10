"""What the server offers: one function a tool, its signature and documentation being what a model reads.

A tool opens the store anew at each call, so that it sees what was imported meanwhile; it reads and never writes.
"""

from collections.abc import Callable, Sequence
from typing import Annotated, Any

from pydantic import Field

from overshort.engine import theses as known_theses
from overshort.engine.commentary import Reader, audited, decoded
from overshort.engine.screen import BY
from overshort.metrics import metric
from overshort.surfaces import answers
from overshort.surfaces.brief import document
from overshort.surfaces.declared import declaration
from overshort.surfaces.explanation import explanation
from overshort.surfaces.forecasted import forecasted
from overshort.surfaces.measured import measured
from overshort.surfaces.page.screen import document as screen_document
from overshort.surfaces.study import studied
from overshort.surfaces.words import ADVICE, ATTRIBUTION

__all__ = ["OFFERS"]

AsOf = Annotated[
    str | None,
    Field(
        description="Only what was known to the public by the end of this day in New York, YYYY-MM-DD; "
        "now where left out, and of a simulated market the day of its newest report.",
        pattern=r"^\d{4}-\d\d-\d\d$",
    ),
]
Index = Annotated[str, Field(description="SPX (S&P 500), NDX (Nasdaq-100) or RUT (Russell 2000).")]
Subjects = Annotated[
    list[str],
    Field(
        description="SPX, NDX, RUT (indices), NASDAQ, LISTED (exchanges' totals), SPY, QQQ, IWM (funds), VIX, or "
        "symbols of stocks without separators (BRKB); all of the market, but no stock, where empty."
    ),
]
Answer = dict[str, Any]
FOOT = {"attribution": ATTRIBUTION, "disclaimer": ADVICE}


def figures(
    subjects: Subjects,
    ids: Annotated[
        list[str],
        Field(
            description="Metric ids, or beginnings of ids such as crowding.rank; tool metrics lists them.", min_length=1
        ),
    ],
    as_of: AsOf = None,
    history: Annotated[
        bool, Field(description="Every date up to then, as rows of a panel, and not only the newest figure.")
    ] = False,
) -> Answer:
    """Give figures of short crowding, price, volatility, streaks and so on, each with its date, base date, count of
    members, the instant from which it was known, and its definition; or why it has no value.
    """
    lake = answers.open_lake(None)
    moment = answers.when(lake, as_of)
    head = {"as_of": moment.day.isoformat(), "simulated": lake.simulated}
    if history:
        rows = answers.history_of(lake, moment, ids, subjects)
        return {**head, "rows": answers.plain(rows), **FOOT}
    return head | measured((f.as_dict() for f in answers.figures_of(lake, moment, ids, subjects)), moment)


def metrics(
    subject: Annotated[str, Field(description="The index, exchange, fund or stock to list them for.")] = "SPX",
    as_of: AsOf = None,
) -> Answer:
    """List the metrics that a subject has figures of: id, unit, null rule, what it reads, and its definition."""
    lake = answers.open_lake(None)
    moment = answers.when(lake, as_of)
    ids = [f.id for f in answers.figures_of(lake, moment, (), [subject])]
    head = {"as_of": moment.day.isoformat(), "simulated": lake.simulated, "subject": subject.upper()}
    return head | {"metrics": [declaration(metric(i)) for i in ids]}


def explain(
    id: Annotated[str, Field(description="A metric's full id, such as crowding.change_12m.")],
    subject: Annotated[str, Field(description="The index, exchange, fund or stock whose figure to explain.")],
    rows: Annotated[int, Field(description="How many of the published rows behind it at most.", ge=0)] = 10,
    as_of: AsOf = None,
) -> Answer:
    """Explain one figure down to the publisher's rows: the reports of its window with their growth, and the newest
    report's rows by their contribution, with the file each came from.
    """
    lake = answers.open_lake(None)
    return explanation(lake, answers.when(lake, as_of), id, subject, rows)


def brief(
    full: Annotated[
        bool, Field(description="The whole document with every figure (large), and not only what it says.")
    ] = False,
    as_of: AsOf = None,
) -> Answer:
    """Say how crowded the short side is and whether price confirms it: claims, each with its base rate, what speaks
    against it and what would make it false; what followed before; which data are stale or missing.
    """
    lake = answers.open_lake(None)
    built = document(lake, answers.when(lake, as_of))
    return built if full else answers.shortened(built)


def screen(
    universe: Annotated[str, Field(description="SPX, NDX, RUT, NASDAQ or LISTED.")] = "LISTED",
    by: Annotated[str, Field(description=f"Sort by one of {', '.join(BY)}.")] = "score",
    top: Annotated[int, Field(description="How many stocks; 0 gives all.", ge=0)] = 25,
    also: Annotated[Sequence[str], Field(description="Symbols to give wherever they stand.")] = (),
    as_of: AsOf = None,
) -> Answer:
    """Rank common stocks by how much a covering of their shorts would hurt, with each component's value and rank, and
    how often stocks of the same decile were in fact covered.
    """
    lake = answers.open_lake(None)
    moment = answers.when(lake, as_of)
    found, rows = answers.screened(lake, moment, universe, by, top, also)
    return screen_document(found, by, rows, as_of=moment.day.isoformat(), simulated=lake.simulated) | FOOT


def streaks(
    subject: Index = "SPX",
    length: Annotated[
        int | None,
        Field(
            description="Rising months in a row; the running streak, or the one that just ended, where left out.", ge=1
        ),
    ] = None,
    as_of: AsOf = None,
) -> Answer:
    """List every streak of rising months as long, what followed each, and how many chance alone would give."""
    lake = answers.open_lake(None)
    return answers.streaks_of(lake, answers.when(lake, as_of), subject, length) | FOOT


def study(
    claim: Annotated[
        str,
        Field(
            description="A flag (volatility.cycle_low), a state (refusal.state_3m=REFUSE), a comparison "
            "(crowding.rank_5y>=95), or fragile, refusal, members, momentum, replication, persistence.streak."
        ),
    ],
    subject: Index = "SPX",
    horizon: Annotated[
        int | None, Field(description="Sessions held; 5, 21, 63, 126 and 252 where left out.", ge=1)
    ] = None,
    as_of: AsOf = None,
) -> Answer:
    """Say what the traded fund did after every earlier time a claim held, beside what it did anyway, and how little
    that can prove: separate runs, intervals, p by shifting, matched cases.
    """
    lake = answers.open_lake(None)
    return studied(lake, answers.when(lake, as_of), claim, subject, horizon).document | FOOT


def audit(
    text: Annotated[str, Field(description="The commentary as plain text.", min_length=1)],
    resolve_at: Annotated[
        str | None,
        Field(description="Resolve what it expected with what was known by this day, YYYY-MM-DD."),
    ] = None,
    subject_default: Annotated[
        str | None, Field(description="SPX, NDX, RUT or a stock: what a sentence is about that names nothing.")
    ] = None,
    as_of: AsOf = None,
) -> Answer:
    """Check a market commentary, statement by statement, against the data known on its date (as_of): verdict, measured
    figure, base rate, other readings, and whether its own numbers agree with each other.
    """
    lake = answers.open_lake(None)
    moment, later = answers.when(lake, as_of), answers.when(lake, resolve_at) if resolve_at else None
    reader = Reader(subject_default.upper() if subject_default else None)
    return audited(lake, decoded(text.encode(), "the text"), moment, later, reader).document | FOOT


def forecasts(
    subjects: Annotated[Sequence[str], Field(description="SPX, NDX or RUT; all where empty.")] = (),
    events: Annotated[Sequence[str], Field(description="Such as cover5_3m; all where empty.")] = (),
    as_of: AsOf = None,
) -> Answer:
    """Give the probability of each covering event with its base rate, interval and count of separate runs; nothing is
    written into the ledger.
    """
    lake = answers.open_lake(None)
    return forecasted(lake, answers.when(lake, as_of), subjects, events).document() | FOOT


def theses(
    name: Annotated[str | None, Field(description="A thesis of the library; all are listed where left out.")] = None,
    subject: Annotated[str, Field(description="SPX, NDX, RUT, or a stock where its claims are of stocks.")] = "SPX",
    history: Annotated[bool, Field(description="List the runs of sessions at which it held too.")] = False,
    as_of: AsOf = None,
) -> Answer:
    """List the theses, or say whether one holds: its claims over figures, each with its base rate, what would make it
    false, and what speaks against it.
    """
    if name is None:
        return known_theses.listed()
    thesis = known_theses.packaged(name)
    lake = answers.open_lake(None)
    return known_theses.readings(lake, thesis, subject.upper(), answers.when(lake, as_of), history=history) | FOOT


OFFERS: tuple[Callable[..., Answer], ...] = (
    figures,
    metrics,
    explain,
    brief,
    screen,
    streaks,
    study,
    audit,
    forecasts,
    theses,
)
"""Every tool, by the function's name."""
