"""Option trades of vendors that are paid: one session at a time, and only when asked for by name.

Written from the documented requests and never run against a vendor.

* ThetaData: a terminal of the vendor's on this machine answers, which holds the user's account.
* Massive: a flat file of all options of a session, some gigabytes, from a store that wants requests signed.  Its
  quotes, without which the trades have no side, are of another size and never asked for.
* Databento: trades with the quotes before them of all options of one underlying.
"""

import base64
import hashlib
import hmac
from datetime import UTC, date, datetime, timedelta

from overshort import sessions
from overshort.sources.feeds.declare import Asked, Feed, kept_in, key_of, sessions_between
from overshort.sources.wire import Request, Wire

__all__ = ["DATABENTO", "MASSIVE", "THETADATA", "signed"]

TAPES = 1 << 30
OUT = timedelta(hours=19)
"""Flat files of a session are ready the next morning, about 11:00 New York."""


def _days(first: date, now: datetime) -> list[date]:
    return sessions_between(first, sessions.last_completed_session(now - OUT))


def _terminal(asked: Asked, wire: Wire) -> bytes:
    query = {
        "symbol": asked.part,
        "expiration": "*",
        "strike": "*",
        "right": "both",
        "date": f"{asked.day:%Y%m%d}",
        "start_time": "09:30:00",
        "end_time": "16:15:00",
        "exclusive": "true",
        "format": "csv",
    }
    url = "http://127.0.0.1:25503/v3/option/history/trade_quote"
    return wire.ask(Request(url=url, query=query, largest=TAPES)).body


THETADATA = Feed(
    name="thetadata.trade_quote",
    about="ThetaData's VIX option trades with the quote before each, through its terminal on this machine",
    hosts=frozenset({"127.0.0.1"}),
    kinds=frozenset({"thetadata.trade_quote"}),
    dates=_days,
    held=kept_in("option_trades", part_in="underlying", source="thetadata.trade_quote"),
    fetch=_terminal,
    parts=("VIX",),
    depth=1,
    size=20_000_000,
    every=0.5,
    usual=False,
    terminal="http://127.0.0.1:25503",
)


MASSIVE_HOST = "files.massive.com"
ACCESS, SECRET = "MASSIVE_ACCESS_KEY", "MASSIVE_SECRET_KEY"
EMPTY = hashlib.sha256(b"").hexdigest()
REGION = "us-east-1"


def signed(
    path: str, at: datetime, access: str, secret: str, *, host: str = MASSIVE_HOST, query: str = ""
) -> dict[str, str]:
    """Give the headers that sign a GET request to a store of the S3 kind (AWS Signature Version 4).

    Parameters
    ----------
    at
        UTC; the store refuses instants that are minutes off.
    """
    stamp, day = f"{at.astimezone(UTC):%Y%m%dT%H%M%SZ}", f"{at.astimezone(UTC):%Y%m%d}"
    names = "host;x-amz-content-sha256;x-amz-date"
    lines = [
        "GET",
        path,
        query,
        f"host:{host}",
        f"x-amz-content-sha256:{EMPTY}",
        f"x-amz-date:{stamp}",
        "",
        names,
        EMPTY,
    ]
    scope = f"{day}/{REGION}/s3/aws4_request"
    said = hashlib.sha256("\n".join(lines).encode()).hexdigest()
    key = f"AWS4{secret}".encode()
    for part in (day, REGION, "s3", "aws4_request"):
        key = hmac.new(key, part.encode(), "sha256").digest()
    signature = hmac.new(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{said}".encode(), "sha256").hexdigest()
    credential = f"Credential={access}/{scope}, SignedHeaders={names}, Signature={signature}"
    return {
        "x-amz-date": stamp,
        "x-amz-content-sha256": EMPTY,
        "Authorization": f"AWS4-HMAC-SHA256 {credential}",
        "Accept-Encoding": "identity",
    }


def _flat_file(asked: Asked, wire: Wire) -> bytes:
    path = f"/flatfiles/us_options_opra/trades_v1/{asked.day:%Y/%m/%Y-%m-%d}.csv.gz"
    headers = signed(path, asked.now, key_of(wire, ACCESS), key_of(wire, SECRET))
    return wire.ask(Request(url=f"https://{MASSIVE_HOST}{path}", headers=headers, largest=TAPES)).body


MASSIVE = Feed(
    name="massive.option_trades",
    about="Massive's flat file of a session's option trades, of all underlyings, without quotes",
    hosts=frozenset({MASSIVE_HOST}),
    kinds=frozenset({"massive.option_trades"}),
    dates=_days,
    held=kept_in("option_trades", source="massive.option_trades"),
    fetch=_flat_file,
    depth=1,
    size=300_000_000,
    needs=(ACCESS, SECRET),
    usual=False,
)


DATABENTO_HOST = "hist.databento.com"
KEY = "DATABENTO_API_KEY"


def _range(asked: Asked, wire: Wire) -> bytes:
    pair = base64.b64encode(f"{key_of(wire, KEY)}:".encode()).decode()
    query = {
        "dataset": "OPRA.PILLAR",
        "schema": "tcbbo",
        "symbols": f"{asked.part}.OPT",
        "stype_in": "parent",
        "start": f"{sessions.at_new_york(asked.day, datetime.min.time().replace(hour=9, minute=30)):%Y-%m-%dT%H:%M:%S}",
        "end": f"{sessions.at_new_york(asked.day, datetime.min.time().replace(hour=16, minute=15)):%Y-%m-%dT%H:%M:%S}",
        "encoding": "csv",
        "map_symbols": "true",
    }
    url = f"https://{DATABENTO_HOST}/v0/timeseries.get_range"
    request = Request(
        url=url, query=query, headers={"Authorization": f"Basic {pair}"}, absent=(404, 422), largest=TAPES
    )
    return wire.ask(request).body


DATABENTO = Feed(
    name="databento.trades",
    about="Databento's VIX option trades with the quote before each; there are no sale conditions",
    hosts=frozenset({DATABENTO_HOST}),
    kinds=frozenset({"databento.csv"}),
    dates=_days,
    held=kept_in("option_trades", part_in="underlying", source="databento.csv"),
    fetch=_range,
    parts=("VIX",),
    depth=1,
    size=20_000_000,
    needs=(KEY,),
    usual=False,
)
