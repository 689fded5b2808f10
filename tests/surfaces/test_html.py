"""The HTML file: nothing breaks out of it, nothing is loaded into it, and every number carries its note."""

import json
import re
import subprocess
import sys
from html.parser import HTMLParser
from typing import Any

import pytest
from plotly.offline import get_plotlyjs

from overshort.surfaces.html import embedded, render
from overshort.surfaces.html.typography import kept_together
from overshort.surfaces.page.blocks import Cell, Grid, Page, Picture, Section, Words
from overshort.surfaces.plots import PICTURES
from surfaces.panels import known, nothing

EVIL = "<b>&\"'</script><script>alert(1)</script><!--"
VOID = {"meta", "br", "hr", "img", "input", "link"}


def figure(id: str = "crowding.chain", **fields: Any) -> dict[str, Any]:
    return {
        "key": f"SPX/{id}@2025-06-13",
        "id": id,
        "subject": "SPX",
        "kind": "number",
        "value": 0.04,
        "unit": "fraction",
        "at": "2025-06-13",
        "settlement": "2025-06-13",
        "base_date": "2024-06-14",
        "known_at": "2025-06-25T20:40:00Z",
        "n": 1502,
        "coverage": 0.991,
        "members": "point-in-time",
        "stale": False,
        "simulated": False,
        "definition": "What it is.",
    } | fields


def page(*blocks: Words | Grid | Picture, **fields: Any) -> Page:
    section = Section(id="one", title="One: what it is", blocks=blocks)
    return Page(**{"title": "A brief", "as_of": "2025-06-30", "banner": "", "head": [], "sections": [section]} | fields)


def grid(*cells: Cell) -> Grid:
    return Grid(heads=["", *("value" for _ in cells)], rows=[[Cell(text="SPX"), *cells]])


def made(shown: Page, document: dict[str, Any] | None = None) -> str:
    return render(shown, known(), {} if document is None else document)


class Tree(HTMLParser):
    """Checks that tags close in order; collects elements and their text."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("script", "style"):
            self.texts.append(data)

    def values(self, attribute: str) -> list[str]:
        return [a[attribute] or "" for _, a in self.found if attribute in a]

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [a for t, a in self.found if t == tag]


def script(text: str, id: str) -> Any:
    found = re.search(rf'<script type="application/json" id="{id}">(.*?)</script>', text, re.DOTALL)
    assert found
    return json.loads(found[1])


def gallery() -> Page:
    subjects = {"vix": "VIX", "streaks": "SPX", "price": "SPY", "tape": "VIX"}
    return page(*(Picture(name=n, subject=subjects.get(n, "NDX"), caption=f"See {n}.") for n in PICTURES))


def test_whatever_is_written_stays_text() -> None:
    own = figure(id=EVIL, definition=EVIL, note=EVIL, subject=EVIL, unit=EVIL, reason=EVIL, members=EVIL, key=EVIL)
    table = Grid(
        title=EVIL,
        note=EVIL,
        heads=[EVIL, EVIL, EVIL],
        rows=[[Cell(text=EVIL), Cell(text=EVIL, figure=own), Cell(text=EVIL, naive=True)]],
    )
    blocks = [Words(text=EVIL), table, Picture(name="vix", subject="VIX", caption=EVIL)]
    section = Section(id="one", title=EVIL, blocks=blocks)
    shown = Page(
        title=EVIL, as_of="", banner=EVIL, head=[Words(text=EVIL, tone="lead")], sections=[section], foot=[EVIL]
    )
    text = made(shown, {"figures": [own]})
    tree = Tree(text)
    assert not tree.all("b")[1:], "the one is the subject's name in its note"
    assert len(tree.all("script")) == 5, "document, pictures, colours, plotly and the page's own"
    assert sum(EVIL in t for t in tree.texts) >= 12


def test_the_document_is_in_the_page() -> None:
    document = {"schema": "overshort.brief/1", "figures": [figure()], "claims": [{"text": EVIL}], "odd": "\u2028 é −"}
    text = made(page(), document)
    assert script(text, "brief") == document
    assert "</script>" not in embedded(document)


def test_json_without_a_value_for_it_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        embedded({"value": float("nan")})


def test_nothing_is_loaded_from_elsewhere() -> None:
    text = made(gallery(), {"figures": [figure()]})
    library = get_plotlyjs()
    assert text.count(library) == 1
    own = text.replace(library, "")
    tree = Tree(own)
    assert tree.values("src") == tree.values("srcset") == tree.all("link") == tree.all("iframe") == []
    assert all(h.startswith("#") for h in tree.values("href"))
    assert not re.search(r"@import|url\(|https?://|//cdn|fetch\(|XMLHttpRequest", own)
    policy = next(a["content"] for a in tree.all("meta") if a.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert "default-src 'none'" in policy
    assert "http" not in policy
    assert "form-action 'none'" in policy
    assert "showSendToCloud: false" in own


def test_the_same_brief_gives_the_same_bytes() -> None:
    shown, document = gallery(), {"figures": [figure()]}
    assert made(shown, document) == made(shown, document)


def test_the_page_is_small_beside_plotly() -> None:
    assert len(made(gallery()).encode()) - len(get_plotlyjs().encode()) < 1_000_000


def test_every_figure_carries_its_note() -> None:
    cells = [Cell(text=f"{k} %", figure=figure(f"crowding.rank_{k}")) for k in range(5)]
    again = Cell(text="0 %", figure=figure("crowding.rank_0"))
    tree = Tree(made(page(grid(*cells, again))))
    buttons, notes = tree.all("button"), [a for t, a in tree.found if t == "div" and "popover" in a]
    assert [b["data-id"] for b in buttons] == [*(f"crowding.rank_{k}" for k in range(5)), "crowding.rank_0"]
    targets = [b["popovertarget"] for b in buttons]
    assert targets[5] == targets[0], "one note for one figure"
    assert {n["id"]: n["data-id"] for n in notes} == {b["popovertarget"]: b["data-id"] for b in buttons}


def test_a_note_says_where_a_number_comes_from() -> None:
    own = figure(reason="why not", note="NVDA", price_source="^GSPC", stale=True)
    told = " ".join(Tree(made(page(grid(Cell(text="+4.0 %", figure=own))))).texts)
    plain = re.sub(r"\s+", " ", told.replace("\u00a0", " "))
    for words in (
        "SPX crowding.chain",
        "What it is.",
        "as of 2025-06-13 (settlement)",
        "base date 2024-06-14",
        "known 2025-06-25 16:40 New York",
        "n 1,502",
        "coverage 99.1 %",
        "members point-in-time",
        "prices ^GSPC",
        "names NVDA",
        "no value because why not",
        "stale yes",
    ):
        assert words in plain


def test_a_unit_is_said_once() -> None:
    told = [
        " ".join(Tree(made(page(grid(Cell(text="x", figure=figure(unit=unit, kind=kind)))))).texts)
        for unit, kind in (("days", "number"), ("fraction", "number"), ("state", "state"))
    ]
    assert [("days" in told[0]), ("fraction" in told[1]), ("state " in told[2])] == [True, False, False]


def test_what_the_raw_columns_say_is_marked_for_every_reader() -> None:
    shown = page(grid(Cell(text="+1.5 %", figure=figure(), naive=True), Cell(text="−7.2 %", figure=figure())))
    tree = Tree(made(shown))
    naive, answer = tree.all("button")
    assert naive["class"] == "number naive"
    assert naive["title"] == "raw columns would have said"
    assert answer["class"] == "number"
    assert naive["popovertarget"] != answer["popovertarget"]
    assert "raw columns would have said: " in tree.texts


def test_columns_of_numbers_stand_right_and_of_words_left() -> None:
    rows = [
        [Cell(text=n), Cell(text="+1.0 %"), Cell(text="REFUSE"), Cell(text=v)] for n, v in (("a", "–"), ("b", "2 bn"))
    ]
    table = Grid(heads=["", "change", "state", "shares"], rows=rows)
    cells = Tree(made(page(table))).all("td")
    assert [c["class"] for c in cells] == ["right", "left", "right"] * 2


def test_every_picture_has_its_place_and_its_data() -> None:
    text = made(gallery())
    tree = Tree(text)
    places = [a["id"] for a in tree.all("div") if a.get("class") == "plot"]
    pictures = script(text, "pictures")
    assert list(pictures) == places
    assert len(places) == len(PICTURES)
    assert all(p["data"] and "title" not in p["layout"] for p in pictures.values())
    ids = tree.values("id")
    assert len(ids) == len(set(ids))


def test_a_picture_without_data_leaves_nothing_behind() -> None:
    text = render(gallery(), nothing(), {})
    assert Tree(text).all("figure") == []
    assert "See chain." not in text
    assert get_plotlyjs() not in text


def test_a_banner_is_in_the_title_on_the_page_and_across_print() -> None:
    tree = Tree(made(page(banner="SIMULATED: an invented market")))
    assert "SIMULATED: A brief" in tree.texts
    assert "SIMULATED: an invented market" in tree.texts
    assert "SIMULATED" in tree.texts
    assert not [a for a in Tree(made(page())).all("div") if a.get("class") in ("banner", "watermark")]


def test_a_stale_number_is_marked_and_the_mark_explained() -> None:
    old = Tree(made(page(grid(Cell(text="1", figure=figure(stale=True))))))
    fresh = Tree(made(page(grid(Cell(text="1", figure=figure())))))
    assert [b["class"] for b in (*old.all("button"), *fresh.all("button"))] == ["number stale", "number"]
    assert [any(t.startswith("†") for t in tree.texts) for tree in (old, fresh)] == [True, False]


def test_sections_can_be_reached() -> None:
    tree = Tree(made(page(Words(text="Said."))))
    assert {h[1:] for h in tree.values("href")} <= set(tree.values("id"))
    assert "One" in tree.texts


def test_type_is_kept_together_and_escaped() -> None:
    assert kept_together("+1.0 % & 2 bn to 2025-06-13") == (
        '+1.0\u00a0% &amp; 2\u00a0bn to <span class="date">2025-06-13</span>'
    )


def test_what_is_to_be_typed_is_code() -> None:
    assert kept_together("`overshort explain <ID>` and `a`, not `") == (
        "<code>overshort explain &lt;ID&gt;</code> and <code>a</code>, not `"
    )


def test_the_command_line_does_not_load_what_pages_need() -> None:
    code = (
        "import sys; import overshort.surfaces.cli, overshort.surfaces.cli.brief; "
        "print([m for m in ('plotly', 'jinja2') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("text", "side"),
    [
        ("+1.0 %", "right"),
        ("<0.001", "right"),
        ("< 0.01", "right"),
        ("–", "right"),
        ("FLAT", "left"),
        ("−5 %, 3m, price up", "left"),
    ],
)
def test_numbers_stand_right_and_what_is_several_things_left(text: str, side: str) -> None:
    assert f'<td class="{side}">' in made(page(grid(Cell(text=text))))
