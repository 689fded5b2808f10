"""Statements set against a simulated market: verdicts, what is missing, what they imply, what became of them."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from overshort.engine.audit import Audit, Text, audit
from overshort.engine.commentary import Commentary, audited
from overshort.engine.figures import figures, select
from overshort.engine.moment import moment
from overshort.engine.panel import market, panel
from overshort.errors import UsageError
from overshort.store.lake import Lake
from overshort.surfaces.html import render as as_html
from overshort.surfaces.markdown import render as as_markdown
from overshort.surfaces.page.audit import contents
from overshort.surfaces.page.quoting import visible
from overshort.thesis.statement import Reading, Statement
from thesis.stated import say

DAY, LATER = "2024-06-28", "2025-01-10"
SAID = {1: "An invented sentence.", 2: "Good morning."}


@pytest.fixture(scope="module")
def lake(home: Path) -> Lake:
    return Lake.open(home)


@pytest.fixture(scope="module")
def now(lake: Lake) -> dict[str, dict[str, Any]]:
    """The figures of every subject on the text's date."""
    found = figures(panel(lake, market()), moment(DAY).instant, simulated=True)
    return {s: {i: f.as_dict() for i, f in select(found, s).items()} for s in ("SPX", "NDX", "RUT", "SPY", "VIX")}


def audit_of(lake: Lake, *said: Statement, day: str = DAY, later: str | None = None) -> Audit:
    return audit(lake, Text("invented.txt", SAID), said, moment(day), moment(later) if later else None)


def claims(lake: Lake, *said: Statement, day: str = DAY, later: str | None = None) -> list[dict[str, Any]]:
    return audit_of(lake, *said, day=day, later=later).document["claims"]


def test_a_number_is_set_against_the_figure_of_the_day(lake: Lake, now: dict[str, dict[str, Any]]) -> None:
    true = now["SPX"]["crowding.change_ytd"]["value"]
    near, off = true + 0.0008, true + 0.01
    said = [say("SPX", "crowding.change_ytd", "=", v, window="ytd", tolerance=0.0005) for v in (true, near, off)]
    found = claims(lake, *said)
    assert [c["verdict"] for c in found] == ["holds", "within rounding", "contradicted"]
    assert found[0]["measured"] == now["SPX"]["crowding.change_ytd"]
    assert found[0]["span"] == {"base": "2023-12-29", "end": "2024-06-14"}


def test_what_is_published_on_the_next_day_is_not_known(lake: Lake) -> None:
    said = say("SPX", "crowding.change_last", ">", -1.0)
    days = ("2024-06-25", "2024-06-26")
    assert [claims(lake, said, day=d)[0]["measured"]["at"] for d in days] == ["2024-05-31", "2024-06-14"]


def test_a_stale_figure_checks_nothing(lake: Lake) -> None:
    (found,) = claims(lake, say("SPX", "crowding.change_ytd", ">", -1.0, window="ytd"), day="2025-03-03")
    assert (found["verdict"], found["measured"]) == ("cannot be checked", None)
    assert found["missing"] == {
        "table": "short_interest",
        "after": "2024-12-31",
        "from": "2025-01-15",
        "to": "2025-02-14",
    }
    assert found["reason"] == (
        "no FINRA report after settlement 2024-12-31 in table short_interest: the 3 of 2025-01-15 to 2025-02-14 had "
        "been published by 2025-03-03"
    )
    assert found["span"] == {"base": "2024-12-31", "end": "2025-02-14"}
    assert "older than the text" in found["nearest"][0]["label"]


def test_prices_that_end_too_early_check_nothing(lake: Lake) -> None:
    (found,) = claims(lake, say("SPY", "structure.ema_supportive_1d", "is", True), day="2025-03-03")
    assert found["reason"] == "no session of SPY after 2025-01-10 in table bars"
    assert found["missing"]["to"] == "2025-02-28"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (say("SPX", "no.such_metric", "=", 1.0), "no metric measures this here (no.such_metric)"),
        (say(None, "crowding.change_ytd", "=", 1.0), "the text does not say of what"),
        (
            say("VIX", "crowding.change_ytd", "=", 1.0),
            "no metric measures this here (crowding.change_ytd is none of VIX)",
        ),
        (say("NOPE", "crowding.change_ytd", "=", 1.0), "no row of NOPE in table short_interest"),
        (say(None, None, None, None, reason="opinions are not measured"), "opinions are not measured"),
        (say("SPX", "crowding.chain", ">", 0.0, window="since:2012"), None),
    ],
)
def test_what_cannot_be_checked_says_why(lake: Lake, said: Statement, reason: str | None) -> None:
    (found,) = claims(lake, said)
    assert found["verdict"] == "cannot be checked"
    assert found["reason"] == reason if reason else "begins with the report of" in found["reason"]


def test_a_window_of_the_texts_own(lake: Lake) -> None:
    whole = panel(lake, market())
    chain = dict(
        whole.filter((whole["id"] == "crowding.chain") & (whole["subject"] == "NDX"))
        .select("at", "value")
        .with_columns(at=whole.filter((whole["id"] == "crowding.chain") & (whole["subject"] == "NDX"))["at"].dt.date())
        .iter_rows()
    )
    since = chain[date(2024, 6, 14)] / chain[date(2021, 12, 31)] - 1
    year = chain[date(2022, 12, 30)] / chain[date(2021, 12, 31)] - 1
    said = [
        say("NDX", "crowding.chain", "=", since, window="since:2022", tolerance=0.005),
        say("NDX", "crowding.chain", "=", year, window="2022", tolerance=0.005),
    ]
    found = claims(lake, *said)
    assert [c["verdict"] for c in found] == ["holds", "holds"]
    assert [c["measured"]["value"] for c in found] == pytest.approx([since, year])
    assert (found[0]["base_rate"]["reports"], found[1]["base_rate"]["reports"]) == (59, 24)


def test_how_rare_it_was_and_what_followed(lake: Lake, now: dict[str, dict[str, Any]]) -> None:
    state = now["SPX"]["refusal.state_3m"]["value"]
    (found,) = claims(lake, say("SPX", "refusal.state_3m", "is", state))
    base = now["SPX"]["refusal.state_3m_base_rate"]
    assert found["verdict"] == "holds"
    assert (found["base_rate"]["share"], found["base_rate"]["n"]) == (pytest.approx(base["value"]), base["n"])
    assert found["base_rate"]["runs"] == now["SPX"]["refusal.state_3m_runs"]["value"]
    assert found["followed"]["study"] == "refusal.after"


def test_other_readings_stand_beside_with_verdicts_of_their_own(lake: Lake, now: dict[str, dict[str, Any]]) -> None:
    true = now["NDX"]["crowding.change_12m"]["value"]
    other = Reading(subject="NASDAQ", metric="crowding.change_12m", window="12m", why="all Nasdaq issues")
    (found,) = claims(lake, say("NDX", "crowding.change_12m", "=", true, tolerance=0.0005, also=(other,)))
    assert found["verdict"] == "holds"
    assert [(o["subject"], o["verdict"]) for o in found["other_readings"]] == [("NASDAQ", "contradicted")]


def pair(lake: Lake, fall: float, subject: str = "RUT") -> list[dict[str, Any]]:
    """State a change of this year, and one of twelve months that makes the chain move so between their bases."""
    ytd = 0.30
    year = (1 + fall) * (1 + ytd) - 1
    said = [
        say(subject, "crowding.change_ytd", "=", ytd, window="ytd", tolerance=0.0005),
        say(subject, "crowding.change_12m", "=", year, window="12m", tolerance=0.0005),
    ]
    built = audit_of(lake, *said).document
    return [*built["inconsistencies"], *built["implied"]]


def test_numbers_that_agree_with_the_rows_between_their_bases(lake: Lake) -> None:
    (probe,) = pair(lake, 0.0)
    assert (probe["from"], probe["to"], probe["end"]) == ("2023-06-15", "2023-12-29", "2024-06-14")
    (found,) = pair(lake, probe["measured"])
    assert found["verdict"] == "consistent"
    assert found["low"] <= found["measured"] <= found["high"]


def test_numbers_that_do_not(lake: Lake) -> None:
    (found,) = pair(lake, -0.5)
    assert found["verdict"] == "inconsistent"
    assert found["implied"] == pytest.approx(-0.5)
    longer, shorter = found["instead"]
    assert (1 + longer) / 1.30 == pytest.approx(1 + found["measured"])
    assert 0.65 / (1 + shorter) == pytest.approx(1 + found["measured"])
    assert found["reconciled_by"] == []
    assert {u["what"] for u in found["units"]} >= {"the median member", "dollars short, at the price of IWM"}


def test_another_base_that_would_reconcile_them_is_found(lake: Lake) -> None:
    whole = panel(lake, market())
    own = whole.filter((whole["id"] == "crowding.chain") & (whole["subject"] == "RUT"))
    chain = dict(zip(own["at"].dt.date(), own["value"], strict=True))
    moved = chain[date(2023, 3, 31)] and chain[date(2023, 12, 29)] / chain[date(2023, 3, 31)] - 1
    (found,) = pair(lake, moved)
    assert found["verdict"] == "inconsistent"
    assert "from 2023-03-31 to 2023-12-29" in found["reconciled_by"]


def test_what_became_of_a_streak(lake: Lake) -> None:
    whole = panel(lake, market())
    own = whole.filter((whole["id"] == "persistence.month_streak") & (whole["subject"] == "SPX"))
    streaks = dict(zip(own["at"].dt.date(), own["value"], strict=True))
    reached = streaks[date(2024, 6, 28)]
    for length, verdict in ((reached, "came true"), (reached + 1, "did not come true")):
        said = say("SPX", "persistence.month_streak_running", "=", length, tense="future", tolerance=0.5)
        (found,) = claims(lake, said, day="2024-06-20", later=LATER)
        assert found["resolution"]["verdict"] == verdict
        assert "June 2024" in found["resolution"]["reason"]
        (open_,) = claims(lake, said, day="2024-06-20", later="2024-06-27")
        assert open_["resolution"]["verdict"] == "cannot be resolved"


def test_what_became_of_a_covering(lake: Lake) -> None:
    """Against the slow twin: the least of the six reports that followed the one that was out."""
    whole = panel(lake, market())
    verdicts = set()
    for subject in ("SPX", "NDX", "RUT"):
        own = whole.filter((whole["id"] == "crowding.chain") & (whole["subject"] == subject))
        chain = list(zip(own["at"].dt.date(), own["value"], strict=True))
        for day, base in (
            ("2022-06-28", date(2022, 6, 15)),
            ("2023-03-01", date(2023, 2, 15)),
            (DAY, date(2024, 6, 14)),
        ):
            k = next(k for k, (d, _) in enumerate(chain) if d == base)
            low = min(v for _, v in chain[k + 1 : k + 7]) / chain[k][1] - 1
            said = say(subject, "probability.cover5_3m", ">", None, tense="future")
            (found,) = claims(lake, said, day=day, later=LATER)
            assert found["resolution"]["verdict"] == ("came true" if low <= -0.05 else "did not come true")
            verdicts.add(found["resolution"]["verdict"])
    assert verdicts == {"came true", "did not come true"}


def test_a_covering_that_is_not_over_is_not_resolved(lake: Lake) -> None:
    said = say("SPX", "probability.cover5_3m", ">", None, tense="future")
    (found,) = claims(lake, said, later="2024-07-10")
    assert found["resolution"]["verdict"] == "cannot be resolved"
    assert found["base_rate"]["event"] == "crowding.chain 5 % lower within 6 reports"


def test_the_future_is_not_resolved_before_it_begins(lake: Lake) -> None:
    with pytest.raises(UsageError, match="lies before the text's date"):
        audit_of(lake, later="2024-06-01")


def test_the_counts_add_up(lake: Lake) -> None:
    said = [
        say("SPX", "crowding.change_ytd", ">", -1.0, window="ytd"),
        say("SPX", "crowding.change_ytd", ">", 9.0, window="ytd"),
        say("SPX", "no.such", ">", 9.0),
        say(None, None, None, None, reason="an opinion"),
    ]
    built = audit_of(lake, *said).document
    counts = built["counts"]
    assert counts["statements"] == 4
    assert [counts[k] for k in ("holds", "contradicted", "cannot_be_checked", "not_checkable")] == [1, 1, 1, 1]
    assert built["nothing_to_check"] == [{"number": 2, "text": "Good morning."}]


def test_the_same_text_gives_the_same_bytes(lake: Lake) -> None:
    said = say("SPX", "crowding.change_ytd", ">", 0.0, window="ytd")
    one, other = (json.dumps(audit_of(lake, said, later=LATER).document, allow_nan=False) for _ in range(2))
    assert one == other


HOSTILE = "<script>alert(1)</script> \x1b[31mred\x07 \u202eturned [bold]b[/]"


def test_hostile_text_is_shown_as_it_is(lake: Lake) -> None:
    said = say("SPX", "crowding.change_ytd", ">", 0.0, window="ytd", text=HOSTILE)
    built = audit(lake, Text(HOSTILE, {1: HOSTILE, 2: HOSTILE}), [said], moment(DAY))
    page = contents(built.document)
    shown = as_html(page, built.known, built.document)
    assert "<script>alert" not in shown
    head, _, _ = shown.partition('<script type="application/json"')
    assert not {"\x1b", "\x07", "\u202e"} & set(head)
    assert not {"\x1b", "\x07", "\u202e"} & set(as_markdown(page))
    assert visible("a\tb\x1b") == "a\\u0009b\\u001b"


PARTS = [
    "Short interest in the S&P 500",
    "$NDX",
    "is up 45%",
    "down -3.9 %",
    "since 1066",
    "over the last 12 months",
    "in the 100th percentile",
    "not",
    "at record highs",
    "The VIX",
    "8th monthly gain",
    "\u202e",
    "\x00",
    "999999999999999999999%",
    "$NVDA",
    ".",
    "?",
    "\n\n",
]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.sampled_from(PARTS), min_size=1, max_size=14))
def test_no_text_breaks_the_audit(lake: Lake, parts: list[str]) -> None:
    """Whatever is said: every statement has a verdict, an open one a reason, and all of it fits into JSON and pages."""
    text = Commentary("x", " ".join(parts), ())
    built = audited(lake, text, moment(DAY), moment(LATER))
    json.dumps(built.document, allow_nan=False)
    as_markdown(contents(built.document))
    for claim in built.document["claims"]:
        assert (claim["reason"] is None) == (claim["verdict"] != "cannot be checked")
