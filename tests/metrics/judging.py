"""Value areas, verdicts and compression in plain Python, on the bars of :mod:`metrics.charting`."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from metrics import charting
from metrics.charting import Bar, Raw, Value
from overshort import sessions

Row = dict[str, Any]
Values = dict[str, dict[datetime | date, Value]]
Levels = Mapping[date, tuple[Value, Value]]
WEEK = timedelta(days=7)
FOUR_HOUR, DAILY = ((8, 21, 34, 55), 21), ((20, 50, 200), 20)
SUFFIXED = ("bb_mid", "bb_upper", "bb_lower", "kc_mid", "kc_upper", "kc_lower", "u_bb", "u_kc", "ema_stack")


def stretches(bars: Sequence[Bar]) -> list[list[Bar]]:
    """Part bars where more than five sessions lie between two."""
    days = {d: k for k, d in enumerate(charting.hours())}
    out: list[list[Bar]] = [[bars[0]]]
    for one, other in pairwise(bars):
        if days[other.session] - days[one.session] > 5:
            out.append([])
        out[-1].append(other)
    return out


def areas(rows: Sequence[Raw], bars: Sequence[Bar], ranges: dict[Any, Value]) -> dict[date, tuple[float, float, float]]:
    """Give the value area of every week that has one, by its Monday."""
    trades: dict[date, timedelta] = {}
    for day, (opens, closes) in charting.hours().items():
        monday = day - timedelta(days=day.weekday())
        trades[monday] = trades.get(monday, timedelta()) + closes - opens
    held: dict[date, list[Raw]] = {}
    for row in rows:
        day = row[0].astimezone(charting.NEW_YORK).date()
        inside = any(start <= row[0] and row[1] <= end for start, end in charting.buckets(day))
        if inside and row[6] > 0:
            held.setdefault(day - timedelta(days=day.weekday()), []).append(row)
    last = {b.week: ranges[b.at] for b in bars}
    found = {}
    for monday, own in held.items():
        covered = sum((r[1] - r[0] for r in own), timedelta()) / trades[monday]
        atr = last.get(monday)
        if covered >= 0.95 and atr:
            found[monday] = charting.value_area(own, 0.05 * atr)
    return found


def swings(bars: Sequence[Bar], ranges: Sequence[Value], k: int, vah: float) -> list[bool]:
    """Tell of every swing low of the bar's week, as known at bar k, whether it held."""
    out = []
    for i in range(max(2, k - 12), k - 1):
        around = [bars[j].low for j in (i - 2, i - 1, i + 1, i + 2)]
        if bars[i].week == bars[k].week and bars[i].low < min(around):
            atr = ranges[i]
            deep = atr is not None and bars[i].low < vah - 0.25 * atr
            out.append(not deep and max(b.close for b in bars[i : i + 3]) > vah)
    return out


def verdict(last: Sequence[Bar], vah: float, before: float | None) -> Row:
    row: Row = {}
    above = [b.close > vah for b in last]
    heard = [b for b in last if b.heard]
    share = [min(max((b.high - vah) / (b.high - b.low), 0), 1) for b in heard]
    row["closes_above_vah"] = sum(above) / 10
    row["failed_probes"] = sum(b.high > vah >= b.close for b in last)
    if not heard:
        return row
    volume = row["volume_above_vah"] = sum(s * b.volume for s, b in zip(share, heard, strict=True)) / sum(
        b.volume for b in heard
    )
    if above[-1] and above[-2] and sum(above) >= 6 and volume >= 0.5:
        row["verdict"] = 0
    elif sum(above) < 4 and row["failed_probes"] >= 2:
        row["verdict"] = None if before is None else 2 if vah > before else 1
    else:
        row["verdict"] = 2
    return row


def triggers(daily: Sequence[Bar]) -> dict[date, tuple[Value, Value]]:
    """Give for every session the highest close of the 20 before it and the daily ATR14, from the session before."""
    out: dict[date, tuple[Value, Value]] = {}
    for run in stretches(daily):
        atr = charting.atr(run, 14)
        for k, bar in enumerate(run):
            highest = max(b.close for b in run[k - 19 : k + 1]) if k >= 19 else None
            out[sessions.next_session(bar.session)] = (highest, atr[k])
    return out


def compression(bars: Sequence[Bar], rows: Sequence[Row], levels: Levels, k: int) -> Row:
    level, atr = levels.get(bars[k].session, (None, None))
    if level is None or atr is None:
        return {}
    bar, row = bars[k], rows[k]
    below = 0 < level - bar.close <= 0.5 * atr
    out: Row = {"below_trigger": float(below)}
    if "width_rank" not in row:
        return out
    slope, t = row["lower_band_slope"], row["lower_band_t"]
    recent = [(b.high, levels.get(b.session, (None, None))[0]) for b in bars[max(0, k - 3) : k + 1]]
    fallen = any(lv is not None and high > lv and bar.close < lv for high, lv in recent)
    if below and slope > 0.02 and t > 2 and row["width_rank"] <= 20:
        out["state"] = 0
    elif fallen and bar.close < row["bb_mid"]:
        out["state"] = 1
    else:
        out["state"] = 2 if t < -2 and bar.close < row["bb_mid"] else 3
    return out


def _into(out: Values, room: str, suffix: str, at: datetime | date, row: Row, names: Sequence[str]) -> None:
    for name in names:
        out.setdefault(f"{room}.{name}{suffix}", {})[at] = row.get(name)


def beside(daily: Sequence[Bar], given: Mapping[date, Value]) -> Levels:
    """Put beside a trigger of each session the daily ATR14 of the session before."""
    return {s: (given.get(s), atr) for s, (_, atr) in triggers(daily).items()}


def judged(bars: Sequence[Bar], rows: Sequence[Row], levels: Mapping[str, Levels], k: int) -> Row:
    """Give the metrics of every trigger, each with its suffix."""
    found = {suffix: compression(bars, rows, own, k) for suffix, own in levels.items()}
    return {f"{name}{suffix}": value for suffix, row in found.items() for name, value in row.items()}


def _triggered(levels: Mapping[str, Levels]) -> list[str]:
    return [f"{name}{suffix}" for suffix in levels for name in ("below_trigger", "state")]


MEASURES = ("lower_band_slope", "lower_band_t", "width_rank", "ttm")
AVERAGES = ("sma50", "sma200", "above_sma50", "above_sma200")
VERDICT = ("verdict", "closes_above_vah", "volume_above_vah", "failed_probes", "pullback_holds")


def daily_values(daily: Sequence[Bar], others: Mapping[str, Mapping[date, Value]] = MappingProxyType({})) -> Values:
    """Give all daily metrics by id and session; ``others`` are further triggers by kind and session."""
    out: Values = {}
    levels = {"": triggers(daily)} | {f"_{kind}": beside(daily, given) for kind, given in others.items()}
    for run in stretches(daily):
        rows: list[Row] = [dict(r) for r in charting.indicators(run, *DAILY)]
        lines = {n: charting.sma([b.close for b in run], n) for n in (50, 200)}
        for k, bar in enumerate(run):
            rows[k] |= {f"sma{n}": lines[n][k] for n in lines}
            rows[k] |= {f"above_sma{n}": None if (v := lines[n][k]) is None else float(bar.close > v) for n in lines}
            rows[k] |= judged(run, rows, levels, k)
            _into(out, "structure", "_1d", bar.at, rows[k], (*SUFFIXED, "ema_supportive", *AVERAGES))
            _into(out, "compression", "_1d", bar.at, rows[k], (*MEASURES, *_triggered(levels)))
            out.setdefault("compression.trigger_range", {})[bar.at] = levels[""].get(bar.session, (None, None))[0]
    return out


def four_hour_values(
    rows: Sequence[Raw], daily: Sequence[Bar], others: Mapping[str, Mapping[date, Value]] = MappingProxyType({})
) -> Values:
    """Give all metrics on four-hour bars by id and end of the bar, and the value areas by last session of the week."""
    out: Values = {}
    every = charting.four_hour(rows)
    levels = {"": triggers(daily)} | {f"_{kind}": beside(daily, given) for kind, given in others.items()}
    runs = stretches([b for b in every if b.coverage == 1])
    ranges = {b.at: a for run in runs for b, a in zip(run, charting.atr(run, 10), strict=True)}
    found = areas(rows, [b for run in runs for b in run], ranges)
    for run in runs:
        own: list[Row] = [dict(r) for r in charting.indicators(run, *FOUR_HOUR)]
        for k, bar in enumerate(run):
            own[k] |= judged(run, own, levels, k)
            area, before = found.get(bar.week - WEEK), found.get(bar.week - 2 * WEEK)
            if area and k >= 9:
                own[k] |= verdict(run[k - 9 : k + 1], area[2], before and before[2])
            if area and k >= 10 and (held := swings(run, [ranges[b.at] for b in run], k, area[2])):
                own[k]["pullback_holds"] = float(all(held))
            _put(out, bar.at, own[k], _triggered(levels))
    for bar in every:
        if bar.coverage < 1:
            _put(out, bar.at, {}, _triggered(levels))
    for monday, area in found.items():
        last = max(b.session for b in every if b.week == monday)
        for name, value in zip(("val", "poc", "vah"), area, strict=True):
            out.setdefault(f"structure.{name}", {})[last] = value
    return out


def _put(out: Values, at: datetime | date, row: Row, triggered: Sequence[str]) -> None:
    _into(out, "structure", "_4h", at, row, (*SUFFIXED, "ema_supportive", "rejection", "envelope", "envelope_upper"))
    _into(out, "structure", "_4h", at, row, [f"ema{n}" for n in FOUR_HOUR[0]])
    _into(out, "structure", "", at, row, ("u_bb", "u_kc", "ema_stack", *VERDICT))
    _into(out, "compression", "", at, row, (*MEASURES, *triggered))
