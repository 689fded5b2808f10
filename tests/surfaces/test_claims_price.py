"""What is said of price: every sentence follows its figures, and what shows nothing has none."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from overshort.engine.figures import Figure
from overshort.metrics import metric
from overshort.surfaces.claims import claims
from surfaces.made import changed, figure

BAR, DAY, WEEK = "2025-06-27T20:00:00Z", "2025-06-27", "2025-06-16"
Value = float | str | bool | None


def own(values: dict[str, Value], subject: str, at: str, base: str | None = None, **fields: Any) -> list[Figure]:
    return [replace(figure(id, v, subject=subject, at=at, base=base), **fields) for id, v in values.items()]


def structure(state: str | None, *, week: str = WEEK) -> list[Figure]:
    values: dict[str, Value] = {
        "structure.verdict": state,
        "structure.closes_above_vah": 0.8,
        "structure.volume_above_vah": 0.764,
        "structure.failed_probes": 3,
    }
    return [*own(values, "SPY", BAR, WEEK), *own({"structure.vah": 601.25}, "SPY", DAY, week)]


def compressed(state: str | None, *, session: str = DAY) -> list[Figure]:
    values: dict[str, Value] = {"compression.state": state, "compression.width_rank": 12.5}
    return [*own(values, "SPY", BAR), *own({"compression.trigger_range": 611.87}, "SPY", session)]


def held(
    gain: float | None, days: int | None, *, subject: str = "SPX", n: int = 482, cover: float = 0.958
) -> list[Figure]:
    values: dict[str, Value] = {"carry.mtm": gain, "carry.underwater_days": days}
    return own(values, subject, DAY, n=n, coverage=cover)


def risen(share: float | None, best: int | None, *, n: int = 87, cover: float | None = 0.861) -> list[Figure]:
    values: dict[str, Value] = {"breadth.green": share, "breadth.green_best_of": best}
    return own(values, "NDX", DAY, n=n, coverage=cover)


def equilibrium(count: int | None, known: int, note: str | None) -> list[Figure]:
    return own({"fragile.count": count}, "SPX", DAY, n=known, coverage=known / 4, note=note)


def only(found: list[Figure]) -> dict[str, Any]:
    (claim,) = claims(found)
    assert claim["figures"]
    assert set(claim["figures"]) <= {f.key for f in found}
    assert "None" not in claim["text"].removeprefix("None of the")
    assert claim["text"].endswith(".")
    assert ".." not in claim["text"]
    return claim


def test_acceptance() -> None:
    claim = only(structure("ACCEPTANCE"))
    assert claim["id"] == "structure.verdict/SPY"
    assert claim["text"] == (
        "SPY accepts prices above the value of the week from 2025-06-16: ACCEPTANCE; of its last 10 4-hour bars to "
        "2025-06-27 80.0 % closed above its high (601.25), with 76.4 % of the volume there."
    )
    assert claim["verdict"] == "ACCEPTANCE"
    assert len(claim["figures"]) == 4
    assert "under 60 % of the last 10" in claim["falsifier"]


def test_distribution() -> None:
    claim = only(changed(structure("DISTRIBUTION"), "structure.closes_above_vah", 0.1))
    assert claim["text"].startswith("SPY is turned back above the value of the week from 2025-06-16: DISTRIBUTION; ")
    assert claim["text"].endswith("10.0 % closed above its high (601.25), 3 reached above it in vain.")
    assert "40 % or more" in claim["falsifier"]
    assert "fewer than 2" in claim["falsifier"]


def test_the_level_of_a_week_that_is_over_is_not_what_its_own_bars_were_set_against() -> None:
    """After Friday's close the newest value area is that of the week itself."""
    claim = only(structure("ACCEPTANCE", week="2025-06-23"))
    assert "601.25" not in claim["text"]
    assert "80.0 % closed above its high, with" in claim["text"]
    assert not any("structure.vah@" in key for key in claim["figures"])


@pytest.mark.parametrize(
    ("state", "words", "falsifier"),
    [
        ("COIL", "coils just below its range trigger while the lower band rises", "a close above the trigger"),
        ("REJECTION", "was turned back from its range trigger", "no high above a trigger"),
        ("DETERIORATION", "is under the middle of its bands and the lower band falls", "a lower band that does not"),
    ],
)
def test_compression(state: str, words: str, falsifier: str) -> None:
    claim = only(compressed(state))
    assert claim["text"] == (
        f"SPY {words} on 4-hour bars to 2025-06-27: {state}; trigger 611.87 (highest close of 20 sessions, a "
        "substitute for the proprietary one); width of the bands at rank 12.5 of 120 bars."
    )
    assert claim["verdict"] == state
    assert claim["falsifier"].startswith(falsifier)
    assert (claim["counter"] is not None) == (state == "COIL")


def test_the_trigger_of_another_session_is_left_out() -> None:
    claim = only(compressed("COIL", session="2025-06-26"))
    assert "611.87" not in claim["text"]
    assert len(claim["figures"]) == 2


def test_what_does_not_stand_out_has_no_sentence() -> None:
    assert claims(structure("BALANCE")) == claims(compressed("NONE")) == []


def test_every_state_is_either_said_or_calm() -> None:
    said = {c["verdict"] for s in metric("compression.state").states for c in claims(compressed(s))}
    said |= {c["verdict"] for s in metric("structure.verdict").states for c in claims(structure(s))}
    every = {*metric("compression.state").states, *metric("structure.verdict").states}
    assert said == every - {"NONE", "BALANCE"}


def test_a_loss_of_an_index() -> None:
    claim = only(held(-0.1704, 70))
    assert claim["text"] == (
        "The shorts of S&P 500 members (482 of them with an entry and a close, 95.8 %) have lost 17.0 % on their "
        "average entry by 2025-06-27: not in profit for 70 days."
    )
    assert claim["verdict"] == "under water"
    assert "other sign" in claim["falsifier"]


@pytest.mark.parametrize(
    ("gain", "days", "words", "verdict"),
    [
        (0.032, 0, "have gained 3.2 % on their average entry by 2025-06-27.", "profit"),
        (-0.2, 1, "have lost 20.0 % on their average entry by 2025-06-27: not in profit for 1 day.", "under water"),
        (-0.2, 1400, "by 2025-06-27: not in profit for 1,400 days.", "under water"),
        (-0.2, None, "by 2025-06-27: never in profit since the first mark.", "under water"),
        (0.0, 3, "stand at their average entry on 2025-06-27: not in profit for 3 days.", "even"),
    ],
)
def test_a_fund_has_no_members(gain: float, days: int | None, words: str, verdict: str) -> None:
    claim = only(held(gain, days, subject="QQQ", n=1, cover=1.0))
    assert claim["text"].startswith("QQQ's own shorts ")
    assert claim["text"].endswith(words)
    assert "of them" not in claim["text"]
    assert claim["verdict"] == verdict


@pytest.mark.parametrize(
    ("best", "words"),
    [
        (0, "no larger a share than in the session before it."),
        (1, "a larger share than in the session before it."),
        (2, "a larger share than in any of the 2 sessions before it."),
        (1250, "a larger share than in any of the 1,250 sessions before it."),
    ],
)
def test_breadth_counts_the_sessions_that_it_beats(best: int, words: str) -> None:
    claim = only(risen(0.7701, best))
    assert claim["text"] == (
        f"77.0 % of Nasdaq-100 members (87 of them with both closes, 86.1 %) rose on 2025-06-27, {words}"
    )


def test_without_coverage_none_is_named() -> None:
    assert "(" not in only(risen(0.77, 1, cover=None))["text"]
    assert "(" not in only(risen(0.77, 1, n=1, cover=1.0))["text"]


@pytest.mark.parametrize(
    ("count", "known", "note", "text"),
    [
        (0, 4, "none", "None of the four conditions of a fragile equilibrium holds for the S&P 500 on 2025-06-27."),
        (
            1,
            4,
            "cheap_volatility",
            "1 of the four conditions of a fragile equilibrium holds for the S&P 500 on 2025-06-27: cheap volatility.",
        ),
        (
            2,
            3,
            "acceptance, persistence",
            "3 of the four conditions of a fragile equilibrium are known for the S&P 500 on 2025-06-27; 2 of them "
            "hold: acceptance, persistent momentum.",
        ),
        (
            0,
            1,
            "none",
            "One of the four conditions of a fragile equilibrium is known for the S&P 500 on 2025-06-27; it does not "
            "hold.",
        ),
        (2, 4, None, "2 of the four conditions of a fragile equilibrium hold for the S&P 500 on 2025-06-27."),
    ],
)
def test_a_fragile_equilibrium(count: int, known: int, note: str | None, text: str) -> None:
    claim = only(equilibrium(count, known, note))
    assert claim["text"] == text
    assert claim["verdict"] == f"{count} of {known}"


@pytest.mark.parametrize(
    "found",
    [
        structure(None),
        changed(structure("ACCEPTANCE"), "structure.closes_above_vah", None),
        compressed(None),
        changed(compressed("COIL"), "compression.width_rank", None),
        held(None, None),
        risen(None, None),
        risen(0.7, None),
        equilibrium(None, 0, None),
        [],
    ],
)
def test_what_is_null_is_not_said(found: list[Figure]) -> None:
    assert claims(found) == []


@pytest.mark.parametrize("id", ["structure.vah", "structure.volume_above_vah", "structure.failed_probes"])
@pytest.mark.parametrize("state", ["ACCEPTANCE", "DISTRIBUTION"])
def test_what_else_is_null_is_left_out_of_the_sentence(state: str, id: str) -> None:
    whole = structure(state)
    claim = only(changed(whole, id, None))
    assert len(claim["text"]) <= len(only(whole)["text"])
    assert not any(f"/{id}@" in key for key in claim["figures"])


@pytest.mark.parametrize(
    ("make", "id", "value"),
    [
        (lambda: structure("ACCEPTANCE"), "structure.closes_above_vah", 0.7),
        (lambda: structure("ACCEPTANCE"), "structure.volume_above_vah", 0.5),
        (lambda: structure("DISTRIBUTION"), "structure.failed_probes", 4),
        (lambda: structure("DISTRIBUTION"), "structure.vah", 600.0),
        (lambda: compressed("COIL"), "compression.width_rank", 3.0),
        (lambda: compressed("COIL"), "compression.trigger_range", 3.0),
        (lambda: held(-0.1, 3), "carry.mtm", -0.2),
        (lambda: held(-0.1, 3), "carry.underwater_days", 4),
        (lambda: risen(0.7, 3), "breadth.green", 0.6),
        (lambda: risen(0.7, 3), "breadth.green_best_of", 4),
        (lambda: equilibrium(2, 4, "refusal, acceptance"), "fragile.count", 3),
    ],
)
def test_a_broken_figure_changes_the_sentence(make: Callable[[], list[Figure]], id: str, value: Value) -> None:
    assert only(changed(make(), id, value))["text"] != only(make())["text"]


def test_price_comes_last_and_in_the_order_of_its_sections() -> None:
    found = [*risen(0.7, 1), *equilibrium(2, 4, None), *held(-0.1, 3), *compressed("COIL"), *structure("ACCEPTANCE")]
    ids = [c["id"].partition("/")[0] for c in claims(found)]
    assert ids == ["structure.verdict", "compression.state", "breadth.green", "carry.mtm", "fragile.count"]
