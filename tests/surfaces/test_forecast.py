"""Forecasts and the ledger as their user meets them."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from overshort.engine.forecasts import forecasts, settled
from overshort.engine.moment import moment
from overshort.engine.panel import market, panel
from overshort.engine.studies import Known
from overshort.evidence.probability.events import EVENTS
from overshort.store.lake import Lake
from overshort.surfaces import cli
from overshort.surfaces.page.blocks import Grid, Words
from overshort.surfaces.page.covering import beaten, event_name, limits, skilled
from overshort.surfaces.page.covering import section as covering
from overshort.surfaces.page.figures import owns_of
from overshort.surfaces.page.ledger import contents
from overshort.surfaces.plots import diagram, draw
from surfaces.conftest import Run
from surfaces.made import built
from surfaces.panels import known

DAY, LATER = "2024-03-15", "2025-01-10"
BULL = ("bullish", "fuel", "bound to", "must rise")


@pytest.fixture(scope="module")
def own(home: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the store, its cached panel with it, for commands that write."""
    folder = tmp_path_factory.mktemp("own") / "store"
    panel(Lake.open(home), market())
    shutil.copytree(home, folder)
    return folder


@pytest.fixture
def act(own: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str, str]]:
    def call(*arguments: str) -> tuple[int, str, str]:
        code = cli._run([*arguments, "--home", str(own)])
        out, err = capsys.readouterr()
        return code, out, err

    return call


@pytest.fixture(scope="module")
def document(home: Path) -> dict[str, Any]:
    return built(Lake.open(home), LATER)


def test_a_dry_run_writes_nothing(run: Run, home: Path) -> None:
    code, out, _ = run("forecast", "--as-of", DAY, "--dry-run")
    assert code == 0
    assert out.endswith("Dry run: nothing was written.\n")
    assert "SIMULATED" in out
    assert Lake.open(home).scan("forecasts").collect().is_empty()


def test_what_is_written_is_scored_later(act: Run, own: Path, tmp_path: Path) -> None:
    before = Lake.open(own).scan("forecasts").collect().height
    code, out, _ = act("forecast", "--as-of", DAY)
    whole = Lake.open(own).scan("forecasts").collect().height
    count = whole - before
    assert code == 0
    assert out.splitlines()[-1] == f"Written into the back-test ledger: {count} forecasts."
    again = act("forecast", "--as-of", DAY, "--json")
    written = json.loads(again[1], parse_constant=lambda name: pytest.fail(f"{name} in JSON"))["written"]
    assert written == [{"kind": "backtest", "new": 0, "known": count}]
    code, out, _ = act("ledger", "--as-of", LATER, "-o", str(tmp_path / "l.html"))
    assert code == 0
    assert "Back-tests: written afterwards" in out
    assert "Live" not in out
    found = json.loads(act("ledger", "--as-of", LATER, "--json")[1])
    score = found["ledgers"]["backtest"]["score"]
    assert score["n"] + score["open"] == whole
    assert score["n"] > 0
    assert f"Brier score {score['brier']:.4f}" in " ".join(out.split())
    html = (tmp_path / "l.html").read_text("utf-8")
    assert "Probabilities written, grouped" in html
    assert '<script type="application/json" id="pictures">{"picture0-' in html
    assert act("ledger", "--as-of", LATER, "--json") == act("ledger", "--as-of", LATER, "--json")
    assert act("ledger", "--as-of", LATER, "-o", str(tmp_path / "l.md"))[0] == 0
    assert "| separate runs |" in (tmp_path / "l.md").read_text("utf-8")


def test_another_value_is_refused_in_one_sentence(act: Run, own: Path) -> None:
    act("forecast", "--as-of", "2024-04-30", "--event", "cover5_3m", "--subject", "spx")
    lake = Lake.open(own)
    rows = lake.scan("forecasts").collect()
    moved = rows.filter(pl.col("settlement") == rows["settlement"].max()).with_columns(
        pl.lit("probability.cover10_3m").alias("id"), pl.lit(0.987).alias("probability")
    )
    with lake.writing():
        lake.append("forecasts", moved)
    code, out, err = act("forecast", "--as-of", "2024-04-30", "--event", "cover10_3m", "--subject", "SPX")
    assert (code, out == "" or "Written" not in out) == (1, True)
    assert "was written with" in err
    assert err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("forecast", "--event", "cover7_3m"), 2, "'cover7_3m' is no covering event; give one of cover5_3m,"),
        (("forecast", "--subject", "VIX"), 2, "VIX is none of SPX, NDX, RUT"),
        (
            ("forecast", "--as-of", "2019-09-30", "--dry-run"),
            3,
            "no event of SPX, NDX, RUT had a base rate by 2019-09-30",
        ),
        (("ledger", "--as-of", "2019-12-31"), 3, "no forecast was in the ledger by 2019-12-31"),
        (("ledger", "-o", "x.pdf"), 2, "'x.pdf' ends in none of .html, .htm, .md, .json"),
    ],
)
def test_mistakes(run: Run, arguments: tuple[str, ...], code: int, words: str) -> None:
    found, _, err = run(*arguments)
    assert found == code, err
    assert words in err


def test_one_event_of_one_subject(run: Run) -> None:
    found = json.loads(run("forecast", "--dry-run", "--json", "--event", "coversd_6m_up", "--subject", "ndx")[1])
    assert [(f["id"], f["subject"]) for f in found["forecasts"]] == [("probability.coversd_6m_up", "NDX")]
    assert found["written"] == []


def test_the_brief_carries_every_forecast_beside_its_figure(document: dict[str, Any]) -> None:
    figures = {(f["subject"], f["id"]): f for f in document["figures"]}
    assert document["forecasts"]
    for f in document["forecasts"]:
        shown = figures[f["subject"], f["id"]]
        assert (f["probability"], f["at"]) == (shown["value"], shown["at"])
        for part in ("base", "low", "high", "runs"):
            assert f[part] == figures[f["subject"], f"{f['id']}.{part}"]["value"]


def test_the_sentence_has_base_rate_counter_and_falsifier(document: dict[str, Any]) -> None:
    claims = [c for c in document["claims"] if c["id"].startswith("probability.")]
    given = {(f["id"], f["subject"]): f for f in document["forecasts"]}
    assert {c["id"].partition("/")[2] for c in claims} == {f["subject"] for f in document["forecasts"]}
    for c in claims:
        id, _, subject = c["id"].partition("/")
        forecast = given[id, subject]
        assert c["base_rate"]["share"] == forecast["base"]
        assert f"{forecast['runs']} separate run" in c["text"]
        assert c["text"].startswith("Only ") == (forecast["runs"] < 8)
        assert forecast["resolves"] in c["falsifier"]
        assert f"{forecast['separate']} do not overlap" in c["counter"]


def test_the_section_says_how_little_it_proves(document: dict[str, Any]) -> None:
    found = covering(owns_of(document["figures"]), document["forecasts"])
    assert found is not None
    words = " ".join(b.text for b in found.blocks if isinstance(b, Words))
    assert "do not overlap" in words
    assert not any(word in words.lower() for word in BULL)
    grids = [b for b in found.blocks if isinstance(b, Grid)]
    assert all({len(row) for row in g.rows} == {len(g.heads)} for g in grids)
    few = [f for f in document["forecasts"] if f["runs"] < 8]
    assert few
    assert sum(cell.text == "too few runs" for g in grids[1:] for row in g.rows for cell in row) == len(few)
    assert covering({}, []) is None


def test_no_model_is_named_where_none_may_be_offered(document: dict[str, Any]) -> None:
    for f in document["forecasts"]:
        if f["runs"] < 8:
            assert f["skill"] is None
            assert f["model"] == "climatology"
            assert f["probability"] == f["base"]


def test_every_event_has_a_short_name_of_its_own() -> None:
    assert len({event_name(e.id) for e in EVENTS}) == len(EVENTS)


def test_a_comparison_won_is_set_against_luck() -> None:
    lost, won = ({"skill": s, "low": low, "high": 0.2, "n": 90} for s, low in ((0.0, -0.1), (0.1, 0.02)))
    found = [{"skill": {"table": won, "logistic": lost}}] * 10 + [{"skill": None}]
    assert "compared with climatology 20 times and won 10" in beaten(found)
    assert "luck alone would win about 1.0" in beaten(found)
    assert beaten([{"skill": None}]).startswith("No model was compared")
    assert skilled(won) == "+10.0 % (+2.0 to +20.0; n = 90)"
    assert skilled(None) == "–"


def test_limits_name_the_events_without_a_sample() -> None:
    made = {"subject": "SPX", "windows": 174, "separate": 29}
    assert limits([made | {"offered": True}]).endswith("fewer than 8 separate runs.")
    assert "1 of 2 events" in limits([made | {"offered": False}, made | {"offered": True}])


def test_a_ledger_without_a_resolved_forecast_has_no_score(act: Run, own: Path) -> None:
    assert act("forecast", "--as-of", "2023-12-29")[0] == 0
    rows = Lake.open(own).scan("forecasts").collect().head(3).with_columns(pl.lit(None, pl.Float64).alias("happened"))
    document = {"as_of": DAY, "simulated": True} | settled(rows, moment(DAY).day)
    page = contents(document)
    assert isinstance(page.sections[0].blocks[0], Words)
    assert page.sections[0].blocks[0].text.startswith("0 forecasts resolved, 3 open")


def test_the_diagram_draws_its_rows() -> None:
    rows = [{"low": 0.1, "high": 0.2, "n": 4, "given": 0.15, "happened": 0.25}]
    figure = diagram("A title", {"shown": rows, "climatology": []})
    assert figure is not None
    drawn = figure.to_dict()["data"]
    assert [t["name"] for t in drawn] == ["as often as said", "shown (n = 4)"]
    assert (drawn[1]["x"], drawn[1]["y"], drawn[1]["customdata"]) == ([0.15], [0.25], [4])
    assert diagram("A title", {"shown": []}) is None


@pytest.mark.parametrize(("happened", "top"), [(0.04, 0.1), (0.25, 0.3), (0.5, 0.6), (0.99, 1.0), (1.0, 1.0)])
def test_the_axes_end_above_the_largest_share(happened: float, top: float) -> None:
    figure = diagram("A title", {"shown": [{"low": 0, "high": 0.1, "n": 4, "given": 0.02, "happened": happened}]})
    assert figure is not None
    drawn = figure.to_dict()
    assert drawn["data"][0]["x"] == pytest.approx([0, top])
    assert drawn["layout"]["xaxis"]["range"] == pytest.approx([-0.03 * top, 1.03 * top])


def test_the_picture_of_an_index_is_of_all_its_earlier_probabilities() -> None:
    seen = known()
    drawn = {t["name"]: t for t in _drawn(seen)["data"]}
    shown = next(t for n, t in drawn.items() if n.startswith("shown"))
    count = 0
    for e in EVENTS:
        given = dict(seen.series(e.id, "SPX").select("at", "value").iter_rows())
        ends = dict(seen.series(f"{e.id}.outcome", "SPX").select("base_at", "value").iter_rows())
        count += len(set(given) & set(ends))
    assert sum(shown["customdata"]) == count > 500
    assert len(forecasts(seen)) >= 32


def _drawn(seen: Known) -> dict[str, Any]:
    figure = draw("reliability", seen, "SPX")
    assert figure is not None
    found: dict[str, Any] = figure.to_dict()
    return found
