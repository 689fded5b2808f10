"""A study as a document and a page: every door builds it here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from overshort import schema
from overshort.engine.events import claims_of, readable
from overshort.engine.members import members_study
from overshort.engine.moment import Moment
from overshort.engine.momentum import momentum
from overshort.engine.panel import market, panel
from overshort.engine.replication import replication
from overshort.engine.studies import Known, standing_length, streak_study
from overshort.engine.study import studies_of
from overshort.errors import NothingToShow, UsageError
from overshort.evidence.paths import HORIZONS
from overshort.evidence.probability.ladder import LEAST_WINDOWS
from overshort.metrics.prices import PROXIES
from overshort.store.lake import Lake
from overshort.surfaces.page import members as members_page
from overshort.surfaces.page import momentum as momentum_page
from overshort.surfaces.page import replication as replication_page
from overshort.surfaces.page import study as study_page
from overshort.surfaces.page.blocks import Page, Section
from overshort.surfaces.page.persistence import streaks
from overshort.surfaces.words import ADVICE, ATTRIBUTION, PLAIN, SIMULATED

__all__ = ["Asked", "Built", "Studied", "build", "checked", "document", "horizons_of", "index_of", "page_of", "studied"]

LONGEST = 1260
"""Sessions that a study may hold: five years."""


@dataclass(frozen=True)
class Asked:
    """What a study is asked for.

    Attributes
    ----------
    index
        Outcomes are those of its traded proxy.
    horizons
        Sessions held.
    panel
        Gives the market's panel, all history; not asked where a study rests on tables alone.
    """

    lake: Lake
    moment: Moment
    claim: str
    index: str
    horizons: tuple[int, ...]
    panel: Callable[[], pl.DataFrame]

    def known(self) -> Known:
        """Give what was known."""
        return Known(self.panel(), self.moment.instant)


@dataclass(frozen=True)
class Built:
    """A study: the document, its sections, and what their pictures are drawn from."""

    document: Mapping[str, Any]
    sections: list[Section]
    known: Known


@dataclass(frozen=True)
class Studied:
    """A study: its document (``overshort.study/1``), its page, and what its pictures are drawn from."""

    document: dict[str, Any]
    page: Page
    known: Known


def studied(lake: Lake, moment: Moment, claim: str, subject: str = "SPX", horizon: int | None = None) -> Studied:
    """Give what followed every earlier time a claim held, from the panel of a store.

    Parameters
    ----------
    claim
        A flag, a state, a comparison, a thesis, or fragile, refusal, members, momentum, replication,
        persistence.streak.
    subject
        SPX, NDX or RUT, or the fund that trades for it.
    horizon
        Sessions held; the usual five where left out.

    Raises
    ------
    UsageError, UnknownMetric
        If the claim, the subject or the horizon is none that can be studied.
    NothingToShow
        If it has no case by then.
    """
    asked = Asked(lake, moment, claim, index_of(subject), horizons_of(horizon), lambda: panel(lake, market()))
    built = build(asked)
    return Studied(document(asked, built), page_of(asked, built), built.known)


def build(asked: Asked) -> Built:
    """Measure a study.

    Raises
    ------
    UsageError, UnknownMetric
        If the claim is none that can be studied.
    NothingToShow
        If it has no case by then.
    """
    return _SPECIAL.get(asked.claim, _claim)(asked)


def index_of(subject: str) -> str:
    """Give the index that a subject is or trades for.

    Raises
    ------
    UsageError
        If it is none.
    """
    traded = {proxy: index for index, proxy in PROXIES.items()}
    own = traded.get(subject.upper(), subject.upper())
    if own not in PROXIES:
        raise UsageError(f"--subject {subject!r} is none of {', '.join(PROXIES)}; give one of them")
    return own


def horizons_of(given: int | None) -> tuple[int, ...]:
    """Give the numbers of sessions that are asked for: one, or the usual five.

    Raises
    ------
    UsageError
        If it is no number of sessions up to five years.
    """
    if given is None:
        return tuple(HORIZONS)
    if not 1 <= given <= LONGEST:
        raise UsageError(f"--horizon {given} is no number of sessions from 1 to {LONGEST}; give one")
    return (given,)


def _claim(asked: Asked) -> Built:
    known = asked.known()
    found = studies_of(known, asked.claim, asked.index, asked.horizons)
    if not found["studies"]:
        raise NothingToShow(
            f"{asked.claim} of {asked.index} has no case with a price after it by {asked.moment.day}; import "
            "short-interest files and daily bars, or give a later --as-of"
        )
    sections = [study_page.section(s, k) for k, s in enumerate(found["studies"])]
    return Built(found, [*sections, *study_page.family(found["family"])], known)


def _streak(asked: Asked) -> Built:
    """Show the streak's null models and what followed: the study of ``overshort streaks``."""
    known = asked.known()
    study = streak_study(known, asked.index, standing_length(known, asked.index) or 1)
    if study is None:
        raise NothingToShow(
            f"no completed month of {asked.index} was known by {asked.moment.day}; import daily or month-end closes, "
            "or give a later --as-of"
        )
    title = f"Streaks of {PLAIN[asked.index]}; another length: overshort streaks --length N"
    return Built({"claim": asked.claim, "studies": [study]}, [_section("streaks", title, streaks(study))], known)


def _section(id: str, title: str, blocks: Any) -> Section:
    return Section(id=id, title=title, blocks=blocks)


def _replication(asked: Asked) -> Built:
    found = replication(asked.lake, asked.moment.instant)
    if found is None:
        raise NothingToShow(
            f"the workbook of Rapach, Ringgenberg and Zhou was not known by {asked.moment.day}; import "
            "Returns_short_interest_data.xlsx, or give an --as-of after 2014"
        )
    return _alone(asked, found, replication_page.section(found))


def _momentum(asked: Asked) -> Built:
    found = momentum(asked.lake, asked.moment.instant, asked.horizons)
    if found is None:
        raise NothingToShow(
            f"no report with a year of members' closes before it was known by {asked.moment.day}; import members, "
            "short-interest files and the members' daily closes, or give a later --as-of"
        )
    return _alone(asked, found, momentum_page.section(found))


def _members(asked: Asked) -> Built:
    found = members_study(asked.lake, asked.moment.instant, asked.index)
    if found is None:
        raise NothingToShow(
            f"fewer than {LEAST_WINDOWS} windows of two reports of {asked.index}'s members were over by "
            f"{asked.moment.day}; import members and short-interest files, or give a later --as-of"
        )
    return _alone(asked, found, *members_page.sections(found))


def _alone(asked: Asked, study: Mapping[str, Any], *sections: Section) -> Built:
    """Give a study that rests on tables and not on the panel."""
    nothing = Known(pl.DataFrame(schema=schema.PANEL), asked.moment.instant)
    return Built({"claim": asked.claim, "studies": [study]}, list(sections), nothing)


_SPECIAL: Mapping[str, Callable[[Asked], Built]] = {
    "members": _members,
    "momentum": _momentum,
    "replication": _replication,
    "persistence.streak": _streak,
}


def checked(claim: str, index: str) -> None:
    """Refuse a claim that cannot be read before anything is measured for it.

    Raises
    ------
    UsageError, UnknownMetric
        If it is none that can be studied.
    """
    if claim not in _SPECIAL:
        for each in claims_of(claim):
            readable(each, index)


def document(asked: Asked, built: Built) -> dict[str, Any]:
    """Give a study as JSON (schema ``overshort.study/1``)."""
    head = {"schema": "overshort.study/1", "as_of": asked.moment.day.isoformat(), "simulated": asked.lake.simulated}
    return head | {"data_version": asked.lake.version()} | dict(built.document)


def page_of(asked: Asked, built: Built) -> Page:
    """Give the page of a study."""
    day = asked.moment.day.isoformat()
    of = "" if asked.claim in ("replication", "momentum") else f" of {PLAIN[asked.index]}"
    return Page(
        title=f"Study: {asked.claim}{of}, as of {day}",
        as_of=day,
        banner=SIMULATED if asked.lake.simulated else "",
        head=(),
        sections=built.sections,
        foot=[ATTRIBUTION, ADVICE],
    )
