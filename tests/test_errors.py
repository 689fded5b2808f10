"""The error tree: one root, an exit code each, drawn in the docstring."""

import inspect

import pytest

from overshort import errors

CLASSES = [c for _, c in inspect.getmembers(errors, inspect.isclass) if issubclass(c, errors.OvershortError)]


def test_all_names_every_error() -> None:
    assert sorted(errors.__all__) == sorted(c.__name__ for c in CLASSES)


@pytest.mark.parametrize("error", CLASSES, ids=lambda c: c.__name__)
def test_each_is_drawn_in_the_tree_and_documented(error: type[errors.OvershortError]) -> None:
    assert error.__name__ in (errors.__doc__ or "")
    assert error.__doc__
    assert error.exit_code in (1, 2, 3)


def test_a_refused_file_says_where_what_and_how_to_mend() -> None:
    error = errors.RefusedFile("a.csv", "7 fields where 14 are expected", line=3, fix="download it again")
    assert str(error) == "a.csv, line 3: 7 fields where 14 are expected; download it again"
    assert str(errors.RefusedFile("a.csv", "it is empty")) == "a.csv: it is empty"
