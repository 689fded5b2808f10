"""The connection of one feed to its servers, and what the servers said about the versions of their answers."""

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from overshort.sources.feeds import Feed
from overshort.sources.wire import Answer, Pace, Request
from overshort.sources.wire.ftp import retrieve
from overshort.sources.wire.http import Http
from overshort.sources.wire.request import moved
from overshort.store.raw import Vault, write_whole

__all__ = ["Link", "Versions"]

LARGEST = 64 << 20


class Versions:
    """What servers said about the versions of their answers, in ``HOME/cache``; losing it costs a download."""

    def __init__(self, home: Path, vault: Vault) -> None:
        self._path, self._vault = home / "cache" / "versions.json", vault
        self._all: dict[str, dict[str, str]] = _read(self._path)

    def standing(self) -> dict[str, dict[str, str]]:
        """Give those whose content is in the tables."""
        return {url: said for url, said in self._all.items() if self._is_active(said.get("sha256", ""))}

    def _is_active(self, sha256: str) -> bool:
        record = self._vault.record(sha256) if len(sha256) == 64 else None
        return record is not None and record.state == "active"

    def keep(self, seen: Mapping[str, Mapping[str, str]], sha256: str) -> None:
        """Note versions whose content went into the tables."""
        if seen:
            self._all |= {url: {**said, "sha256": sha256} for url, said in seen.items()}
            self._path.parent.mkdir(exist_ok=True)
            write_whole(self._path, (json.dumps(self._all, indent=1, sort_keys=True) + "\n").encode())


def _read(path: Path) -> dict[str, dict[str, str]]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return {k: v for k, v in found.items() if isinstance(v, dict)} if isinstance(found, dict) else {}


class Link:
    """What one run of one feed asks through."""

    def __init__(
        self,
        feed: Feed,
        pace: Pace,
        *,
        keys: Mapping[str, str],
        members: frozenset[str],
        agent: str,
        base: str | None,
        versions: Mapping[str, Mapping[str, str]],
    ) -> None:
        self.keys, self.members = keys, members
        self.kept: dict[str, Any] = {}
        self._base, self._pace = base, pace
        at = base or feed.terminal
        there = None if feed.ftp else at
        self._http = Http(feed.hosts, pace, every=feed.every, agent=agent, base=there, versions=versions)

    @property
    def seen(self) -> Mapping[str, Mapping[str, str]]:
        """What servers said about versions since the last time this was read."""
        seen, self._http.seen = self._http.seen, {}
        return seen

    def ask(self, request: Request) -> Answer:
        """Ask one question over HTTPS."""
        return self._http.ask(request)

    def retrieve(self, urls: Sequence[str], *, largest: int = LARGEST) -> bytes:
        """Get a file over FTP, from the first server that gives it."""
        there = list(dict.fromkeys(moved(url, self._base) for url in urls))
        return retrieve(there, self._pace, largest=largest)

    def close(self) -> None:
        """Close all connections."""
        self._http.close()
