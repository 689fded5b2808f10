"""What must hold of every source, tried on the invented examples."""

import re

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overshort import schema
from overshort.errors import RefusedFile
from overshort.sources import SOURCES, Extract, Source, recognised
from overshort.sources.declare import HEAD, REFUSED
from sources.examples import EXAMPLES, Example, parquet

CASES = [
    pytest.param(source, example, id=f"{source.name}-{k}")
    for source in SOURCES
    for k, example in enumerate(EXAMPLES.get(source.name, ()))
]
TEXTS = [case for case in CASES if case.values[1].is_text]
UNICODE = [case for case in TEXTS if not case.values[1].latin]
DELIMITED = [case for case in CASES if case.values[1].delimiter]
each = pytest.mark.parametrize(("source", "example"), CASES)
each_text = pytest.mark.parametrize(("source", "example"), TEXTS)
each_unicode = pytest.mark.parametrize(("source", "example"), UNICODE)
each_delimited = pytest.mark.parametrize(("source", "example"), DELIMITED)
NASTY = [
    b"",
    b'"',
    b"|",
    b",",
    b"\n",
    b"\r",
    b"-",
    b"0",
    b"9" * 30,
    b"\x00",
    b"\xff",
    b"N/A",
    b"nan",
    b"- [",
    b"&a *a",
    b"0000",
]
HOLDS_A_NUMBER = re.compile(rb'(^|[,|])[ "]*\d')
PAGE = b"<!DOCTYPE html>\n<html><head><title>Fund Holdings as of</title></head><body>symbolCode|x</body></html>\n"


def take(source: Source, example: Example, content: bytes | None = None) -> Extract:
    """Transform an example, or the same with other content, and check what must hold of any result."""
    extract = source.transform(example.content if content is None else content, "invented", example.options)
    assert set(extract.tables) <= source.tables
    assert dict(extract.refused.schema) == dict(REFUSED)
    assert extract.read > 0
    for name, frame in extract.tables.items():
        check_table(name, frame, source)
    return extract


def check_table(name: str, frame: pl.DataFrame, source: Source) -> None:
    table = schema.table(name)
    stored = frame.with_columns(sha256=pl.lit("0" * 64), batch=pl.lit(0, pl.Int32)).select(*table.columns)
    assert dict(stored.schema) == table.columns
    table.schema.validate(stored)
    assert frame.select(*table.key, "known_at").is_unique().all()
    assert frame["source"].unique().to_list() in ([source.name], [])


def attempt(source: Source, example: Example, content: bytes) -> Extract | None:
    """Take content that may be refused, and if so in one sentence."""
    refused: RefusedFile
    try:
        return take(source, example, content)
    except RefusedFile as error:
        refused = error
    assert refused.cause
    assert "\n" not in str(refused)
    return None


def same(one: Extract, other: Extract) -> bool:
    return one.tables.keys() == other.tables.keys() and all(t.equals(other.tables[n]) for n, t in one.tables.items())


def test_every_source_has_an_example_and_a_name_of_its_own() -> None:
    assert sorted(EXAMPLES) == sorted(s.name for s in SOURCES)
    assert len({s.name for s in SOURCES}) == len(SOURCES)
    assert all(s.tables <= set(schema.TABLES) and s.about and "." in s.name for s in SOURCES)


@each
def test_its_content_is_recognised_by_one_source_alone(source: Source, example: Example) -> None:
    assert [s.name for s in SOURCES if s.recognise(example.content)] == [source.name]
    assert recognised(example.content) is source


@each
def test_it_gives_the_expected_rows_and_refuses_none(source: Source, example: Example) -> None:
    extract = take(source, example)
    assert {n: t.height for n, t in extract.tables.items()} == example.rows
    assert set(extract.tables) == source.tables
    assert extract.refused.height == 0


@each
def test_its_name_plays_no_part(source: Source, example: Example) -> None:
    one = source.transform(example.content, "shrt20220414.csv", example.options)
    assert same(one, source.transform(example.content, "holiday.jpeg", example.options))


@each
def test_nothing_is_known_before_its_day(source: Source, example: Example) -> None:
    for name, frame in take(source, example).tables.items():
        day = next(c for c in ("settlement", "first", "at", "session") if c in schema.table(name).columns)
        instant = isinstance(frame.schema[day], pl.Datetime)
        known = pl.col("known_at") if instant else pl.col("known_at").dt.convert_time_zone("America/New_York").dt.date()
        assert frame.select((known >= pl.col(day)).all()).item()


@each_text
def test_byte_order_mark_and_windows_line_ends_change_nothing(source: Source, example: Example) -> None:
    plain = take(source, example)
    body = example.content.removeprefix(b"\xef\xbb\xbf")
    for content in (
        b"\xef\xbb\xbf" + body,
        body.replace(b"\n", b"\r\n"),
        b"\xef\xbb\xbf" + body.replace(b"\n", b"\r\n"),
    ):
        assert recognised(content) is source
        assert same(plain, take(source, example, content))


@each_text
def test_a_file_cut_within_its_last_row_never_gives_a_wrong_row(source: Source, example: Example) -> None:
    sound = take(source, example).tables
    start = example.content.index(example.last)
    for length in range(1, len(example.last) + 1):
        cut = attempt(source, example, example.content[: start + length])
        for name, frame in cut.tables.items() if cut is not None else ():
            assert frame.join(sound[name], on=frame.columns, how="anti", nulls_equal=True).height == 0


@each
def test_a_file_cut_anywhere_is_refused_or_gives_valid_rows(source: Source, example: Example) -> None:
    for length in range(0, len(example.content), 1 if example.is_text else 97):
        attempt(source, example, example.content[:length])


@each_delimited
@pytest.mark.parametrize("other", [b";", b"\t", b"|", b","])
def test_another_delimiter_is_recognised_and_refused(source: Source, example: Example, other: bytes) -> None:
    if other == example.delimiter:
        return
    content = example.content.replace(example.delimiter, other)
    assert recognised(content) is source
    with pytest.raises(RefusedFile, match="separated by") as caught:
        take(source, example, content)
    header = content[: content.index(b"Ticker" + other)].count(b"\n") + 1 if b"Ticker" + other in content else 1
    assert caught.value.line == header
    assert repr(other.decode()) in caught.value.cause


@each_delimited
def test_a_row_with_a_field_too_many_refuses_the_file_with_its_line(source: Source, example: Example) -> None:
    content = example.content.replace(example.last, example.last + example.delimiter)
    with pytest.raises(RefusedFile, match="fields where the header has") as caught:
        take(source, example, content)
    assert content.split(b"\n")[caught.value.line - 1].startswith(example.last)


@each_unicode
def test_a_byte_that_is_no_text_refuses_the_file_with_its_line(source: Source, example: Example) -> None:
    start = example.content.index(example.last)
    content = example.content[:start] + b"\xff" + example.content[start:]
    with pytest.raises(RefusedFile, match="0xff is not UTF-8") as caught:
        take(source, example, content)
    assert caught.value.line == content[:start].count(b"\n") + 1


@each_delimited
def test_a_header_without_rows_is_refused(source: Source, example: Example) -> None:
    lines = example.content.split(b"\n")
    header = next(
        k for k, line in enumerate(lines) if line.count(example.delimiter) > 1 and not HOLDS_A_NUMBER.search(line)
    )
    with pytest.raises(RefusedFile, match="no rows"):
        take(source, example, b"\n".join(lines[: header + 1]) + b"\n")


@each
def test_damage_after_the_head_does_not_hide_the_kind(source: Source, example: Example) -> None:
    if example.is_text:
        assert recognised(example.content + b"\x00\xff<html>" * HEAD) is source


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n",
        PAGE,
        b"\xef\xbb\xbf" + PAGE,
        b"Date,Symbol,Open,High,Low,Close\n2022-03-04,ZZA,1,2,3,4\n",
        b"%PDF-1.7\n",
        b"{}",
    ],
)
def test_other_content_is_claimed_by_none(content: bytes) -> None:
    assert recognised(content) is None


def test_parquet_of_another_kind_is_claimed_by_none() -> None:
    assert recognised(parquet({"symbol": ["ZZA"], "close": [1.0]})) is None


def test_two_claims_are_a_fault_of_the_program(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("overshort.sources.SOURCES", (SOURCES[0], SOURCES[0]))
    with pytest.raises(RuntimeError, match="claim the same content"):
        recognised(EXAMPLES["finra.consolidated"][0].content)


@pytest.mark.parametrize("source", SOURCES, ids=lambda s: s.name)
@given(st.one_of(st.binary(max_size=300), st.text(alphabet='PAR1,|"\n 0-x:[{\u00e4', max_size=300).map(str.encode)))
@settings(max_examples=40)
def test_any_bytes_are_refused_or_give_valid_rows(source: Source, content: bytes) -> None:
    recognised(content)
    example = EXAMPLES[source.name][0]
    for whole in (content, b"PAR1" + content, example.content + content):
        attempt(source, example, whole)


@each_text
@given(st.data())
@settings(max_examples=40)
def test_damaged_bytes_are_refused_or_give_valid_rows(source: Source, example: Example, data: st.DataObject) -> None:
    damaged = bytearray(example.content)
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.integers(0, len(damaged) - 1))
        damaged[at : at + data.draw(st.integers(0, 3))] = data.draw(st.sampled_from(NASTY))
    recognised(bytes(damaged))
    attempt(source, example, bytes(damaged))
