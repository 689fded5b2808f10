"""Rules of the house that no import contract can see, read from the source text."""

import ast
from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePosixPath

import pytest

from contracts.scanner import ROOT, clock_reads, compares_knowledge, joins_asof, leaks, modules, trees

Rule = Callable[[ast.Module], Sequence[object]]
LONGEST = 300
NAMELESS = frozenset({"utils", "util", "helpers", "helper", "common", "core", "misc", "tools", "base"})
GROUPED_ELSEWHERE = {
    ("metrics/rows.py", "in_order", "values.drop_nulls().cum_sum()"): (
        "a sum in row order, for use in an aggregation: only its last value is taken"
    ),
}
"""Looks at neighbouring rows that do not stand beside their ``.over``, each with the reason why they are sound."""


def test_as_of_joins_have_one_door() -> None:
    found = {name: at for name, tree in trees() if (at := joins_asof(tree))}
    assert list(found) == ["store/asof.py"], found


def test_knowledge_is_compared_at_one_door() -> None:
    found = {name: at for name, tree in trees() if (at := compares_knowledge(tree))}
    assert list(found) == ["store/asof.py"], found


def test_the_clock_is_read_in_one_place() -> None:
    found = {name: at for name, tree in trees() if (at := clock_reads(tree))}
    assert list(found) == ["engine/moment.py"], found


def test_metrics_look_only_at_rows_of_the_same_subject() -> None:
    found = {(name, *leak) for name, tree in trees("metrics/") for leak in leaks(tree)}
    assert found == set(GROUPED_ELSEWHERE)


@pytest.mark.parametrize("name", modules())
def test_a_module_is_called_by_what_it_owns(name: str) -> None:
    path = PurePosixPath(name)
    assert not {path.stem.strip("_"), *path.parts[:-1]} & NAMELESS


@pytest.mark.parametrize("name", modules())
def test_no_file_is_too_long(name: str) -> None:
    lines = len((ROOT / name).read_text("utf-8").splitlines())
    assert lines <= LONGEST, f"{lines} lines: split it"


CARELESS: Mapping[Rule, Sequence[str]] = {
    joins_asof: ["a.join_asof(b, on='at')", "x = f(a).sort('t').join_asof"],
    compares_knowledge: [
        "rows.filter(pl.col('known_at') <= at)",
        "rows.filter(at > pl.col(KNOWN))",
        "rows.filter(pl.col('report_known_at') < pl.col('at'))",
        "rows.filter(pl.col(KNOWN).is_between(a, b))",
        "rows.filter(pl.col('known_at').dt.date() >= day)",
        "rows.filter(pl.col('known_at').le(at))",
        "seen = pl.col('known_at')\nrows.filter(seen <= at)",
        "pl.when(a & (pl.col('known_at') > pl.lit(at)))",
        "if row.known_at <= at: pass",
    ],
    clock_reads: [
        "datetime.now()",
        "datetime.now(UTC)",
        "date.today()",
        "time.time()",
        "t = datetime.datetime.now",
        "from time import time",
        "pd.Timestamp.now()",
    ],
    leaks: [
        "def f(): return pl.col('x').shift(1)",
        "def f(): return pl.col('x').rolling_mean(4).over('s') + pl.col('x').rolling_mean(4)",
        "def f(): return rows.with_columns(pl.col('x').cum_sum()).select(pl.col('y').over('s'))",
        "def f(): return rows.select(pl.col('x').sum().over('s', order_by=pl.col('y').shift(1)))",
        "def f(): return frame.shift(1)",
        "def f(): return pl.col('x').diff().agg",
        "def f(): return rows.agg(pl.col('x').ewm_mean(span=3))",
        "STEP = pl.col('x').pct_change()",
    ],
}
SOUND: Mapping[Rule, Sequence[str]] = {
    joins_asof: ["asof.join_newest(a, b)", "'''join_asof'''", "# a.join_asof(b)"],
    compares_knowledge: [
        "pl.max_horizontal('known_at', 'other').alias('known_at')",
        "pl.col('known_at').max()",
        "rows.filter(pl.col('at') <= day)",
        "asof.known(rows, at)",
        "left.join(right, on='known_at')",
        "count = pl.col('at')\nrows.filter(count <= 1)",
    ],
    clock_reads: ["moment.now()", "datetime.combine(day, clock)", "time(16, 40)", "date.fromisoformat(x)"],
    leaks: [
        "def f(): return pl.col('x').shift(1).over('s')",
        "def f(): return (100 * pl.col('x').cum_prod()).over('s').alias('y')",
        "def f(): return (pl.col('x').shift(1) / pl.col('x')).log().over('s')",
        "def f(): return rows.group_by('s', maintain_order=True).agg(pl.col('x').cum_sum().last())",
    ],
}


@pytest.mark.parametrize(("rule", "text"), [(r, t) for r, texts in CARELESS.items() for t in texts])
def test_a_careless_line_is_found(rule: Rule, text: str) -> None:
    assert rule(ast.parse(text))


@pytest.mark.parametrize(("rule", "text"), [(r, t) for r, texts in SOUND.items() for t in texts])
def test_a_sound_line_is_not(rule: Rule, text: str) -> None:
    assert not rule(ast.parse(text))
