from __future__ import annotations

import pytest

from paceline.errors import MeasureError
from paceline.stats.allocator import without_allocator

TEXT = """\
positions: line
events: Ir

fl=(1) a.c
fn=(1) work
0 100
cfn=(2) PyObject_Malloc
calls=3 0
0 60
cfi=(2) b.c
cfn=(3) free
calls=1 0
0 7

fn=(2)
0 10
cfn=(4) 0x1234
calls=1 0
0 50

fn=(4)
0 20
cfn=(5) malloc
calls=1 0
0 30

fn=(5)
0 30

fn=(3)
0 7

fn=(6) malloc_info_of_mine
0 33

totals: 200
"""


def test_an_allocator_is_left_out_once_with_all_that_it_calls() -> None:
    assert without_allocator(TEXT) == 200 - 60 - 7


@pytest.mark.parametrize("name", ["_PyObject_Realloc", "PyMem_RawCalloc", "malloc'2", "free@plt"])
def test_allocators_are_known_by_all_their_names(name: str) -> None:
    assert without_allocator(TEXT.replace("PyObject_Malloc", name)) == 200 - 60 - 7


def test_a_function_whose_name_only_starts_like_an_allocators_counts() -> None:
    assert without_allocator(TEXT.replace("(3) free", "(3) freeze")) == 200 - 60


def test_an_allocator_without_a_name_is_known_by_its_address() -> None:
    text = TEXT.replace("PyObject_Malloc", "0x0000000000001000")
    assert without_allocator(text) == 200 - 30 - 7
    assert without_allocator(text, {"0x0000000000001000"}) == 200 - 60 - 7


def test_without_an_allocator_the_total_stands() -> None:
    assert without_allocator("fn=(1) work\n0 5\ntotals: 5\n") == 5


def test_a_profile_that_was_broken_off_is_an_error() -> None:
    with pytest.raises(MeasureError, match="holds no total"):
        without_allocator(TEXT.partition("totals")[0])
