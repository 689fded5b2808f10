"""The SEC: fails to deliver by half months, shares outstanding of all filers by quarter, and of members by filing.

The addresses of the fails follow no rule, so they are looked up in the SEC's own list.  The SEC answers only those who
say who they are.
"""

import io
import json
import re
import zipfile
from contextlib import suppress
from datetime import date, datetime, timedelta
from urllib.parse import urljoin

from overshort import sessions
from overshort.errors import BadAnswer, NotPublished
from overshort.sources.declare import Options
from overshort.sources.feeds.declare import Asked, Feed, Held, any_day
from overshort.sources.wire import Request, Wire

__all__ = ["FAILS", "FILINGS", "SHARES"]

WWW, DATA = "www.sec.gov", "data.sec.gov"
LIST = f"https://{WWW}/data-research/sec-markets-data/fails-deliver-data"
LINK = re.compile(r'href="([^"]*cnsfails(\d{6})([ab])[^"/]*\.zip)"', re.IGNORECASE)
FIRST, HALF = date(2009, 7, 1), 15
LARGEST = 64 << 20


def _published(half: date) -> date:
    """Give the day by which a half month is out, by the SEC's own rule."""
    following = (half.replace(day=1) + timedelta(days=32)).replace(day=1)
    return following - timedelta(days=1) if half.day == 1 else following.replace(day=HALF)


def _halves(first: date, now: datetime) -> list[date]:
    """Give the first days of the half months that are out."""
    day, today = max(first, FIRST), now.astimezone(sessions.NEW_YORK).date()
    half, out = day.replace(day=1 if day.day < HALF else HALF), []
    while _published(half) < today:
        out.append(half)
        half = _after(half)
    return out


def _fails_held(held: Held, _part: str) -> set[date]:
    return {d.replace(day=1 if d.day < HALF else HALF) for d in held("flows", kind="fails")}


def _after(half: date) -> date:
    """Give the first day of the half month that follows."""
    return half.replace(day=HALF) if half.day == 1 else (half + timedelta(days=20)).replace(day=1)


def _within(asked: Asked, first: date, last: date) -> bool:
    return asked.day <= first and last < _after(asked.day)


def _links(wire: Wire) -> dict[str, str]:
    """Give the addresses of the half months; asked once a run."""
    if "links" not in wire.kept:
        page = wire.ask(Request(url=LIST, page=True)).body.decode("utf-8", "replace")
        found = {f"{m[1]}{m[2].lower()}": urljoin(LIST, m[0]) for m in LINK.findall(page)}
        if not found:
            raise BadAnswer(f"{LIST} lists no file of fails; the SEC may have changed the page")
        wire.kept["links"] = found
    links: dict[str, str] = wire.kept["links"]
    return links


def _fails(asked: Asked, wire: Wire) -> bytes:
    name = f"{asked.day:%Y%m}{'a' if asked.day.day == 1 else 'b'}"
    if (url := _links(wire).get(name)) is None:
        raise NotPublished(f"the SEC lists no fails of {name}; they may come later")
    body = wire.ask(Request(url=url)).body
    try:
        zipfile.ZipFile(io.BytesIO(body)).close()
    except zipfile.BadZipFile:
        raise BadAnswer(f"{url} gave no zip file; run the command again") from None
    return body


FAILS = Feed(
    name="sec.fails",
    about="the SEC's fails to deliver, a half month of settlement days",
    hosts=frozenset({WWW}),
    kinds=frozenset({"sec.fails"}),
    dates=_halves,
    held=_fails_held,
    fetch=_fails,
    fits=_within,
    depth=6,
    size=1_500_000,
    every=0.2,
    signed=True,
)


def _quarters(first: date, now: datetime) -> list[date]:
    """Give the first days of the quarters whose reports are in: six weeks after their end."""
    limit = now.astimezone(sessions.NEW_YORK).date() - timedelta(days=45)
    year, out = first.year, []
    for k in range(4 * (limit.year - year + 1)):
        start = date(year + k // 4, 3 * (k % 4) + 1, 1)
        following = (start + timedelta(days=95)).replace(day=1)
        if start >= first.replace(day=1) and following <= limit:
            out.append(start)
    return out


def _newest_quarter(first: date, now: datetime) -> list[date]:
    return _quarters(first, now)[-1:]


def _shares(asked: Asked, wire: Wire) -> bytes:
    """Give the list of tickers and the counts of one quarter, bound together as they came."""
    quarter = f"CY{asked.day.year}Q{(asked.day.month + 2) // 3}I"
    concept = "dei/EntityCommonStockSharesOutstanding/shares"
    frame = wire.ask(Request(url=f"https://{DATA}/api/xbrl/frames/{concept}/{quarter}.json", largest=LARGEST)).body
    return b'{"sec": "shares", "company_tickers":\n' + _tickers(wire) + b',\n"frame":\n' + frame.strip() + b"}\n"


def _seen(held: Held, _part: str) -> set[date]:
    """Give the quarters whose counts were pulled: they stand at the day on which they were seen."""
    pulled = held("shares", source="sec.shares")
    return {q for d in pulled for q in _quarters(d - timedelta(days=200), _noon(d))[-1:]}


def _tickers(wire: Wire) -> bytes:
    """Give the SEC's list of tickers; asked once a run."""
    if "tickers" not in wire.kept:
        wire.kept["tickers"] = wire.ask(Request(url=f"https://{WWW}/files/company_tickers.json")).body.strip()
    found: bytes = wire.kept["tickers"]
    return found


def _noon(day: date) -> datetime:
    return sessions.at_new_york(day, datetime.min.time().replace(hour=12))


def _seen_today(asked: Asked) -> Options:
    return Options(dated=asked.today)


def _on_that_day(asked: Asked, first: date, last: date) -> bool:
    return first == last == asked.today


SHARES = Feed(
    name="sec.shares",
    about="shares outstanding of all filers as of one quarter, known from the day they are pulled",
    hosts=frozenset({WWW, DATA}),
    kinds=frozenset({"sec.shares"}),
    dates=_newest_quarter,
    held=_seen,
    fetch=_shares,
    fits=_on_that_day,
    options=_seen_today,
    depth=1,
    requests=2,
    size=3_000_000,
    every=0.2,
    signed=True,
)


def _numbers(wire: Wire) -> list[str]:
    """Give the filers' numbers of the members of the indices, in the order of the SEC's list."""
    try:
        listed = json.loads(_tickers(wire)).values()
        filers = [(str(e["ticker"]), int(e["cik_str"])) for e in listed]
    except (ValueError, AttributeError, TypeError, KeyError):
        raise BadAnswer(f"https://{WWW}/files/company_tickers.json is no list of tickers; run again later") from None
    own = (cik for ticker, cik in filers if re.sub("[^A-Z0-9]", "", ticker.upper()) in wire.members)
    return [f"{cik:010}" for cik in dict.fromkeys(own)]


def _concepts(_asked: Asked, wire: Wire) -> bytes:
    """Give one filer's counts after another's, bound together as they came; filers without any are passed over."""
    bodies = []
    for number in _numbers(wire):
        url = f"https://{DATA}/api/xbrl/companyconcept/CIK{number}/dei/EntityCommonStockSharesOutstanding.json"
        with suppress(NotPublished):
            bodies.append(wire.ask(Request(url=url)).body.strip())
    if not bodies:
        cause = "no member of the S&P 500 or Nasdaq-100 in the store has a filing"
        raise NotPublished(f"{cause}; pull or import the members first (ishares, invesco)")
    return (
        b'{"sec": "filings", "company_tickers":\n'
        + _tickers(wire)
        + b',\n"concepts": [\n'
        + b",\n".join(bodies)
        + b"]}\n"
    )


def _filings_held(held: Held, _part: str) -> set[date]:
    """Give the quarters whose filings are here: a count filed five weeks after the end of one stands for all."""
    filed = held("shares", source="sec.filings")
    last = max(filed, default=None)
    return set() if last is None else set(_newest_quarter(last - timedelta(days=200), _noon(last + timedelta(days=10))))


FILINGS = Feed(
    name="sec.filings",
    about="shares outstanding of the members of S&P 500 and Nasdaq-100 by all their filings, known when filed",
    hosts=frozenset({WWW, DATA}),
    kinds=frozenset({"sec.filings"}),
    dates=_newest_quarter,
    held=_filings_held,
    fetch=_concepts,
    fits=any_day,
    depth=1,
    requests=520,
    size=15_000_000,
    every=0.2,
    signed=True,
    usual=False,
)
