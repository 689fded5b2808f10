"""The replication of Rapach, Ringgenberg and Zhou (2016) as a page."""

from collections.abc import Iterator, Mapping
from typing import Any

from overshort.evidence.replication import PERIODS, PUBLISHED
from overshort.surfaces.page.blocks import Block, Cell, Grid, Section, Words
from overshort.surfaces.page.figures import name
from overshort.surfaces.page.study import p_value
from overshort.surfaces.words import counted, minus, month_name

__all__ = ["section"]

NOTE = "R² in sample, and out of sample for returns that begin in each period; p by Clark and West, one-sided."
PAPER = "Rapach, Ringgenberg and Zhou (2016), Short interest and aggregate stock returns, JFE 121, 46–65"


def section(study: Mapping[str, Any]) -> Section:
    """Give the section: the paper's table, sub-periods, and the other weighting."""
    return Section(id="replication", title="Short interest and the market: a paper computed again", blocks=_all(study))


def _all(study: Mapping[str, Any]) -> list[Block]:
    blocks: list[Block] = [Words(text=_lead(study), tone="lead"), Words(text=_beside(study))]
    for weighting, fits in study["weightings"].items():
        blocks.append(_grid(weighting, fits))
    return [*blocks, Words(text=_method(study), tone="dim")]


def _percent(value: float | None) -> str:
    return "–" if value is None else minus(f"{100 * value:.2f} %")


def _plain(value: float | None, digits: int = 2) -> str:
    return "–" if value is None else minus(f"{value:.{digits}f}")


def _twelve(study: Mapping[str, Any], weighting: str = "equal-weighted") -> Mapping[str, Any]:
    fit: Mapping[str, Any] = study["weightings"][weighting][-1]
    return fit


def _whole() -> str:
    return next(iter(PERIODS))


def _lead(study: Mapping[str, Any]) -> str:
    fit = _twelve(study)
    outside = fit["outside"][_whole()]["r2"]
    return (
        f"Over 12 months the short interest index explains {_percent(fit['r2'])} of returns in sample and "
        f"{_percent(outside)} out of sample; the paper prints {_percent(PUBLISHED['in_sample_r2'])} and "
        f"{_percent(PUBLISHED['out_of_sample_r2'])}. One standard deviation more short interest goes with "
        f"{_plain(fit['beta'])} % a month (t {_plain(fit['t'])})."
    )


def _beside(study: Mapping[str, Any]) -> str:
    fit, other = _twelve(study), _twelve(study, "value-weighted")
    parts = [f"{_percent(fit['outside'][p]['r2'])} in {p}" for p in list(PERIODS)[1:]]
    return (
        f"What the paper does not stress: of the 12-month out-of-sample R², {' but '.join(parts)}; and with short "
        f"interest weighted by value it is {_percent(other['outside'][_whole()]['r2'])}, in sample "
        f"{_percent(other['r2'])}."
    )


def _grid(weighting: str, fits: list[Mapping[str, Any]]) -> Grid:
    heads = ["months ahead", "n", "beta, % a month", "t", "R² in"]
    for period in PERIODS:
        heads += [f"out, {period}", "p", "n"]
    return Grid(title=f"Short interest {weighting}", heads=heads, rows=[[*_row(fit)] for fit in fits], note=NOTE)


def _row(fit: Mapping[str, Any]) -> Iterator[Cell]:
    texts = [str(fit["horizon"]), str(fit["n"]), _plain(fit["beta"]), _plain(fit["t"]), _percent(fit["r2"])]
    for found in fit["outside"].values():
        texts += [_percent(found["r2"]), p_value(found["p"]), str(found["n"])]
    return (name(t) for t in texts)


def _method(study: Mapping[str, Any]) -> str:
    return (
        f"{PAPER}. {counted(study['months'], 'month')}, {month_name(study['from'])} to {month_name(study['to'])}. SII: "
        "residual of log short interest on a linear trend, over its standard deviation; return: mean of the next "
        "months' log excess returns of the S&P 500, value-weighted. t: Newey–West with as many lags as months. Out of "
        "sample trend, deviation and regression are fitted anew each month on what was known by then; benchmark: the "
        "mean of the monthly returns so far; p: Clark and West, one-sided, Newey–West. The workbook was compiled "
        "afterwards from revised numbers, so nothing of it is known before its last month is over."
    )
