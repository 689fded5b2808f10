"""A real commentary of December 2025, set against what was known on its date.

Its sentences stay in its file; what is asserted are its numbers.
"""

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from overshort.engine.commentary import audited, decoded
from overshort.engine.moment import moment
from overshort.store.lake import Lake

pytestmark = pytest.mark.data
LACKING = (
    "no FINRA report after settlement 2025-06-13 in table short_interest: the 12 of 2025-06-30 to 2025-12-15 had been "
    "published by 2025-12-30"
)
STATED = {
    ("RUT", "ytd"): 0.45,
    ("RUT", "12m"): 0.23,
    ("NDX", "last"): 0.039,
    ("NDX", "ytd"): 0.308,
    ("NDX", "12m"): 0.144,
    ("SPX", "last"): 0.0245,
    ("SPX", "ytd"): 0.453,
    ("SPX", "12m"): 0.221,
}
"""The commentary's own numbers."""
ANNOUNCED = {"last": ("2025-11-28", 0.0105), "ytd": ("2024-12-31", 0.2705), "12m": ("2024-12-13", 0.3045)}
"""Nasdaq's announced totals at settlement 2025-12-15: 18,382,401,029 against 18,191,305,171, 14,468,312,416 and
14,091,933,828 at the three bases."""


@pytest.fixture(scope="module")
def built(data: Path, lake: Lake) -> dict[str, Any]:
    path = data.parent / "commentary" / "2025-12-positioning.txt"
    if not path.is_file():
        pytest.skip("needs ../shared/commentary/2025-12-positioning.txt, which is not here")
    text = decoded(path.read_bytes(), path.name)
    return audited(lake, text, moment("2025-12-30"), moment("2026-08-21")).document


def claims(built: dict[str, Any], subject: str, metric: str) -> list[dict[str, Any]]:
    return [c for c in built["claims"] if (c["subject"], c["metric"]) == (subject, metric)]


def test_every_checkable_statement_is_checked_or_says_what_is_missing(built: dict[str, Any]) -> None:
    checkable = [c for c in built["claims"] if c["checkable"]]
    assert len(checkable) >= 20
    for claim in checkable:
        open_ = claim["verdict"] == "cannot be checked"
        assert (claim["measured"] is None) == open_
        assert (claim["reason"] is None) == (not open_)
    reports = [c for c in checkable if c["metric"].startswith("crowding.") and c["reason"] == LACKING]
    assert len(reports) >= 12
    for claim in reports:
        assert claim["missing"]["from"] == "2025-06-30"
        assert claim["nearest"]


@pytest.mark.parametrize(("subject", "window"), list(STATED))
def test_stated_changes_are_not_checked_by_older_ones(built: dict[str, Any], subject: str, window: str) -> None:
    own = [c for c in claims(built, subject, f"crowding.change_{window}") if c["comparison"] == "="]
    (claim,) = own
    assert claim["value"] == pytest.approx(STATED[subject, window])
    assert (claim["verdict"], claim["reason"]) == ("cannot be checked", LACKING)
    base, announced = ANNOUNCED[window]
    assert claim["span"] == {"base": base, "end": "2025-12-15"}
    older, exchange = claim["nearest"]
    assert (older["at"], older["stale"]) == ("2025-06-13", True)
    assert (exchange["subject"], exchange["at"], exchange["base_date"]) == ("NASDAQ", "2025-12-15", base)
    assert exchange["value"] == pytest.approx(announced, abs=0.00006)


@pytest.mark.parametrize(
    ("subject", "implied", "measured"), [("RUT", -0.152, 0.0288), ("NDX", -0.125, 0.0173), ("SPX", -0.160, 0.0045)]
)
def test_its_numbers_contradict_each_other(
    built: dict[str, Any], subject: str, implied: float, measured: float
) -> None:
    (found,) = [i for i in built["inconsistencies"] if i["subject"] == subject]
    assert (found["from"], found["to"]) == ("2024-12-13", "2024-12-31")
    assert found["implied"] == pytest.approx(implied, abs=0.0005)
    assert found["measured"] == pytest.approx(measured, abs=0.0001)
    assert found["low"] < found["implied"] < found["high"] < 0 < found["measured"]
    assert found["reconciled_by"] == []
    assert len(built["inconsistencies"]) == 3


def test_the_eighth_gain_was_missed_by_five_basis_points(built: dict[str, Any]) -> None:
    (claim,) = claims(built, "SPX", "persistence.month_streak_running")
    assert claim["verdict"] == "holds"
    assert claim["measured"]["value"] == 8
    assert claim["resolution"]["verdict"] == "did not come true"
    assert claim["resolution"]["margin_bp"] == pytest.approx(-5.24, abs=0.01)
    assert claim["followed"]["cases"] == 10


def test_the_covering_cannot_be_resolved_here(built: dict[str, Any]) -> None:
    for subject in ("SPX", "NDX", "RUT"):
        for claim in claims(built, subject, "probability.cover5_3m"):
            found = claim["resolution"]
            assert found["verdict"] == "cannot be resolved"
            assert "no FINRA report after settlement 2025-06-13" in found["reason"]
            assert [(f["base_date"], f["at"]) for f in found["nearest"]] == [("2025-12-15", "2025-12-31")]
            assert claim["base_rate"]["runs"] == {"SPX": 17, "NDX": 19, "RUT": 8}[subject]


def test_what_prices_say(built: dict[str, Any]) -> None:
    """Verdicts that rest on prices known at the close of 2025-12-30."""
    verdicts = {
        ("SPX", "persistence.best_week_of"): "contradicted",
        ("VIX", "volatility.cycle_low"): "contradicted",
        ("VIX", "volatility.rank_1y"): "holds",
        ("SPX", "persistence.streak_count_since_1945"): "holds",
    }
    for (subject, metric), verdict in verdicts.items():
        assert {c["verdict"] for c in claims(built, subject, metric)} == {verdict}, metric


def test_nothing_that_was_known_later_is_used(built: dict[str, Any]) -> None:
    later = f"{date(2025, 12, 31)}T05:00:00Z"
    for claim in built["claims"]:
        figures = [f for f in (claim["measured"], *claim["nearest"]) if f]
        assert all(f["known_at"] < later for f in figures)
