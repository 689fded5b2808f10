"""What is released: a wheel that runs the demo in an environment of its own, and a source archive that builds it."""

import os
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

import overshort
from environments import Environment

ROOT = Path(__file__).parents[1]
ASKED = os.environ.get("OVERSHORT_RELEASE") == "1"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not ASKED, reason="builds and installs the wheel; set OVERSHORT_RELEASE=1"),
]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("dist")
    build = [sys.executable, "-m", "build", "--no-isolation", "-o", str(folder), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True, timeout=120)
    return folder


def test_wheel_and_archive_hold_what_runs_and_nothing_private(built: Path) -> None:
    (wheel,) = built.glob(f"overshort-{overshort.__version__}-*.whl")
    (archive,) = built.glob(f"overshort-{overshort.__version__}.tar.gz")
    names = set(zipfile.ZipFile(wheel).namelist())
    sources = {p.relative_to(ROOT / "src").as_posix() for p in (ROOT / "src" / "overshort").rglob("*") if p.is_file()}
    wanted = {name for name in sources if "__pycache__" not in name}
    assert wanted <= names
    assert {name.split("/")[0] for name in names} == {"overshort", f"overshort-{overshort.__version__}.dist-info"}
    with tarfile.open(archive) as sdist:
        packed = {name.partition("/")[2] for name in sdist.getnames()}
    assert {f"src/{name}" for name in wanted} | {"README.md", "LICENSE", "pyproject.toml", "docs/conf.py"} <= packed
    assert not {name for name in packed if name.startswith((".venv", ".git/", "build"))}


def test_the_wheel_alone_shows_the_demo(built: Path, tmp_path: Path) -> None:
    (wheel,) = built.glob("*.whl")
    environment = Environment(tmp_path / "environment")
    environment.install(str(wheel))
    home, script = str(tmp_path / "store"), str(environment.folder / "bin" / "overshort")
    assert environment.run(script, "--version").strip() == overshort.__version__
    told = environment.run(script, "brief", "--demo-if-missing", OVERSHORT_HOME=home)
    assert "SIMULATED" in told
    assert "What stands out" in told
    assert "S&P 500 members" in told
