from __future__ import annotations

import gc
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paceline.engine.shared_memory import Ledger, Window
from paceline.probes.memory import Figures, Wanted

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MIB = 1024**2
WANTED = Wanted(children=False, places=5)
Held = dict[str, bytearray]


@pytest.fixture(autouse=True)
def few_objects() -> Iterator[None]:
    """Keep the session's many objects out of the collections that windows make."""
    gc.freeze()
    yield
    gc.unfreeze()


def nothing(_key: object, _name: str) -> bool:
    return False


def everything(_key: object, _name: str) -> bool:
    return True


def set_up(ledger: Ledger, window: Window | None, held: Held, name: str, size: int) -> None:
    setting_up = ledger.begin(window)
    extra = bytearray(MIB)
    held[name] = bytearray(size)
    del extra
    setting_up.finish(name, name)


def over(
    ledger: Ledger,
    held: Held,
    *,
    uses: Callable[[object, str], bool] = everything,
    first: bool = False,
    size: int = 2 * MIB,
) -> Figures:
    window = Window(ledger, WANTED, uses, root=Path.cwd())
    if first:
        set_up(ledger, window, held, "db", 10 * MIB)
    bytearray(size)
    return window.close()


def test_a_tests_figures_are_the_same_whether_it_sets_a_fixture_up_or_finds_it() -> None:
    ledger, held = Ledger(WANTED), Held()
    first = over(ledger, held, first=True)
    second = over(ledger, held)
    assert first.peak == pytest.approx(12 * MIB, rel=0.01)
    assert second.peak == pytest.approx(12 * MIB, rel=0.01)
    assert second.process_rise == pytest.approx(first.process_rise, abs=2 * MIB)


def test_a_fixture_set_up_outside_of_any_window_counts_as_well() -> None:
    ledger, held = Ledger(WANTED), Held()
    set_up(ledger, None, held, "db", 10 * MIB)
    assert over(ledger, held).peak == pytest.approx(12 * MIB, rel=0.01)


def test_a_fixtures_own_peak_counts_where_it_is_the_most() -> None:
    ledger, held = Ledger(WANTED), Held()
    set_up(ledger, None, held, "db", 10 * MIB)
    assert over(ledger, held, size=1).peak == pytest.approx(11 * MIB, rel=0.01)


def test_a_fixture_that_a_test_does_not_use_is_not_charged() -> None:
    ledger, held = Ledger(WANTED), Held()
    set_up(ledger, None, held, "db", 10 * MIB)
    assert over(ledger, held, uses=nothing).peak == pytest.approx(2 * MIB, rel=0.02)


def test_what_a_shared_fixture_holds_is_no_growth_of_a_test() -> None:
    ledger, held = Ledger(WANTED), Held()
    assert over(ledger, held, first=True).used < 64 * 1024
    assert abs(over(ledger, held).used) < 64 * 1024


def test_the_teardown_of_a_shared_fixture_is_no_gain_of_a_test() -> None:
    ledger, held = Ledger(WANTED), Held()
    set_up(ledger, None, held, "db", 10 * MIB)
    window = Window(ledger, WANTED, everything, root=Path.cwd())
    ledger.end("db")
    held.clear()
    assert abs(window.close().used) < 64 * 1024


def test_another_fixture_torn_down_meanwhile_hides_no_peak() -> None:
    ledger, held = Ledger(WANTED), Held()
    outer = Window(ledger, WANTED, nothing, root=Path.cwd())
    set_up(ledger, outer, held, "old", 10 * MIB)
    window = Window(ledger, WANTED, lambda _key, name: name == "new", root=Path.cwd())
    ledger.end("old")
    held.clear()
    set_up(ledger, window, held, "new", 4 * MIB)
    bytearray(2 * MIB)
    assert window.close().peak == pytest.approx(6 * MIB, rel=0.02)
    outer.close()


def test_a_fixture_set_up_within_another_is_counted_once() -> None:
    ledger, held = Ledger(WANTED), Held()
    outer = ledger.begin(None)
    set_up(ledger, None, held, "inner", 4 * MIB)
    held["outer"] = bytearray(6 * MIB)
    outer.finish("outer", "outer")
    assert over(ledger, held).peak == pytest.approx(12 * MIB, rel=0.02)


def test_a_set_up_that_failed_is_not_shared() -> None:
    ledger, held = Ledger(WANTED), Held()
    setting_up = ledger.begin(None)
    held["db"] = bytearray(10 * MIB)
    setting_up.finish("db", "db", failed=True)
    assert over(ledger, held).peak == pytest.approx(2 * MIB, rel=0.02)


def test_a_found_fixture_is_among_the_places() -> None:
    ledger, held = Ledger(WANTED), Held()
    set_up(ledger, None, held, "db", 10 * MIB)
    assert over(ledger, held).peak_sites[0].name == "fixture db"


def test_only_the_process_can_be_wanted() -> None:
    wanted = Wanted(python=False, children=False)
    ledger, held = Ledger(wanted), Held()
    set_up(ledger, None, held, "db", 10 * MIB)
    figures = Window(ledger, wanted, everything, root=Path.cwd()).close()
    assert figures.peak != figures.peak


def test_a_window_without_tracing_does_not_blind_the_ledger() -> None:
    ledger, held = Ledger(WANTED), Held()
    window = Window(ledger, WANTED._replace(python=False), everything, root=Path.cwd())
    set_up(ledger, window, held, "db", 10 * MIB)
    window.close()
    assert over(ledger, held).peak == pytest.approx(12 * MIB, rel=0.01)
