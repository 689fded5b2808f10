"""The four conditions, against a plain loop over the panels that they rest on, and by hand."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any

import polars as pl
import pytest

from overshort import schema, sessions
from overshort.metrics.fragile import FLAGS, OLDEST, READS, SOURCES, fragile
from overshort.metrics.refusal.states import STATES
from overshort.metrics.structure.verdict import VERDICTS
from overshort.schema import INDEXES

FUNDS = {"SPX": "SPY", "NDX": "QQQ", "RUT": "IWM"}
WHOSE = {"refusal": None, "acceptance": FUNDS, "cheap_volatility": dict.fromkeys(INDEXES, "VIX"), "persistence": None}


@cache
def closing() -> dict[date, datetime]:
    return dict(sessions.schedule().select("session", "closes").iter_rows())


class Newest:
    """The rows of one id and subject, and which was the newest known at an instant."""

    def __init__(self, panel: pl.DataFrame, id: str, subject: str) -> None:
        own = panel.filter(pl.col("id") == id, pl.col("subject") == subject).sort("known_at", "at")
        self.rows = own.to_dicts()

    def at(self, instant: datetime) -> dict[str, Any] | None:
        known = [r for r in self.rows if r["known_at"] <= instant]
        return max(known, key=lambda r: r["at"], default=None)


def sound(name: str, row: dict[str, Any] | None, day: date) -> dict[str, Any] | None:
    """Give the row where it has a value and is not too old."""
    if row is None or row["value"] is None or day - row["at"].date() > OLDEST[name]:
        return None
    return row


def accepted(panel: pl.DataFrame, subject: str, row: dict[str, Any], close: float | None) -> bool | None:
    if VERDICTS[int(row["value"])] != "BALANCE":
        return VERDICTS[int(row["value"])] == "ACCEPTANCE"
    own = panel.filter(pl.col("subject") == FUNDS[subject], pl.col("base_at") == row["base_at"])
    high, low = (own.filter(pl.col("id") == f"structure.{b}")["value"].item() for b in ("vah", "val"))
    return None if close is None else close > (high + low) / 2


@pytest.mark.parametrize("subject", INDEXES)
def test_each_condition_rests_on_the_newest_value_at_the_close(simulated: pl.DataFrame, subject: str) -> None:
    newest = {n: Newest(simulated, id, (WHOSE[n] or {}).get(subject, subject)) for n, id in SOURCES.items()}
    closes = Newest(simulated, "price.close", FUNDS[subject])
    bounds = simulated.filter(pl.col("id").is_in(["structure.vah", "structure.val"]))
    own = simulated.filter(pl.col("subject") == subject)
    days = [*own.filter(pl.col("id") == "fragile.count")["at"].dt.date().to_list()[::53], date(2025, 12, 31)]
    flags = {n: {r["at"].date(): r for r in own.filter(pl.col("id") == f"fragile.{n}").to_dicts()} for n in FLAGS}
    counts = {r["at"].date(): r for r in own.filter(pl.col("id") == "fragile.count").to_dicts()}
    for day in days:
        rows = {n: sound(n, w.at(closing()[day]), day) for n, w in newest.items()}
        close = closes.at(closing()[day])
        holds: dict[str, bool | None] = dict.fromkeys(FLAGS)
        if row := rows["refusal"]:
            holds["refusal"] = STATES[int(row["value"])] == "REFUSE"
        if row := rows["cheap_volatility"]:
            holds["cheap_volatility"] = row["value"] <= 20
        if row := rows["persistence"]:
            holds["persistence"] = row["value"] >= 5
        if row := rows["acceptance"]:
            holds["acceptance"] = accepted(bounds, subject, row, close and close["value"])
        found = {n: None if (v := flags[n][day]["value"]) is None else v == 1 for n in FLAGS}
        assert found == holds
        known = [n for n, held in holds.items() if held is not None]
        count = counts[day]
        assert count["n"] == len(known)
        assert count["value"] == (sum(bool(holds[n]) for n in known) if known else None)
        assert count["text"] == (", ".join(n for n in FLAGS if holds[n]) or "none" if known else None)
    assert all(any(r["value"] == v for r in flags[n].values()) for n in FLAGS for v in (0, 1))


DAY = date(2024, 3, 8)


def panel_row(id: str, subject: str, value: float | None, at: date = DAY, base: date | None = None) -> dict[str, Any]:
    close = closing()[DAY]
    row = {"id": id, "subject": subject, "at": datetime.combine(at, time(), UTC), "value": value, "known_at": close}
    return row | {"base_at": base, "reason": None if value is not None else "a table is missing"}


def given(verdict: float | None = 0, close: float = 100, **values: float | None) -> dict[str, Any]:
    """Give what fragile reads, as of one session of one index: every condition holds unless said otherwise."""
    found = {"refusal": STATES.index("REFUSE"), "cheap_volatility": 20, "persistence": 5} | values
    week = date(2024, 2, 26)
    rows = [panel_row(SOURCES[n], "VIX" if n == "cheap_volatility" else "SPX", v) for n, v in found.items()]
    rows += [panel_row("structure.verdict", "SPY", verdict, base=week), panel_row("price.close", "SPY", close)]
    rows += [panel_row("structure.vah", "SPY", 110, base=week), panel_row("structure.val", "SPY", 90, base=week)]
    frame = pl.DataFrame(rows, schema_overrides={"base_at": pl.Date, "value": pl.Float64})
    whole = frame.select(
        (pl.col(c) if c in frame.columns else pl.lit(None)).cast(t).alias(c) for c, t in schema.PANEL.items()
    )
    inputs = {
        read: whole.filter(pl.col("id") == read.removesuffix("@session")).with_columns(session=pl.lit(DAY)).lazy()
        for read in READS | {"structure.vah", "structure.val"}
    }
    feeds = pl.DataFrame({"subject": ["SPX"], "session": [DAY], "known_at": [closing()[DAY]]})
    return inputs | {"closes": feeds.lazy()}


def flags_of(inputs: dict[str, Any]) -> dict[str, dict[str, Any]]:
    rows = fragile(inputs).collect().to_dicts()
    return {r["id"].removeprefix("fragile."): r for r in rows}


def test_all_four_hold() -> None:
    found = flags_of(given())
    assert {n: found[n]["value"] for n in FLAGS} == dict.fromkeys(FLAGS, 1)
    count = found["count"]
    assert (count["value"], count["n"], count["coverage"]) == (4, 4, 1)
    assert count["text"] == "refusal, acceptance, cheap_volatility, persistence"
    assert {found[n]["base_at"] for n in FLAGS} == {DAY}


@pytest.mark.parametrize("state", ["CONFIRM", "COVER", "EXIT", "FLAT"])
def test_only_refusal_is_refusal(state: str) -> None:
    found = flags_of(given(refusal=STATES.index(state)))
    assert found["refusal"]["value"] == 0
    assert found["count"]["text"] == "acceptance, cheap_volatility, persistence"


@pytest.mark.parametrize(
    ("verdict", "close", "held"),
    [("ACCEPTANCE", 1, 1), ("DISTRIBUTION", 999, 0), ("BALANCE", 100.01, 1), ("BALANCE", 100, 0), ("BALANCE", 95, 0)],
)
def test_acceptance_or_balance_in_the_upper_half(verdict: str, close: float, held: int) -> None:
    assert flags_of(given(VERDICTS.index(verdict), close))["acceptance"]["value"] == held


def test_the_bounds_belong_to_the_conditions() -> None:
    found = flags_of(given(cheap_volatility=20.1, persistence=4))
    assert (found["cheap_volatility"]["value"], found["persistence"]["value"]) == (0, 0)


def test_what_is_not_known_counts_neither_way() -> None:
    found = flags_of(given(None, refusal=None))
    assert found["refusal"]["reason"] == f"refusal.state_12m at {DAY}: a table is missing"
    assert (found["count"]["value"], found["count"]["n"]) == (2, 2)
    assert found["count"]["text"] == "cheap_volatility, persistence"
    nothing = flags_of(given(None, refusal=None, cheap_volatility=None, persistence=None))["count"]
    assert (nothing["value"], nothing["reason"]) == (None, "none of the four conditions is known")


def test_a_value_too_old_says_nothing() -> None:
    inputs = given()
    for name, id in SOURCES.items():
        old = datetime.combine(DAY - OLDEST[name] - timedelta(days=1), time(), UTC)
        late = inputs[f"{id}@session"].with_columns(at=pl.lit(old))
        row = flags_of(inputs | {f"{id}@session": late})[name]
        assert (row["value"], row["reason"]) == (None, f"the newest {id} is of {old.date()}: too old")
        edge = inputs[f"{id}@session"].with_columns(at=pl.lit(old + timedelta(days=1)))
        assert flags_of(inputs | {f"{id}@session": edge})[name]["value"] == 1


def test_before_anything_is_known() -> None:
    inputs = given()
    none = {name: frame.filter(pl.lit(False)) for name, frame in inputs.items() if "@session" in name}
    row = flags_of(inputs | none)["acceptance"]
    assert (row["value"], row["reason"]) == (None, "no structure.verdict is known yet")
