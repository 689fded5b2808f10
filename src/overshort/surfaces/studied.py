"""A study for every door: command line, notebook and protocol server."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from overshort import schema
from overshort.engine.moment import Moment
from overshort.engine.momentum import momentum
from overshort.engine.panel import market, panel
from overshort.engine.replication import replication
from overshort.engine.studies import Known, standing_length, streak_study
from overshort.engine.study import studies_of
from overshort.errors import NothingToShow, UsageError
from overshort.evidence.paths import HORIZONS
from overshort.metrics.prices import PROXIES
from overshort.store.lake import Lake
from overshort.surfaces.page import momentum as momentum_page
from overshort.surfaces.page import replication as replication_page
from overshort.surfaces.page import study as study_page
from overshort.surfaces.page.blocks import Page, Section
from overshort.surfaces.page.persistence import streaks
from overshort.surfaces.words import ADVICE, ATTRIBUTION, PLAIN, SIMULATED

__all__ = ["Studied", "studied"]

LONGEST = 1260
"""Sessions that a study may hold: five years."""


@dataclass(frozen=True)
class _Asked:
    """What a study is asked for."""

    lake: Lake
    moment: Moment
    claim: str
    index: str
    horizons: tuple[int, ...]

    def known(self) -> Known:
        return Known(panel(self.lake, market()), self.moment.instant)


@dataclass(frozen=True)
class _Built:
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
    """Give what followed every earlier time a claim held.

    Parameters
    ----------
    claim
        A flag, a state, a comparison, or fragile, refusal, momentum, replication, persistence.streak.
    subject
        SPX, NDX or RUT, or the fund that trades for it.
    horizon
        Sessions held; several usual ones where left out.

    Raises
    ------
    UsageError
        If claim, subject or horizon cannot be read.
    NothingToShow
        If there is no case by then.
    """
    asked = _Asked(lake, moment, claim, _index(subject), _horizons(horizon))
    built = _SPECIAL.get(claim, _claim)(asked)
    return Studied(_document(asked, built), _page(asked, built), built.known)


def _index(subject: str) -> str:
    """Give the index that a subject is or trades for."""
    traded = {proxy: index for index, proxy in PROXIES.items()}
    own = traded.get(subject.upper(), subject.upper())
    if own not in PROXIES:
        raise UsageError(f"--subject {subject!r} is none of {', '.join(PROXIES)}; give one of them")
    return own


def _horizons(given: int | None) -> tuple[int, ...]:
    if given is None:
        return tuple(HORIZONS)
    if not 1 <= given <= LONGEST:
        raise UsageError(f"--horizon {given} is no number of sessions from 1 to {LONGEST}; give one")
    return (given,)


def _claim(asked: _Asked) -> _Built:
    known = asked.known()
    found = studies_of(known, asked.claim, asked.index, asked.horizons)
    if not found["studies"]:
        raise NothingToShow(
            f"{asked.claim} of {asked.index} has no case with a price after it by {asked.moment.day}; import "
            "short-interest files and daily bars, or give a later --as-of"
        )
    sections = [study_page.section(s, k) for k, s in enumerate(found["studies"])]
    return _Built(found, [*sections, *study_page.family(found["family"])], known)


def _streak(asked: _Asked) -> _Built:
    """Show the streak's null models and what followed: the study of ``overshort streaks``."""
    known = asked.known()
    study = streak_study(known, asked.index, standing_length(known, asked.index) or 1)
    if study is None:
        raise NothingToShow(
            f"no completed month of {asked.index} was known by {asked.moment.day}; import daily or month-end closes, "
            "or give a later --as-of"
        )
    title = f"Streaks of {PLAIN[asked.index]}; another length: overshort streaks --length N"
    return _Built({"claim": asked.claim, "studies": [study]}, [_section("streaks", title, streaks(study))], known)


def _section(id: str, title: str, blocks: Any) -> Section:
    return Section(id=id, title=title, blocks=blocks)


def _replication(asked: _Asked) -> _Built:
    found = replication(asked.lake, asked.moment.instant)
    if found is None:
        raise NothingToShow(
            f"the workbook of Rapach, Ringgenberg and Zhou was not known by {asked.moment.day}; import "
            "Returns_short_interest_data.xlsx, or give an --as-of after 2014"
        )
    return _alone(asked, found, replication_page.section(found))


def _momentum(asked: _Asked) -> _Built:
    found = momentum(asked.lake, asked.moment.instant, asked.horizons)
    if found is None:
        raise NothingToShow(
            f"no report with a year of members' closes before it was known by {asked.moment.day}; import members, "
            "short-interest files and the members' daily closes, or give a later --as-of"
        )
    return _alone(asked, found, momentum_page.section(found))


def _alone(asked: _Asked, study: Mapping[str, Any], section: Section) -> _Built:
    """Give a study that rests on tables and not on the panel."""
    nothing = Known(pl.DataFrame(schema=schema.PANEL), asked.moment.instant)
    return _Built({"claim": asked.claim, "studies": [study]}, [section], nothing)


_SPECIAL: Mapping[str, Callable[[_Asked], _Built]] = {
    "momentum": _momentum,
    "replication": _replication,
    "persistence.streak": _streak,
}


def _document(asked: _Asked, built: _Built) -> dict[str, Any]:
    head = {"schema": "overshort.study/1", "as_of": asked.moment.day.isoformat(), "simulated": asked.lake.simulated}
    return head | {"data_version": asked.lake.version()} | dict(built.document)


def _page(asked: _Asked, built: _Built) -> Page:
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
