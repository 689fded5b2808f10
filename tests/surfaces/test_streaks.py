"""The streaks command against a plain recount of the monthly returns."""

import json
from datetime import date
from math import prod
from typing import Any

import pytest

from overshort.metrics.persistence.rarity import p_coin, p_permutation
from surfaces.conftest import Run

FIELDS = {
    "schema",
    "as_of",
    "simulated",
    "id",
    "subject",
    "length",
    "months",
    "rising",
    "from",
    "to",
    "count",
    "p_coin",
    "p_permutation",
    "occurrences",
    "after",
    "unconditional",
}
HORIZONS = {"1m": 1, "3m": 3, "6m": 6, "12m": 12}
Months = list[tuple[str, float]]


def streaks(run: Run, *arguments: str) -> Any:
    code, out, _ = run("streaks", *arguments, "--json")
    assert code == 0
    return json.loads(out)


def returns(run: Run, subject: str, *arguments: str) -> Months:
    """Give month ends and returns from the panel."""
    code, out, _ = run(
        "figures", "persistence.month_return", "--subject", subject, "--history", "-f", "json", *arguments
    )
    assert code == 0
    return [(r["at"][:10], r["value"]) for r in json.loads(out)["figures"]]


def naive(months: Months, length: int) -> list[dict[str, Any]]:
    """Walk through the months once."""
    out, k = [], 0
    while k < len(months):
        end = k
        while end < len(months) and months[end][1] > 0:
            end += 1
        if end - k >= length:
            out.append(
                {
                    "first": months[k][0],
                    "reached": months[k + length - 1][0],
                    "final": end - k if end < len(months) else None,
                    **{f"after_{h}": followed(months, k + length - 1, n) for h, n in HORIZONS.items()},
                }
            )
        k = max(end, k + 1)
    return out


def followed(months: Months, place: int, count: int) -> float | None:
    after = months[place + 1 : place + 1 + count]
    return prod(1 + r for _, r in after) - 1 if len(after) == count else None


def close(found: list[dict[str, Any]], expected: list[dict[str, Any]]) -> bool:
    def same(a: Any, b: Any) -> bool:
        return a == pytest.approx(b, rel=1e-9, abs=1e-12) if isinstance(b, float) else bool(a == b)

    return len(found) == len(expected) and all(
        set(f) == set(e) and all(same(f[k], e[k]) for k in e) for f, e in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize("subject", ["SPX", "NDX", "RUT"])
@pytest.mark.parametrize("length", [1, 3, 5])
@pytest.mark.parametrize("day", ["2025-01-10", "2022-06-15"])
def test_the_list_is_a_plain_recount(run: Run, subject: str, length: int, day: str) -> None:
    built = streaks(run, "--length", str(length), "--subject", subject, "--as-of", day)
    months = returns(run, subject, "--as-of", day)
    expected = naive(months, length)
    assert close(built["occurrences"], expected)
    ups = sum(r > 0 for _, r in months)
    assert (built["count"], built["months"], built["rising"]) == (len(expected), len(months), ups)
    assert (built["from"], built["to"]) == (months[0][0], months[-1][0])
    assert built["p_coin"] == p_coin(len(months), ups, length, len(expected))
    assert built["p_permutation"] == p_permutation(len(months), ups, length, len(expected))
    for horizon, count in HORIZONS.items():
        over = [o[f"after_{horizon}"] for o in expected if o[f"after_{horizon}"] is not None]
        summed = built["after"][horizon]
        assert summed["n"] == len(over)
        if over:
            assert summed["mean"] == pytest.approx(sum(over) / len(over))
            assert (summed["worst"], summed["best"]) == pytest.approx((min(over), max(over)))
        else:
            assert summed["mean"] is None
        assert built["unconditional"][horizon]["n"] == max(len(months) - count, 0)


def test_the_document_has_its_form(run: Run) -> None:
    built = streaks(run)
    assert set(built) == FIELDS
    assert built["schema"] == "overshort.streaks/1"
    assert built["simulated"] is True
    assert built["subject"] == "SPX"
    assert 0 <= built["p_permutation"] <= 1
    assert built["as_of"] == "2025-01-10"


@pytest.mark.parametrize(
    ("subject", "day"), [("SPX", "2023-07-20"), ("RUT", "2023-11-20"), ("NDX", "2024-01-20"), ("SPX", "2019-03-01")]
)
def test_the_length_left_out_is_that_of_the_streak_in_sight(run: Run, subject: str, day: str) -> None:
    code, out, _ = run("figures", "persistence.month_streak", "--subject", subject, "--as-of", day, "-f", "json")
    assert code == 0
    figures = {f["id"].removeprefix("persistence.month_streak"): f for f in json.loads(out)["figures"]}
    running, done, ended = (figures.get(i, {"value": None, "at": ""}) for i in ("_running", "", "_ended"))
    standing = running if running["value"] is not None and running["at"] > done["at"] else done
    expected = standing["value"] or (ended["value"] if ended["at"] == done["at"] else 0) or 1
    assert streaks(run, "--subject", subject, "--as-of", day)["length"] == expected


def test_the_brief_tells_the_same_study(run: Run) -> None:
    brief = json.loads(run("brief", "--as-of", "2023-07-20", "--json")[1])
    own = next(s for s in brief["studies"] if s["id"] == "persistence.streaks" and s["subject"] == "SPX")
    found = streaks(run, "--as-of", "2023-07-20")
    assert own == {k: v for k, v in found.items() if k not in ("schema", "as_of", "simulated")}


def test_a_small_letter_is_as_good(run: Run) -> None:
    assert streaks(run, "--subject", "ndx", "--length", "3") == streaks(run, "--subject", "NDX", "--length", "3")


def test_outcomes_that_are_not_over_are_null(run: Run) -> None:
    for row in streaks(run, "--length", "1")["occurrences"]:
        reached = date.fromisoformat(row["reached"])
        for horizon, months in HORIZONS.items():
            over = (reached.year * 12 + reached.month + months) <= 2024 * 12 + 12
            assert (row[f"after_{horizon}"] is not None) == over


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--length", "0"), 2, "length 0"),
        (("--length", "-3"), 2, "length -3"),
        (("--length", "x"), 2, "'x' is no whole number"),
        (("--length", "2.5"), 2, "--length"),
        (("--subject", "VIX"), 2, "SPX, NDX, RUT"),
        (("--subject", "AAPL"), 2, "SPX, NDX, RUT"),
        (("--as-of", "2019-01-15"), 3, "no completed month of SPX was known by 2019-01-15"),
    ],
)
def test_a_mistake_is_one_sentence(run: Run, arguments: tuple[str, ...], code: int, words: str) -> None:
    got, out, err = run("streaks", *arguments)
    assert (got, out) == (code, "")
    assert words in err
    assert err.count("\n") == 1


def test_the_page_says_simulated_and_shows_every_occurrence(run: Run) -> None:
    code, out, _ = run("streaks", "--length", "3", "--subject", "RUT")
    assert code == 0
    assert "SIMULATED" in out
    assert "Streaks of 3 or more rising months of the Russell 2000" in out
    built = streaks(run, "--length", "3", "--subject", "RUT")
    table = out.split("first month")[1].split("average after these")[0]
    assert len(table.strip().splitlines()) - 1 == built["count"]
    assert "cases" in out
    assert "p = " in out


def test_a_length_that_was_never_reached_is_said_so(run: Run) -> None:
    code, out, _ = run("streaks", "--length", "60")
    assert code == 0
    assert "no streak of 60 rising months of the S&P 500 in 71 months" in " ".join(out.split())
