"""What the pages show is what happens: their Python, their commands, and the notebook's results."""

import doctest
import json
import re
import shutil
from pathlib import Path

import pytest

import overshort
from ext.notebook import EXAMPLE, executed
from overshort.engine.simulate import demo_home
from overshort.surfaces import cli

DOCS = Path(__file__).parents[2] / "docs"
FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE | doctest.IGNORE_EXCEPTION_DETAIL
GIVEN = re.compile(r"^```\{code-block\} \w+\n:caption: (\S+)\n\n(.*?)^```", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(>>> .*?)^```", re.MULTILINE | re.DOTALL)
CONSOLE = re.compile(r"^```console\n\$ overshort (.*?)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SHOWN = {p.relative_to(DOCS).as_posix(): p.read_text("utf-8") for p in sorted(DOCS.rglob("*.md"))}
WITH_PYTHON = [page for page, text in SHOWN.items() if PYTHON.search(text)]
WITH_COMMANDS = [page for page, text in SHOWN.items() if CONSOLE.search(text)]


@pytest.fixture
def store(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERSHORT_HOME", str(demo_home(demo)))


def test_there_is_something_to_run() -> None:
    assert {"tutorial.md", "howto/notebook.md"} <= set(WITH_PYTHON)
    assert {"tutorial.md", "howto/audit.md", "howto/back-test.md", "howto/forecast.md"} <= set(WITH_COMMANDS)
    assert all(GIVEN.search(SHOWN[f"howto/{page}.md"]) for page in ("audit", "lexicon", "back-test", "dashboard"))


@pytest.mark.usefixtures("store")
@pytest.mark.parametrize("page", WITH_PYTHON)
def test_the_python_of_a_page_gives_what_it_shows(page: str) -> None:
    text = "\n".join(PYTHON.findall(SHOWN[page]))
    case = doctest.DocTestParser().get_doctest(text, {}, page, page, 0)
    told: list[str] = []
    failed = doctest.DocTestRunner(optionflags=FLAGS, verbose=False).run(case, out=told.append).failed
    assert not failed, "".join(told)


@pytest.mark.parametrize("page", WITH_COMMANDS)
def test_the_commands_of_a_page_print_what_it_shows(
    page: str, demo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run them in order, over a copy of the store and beside the files that the page gives."""
    shutil.copytree(demo_home(demo), tmp_path / "store")
    monkeypatch.setenv("OVERSHORT_HOME", str(tmp_path / "store"))
    monkeypatch.chdir(tmp_path)
    for name, text in GIVEN.findall(SHOWN[page]):
        Path(name).write_text(text, "utf-8")
    for command, shown in CONSOLE.findall(SHOWN[page]):
        assert cli._run(command.split()) == 0, command
        got = capsys.readouterr().out
        assert doctest.OutputChecker().check_output(shown, got, FLAGS), f"{page}: {command}\n{got}"


def test_the_notebook_gives_the_results_that_it_holds(demo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OVERSHORT_HOME", str(demo))
    monkeypatch.setenv("PYTHONPATH", str(Path(overshort.__file__).parents[1]))
    again, held = executed(), json.loads(EXAMPLE.read_text("utf-8"))
    assert len(again.cells) == len(held["cells"])
    for cell, kept in zip(again.cells, held["cells"], strict=True):
        assert cell.get("execution_count") == kept.get("execution_count")
        assert [_plain(o) for o in cell.get("outputs", ())] == [_plain(o) for o in kept.get("outputs", ())]


def _plain(output: dict[str, object]) -> object:
    """Join the lines that a notebook's file keeps apart."""
    whole = json.loads(json.dumps(output))
    data = {k: "".join(v) for k, v in whole.get("data", {}).items()}
    return data, "".join(whole.get("text", ""))
