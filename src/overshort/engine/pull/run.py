"""One pull: each feed in turn, each thing asked for and taken in before the next.

1. Finish what an earlier run left half done.
2. Ask; a feed that is turned away or cannot be reached is left, and the next one goes on.
3. Under the lock: keep the bytes, read them, check that they are what was asked for, append what is fresh.
4. Look again at what the store holds: what is late now stays late, and the exit code says so.

Nothing is remembered between runs but the store: one that was interrupted is run again, and goes on where it stopped.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime
from importlib.util import find_spec
from pathlib import Path

from overshort.engine.intake import Store, finish_pending
from overshort.engine.pull.arrivals import Taken, take_in
from overshort.engine.pull.link import Link, Versions
from overshort.engine.pull.plan import Holdings, Plan, plans
from overshort.errors import BadAnswer, ConfigError, FetchError, NotPublished, RefusedFile
from overshort.sources.feeds import Asked, Feed
from overshort.sources.wire import Pace, Unchanged

__all__ = ["Means", "Pulled", "pull"]

PATIENCE = 120.0
"""Seconds to wait for another process that writes: two pulls may run at one time."""
IN_A_ROW = 3
"""After so many answers that are no data a feed is left: its publisher has changed something."""
Step = Callable[[str, str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a pull works with.

    Attributes
    ----------
    clock
        Gives this instant, UTC: what is fetched is dated by it.
    agent
        Who asks; empty where nobody said.
    keys
        Keys of services, by environment variable.
    bases
        Addresses of mirrors, by feed.
    progress
        Called with the feed, the thing in hand, how many are done, and of how many.
    """

    clock: Callable[[], datetime]
    pace: Pace
    agent: str = ""
    keys: Mapping[str, str] = field(default_factory=dict)
    bases: Mapping[str, str] = field(default_factory=dict)
    progress: Step = lambda *_: None


@dataclass(frozen=True, slots=True, kw_only=True)
class Pulled:
    """What became of one feed.

    Attributes
    ----------
    asked
        How many things were asked for.
    bytes
        How many bytes came.
    problems
        Why things did not come, one sentence each.
    newest, due
        The newest date in the store, and the one that is out.
    """

    feed: str
    asked: int = 0
    bytes: int = 0
    added: int = 0
    revised: int = 0
    known: int = 0
    refused: int = 0
    problems: tuple[str, ...] = ()
    newest: date | None = None
    due: date | None = None
    late: bool = False

    def with_taken(self, taken: Taken) -> "Pulled":
        """Add what one thing gave."""
        return replace(
            self,
            bytes=self.bytes + taken.bytes,
            added=self.added + taken.added,
            revised=self.revised + taken.revised,
            known=self.known + taken.known,
            refused=self.refused + taken.refused,
        )

    def with_problem(self, problem: str) -> "Pulled":
        """Add why one thing did not come."""
        return replace(self, problems=(*self.problems, problem))


def pull(
    home: Path, feeds: Iterable[Feed], means: Means, *, since: date | None, until_current: bool, offline: bool = False
) -> list[Pulled]:
    """Pull feeds into the real store, which is made where it is not there.

    Parameters
    ----------
    since
        The first date wanted; each feed's own depth where left out.
    until_current
        Ask nothing of a feed whose newest date is in the store.
    offline
        Open no connection: only say what is late.

    Raises
    ------
    MixedStore, StoreLocked
        If the store is a simulated one, or another process writes for minutes.
    """
    each = list(feeds)
    now = means.clock()
    store = Store.open(home, create=not offline)
    if not offline:
        with store.writing(dry_run=False, patience=PATIENCE):
            finish_pending(store)
    todo = plans(store, each, now, since=since, until_current=until_current)
    done = [Pulled(feed=p.feed.name) if offline else _feed(store, home, p, means) for p in todo]
    after = plans(store, each, now, since=since, until_current=True)
    return [replace(d, newest=p.newest, due=p.due, late=p.late) for d, p in zip(done, after, strict=True)]


def _lacking(feed: Feed, means: Means) -> str | None:
    """Say what a feed cannot be asked without; found before anything is sent."""
    if feed.signed and "@" not in means.agent:
        cause = "this publisher answers only those who say who they are, and user_agent is not set to an address"
        return f"{cause}; set OVERSHORT_USER_AGENT='Your Name you@example.com', or user_agent in overshort.toml"
    if missing := [k for k in feed.needs if not means.keys.get(k, "").strip()]:
        return f"this service asks for a key and {', '.join(missing)} is not set; set it in the environment"
    if feed.library and find_spec(feed.library) is None:
        extra = feed.name.partition(".")[0]
        cause = f"the library {feed.library} is not installed, and this publisher turns plain requests away"
        return f"{cause}; pip install 'overshort[{extra}]'"
    return None


def _feed(store: Store, home: Path, plan: Plan, means: Means) -> Pulled:
    feed = plan.feed
    done = Pulled(feed=feed.name)
    if not plan.asked:
        return done
    if lacking := _lacking(feed, means):
        return done.with_problem(lacking)
    versions = Versions(home, store.vault)
    base = means.bases.get(feed.name)
    members = Holdings(store.lake).members()
    link = Link(
        feed,
        means.pace,
        keys=means.keys,
        members=members,
        agent=means.agent,
        base=base,
        versions=versions.standing(),
    )
    try:
        return _asked_in_turn(store, plan, link, versions, means)
    finally:
        link.close()


def _asked_in_turn(store: Store, plan: Plan, link: Link, versions: Versions, means: Means) -> Pulled:
    done, wrong = Pulled(feed=plan.feed.name), 0
    for k, asked in enumerate(plan.asked):
        means.progress(plan.feed.name, asked.label, k, len(plan.asked))
        done = replace(done, asked=done.asked + 1)
        try:
            done = done.with_taken(_one(store, plan.feed, asked, link, versions, means))
        except Unchanged:
            continue
        except NotPublished as error:
            done = done.with_problem(str(error))
        except (BadAnswer, RefusedFile) as error:
            done, wrong = done.with_problem(str(error)), wrong + 1
            if wrong >= IN_A_ROW:
                break
        except (FetchError, ConfigError) as error:
            done = done.with_problem(str(error))
            break
        else:
            wrong = 0
    means.progress(plan.feed.name, "", len(plan.asked), len(plan.asked))
    return done


def _one(store: Store, feed: Feed, asked: Asked, link: Link, versions: Versions, means: Means) -> Taken:
    content = feed.fetch(replace(asked, now=means.clock()), link)
    fetched = means.clock().astimezone(UTC)
    with store.writing(dry_run=False, patience=PATIENCE):
        taken = take_in(store, feed, replace(asked, now=fetched), content)
    versions.keep(link.seen, taken.sha256)
    return taken
