"""One look at watched rules: measure, write down what changed, send it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from overshort.engine import watch
from overshort.engine.deliver import STDOUT, Destination
from overshort.engine.moment import Moment
from overshort.engine.watch import Standing
from overshort.store.lake import PATIENCE, Lake
from overshort.store.outbox import Letter, Outbox
from overshort.surfaces.alert import sentence

__all__ = ["Look", "Watch"]

Before = Mapping[tuple[str, str], str]
"""Verdicts of an earlier day, by rule and subject."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look came to.

    Attributes
    ----------
    letters
        Alerts that are new, and those that standard output still waits for.
    recorded
        Verdicts met for the first time, of which nothing is sent unless they are announced.
    taken, waiting
        Alerts that were delivered, and that are kept for the next look.
    elsewhere
        Alerts that are kept for addresses that this run does not name.
    failed
        Why an address, as shown, did not take one.
    """

    standings: Sequence[Standing]
    letters: Sequence[Letter]
    recorded: int
    taken: int
    waiting: int
    elsewhere: int
    failed: Mapping[str, str]

    def document(self, lake: Lake, as_of: Moment, since: Moment | None, *, dry_run: bool) -> dict[str, Any]:
        """Give the JSON form, schema ``overshort.watch/1``."""
        return {
            "schema": "overshort.watch/1",
            "as_of": as_of.day.isoformat(),
            "since": since.day.isoformat() if since else None,
            "simulated": lake.simulated,
            "data_version": lake.version(),
            "dry_run": dry_run,
            "standings": [
                {"rule": s.rule, "subject": s.subject, "verdict": s.verdict, "session": s.session, "at": s.at}
                for s in self.standings
            ],
            "alerts": list(self.letters),
            "recorded": self.recorded,
            "delivered": self.taken,
            "waiting": self.waiting,
            "elsewhere": self.elsewhere,
            "failed": [{"to": to, "why": why} for to, why in self.failed.items()],
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Watch:
    """What a run watches and where it sends.

    Attributes
    ----------
    announce
        Send the state of rules met for the first time, too.
    ended
        Whether to stop before the next alert.
    """

    lake: Lake
    rules: Sequence[watch.Watched]
    places: Sequence[Destination]
    announce: bool = False
    ended: Callable[[], bool] = lambda: False

    def look(self, now: Moment, since: Moment | None, show: Callable[[Look], None]) -> Look:
        """Look once; all of it under the lock of the outbox, so that no two runs tell of one change twice.

        Parameters
        ----------
        since
            Compare with this moment, and leave alone what was seen last.
        show
            Called when all but standard output is served.

        Raises
        ------
        StoreLocked
            If another watch of this store is looking.
        """
        with Outbox.writing(self.lake.home, PATIENCE) as outbox:
            standings, before = self._measured(now, since)
            recorded = 0
            told: dict[str, Letter] = {}
            for place in self.places:
                letters, first = self._new(outbox, place.name, standings, before)
                seen = [] if before is not None else watch.as_seen(standings, place.name)
                outbox.record(seen, [(place.name, one) for one in letters])
                recorded += first
                told |= {one["key"]: one for one in letters}
            found = self._sent(outbox, standings, told, recorded, show)
            own = [p for p in self.places if p.name == STDOUT]
            taken, failed = watch.deliver(outbox, own, ended=self.ended)
            return replace(
                found, taken=found.taken + taken, waiting=found.waiting - taken, failed={**found.failed, **failed}
            )

    def rehearse(self, now: Moment, since: Moment | None) -> Look:
        """Look once, and neither send nor write anything; a look back shows what was delivered before, too."""
        outbox = Outbox.read(self.lake.home)
        standings, before = self._measured(now, since)
        each = [self._new(outbox, p.name, standings, before, again=since is not None) for p in self.places]
        told = {one["key"]: one for letters, _ in each for one in letters}
        waiting, elsewhere = self._kept(outbox)
        return Look(
            standings=standings,
            letters=list(told.values()),
            recorded=sum(first for _, first in each),
            taken=0,
            waiting=waiting,
            elsewhere=elsewhere,
            failed={},
        )

    def _measured(self, now: Moment, since: Moment | None) -> tuple[list[Standing], Before | None]:
        standings = watch.standings(self.lake, self.rules, now)
        if since is None:
            return standings, None
        then = watch.standings(self.lake, self.rules, since)
        return standings, {(s.rule, s.subject): s.verdict for s in then}

    def _new(
        self, outbox: Outbox, to: str, now: Sequence[Standing], before: Before | None, *, again: bool = False
    ) -> tuple[list[Letter], int]:
        """Give the alerts that a destination shall get, and how many rules it meets for the first time."""
        seen = watch.seen_by(outbox, to)

        def known(standing: Standing) -> str | None:
            return seen(standing) if before is None else before[standing.rule, standing.subject]

        told = watch.alerts(now, known, announce=self.announce)
        letters = [watch.letter(s, b, simulated=self.lake.simulated, say=sentence) for s, b in told]
        return [one for one in letters if again or not outbox.has(to, one["key"])], sum(known(s) is None for s in now)

    def _sent(
        self,
        outbox: Outbox,
        standings: Sequence[Standing],
        told: Mapping[str, Letter],
        recorded: int,
        show: Callable[[Look], None],
    ) -> Look:
        """Serve every address but standard output, then show what came of it."""
        taken, failed = watch.deliver(outbox, [p for p in self.places if p.name != STDOUT], ended=self.ended)
        waiting, elsewhere = self._kept(outbox)
        late = {key: one for (to, key), one in outbox.waiting.items() if to == STDOUT}
        shown = late if any(p.name == STDOUT for p in self.places) else {}
        found = Look(
            standings=standings,
            letters=list({**shown, **told}.values()),
            recorded=recorded,
            taken=taken,
            waiting=waiting,
            elsewhere=elsewhere,
            failed=failed,
        )
        show(found)
        return found

    def _kept(self, outbox: Outbox) -> tuple[int, int]:
        names = {p.name for p in self.places}
        own = sum(to in names for to, _ in outbox.waiting)
        return own, len(outbox.waiting) - own
