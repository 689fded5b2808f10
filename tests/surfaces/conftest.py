"""A small simulated store, made once for all tests of the surfaces."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from overshort.demo import simulate
from overshort.engine.intake import import_frames
from overshort.surfaces import cli

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a simulated store; tests may read it and must not write it."""
    folder = tmp_path_factory.mktemp("surfaces") / "store"
    market = simulate(5, stocks=60, first=date(2019, 1, 2), last=date(2025, 1, 10))
    import_frames(folder, market.tables, source="simulated", simulated=True, content=market.description)
    return folder


@pytest.fixture
def run(home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command against the simulated store; give exit code, standard output and standard error."""
    monkeypatch.setenv("OVERSHORT_HOME", str(home))

    def call(*arguments: str) -> tuple[int, str, str]:
        code = cli._run(list(arguments))
        out, err = capsys.readouterr()
        return code, out, err

    return call
