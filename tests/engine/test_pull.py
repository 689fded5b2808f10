"""What must hold of every feed, against its replayed publisher: a new feed is covered by having a replay."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from engine.homes import assert_same, visible
from overshort.sources.feeds import FEEDS, Feed
from overshort.store.raw import Vault
from publishers.replays import REPLAYS
from publishers.running import Stage, fake_yfinance, stage

REAL = [f for f in FEEDS if REPLAYS[f.name].real]
INVENTED = [f for f in FEEDS if not REPLAYS[f.name].real]
NOWHERE = Path("/nonexistent")


@pytest.fixture(scope="module")
def publishers() -> Iterator[Stage]:
    with stage() as found:
        yield found


def names(feeds: list[Feed]) -> list[str]:
    return [f.name for f in feeds]


def test_every_feed_has_a_replay_and_every_replay_a_feed() -> None:
    assert sorted(REPLAYS) == sorted(names(list(FEEDS)))
    assert len({f.name for f in FEEDS}) == len(FEEDS)
    for feed in FEEDS:
        assert feed.about
        assert feed.hosts
        assert bool(feed.library) != bool(REPLAYS[feed.name].made or REPLAYS[feed.name].file)


def pull_twice(publishers: Stage, feed: Feed, data: Path, home: Path) -> None:
    """Pull, pull again, and look at what the store holds: the rows, their bytes, and nothing twice."""
    publishers.sound(feed, data)
    first = publishers.pull(home, feed)[feed.name]
    assert first.problems == ()
    assert first.added > 0
    assert first.refused == first.revised == 0
    assert not first.late
    before = visible(home)
    assert before[REPLAYS[feed.name].table].height == first.added
    assert all(r.state == "active" and r.name.startswith(feed.name) for r in Vault(home / "raw").records() if r.pulled)
    again = publishers.pull(home, feed)[feed.name]
    assert again.problems == ()
    assert again.added == again.revised == 0
    assert_same(before, visible(home))
    heard = len(publishers.web.heard)
    current = publishers.pull(home, feed, until_current=True)[feed.name]
    assert (current.asked, current.late, current.problems) == (0, False, ())
    assert len(publishers.web.heard) == heard


@pytest.mark.data
@pytest.mark.parametrize("feed", REAL, ids=names(REAL))
def test_it_is_pulled_once(
    publishers: Stage, feed: Feed, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fake_yfinance(monkeypatch, data)
    pull_twice(publishers, feed, data, tmp_path / "home")


@pytest.mark.parametrize("feed", INVENTED, ids=names(INVENTED))
def test_documented_it_is_pulled_once(publishers: Stage, feed: Feed, tmp_path: Path) -> None:
    pull_twice(publishers, feed, NOWHERE, tmp_path / "home")
