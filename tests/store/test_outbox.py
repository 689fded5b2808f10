"""The outbox: what is written is there after any kill, and what is torn was never written."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from overshort.errors import StoreError, StoreLocked
from overshort.store.outbox import Outbox, Seen

ONE = Seen("stdout", "r", "SPX", "holds", "d")

names = st.sampled_from(["a", "b", "stdout"])
keys = st.sampled_from(["k1", "k2", "k3", "k4"])
seen = st.builds(Seen, names, keys, st.just("SPX"), st.sampled_from(["holds", "does not hold"]), st.just("d"))
record = st.tuples(st.lists(seen, max_size=3), st.lists(st.tuples(names, keys), max_size=3))
steps = st.lists(st.one_of(record, st.tuples(names, keys)), max_size=12)
State = tuple[dict[tuple[str, str, str], Seen], list[tuple[str, str]], set[tuple[str, str]]]


def state(outbox: Outbox) -> State:
    return outbox.seen, list(outbox.waiting), outbox.delivered


def path_of(home: Path) -> Path:
    return home / "alerts" / "outbox.jsonl"


def apply(outbox: Outbox, step: object) -> None:
    match step:
        case ([*rows], [*letters]):
            outbox.record(rows, [(to, {"key": key}) for to, key in letters])
        case (str(to), str(key)):
            if (to, key) in outbox.waiting:
                outbox.mark(to, key)


@settings(max_examples=60)
@given(steps, st.data())
def test_a_file_cut_anywhere_is_the_state_after_some_step(
    tmp_path_factory: pytest.TempPathFactory, steps: list[object], data: st.DataObject
) -> None:
    home = tmp_path_factory.mktemp("home")
    with Outbox.writing(home, 1) as outbox:
        after = {0: state(Outbox.read(home))}
        for step in steps:
            apply(outbox, step)
            size = path_of(home).stat().st_size if path_of(home).exists() else 0
            after[size] = state(Outbox.read(home))
            assert after[size] == state(outbox)  # what is in memory is what a new process would read
    whole = path_of(home).read_bytes() if path_of(home).exists() else b""
    cut = data.draw(st.integers(0, len(whole)))
    path_of(home).write_bytes(whole[:cut])
    assert state(Outbox.read(home)) == after[max(s for s in after if s <= cut)]
    with Outbox.writing(home, 1) as outbox:  # and it can be written on
        outbox.record([ONE], [])
    assert Outbox.read(home).seen[ONE[:3]] == ONE


@settings(max_examples=40)
@given(steps)
def test_nothing_waits_that_was_delivered_and_nothing_is_lost(
    tmp_path_factory: pytest.TempPathFactory, steps: list[object]
) -> None:
    given_: set[tuple[str, str]] = set()
    with Outbox.writing(tmp_path_factory.mktemp("home"), 1) as outbox:
        for step in steps:
            apply(outbox, step)
            match step:
                case ([*_], [*letters]):
                    given_ |= {(to, key) for to, key in letters}
            assert not set(outbox.waiting) & outbox.delivered
            assert set(outbox.waiting) | outbox.delivered == given_


def test_what_does_not_change_is_not_written(tmp_path: Path) -> None:
    with Outbox.writing(tmp_path, 1) as outbox:
        outbox.record([ONE], [("stdout", {"key": "k"})])
        size = path_of(tmp_path).stat().st_size
        outbox.record([ONE], [("stdout", {"key": "k"})])
        outbox.record([], [])
    assert path_of(tmp_path).stat().st_size == size


def test_reading_makes_nothing(tmp_path: Path) -> None:
    assert state(Outbox.read(tmp_path)) == ({}, [], set())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("line", ["{", "[]", '{"seen": [[1]]}', '{"waiting": [["a", {}]]}', '{"delivered": 3}'])
def test_a_damaged_line_is_named(tmp_path: Path, line: str) -> None:
    with Outbox.writing(tmp_path, 1) as outbox:
        outbox.record([ONE], [])
    with path_of(tmp_path).open("a") as file:
        file.write(f"{line}\n{json.dumps({'seen': []})}\n")
    with pytest.raises(StoreError, match=r"outbox\.jsonl, line 2, is damaged"):
        Outbox.read(tmp_path)


def test_two_do_not_write_at_once(tmp_path: Path) -> None:
    with Outbox.writing(tmp_path, 1), pytest.raises(StoreLocked), Outbox.writing(tmp_path, 0.05):
        pass
