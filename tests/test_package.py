"""The public names: complete, documented, and free until used."""

import inspect
import re
import subprocess
import sys
from pathlib import Path

import pytest

import overshort
from overshort import edition

MOST = 15
FRESH = (
    "import sys, overshort; print(*sorted(m for m in sys.modules if m in {'polars', 'pandas', 'deltalake', 'plotly'}))"
)


def test_the_names_are_few_and_all_there() -> None:
    assert len(overshort.__all__) <= MOST
    assert list(overshort.__all__) == sorted(overshort.__all__)
    assert dir(overshort) == sorted(overshort.__all__)
    assert set(overshort._HOMES) | {"__version__"} == set(overshort.__all__)
    assert all(getattr(overshort, name) is not None for name in overshort.__all__)


@pytest.mark.parametrize("name", sorted(set(overshort.__all__) - {"__version__"}))
def test_every_name_and_every_public_method_is_documented_and_typed(name: str) -> None:
    thing = getattr(overshort, name)
    assert inspect.getdoc(thing)
    methods = [thing] if inspect.isfunction(thing) else [m for n, m in vars(thing).items() if not n.startswith("_")]
    for method in (m for m in methods if inspect.isfunction(m)):
        assert inspect.getdoc(method), method
        assert "return" in inspect.get_annotations(method), method


def test_an_unknown_name_is_an_ordinary_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no_such"):
        _ = overshort.no_such
    with pytest.raises(ImportError):
        exec("from overshort import no_such")


def test_importing_it_loads_no_data_library() -> None:
    assert subprocess.run([sys.executable, "-c", FRESH], capture_output=True, text=True, check=True).stdout == "\n"


def test_the_version_is_what_the_build_reads() -> None:
    text = Path(edition.__file__).read_text("utf-8")
    assert re.findall(r'^__version__ = "(.+)"$', text, re.MULTILINE) == [overshort.__version__]


def test_it_runs_as_a_module_and_says_its_version() -> None:
    done = subprocess.run([sys.executable, "-m", "overshort", "--version"], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == overshort.__version__
