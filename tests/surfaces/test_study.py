"""The study command against the simulated store: what it prints, writes, and says when it cannot."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from plotly.offline import get_plotlyjs

from overshort.evidence.paths import HORIZONS
from overshort.surfaces.words import ADVICE, SIMULATED
from surfaces.conftest import Run

AS_OF = "2024-06-28"
CLAIM = "refusal.state_3m=FLAT"


def document(run: Run, *arguments: str) -> Any:
    code, out, err = run("study", *arguments, "--as-of", AS_OF, "--json")
    assert code == 0, err
    return json.loads(out, parse_constant=lambda name: pytest.fail(f"{name} in JSON"))


def text(run: Run, *arguments: str) -> str:
    code, out, err = run("study", *arguments, "--as-of", AS_OF)
    assert code == 0, err
    return " ".join(out.split())


def test_the_document_says_what_it_is_and_as_of_when(run: Run) -> None:
    built = document(run, CLAIM)
    assert (built["schema"], built["as_of"], built["simulated"]) == ("overshort.study/1", AS_OF, True)
    (study,) = built["studies"]
    assert (study["claim"], study["subject"], study["proxy"]) == (CLAIM, "SPX", "SPY")
    assert [r["sessions"] for r in study["horizons"]] == list(HORIZONS)
    assert document(run, CLAIM) == built


def test_the_page_says_how_little_it_proves(run: Run) -> None:
    (study,) = document(run, CLAIM)["studies"]
    row = next(r for r in study["horizons"] if r["sessions"] == 63)
    said = text(run, CLAIM)
    assert SIMULATED in said
    assert f"held at {study['flagged']} of {study['cases']} reports" in said
    assert f"in {study['runs']} separate runs" in said
    assert (
        f"These are {row['flagged']['n']} reports in {row['flagged']['runs']} runs, but only {row['effective']}" in said
    )
    assert "no proof of absence" in said
    assert "whoever tries several claims must count those too" in said
    assert ADVICE in said
    for title in ("What followed", "How much evidence that is", "Both tails", "Every separate run"):
        assert title in said


def test_one_horizon_and_the_fund_s_own_name(run: Run) -> None:
    (study,) = document(run, CLAIM, "--horizon", "10", "--subject", "iwm")["studies"]
    assert [r["sessions"] for r in study["horizons"]] == [10]
    assert (study["subject"], study["outcomes"]["sessions"], study["fan"]["sessions"]) == ("RUT", 10, 10)
    assert "10 sessions" in text(run, CLAIM, "--horizon", "10")


def test_too_few_cases_are_called_too_few(run: Run) -> None:
    said = text(run, "crowding.rank_1y>=1000", "--horizon", "21")
    assert "held at 0 of" in said
    assert "too few to set against anything" in said


def test_claims_that_belong_together_are_tested_together(run: Run) -> None:
    built = document(run, "refusal", "--horizon", "21")
    assert {s["claim"] for s in built["studies"]} == {
        f"refusal.state_3m={s}" for s in ["REFUSE", "CONFIRM", "COVER", "EXIT"]
    }
    assert built["family"]
    assert "Benjamini and Hochberg" in text(run, "refusal", "--horizon", "21")


def test_fragile_shows_both_tails(run: Run) -> None:
    claims = [s["claim"] for s in document(run, "fragile")["studies"]]
    assert claims
    assert set(claims) <= {"fragile.count>=3", "fragile.count=4"}
    said = text(run, "fragile")
    assert "the squeeze" in said
    assert "drawdown, mean" in said


def test_the_streak_is_the_study_of_the_streaks_command(run: Run) -> None:
    (study,) = document(run, "persistence.streak")["studies"]
    code, out, _ = run("streaks", "--as-of", AS_OF, "--json", "--length", str(study["length"]))
    assert code == 0
    theirs = json.loads(out)
    assert {k: theirs[k] for k in study} == study
    assert "overshort streaks --length N" in text(run, "persistence.streak")


def test_the_file_reads_offline_and_holds_pictures_and_document(run: Run, tmp_path: Path) -> None:
    target = tmp_path / "study.html"
    code, out, _ = run("study", CLAIM, "--as-of", AS_OF, "-o", str(target))
    assert code == 0
    assert f"Written: {target}" in out
    page = target.read_text("utf-8")
    assert not re.findall(r'(?:src|href)="https?://', page.replace(get_plotlyjs(), ""))
    pictures = json.loads(re.findall(r'id="pictures">(.*?)</script>', page, re.S)[0])
    assert len(pictures) == 3, "the fan, the distribution, and how reliable earlier probabilities were"
    embedded = json.loads(re.findall(r'id="brief">(.*?)</script>', page, re.S)[0])
    assert embedded == document(run, CLAIM)
    again = tmp_path / "again.html"
    run("study", CLAIM, "--as-of", AS_OF, "-o", str(again), "--json")
    assert again.read_bytes() == target.read_bytes()


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("squeeze-lore",), 2, "'squeeze-lore' is no claim or thesis that can be studied"),
        (("crowding.rank_7y>=95",), 2, "is no metric id"),
        ((CLAIM, "--subject", "DAX"), 2, "--subject 'DAX' is none of SPX, NDX, RUT"),
        ((CLAIM, "--horizon", "0"), 2, "--horizon 0 is no number of sessions"),
        ((CLAIM, "--horizon", "2.5"), 2, "no whole number"),
        ((CLAIM, "-o", "study.pdf"), 2, "ends in none of .html"),
        ((CLAIM, "--as-of", "2019-01-15"), 3, "has no case with a price"),
        (("persistence.streak", "--as-of", "1999-01-04"), 3, "no completed month"),
        (("replication",), 3, "the workbook of Rapach, Ringgenberg and Zhou was not known"),
        (("momentum",), 3, "import members, short-interest files"),
    ],
)
def test_what_cannot_be_shown_is_said_in_a_sentence(
    run: Run, arguments: tuple[str, ...], code: int, words: str
) -> None:
    found, out, err = run("study", *arguments)
    assert (found, out) == (code, "")
    assert words in err
    assert err.count("\n") == 1


def test_a_packaged_thesis_is_studied_as_any_claim(run: Run) -> None:
    code, out, err = run("study", "fragile-equilibrium", "--subject", "SPX", "--json")
    assert code == 0, err
    (study,) = json.loads(out)["studies"]
    assert (study["claim"], study["grid"], study["subject"]) == ("fragile-equilibrium", "session", "SPX")
    _, told, _ = run("thesis", "fragile-equilibrium", "--subject", "SPX", "--json")
    assert study["now"] == (json.loads(told)["verdict"] == "holds")


def test_members_are_scored_and_the_highest_named(run: Run, tmp_path: Path) -> None:
    (study,) = document(run, "members")["studies"]
    event = study["events"][0]
    assert (study["id"], study["subject"], event["id"]) == ("members", "SPX", "probability.member25_1m")
    assert event["base"] == pytest.approx(event["covered"] / event["pairs"])
    assert len(event["states"]) == 25
    assert (event["highest"] == []) == (event["model"] == "climatology")
    said = text(run, "members", "-o", str(tmp_path / "m.html"))
    assert f"It happened to {event['covered']:,} of {event['pairs']:,} pairs of a member and a report" in said
    assert f"members: {study['basis']}" in said
    assert "Reliability, single members" in (tmp_path / "m.html").read_text("utf-8")


def test_members_of_a_day_before_there_were_windows(run: Run) -> None:
    code, out, err = run("study", "members", "--as-of", "2019-06-28")
    assert (code, out) == (3, "")
    assert "fewer than 24 windows of two reports of SPX's members were over by 2019-06-28" in err
