"""The pictures of a study carry the numbers of its document."""

from typing import Any

import numpy as np
import pytest

from overshort.surfaces.plots import PLOTS, fan, outcomes, plotted

BANDS = {p: [0.01 * k, 0.02 * k] for k, p in enumerate(("p10", "p25", "p50", "p75", "p90"), -2)}
FAN: dict[str, Any] = {
    "proxy": "SPY",
    "sessions": 2,
    "n": 3,
    "flagged": BANDS,
    "all": BANDS,
    "runs": [{"entry": "2024-01-02", "path": [0.01]}, {"entry": "2024-05-02", "path": [0.01, -0.02]}],
}


def test_the_fan_has_both_medians_both_tails_and_every_run() -> None:
    figure = fan(FAN)
    assert figure is not None
    named = {t.name: list(t.y) for t in figure.data if t.name}
    assert named["median after the flag"] == named["median after all"] == [0.0, 0.0]
    assert named["10 % of all"] == [-2.0, -4.0]
    assert named["90 % of all"] == [2.0, 4.0]
    runs = [list(t.y) for t in figure.data if t.name == "each run's first case"]
    assert runs == [[1.0], [1.0, -2.0]]
    assert fan(FAN | {"flagged": {}}) is None


def test_the_distribution_gives_shares_of_each_group() -> None:
    every = np.linspace(-0.3, 0.3, 100).tolist()
    figure = outcomes({"proxy": "QQQ", "sessions": 63, "all": every, "flagged": every[-10:]})
    assert figure is not None
    for bars, n in zip(figure.data, (100, 10), strict=True):
        assert sum(bars.y) == pytest.approx(100, abs=0.5)
        assert f"n = {n}" in bars.name
    centres = np.array(figure.data[1].x)
    assert min(centres[np.array(figure.data[1].y) > 0]) > 20
    assert outcomes({"proxy": "QQQ", "sessions": 63, "all": every, "flagged": []}) is None


def test_reliability_is_drawn_only_where_there_are_forecasts() -> None:
    assert plotted("reliability", {"title": "a", "curves": {}}) is None
    assert plotted("reliability", {"title": "a", "curves": {"shown": []}}) is None
    rows = [{"given": 0.1, "happened": 0.2, "n": 4}, {"given": 0.6, "happened": 0.5, "n": 9}]
    figure = plotted("reliability", {"title": "a", "curves": {"shown": rows}})
    assert figure is not None
    (points,) = [t for t in figure.data if t.customdata is not None]
    assert (list(points.x), list(points.y), list(points.customdata)) == ([0.1, 0.6], [0.2, 0.5], [4, 9])
    assert set(PLOTS) == {"fan", "outcomes", "reliability", "tape"}
