"""Every metric of the charts against naive loops, on the simulated market and on the real files."""

import math
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

import polars as pl
import pytest

from contracts.market import lazily, tables
from metrics import charting, judging
from overshort import sessions
from overshort.engine.computing import compute
from overshort.engine.figures import figures
from overshort.engine.ingest import import_paths
from overshort.engine.panel import Scope
from overshort.metrics import registry
from overshort.sources import Options
from overshort.store.lake import Lake

PROXIES = ("SPY", "QQQ", "IWM")
SCOPE = Scope("market", PROXIES)
IDS = [i for i in registry() if i.startswith(("structure.", "compression."))]
ELSEWHERE = {"compression.trigger_user", "compression.trigger_gamma"}
"""Compared in test_triggers; here they are what price is measured against."""
WEEKLY = {"structure.vah", "structure.val", "structure.poc"}
ALIASES = {"u_bb": "u_bb_4h", "u_kc": "u_kc_4h", "ema_stack": "ema_stack_4h"}
CHANGES_AT_A_POINT = {"compression.lower_band_t"}


@cache
def simulated() -> pl.DataFrame:
    return compute(lazily(tables()), SCOPE, IDS)


@pytest.fixture(scope="module")
def store(data: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, pl.DataFrame]:
    """The proxies' real daily and hourly bars, as they were known at the end of the hourly files."""
    home = tmp_path_factory.mktemp("charts")
    paths = [
        data / "prices" / f"{p}_{kind}.csv"
        for p in PROXIES
        for kind in ("1h_2024-01_2026-01", "yahoo_unadj_to_2026-08-21")
    ]
    now = datetime(2026, 10, 1, tzinfo=UTC)
    found = import_paths(home, paths, options=Options(), dry_run=False, progress=lambda *_: None, now=now)
    assert {o.status for o in found.outcomes} == {"taken"}
    bars = Lake.open(home).scan("bars").filter(pl.col("known_at") <= datetime(2026, 1, 3, tzinfo=UTC)).collect()
    return {"bars": bars}


@pytest.fixture(scope="module")
def real(store: dict[str, pl.DataFrame]) -> pl.DataFrame:
    return compute(lazily(store), SCOPE, IDS)


def of(panel: pl.DataFrame, id: str, symbol: str) -> dict[datetime | date, float | None]:
    own = panel.filter(pl.col("id") == id, pl.col("subject") == symbol)
    at = pl.col("at") if registry()[id].grid == "bar_4h" else pl.col("at").dt.date()
    return dict(own.select(at, "value").iter_rows())


def daily(bars: pl.DataFrame, symbol: str) -> list[charting.Bar]:
    own = bars.filter(pl.col("symbol") == symbol, pl.col("interval") == "1d").sort("session")
    columns = ("session", "session", "open", "high", "low", "close", "volume")
    return [
        charting.Bar(*row) for row in own.select(pl.col(c).alias(f"{k}") for k, c in enumerate(columns)).iter_rows()
    ]


def hourly(bars: pl.DataFrame, symbol: str) -> list[charting.Raw]:
    return charting.raw(bars.filter(pl.col("symbol") == symbol, pl.col("interval") == "1h").sort("start"))


def off(found: dict[datetime | date, float | None], expected: dict[datetime | date, float | None]) -> list[object]:
    """Give where two results differ by more than 1e-8 of the value."""
    wrong = []
    for at in sorted({*found, *expected}, key=str):
        one, other = found.get(at), expected.get(at)
        absent = one is None or other is None
        if (one is not other) if absent else not math.isclose(one, other, rel_tol=1e-8, abs_tol=1e-9):
            wrong.append((at, one, other))
    return wrong


def compared(panel: pl.DataFrame, slow: judging.Values, symbol: str) -> set[str]:
    for id, expected in slow.items():
        assert off(of(panel, id, symbol), expected) == [], id
    return set(slow)


@pytest.mark.parametrize("symbol", PROXIES)
def test_every_number_equals_a_naive_loop(symbol: str) -> None:
    bars = tables()["bars"]
    days = daily(bars, symbol)
    others = {kind: of(simulated(), f"compression.trigger_{kind}", symbol) for kind in ("user", "gamma")}
    seen = compared(simulated(), judging.daily_values(days, others), symbol)
    seen |= compared(simulated(), judging.four_hour_values(hourly(bars, symbol), days, others), symbol)
    assert seen == set(IDS) - ELSEWHERE


@pytest.mark.data
@pytest.mark.parametrize("symbol", PROXIES)
def test_every_number_of_the_real_hours_equals_a_naive_loop(
    store: dict[str, pl.DataFrame], real: pl.DataFrame, symbol: str
) -> None:
    slow = judging.four_hour_values(hourly(store["bars"], symbol), daily(store["bars"], symbol))
    weekly = {i: slow.pop(i) for i in WEEKLY}
    compared(real, slow, symbol)
    for id, expected in weekly.items():
        assert off({at: v for at, v in of(real, id, symbol).items() if v is not None}, expected) == []


def test_every_state_and_flag_occurs() -> None:
    """What never happens on the simulated market would be compared in vain."""
    for id in IDS:
        metric = registry()[id]
        if metric.kind in ("state", "flag"):
            values = set(simulated().filter(pl.col("id") == id)["value"].drop_nulls())
            wanted = set(range(len(metric.states))) if metric.states else {0, 1}
            assert values == wanted or id in RARE, (id, values)


RARE = {id for id in IDS if id.startswith(("compression.state", "compression.below_trigger_"))}
"""A coil needs four things at once; chains and a user's levels are there for a few weeks only."""


def test_a_state_has_its_name() -> None:
    for id in IDS:
        states = dict(enumerate(registry()[id].states))
        rows = simulated().filter(pl.col("id") == id, pl.col("value").is_not_null())
        pairs = set(rows.select("value", "text").iter_rows())
        assert not states or pairs <= {(float(k), name) for k, name in states.items()}


def test_the_short_ids_are_those_on_four_hour_bars() -> None:
    for short, long in ALIASES.items():
        for symbol in PROXIES:
            assert of(simulated(), f"structure.{short}", symbol) == of(simulated(), f"structure.{long}", symbol)


def test_nothing_is_known_before_its_bar_is_over() -> None:
    whole = simulated().with_columns(pl.col("at").dt.date().alias("session")).join(sessions.schedule(), on="session")
    on_bars = pl.col("id").is_in([i for i in IDS if registry()[i].grid == "bar_4h"])
    over = pl.when(on_bars).then(pl.col("at")).otherwise("closes")
    assert whole.height == simulated().height
    assert whole.filter(pl.col("known_at") < over).is_empty()
    assert whole.filter(on_bars, pl.col("known_at") != pl.col("at")).is_empty()


def test_every_row_says_which_bars_it_rests_on() -> None:
    said = simulated().filter(~pl.col("basis").str.contains(r"^price: (SPY|QQQ|IWM) (1h )?bars, adjustment split"))
    assert set(said.select("id", "basis").rows()) == {("compression.trigger_user", "price: given by the user")}
    for suffix, kind in (("", "range"), ("_user", "user"), ("_gamma", "gamma")):
        ids = [f"compression.state{suffix}", f"compression.below_trigger{suffix}_1d"]
        states = simulated().filter(pl.col("id").is_in(ids))
        assert states["basis"].str.ends_with(f"; trigger: {kind}").all()


@pytest.mark.data
@pytest.mark.parametrize("symbol", PROXIES)
def test_figures_of_the_real_files_as_of_the_middle_of_2025(real: pl.DataFrame, symbol: str) -> None:
    """All there but two triggers that nobody gives and a pullback, of which a week one day old has none."""
    found = {
        f.id: f for f in figures(real, sessions.end_of_day(date(2025, 6, 30)), simulated=False) if f.subject == symbol
    }
    assert set(found) == set(IDS)
    assert {i for i, f in found.items() if f.value is None} == {i for i in IDS if "_user" in i or "_gamma" in i} | {
        "structure.pullback_holds"
    }
    assert {f.at for f in found.values()} == {"2025-06-30T20:00:00Z", "2025-06-30", "2025-06-27"}
    assert not any(f.stale for f in found.values())
    assert found["structure.verdict"].value == "BALANCE"
    assert found["structure.ema_stack"].value == 1
    assert found["compression.state"].value == "NONE"


Sized = Callable[[str], float]


@pytest.mark.data
@pytest.mark.parametrize(
    ("symbol", "expected"),
    [
        ("SPY", (0.8634, 1.4308, 604.34, 607.07, 615.47, 614.91)),
        ("QQQ", (0.8379, 1.4876, 538.56, 540.25, 549.89, 548.09)),
        ("IWM", (0.6587, 0.6605, 212.23, 214.24, 216.67, 215.48)),
    ],
)
def test_values_of_the_real_files_as_of_the_middle_of_2025(
    real: pl.DataFrame, symbol: str, expected: tuple[float, ...]
) -> None:
    names = (
        "structure.u_bb",
        "structure.u_kc",
        "structure.val",
        "structure.poc",
        "structure.vah",
        "compression.trigger_range",
    )
    found = {
        f.id: f.value
        for f in figures(real, sessions.end_of_day(date(2025, 6, 30)), simulated=False)
        if f.subject == symbol
    }
    assert [found[n] for n in names] == pytest.approx(expected, rel=1e-4)


@pytest.mark.data
def test_an_early_close_without_its_last_half_hour_is_null_and_says_so(real: pl.DataFrame) -> None:
    day = sessions.end_of_day(date(2025, 11, 28))
    found = {f.id: f for f in figures(real, day, simulated=False) if f.subject == "SPY"}
    assert found["structure.u_bb_4h"].value is None
    assert found["structure.u_bb_4h"].reason == (
        "the 4-hour bar from 2025-11-28 09:30 in table bars does not count: 30 of 210 minutes are missing"
    )
    assert found["structure.u_bb_1d"].value is not None
