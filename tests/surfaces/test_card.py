"""The card: a picture of the main chart, made by a browser that is there, and one sentence where none is."""

import os
import shutil
import struct
from pathlib import Path

import pytest

from overshort.engine.moment import moment
from overshort.errors import NoPicture, NothingToShow
from overshort.store.lake import Lake
from overshort.surfaces import photograph as camera
from overshort.surfaces.brief import Brief
from overshort.surfaces.html.card import HEIGHT, WIDTH, card
from overshort.surfaces.subject import brief_about
from surfaces.conftest import Run

DAY = "2025-01-10"


@pytest.fixture(scope="module")
def built(home: Path) -> Brief:
    return brief_about("NDX", Lake.open(home), moment(DAY))


def test_the_page_names_its_dates_and_loads_nothing(built: Brief) -> None:
    page = card(built.known, built.document)
    assert "Short interest of Nasdaq-100 members and QQQ" in page
    assert f"As of {DAY}; newest report: settlement 2024-12-31" in page
    assert '<div class="banner">SIMULATED' in page
    assert "Data: simulated." in page
    assert "default-src 'none'" in page
    real = card(built.known, {**built.document, "simulated": False})
    assert "SIMULATED" not in real
    assert "FINRA data are free for non-commercial use" in real


def test_what_has_no_chain_has_no_card(home: Path) -> None:
    built = brief_about("VIX", Lake.open(home), moment(DAY))
    with pytest.raises(NothingToShow, match="VIX has no chain of short interest by"):
        card(built.known, built.document)


def fake(folder: Path, text: str) -> Path:
    script = folder / "chromium"
    script.write_text(f"#!/bin/sh\n{text}\n", "utf-8")
    script.chmod(0o755)
    return script


def test_without_a_browser_it_is_one_sentence(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(camera, "USUAL", tmp_path / "none")
    monkeypatch.setenv("PATH", str(tmp_path))
    code, _, err = run("brief", "NDX", "--as-of", DAY, "-o", str(tmp_path / "a.png"))
    assert code == 1
    assert "install one, or write a .html file" in err
    assert err.count("\n") == 1
    assert not (tmp_path / "a.png").exists()


@pytest.mark.parametrize(("does", "said"), [("exit 7", "exit code 7"), ("exec /bin/sleep 30", "longer than 0.2 s")])
def test_a_browser_that_fails_or_hangs_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, does: str, said: str
) -> None:
    fake(tmp_path, does)
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setattr(camera, "PATIENCE", 0.2 if "sleep" in does else 20.0)
    with pytest.raises(NoPicture, match=said):
        camera.photograph("<p>", 10, 10)


def test_only_root_goes_without_a_sandbox(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fake(tmp_path, f'echo "$@" > {tmp_path}/asked; exit 1')
    monkeypatch.setenv("PATH", str(tmp_path))
    for user, without in ((0, True), (1000, False)):
        monkeypatch.setattr(os, "geteuid", lambda user=user: user)
        with pytest.raises(NoPicture):
            camera.photograph("<p>", 10, 10)
        assert ("--no-sandbox" in (tmp_path / "asked").read_text()) == without


@pytest.mark.browser
def test_the_command_draws_a_card(run: Run, tmp_path: Path) -> None:
    if not camera.USUAL.exists() and not any(map(shutil.which, camera.BROWSERS)):
        if os.environ.get("OVERSHORT_REQUIRE_BROWSER") == "1":
            pytest.fail("needs a Chromium, which is not here")
        pytest.skip("needs a Chromium, which is not here")
    file = tmp_path / "card.png"
    assert run("brief", "NDX", "--as-of", DAY, "-o", str(file))[0] == 0
    content = file.read_bytes()
    assert content.startswith(camera.SIGNATURE)
    assert struct.unpack(">II", content[16:24]) == (WIDTH, HEIGHT)
    assert len(content) > 15_000, "an empty card is smaller than one with lines and words"
