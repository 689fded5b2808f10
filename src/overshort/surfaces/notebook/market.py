"""An open store to ask from Python."""

from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from overshort import config
from overshort.engine.commentary import Reader, audited, decoded
from overshort.engine.figures import Figure
from overshort.engine.moment import Moment
from overshort.engine.panel import market, panel
from overshort.engine.simulate import ensure_demo
from overshort.engine.studies import Known
from overshort.errors import UsageError
from overshort.store.lake import Lake
from overshort.surfaces import answers
from overshort.surfaces.brief import brief
from overshort.surfaces.explanation import explanation
from overshort.surfaces.forecasted import forecasted
from overshort.surfaces.notebook.result import Brief, Figures, Result
from overshort.surfaces.notebook.rows import (
    HEADS,
    SHOWN,
    audited_rows,
    listed,
    plain_rows,
    rest,
    row,
    shown_text,
    studied_rows,
)
from overshort.surfaces.page.audit import contents as audit_page
from overshort.surfaces.page.blocks import Grid, Page, Section
from overshort.surfaces.page.explanation import explained
from overshort.surfaces.page.figures import name
from overshort.surfaces.page.persistence import streaks_page
from overshort.surfaces.page.screen import document as screen_document
from overshort.surfaces.page.screen import screen_page
from overshort.surfaces.study import studied
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED

if TYPE_CHECKING:
    import plotly.graph_objects as go

__all__ = ["Market", "open_market"]

Day = str | date | None


def open_market(home: str | Path | None = None, *, demo: bool = False) -> "Market":
    """Open a store.

    Parameters
    ----------
    home
        Its folder; the one that the settings name where left out.
    demo
        Open the simulated market that belongs to that store, and make it first where there is none.

    Raises
    ------
    StoreMissing
        If there is no store.
    StoreVersion
        If another layout version made it.
    """
    folder = config.load({"home": None if home is None else str(home)}).home
    return Market(ensure_demo(folder) if demo else Lake.open(folder))


class Market:
    """An open store; every question may be asked as of an earlier day.

    A day is ``YYYY-MM-DD`` or a :class:`datetime.date`: the answer knows nothing that became public after its end in
    New York. Left out, it is now; of a simulated market, the day of its newest report.

    Attributes
    ----------
    lake
        The store.
    """

    def __init__(self, lake: Lake) -> None:
        self.lake = lake

    @property
    def simulated(self) -> bool:
        """Whether the market is an invented one."""
        return self.lake.simulated

    def __repr__(self) -> str:
        return f"Market({str(self.lake.home)!r}{', simulated' if self.simulated else ''})"

    def figures(self, *subjects: str, ids: str | Sequence[str] = (), as_of: Day = None) -> Figures:
        """Give the newest figures.

        Parameters
        ----------
        subjects
            SPX, NDX, RUT, NASDAQ, LISTED, SPY, QQQ, IWM, VIX or stocks; the market's where none is given.
        ids
            Metric ids, or beginnings of ids; all where left out.

        Raises
        ------
        UnknownMetric, UnknownSubject
            If nothing is called so.
        NothingToShow
            If nothing was known by then.
        """
        moment = self._when(as_of)
        found = answers.figures_of(self.lake, moment, listed(ids), subjects)
        plain = [f.as_dict() for f in found]
        grid = Grid(heads=HEADS, rows=[[name(t) for t in row(f)] for f in found[:SHOWN]], note=rest(len(found)))
        page = self._page(f"Figures as of {moment.day}", moment, grid)
        return Figures(page, found, {"as_of": moment.day.isoformat(), "simulated": self.simulated, "figures": plain})

    def history(self, *subjects: str, ids: str | Sequence[str] = (), as_of: Day = None) -> Result:
        """Give every date's figures as a panel: ``id, subject, at, value, text, …``, in the newest vintage known then.

        Parameters and errors are those of :meth:`figures`.
        """
        moment = self._when(as_of)
        rows = answers.history_of(self.lake, moment, listed(ids), subjects)
        heads = ("subject", "id", "at", "value", "text", "base_at", "n", "reason")
        shown = rows.tail(SHOWN).select(heads)
        texts = [[name(shown_text(v)) for v in row] for row in shown.iter_rows()]
        grid = Grid(heads=heads, rows=texts, note=rest(rows.height, "earlier "))
        document = {"as_of": moment.day.isoformat(), "simulated": self.simulated, "rows": rows.height}
        return Result(self._page(f"History as of {moment.day}", moment, grid), rows, document)

    def brief(self, as_of: Day = None) -> Brief:
        """Give the brief of the whole market; :meth:`Brief.write` makes a file with its pictures.

        Raises
        ------
        NothingToShow
            If nothing was known by then.
        """
        built = brief(self.lake, self._when(as_of))
        return Brief(built, [Figure.from_dict(f) for f in built.document["figures"]])

    def explain(self, id: str, subject: str, *, rows: int = 10, as_of: Day = None) -> Result:
        """Give a figure down to the published rows behind it; its frame holds those rows.

        Parameters
        ----------
        rows
            How many member rows at most.

        Raises
        ------
        UnknownMetric
            If no metric is called so.
        NothingToShow
            If the subject has no such figure by then.
        """
        built = explanation(self.lake, self._when(as_of), id, subject, rows)
        return Result(explained(built), pl.DataFrame(built.get("rows", []), infer_schema_length=None), built)

    def streaks(self, subject: str = "SPX", *, length: int | None = None, as_of: Day = None) -> Result:
        """Give every streak of rising months of a length, what followed, and what chance gives.

        Parameters
        ----------
        length
            The running streak, or the one that has just ended, where left out.

        Raises
        ------
        UsageError
            If the subject is no index, or the length not positive.
        """
        built = answers.streaks_of(self.lake, self._when(as_of), subject, length)
        return Result(streaks_page(built), pl.DataFrame(built["occurrences"], infer_schema_length=None), built)

    def screen(
        self, universe: str = "LISTED", *, by: str = "score", top: int = 25, also: Sequence[str] = (), as_of: Day = None
    ) -> Result:
        """Give common stocks by how much a covering would hurt.

        Parameters
        ----------
        universe
            SPX, NDX, RUT, NASDAQ or LISTED.
        by
            The column to sort by.
        top
            How many stocks; 0 gives all.
        also
            Symbols to give wherever they stand.

        Raises
        ------
        UsageError
            If ``by`` or ``top`` is none.
        UnknownSubject
            If the universe is none, or a symbol of ``also`` no common stock of it.
        """
        moment = self._when(as_of)
        found, rows = answers.screened(self.lake, moment, universe, by, top, also)
        day, invented = moment.day.isoformat(), self.simulated
        page = screen_page(found, by, rows, as_of=day, simulated=invented)
        return Result(page, rows, screen_document(found, by, rows, as_of=day, simulated=invented))

    def study(self, claim: str, subject: str = "SPX", *, horizon: int | None = None, as_of: Day = None) -> Result:
        """Give what the traded fund did after every earlier time a claim held; its frame has a row a horizon.

        Parameters
        ----------
        claim
            A flag, a state (``refusal.state_3m=REFUSE``) or a comparison (``crowding.rank_5y>=95``).
        horizon
            Sessions held; five usual ones where left out.

        Raises
        ------
        UsageError
            If claim, subject or horizon cannot be read.
        """
        built = studied(self.lake, self._when(as_of), claim, subject, horizon)
        return Result(built.page, studied_rows(built.document), built.document, full=True)

    def audit(self, text: str, *, resolve_at: Day = None, subject: str | None = None, as_of: Day = None) -> Result:
        """Check a commentary against the data known on its day, ``as_of``; its frame has a row a statement.

        Parameters
        ----------
        resolve_at
            A later day, by which to resolve what the text expected.
        subject
            What a sentence is about that names nothing.

        Raises
        ------
        UsageError
            If the text is empty or over 200 kB.
        """
        then, later = self._when(as_of), None if resolve_at is None else self._when(resolve_at)
        reader = Reader(subject.upper() if subject else None)
        built = audited(self.lake, decoded(text.encode(), "the text"), then, later, reader).document
        return Result(audit_page(built), audited_rows(built), built, full=True)

    def forecasts(self, *subjects: str, events: str | Sequence[str] = (), as_of: Day = None) -> Result:
        """Give the probability of every covering event; nothing is written into the ledger.

        Parameters
        ----------
        events
            Such as ``cover5_3m``; all where left out.

        Raises
        ------
        UsageError
            If no index or event is called so.
        """
        built = forecasted(self.lake, self._when(as_of), subjects, listed(events))
        return Result(built.page, plain_rows(built.found), built.document(), full=True)

    def picture(self, kind: str, subject: str, as_of: Day = None) -> "go.Figure":
        """Draw one of the brief's pictures: a figure of plotly, which shows itself in a notebook.

        Parameters
        ----------
        kind
            chain, ranks, states, contributors, streaks, vix, price, reliability or tape.

        Raises
        ------
        UsageError
            If there is no such picture, or nothing to draw for that subject by then.
        """
        from overshort.surfaces.plots import PICTURES, draw

        if kind not in PICTURES:
            raise UsageError(f"{kind!r} is no picture; give one of {', '.join(PICTURES)}")
        moment = self._when(as_of)
        drawn = draw(kind, Known(panel(self.lake, market()), moment.instant), subject.upper())
        if drawn is None:
            raise UsageError(f"there is nothing to draw as {kind} for {subject} by {moment.day}; give another subject")
        return drawn

    def _when(self, as_of: Day) -> Moment:
        return answers.when(self.lake, as_of.isoformat() if isinstance(as_of, date) else as_of)

    def _page(self, title: str, moment: Moment, grid: Grid) -> Page:
        return Page(
            title=title,
            as_of=moment.day.isoformat(),
            banner=SIMULATED if self.simulated else "",
            head=(),
            sections=[Section(id="rows", title="", blocks=[grid])],
            foot=[ATTRIBUTION, ADVICE],
        )
