"""Pages of the server: the brief's own sections and template, with a bar above that names a day and other pages."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import quote, urlencode

from starlette.responses import HTMLResponse, RedirectResponse, Response

from overshort import sessions
from overshort.engine.moment import now
from overshort.metrics.refusal.states import STATES
from overshort.schema import EXCHANGES, INDEXES
from overshort.surfaces.html import embedded, template
from overshort.surfaces.html.notes import NAIVE
from overshort.surfaces.html.view import PictureView, Place, view
from overshort.surfaces.page.blocks import Page, Picture, Words
from overshort.surfaces.plots.palette import INKS, swaps
from overshort.surfaces.web.assets import assets, styled_by_script
from overshort.surfaces.words import ADVICE, ATTRIBUTION, SIMULATED

__all__ = ["INDEX_PAGES", "Frame", "here", "message", "placed", "rendered", "to_the_day"]

INDEX_PAGES = (*INDEXES, *EXCHANGES)
TWO_MONTHS = timedelta(days=62)
HEIGHTS = {"chain": 430, "ranks": 300, "states": 420, "contributors": 400, "streaks": 320, "vix": 320, "price": 480}
"""Room kept for each picture until its data are there."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What stands around a page.

    Attributes
    ----------
    path
        The page's own path, without its day.
    day
        The day it is as of, ISO.
    simulated
        Whether the market is an invented one: a page that says one thing says that too.
    first
        A template of this room shown before the sections: a form, or progress.
    more
        What that template reads.
    asked
        What the address carries besides the day; it stays when the day changes.
    """

    path: str
    day: str
    simulated: bool
    first: str = ""
    more: Mapping[str, Any] = field(default_factory=dict)
    asked: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Steps:
    """The days of publication before and after a day, of the latter none that is still to come; the calendar's ends."""

    path: str
    before: str
    after: str
    asked: Mapping[str, str]

    @property
    def first(self) -> str:
        return sessions.FIRST.isoformat()

    @property
    def last(self) -> str:
        return sessions.LAST.isoformat()

    @property
    def before_path(self) -> str:
        return here(self.path, self.before, self.asked)

    @property
    def after_path(self) -> str:
        return here(self.path, self.after, self.asked)


def here(path: str, day: str, asked: Mapping[str, str] | None = None) -> str:
    """Give the address of a page as of a day, or of its newest where none is given."""
    carried = dict(asked or {}) | ({"as_of": day} if day else {})
    return f"{quote(path)}?{urlencode(carried)}" if carried else quote(path)


def to_the_day(path: str, day: str, asked: Mapping[str, str] | None = None) -> Response:
    """Send a page without a day on to the one that names it: what stands in the address bar can be shared."""
    return RedirectResponse(here(path, day, asked), 303)


def _steps(frame: Frame) -> Steps:
    day = date.fromisoformat(frame.day)
    around = sessions.settlements_between(
        max(day - 2 * TWO_MONTHS, sessions.FIRST), min(day + TWO_MONTHS, sessions.LAST)
    )
    published = sorted({sessions.publication(d)[0].astimezone(sessions.NEW_YORK).date() for d in around})
    before = max((d for d in published if d < day), default=None)
    today = now().astimezone(sessions.NEW_YORK).date()
    after = min((d for d in published if day < d <= today), default=None)
    before_day, after_day = before.isoformat() if before else "", after.isoformat() if after else ""
    return Steps(frame.path, before_day, after_day, frame.asked)


def placed(day: str) -> Place:
    """Give the place of a picture whose data a page's script fetches."""

    def place(anchor: str, picture: Picture) -> PictureView:
        address = here(f"/picture/{picture.name}/{picture.subject}", day)
        return PictureView(anchor, "", picture.caption, HEIGHTS.get(picture.name, 400), address)

    return place


def rendered(page: Page, frame: Frame) -> bytes:
    """Write a page as HTML."""
    shown = view(page, placed(frame.day))
    return (
        template("web.html", "overshort.surfaces.web")
        .render(
            page=page,
            view=shown,
            naive=NAIVE,
            inks=INKS,
            states=STATES,
            pictures=embedded(shown.pictures),
            swaps=embedded(swaps()),
            files={name: asset.file for name, asset in assets().items()},
            kept_out=styled_by_script(),
            links=_links(frame),
            steps=_steps(frame) if frame.day else None,
            again=here(frame.path, frame.day, frame.asked),
            latest=here(frame.path, "", frame.asked),
            asked=frame.asked,
            path=frame.path,
            day=frame.day,
            first=frame.first,
            **frame.more,
        )
        .encode()
    )


def _links(frame: Frame) -> Sequence[tuple[str, str, bool]]:
    from overshort.surfaces.web.routes import LINKS

    own = [(s, f"/index/{s}") for s in INDEX_PAGES] + list(LINKS)
    return [(label, here(path, frame.day), path == frame.path) for label, path in own]


def message(title: str, text: str, status: int, frame: Frame) -> Response:
    """Answer with a page that says one thing."""
    page = Page(
        title=title,
        as_of=frame.day,
        banner=SIMULATED if frame.simulated else "",
        head=[Words(text=text, tone="lead")] if text else [],
        sections=(),
        foot=[ATTRIBUTION, ADVICE],
    )
    return HTMLResponse(rendered(page, frame), status)
