"""Documentation cannot fall behind: what is declared is described, and what is described is there."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import overshort
from ext import declared
from ext.links import dead
from ext.shown import notebook
from overshort import config, errors, schema
from overshort.metrics import metric, registry
from overshort.sources import SOURCES
from overshort.surfaces import cli
from overshort.surfaces.plots import PICTURES

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = {p.relative_to(DOCS).as_posix(): p.read_text("utf-8") for p in sorted(DOCS.rglob("*.md"))}
BLOCK = re.compile(r"^```(?:bash|console)\n(.*?)^```", re.MULTILINE | re.DOTALL)
SPOKEN = re.compile(r"^(?:\$ )?overshort ([a-z]\S*)(.*)$", re.MULTILINE)


def test_every_command_has_its_section_with_every_argument_explained() -> None:
    page = PAGES["reference/commands.md"]
    assert re.findall(r"^## overshort (\w+)$", page, re.MULTILINE) == list(cli._COMMANDS)
    for name in cli._COMMANDS:
        assert f"```{{declared}} command {name}\n```" in page
        assert all(text for _, text in declared.arguments(name)), name


def test_no_page_speaks_of_a_command_or_option_that_is_not_there() -> None:
    for page, text in PAGES.items():
        for name, rest in SPOKEN.findall("\n".join(BLOCK.findall(text))):
            assert name in cli._COMMANDS, f"{page}: overshort {name}"
            options = {n for argument, _ in declared.arguments(name) for n in argument.names}
            asked = set(re.findall(r"(?<!\S)--?[a-z][\w-]*", rest.partition("#")[0]))
            assert asked <= options, f"{page}: overshort {name}{rest}"


@pytest.mark.parametrize("id", sorted(registry()))
def test_every_metric_has_a_formula_a_reference_and_a_page(id: str) -> None:
    group = id.partition(".")[0]
    assert f"```{{declared}} metrics {group}\n```" in PAGES[f"metrics/{group}.md"]
    text = declared.metric_text(metric(id))
    for fact in ("Formula", "Unit", "Grid", "Null rule", "Reference"):
        assert re.search(rf"^- {fact}: \S", text, re.MULTILINE)


def test_no_formula_or_reference_is_of_nothing() -> None:
    book = tomllib.loads((DOCS / "formulas.toml").read_text("utf-8"))
    assert not declared.unused()
    assert {reference for _, reference in book["formulas"].values()} == set(book["references"])


def test_every_picture_is_shown() -> None:
    shown = {name for text in PAGES.values() for name in re.findall(r"```\{picture\} (\w+)", text)}
    assert shown == set(PICTURES)


def test_every_setting_kind_of_file_and_table_is_listed() -> None:
    assert all(s.name in declared.settings() and s.variable in declared.settings() for s in config.SETTINGS.values())
    assert all(f"`{s.name}`" in declared.sources() for s in SOURCES)
    assert all(f"`{name}`" in declared.tables() for name in schema.TABLES)
    for kind in ("settings", "sources", "tables"):
        assert f"```{{declared}} {kind}\n```" in PAGES[f"reference/{kind}.md"]


def test_every_public_name_and_error_is_documented() -> None:
    page = PAGES["reference/python.md"]
    named = re.findall(r"^\.\. (?:auto(?:function|class|exception)|py:data):: (\w+)", page, re.MULTILINE)
    assert sorted(named) == sorted(overshort.__all__)
    assert ".. automodule:: overshort.errors" in page
    assert all(name in (errors.__doc__ or "") for name in errors.__all__)


def test_every_schema_of_a_document_is_listed() -> None:
    sources = "".join(p.read_text("utf-8") for p in (ROOT / "src").rglob("*.py"))
    found = set(re.findall(r'"(overshort\.\w+/\d+)"', sources))
    assert found == set(re.findall(r"`(overshort\.\w+/\d+)`", PAGES["reference/documents.md"]))


def test_every_tool_of_the_protocol_is_listed() -> None:
    from overshort.surfaces.mcp.offers import OFFERS

    assert re.findall(r"^\| `(\w+)` \|", PAGES["howto/language-model.md"], re.MULTILINE) == [o.__name__ for o in OFFERS]


def test_every_page_is_reached() -> None:
    reached = set(re.findall(r"^((?:[a-z-]+/)?[a-z-]+)$", PAGES["index.md"], re.MULTILINE))
    assert {f"{page}.md" for page in reached} == set(PAGES) - {"index.md"}


NUMBER = re.compile(r"[+−]?\d[\d,]*(?:\.\d+)? (?:%|points|basis points)|−?\d+\.\d+")


@pytest.mark.parametrize("page", ["naive.md", "limits.md"])
def test_every_number_cited_is_one_that_the_readme_measured(page: str) -> None:
    flat = " ".join((ROOT / "README.md").read_text("utf-8").replace("*", "").split())
    cited = {" ".join(n.split()) for n in NUMBER.findall(PAGES[page].replace("*", ""))}
    assert cited
    assert {n for n in cited if n.lstrip("+−") not in flat} == set()


def links() -> Iterator[tuple[str, str]]:
    for page, text in PAGES.items():
        yield from ((page, target) for target in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in target)


def test_every_link_leads_to_a_page_or_an_anchor() -> None:
    anchors = {*registry(), *(f"table-{t}" for t in schema.TABLES)}
    for page, target in links():
        path, _, anchor = target.partition("#")
        assert not path or (DOCS / page).parent.joinpath(path).resolve().is_file(), f"{page}: {target}"
        assert path or anchor in anchors, f"{page}: {target}"
    assert sum(1 for _ in links()) > 10


def test_a_dead_link_of_a_built_page_is_found(tmp_path: Path) -> None:
    (tmp_path / "b.html").write_text('<p id="here">', "utf-8")
    good = '<a href="b.html#here"><a href="#top"><a href="https://example.org/x"><img src="b.html">'
    (tmp_path / "a.html").write_text(good, "utf-8")
    assert not list(dead(tmp_path))
    (tmp_path / "a.html").write_text('<a href="c.html"><a href="b.html#no"><a href="../x.html"><a href="#no">', "utf-8")
    assert len(list(dead(tmp_path))) == 4


def test_the_notebook_is_written_with_its_results_in_order() -> None:
    text = notebook(DOCS / "example.ipynb")
    heads = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert heads == ["Open", "Figures", "History", "The brief", "Screen", "Streaks", "Explain"]
    assert text.index("market.screen(") < text.index("Squeeze screen of") < text.index("market.streaks(")
