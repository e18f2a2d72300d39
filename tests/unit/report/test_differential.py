from __future__ import annotations

from paceline.report.differential import differential_table
from paceline.stats.differential import FunctionChange
from paceline.stats.profile import Function

MORE = FunctionChange(Function("parse", "src/a.py", 12), 1000.0, 1500.0, 0.05)
LESS = FunctionChange(Function("_int_malloc", "malloc.c"), 20_000.0, 19_000.0, -0.1)


def test_each_function_stands_with_its_share_figures_and_place() -> None:
    title, head, _rule, first, second, *_ = differential_table((MORE, LESS)).splitlines()
    assert " own instructions by function " in title
    assert head.split() == ["Change", "Base", "Head", "Function", "Where"]
    assert first.split() == ["+5.00", "%", "1,000", "1,500", "parse", "src/a.py:12"]
    assert second.split() == ["-10.00", "%", "20,000", "19,000", "_int_malloc", "malloc.c"]


def test_what_the_counter_does_not_see_is_said() -> None:
    table = differential_table((MORE,), unit="bytecode instructions", blind_to="time in C code")
    assert " own bytecode instructions by function " in table
    assert table.splitlines()[-1] == "not seen: time in C code"


def test_more_is_painted_bad_and_less_good() -> None:
    table = differential_table((MORE, LESS), paint=lambda text, role: f"<{role}>{text}")
    assert [line[:6] for line in table.splitlines()[3:5]] == ["<bad> ", "<good>"]


def test_no_change_makes_no_table() -> None:
    assert differential_table(()) == ""


def test_a_function_name_can_move_no_cursor() -> None:
    hostile = FunctionChange(Function("a\x1b[2Jb", "c\nd.py"), 1.0, 2.0, 0.1)
    table = differential_table((hostile,), pure_ascii=True)
    assert "\x1b" not in table
    assert len(table.splitlines()) == 5
    assert table.isascii()
