"""FINRA: consolidated short interest by its query service or its files, and the daily short-sale volume.

A report of the query service comes in pages.  They are kept as they came, one after another, with a last line that
says how many rows the service announced: a page that is missing shows.  The service cuts a page short where it grows
too large, so that a short page is not the last one; only the announced number tells.  Where the service refuses or has
nothing, the file of the same date is asked for.
"""

import base64
import csv
import io
import json
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from overshort import sessions
from overshort.errors import BadAnswer, FetchError, NotPublished, Unreachable
from overshort.sources.feeds.declare import Asked, Feed, kept_in, sessions_between
from overshort.sources.pages import bound
from overshort.sources.wire import Request, Wire

__all__ = ["SHORT_INTEREST", "SHORT_VOLUME"]

API, CDN, LOGIN = "api.finra.org", "cdn.finra.org", "ews.fip.finra.org"
DATASET = "group/otcMarket/name/consolidatedShortInterest"
FIRST = date(2017, 12, 29)
LIMIT = 5000
PAGES = 200
"""More pages than any report has: a server that never ends is not followed further."""
CLIENT, SECRET = "FINRA_API_CLIENT", "FINRA_API_SECRET"
POSTED = timedelta(hours=24)
ABSENT = (403, 404)


def _settlements(first: date, now: datetime) -> list[date]:
    day = now.astimezone(sessions.NEW_YORK).date()
    dates = sessions.settlements_between(max(first, FIRST), day)
    return [d for d in dates if sessions.publication(d)[0] <= now]


def _headers(wire: Wire) -> Mapping[str, str]:
    """Give the headers of a query: with a token where the environment has a client of the service."""
    headers = {"Accept": "application/json", "Content-Type": "application/json"}
    if wire.keys.get(CLIENT) and wire.keys.get(SECRET):
        headers["Authorization"] = f"Bearer {wire.kept.setdefault('token', _token(wire))}"
    return headers


def _token(wire: Wire) -> str:
    if "token" in wire.kept:
        return str(wire.kept["token"])
    pair = base64.b64encode(f"{wire.keys[CLIENT]}:{wire.keys[SECRET]}".encode()).decode()
    url = f"https://{LOGIN}/fip/rest/ews/oauth2/access_token"
    query = {"grant_type": "client_credentials"}
    answer = wire.ask(Request(url=url, method="POST", query=query, headers={"Authorization": f"Basic {pair}"}))
    found = _json(answer.body, url)
    if not isinstance(found, dict) or not isinstance(found.get("access_token"), str):
        raise BadAnswer(f"{url} gave no access_token; check {CLIENT} and {SECRET}")
    return str(found["access_token"])


def _json(body: bytes, url: str) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        raise BadAnswer(f"{url} answered with no JSON; run the command again later") from None


def _partitions(wire: Wire) -> frozenset[str]:
    """Give the settlement dates that the service has; asked once a run."""
    if "partitions" not in wire.kept:
        url = f"https://{API}/partitions/{DATASET}"
        found = _json(wire.ask(Request(url=url, headers=_headers(wire))).body, url)
        listed = found.get("availablePartitions") if isinstance(found, dict) else None
        if not isinstance(listed, list):
            raise BadAnswer(f"{url} lists no availablePartitions; the service may have changed")
        each = (p.get("partitions") for p in listed if isinstance(p, dict))
        wire.kept["partitions"] = frozenset(str(p[0] if isinstance(p, list) and p else p) for p in each)
    dates: frozenset[str] = wire.kept["partitions"]
    return dates


def _rows_in(body: bytes, url: str) -> int:
    """Count the rows of a page, JSON or CSV."""
    if body.lstrip().startswith(b"["):
        found = _json(body, url)
        return len(found)
    rows = sum(1 for r in csv.reader(io.StringIO(body.decode("utf-8", "replace"), newline="")) if r)
    return max(rows - 1, 0)


def _page(day: date, offset: int, wire: Wire) -> tuple[bytes, int, int | None]:
    """Give a page of a report, how many rows it has, and how many the report has."""
    filters = [{"compareType": "EQUAL", "fieldName": "settlementDate", "fieldValue": day.isoformat()}]
    body = json.dumps({"limit": LIMIT, "offset": offset, "compareFilters": filters}).encode()
    url = f"https://{API}/data/{DATASET}"
    answer = wire.ask(Request(url=url, method="POST", headers=_headers(wire), body=body))
    said = answer.headers.get("record-total", "")
    return answer.body, _rows_in(answer.body, url), int(said) if said.isdecimal() else None


def _queried(day: date, wire: Wire) -> bytes:
    """Give the pages of a report, bound together."""
    if day.isoformat() not in _partitions(wire):
        raise NotPublished(f"FINRA lists no short interest of {day}; it may come later")
    pages: list[bytes] = []
    have, total = 0, None
    for _ in range(PAGES):
        try:
            body, rows, total = _page(day, have, wire)
        except NotPublished:
            break
        pages.append(body)
        have += rows
        if rows == 0 or (total is not None and have >= total) or (total is None and rows < LIMIT):
            break
    if not have:
        raise NotPublished(f"FINRA has no row of {day} yet; it may come later")
    if total is not None and have != total:
        raise BadAnswer(f"FINRA gave {have:,} rows of {day} and announced {total:,}; run the command again")
    return bound(pages, have)


def _filed(day: date, wire: Wire) -> bytes:
    url = f"https://{CDN}/equity/otcmarket/biweekly/shrt{day:%Y%m%d}.csv"
    return wire.ask(Request(url=url, absent=ABSENT)).body


def _report(asked: Asked, wire: Wire) -> bytes:
    """Ask the service, and where it refuses or has nothing the files; what it said counts where they lack it too."""
    said: FetchError | None = wire.kept.get("closed")
    if said is None:
        try:
            return _queried(asked.day, wire)
        except NotPublished:
            return _filed(asked.day, wire)
        except (BadAnswer, Unreachable) as error:
            said = error
            if isinstance(error, Unreachable) or "partitions" not in wire.kept:
                wire.kept["closed"] = error  # it is not asked again in this run
    try:
        return _filed(asked.day, wire)
    except NotPublished:
        raise said from None


SHORT_INTEREST = Feed(
    name="finra.short_interest",
    about="FINRA's consolidated short interest, all securities of a settlement date",
    hosts=frozenset({API, CDN, LOGIN}),
    kinds=frozenset({"finra.consolidated"}),
    dates=_settlements,
    held=kept_in("short_interest", source="finra.consolidated"),
    fetch=_report,
    depth=1000,
    again=2,
    requests=5,
    size=5_000_000,
    every=0.1,
)


def _volume_days(first: date, now: datetime) -> list[date]:
    """Give the sessions whose volume is out: by 18:00 of the day, and every file by the next day."""
    return sessions_between(first, sessions.last_completed_session(now - POSTED))


def _volume(asked: Asked, wire: Wire) -> bytes:
    url = f"https://{CDN}/equity/regsho/daily/{asked.part}shvol{asked.day:%Y%m%d}.txt"
    return wire.ask(Request(url=url, absent=ABSENT)).body


SHORT_VOLUME = Feed(
    name="finra.short_volume",
    about="FINRA's daily off-exchange short-sale volume, all facilities of listed securities",
    hosts=frozenset({CDN}),
    kinds=frozenset({"finra.short_volume"}),
    dates=_volume_days,
    held=kept_in("flows", kind="short_volume"),
    fetch=_volume,
    parts=("CNMS",),
    depth=80,
    size=500_000,
    every=0.2,
)
