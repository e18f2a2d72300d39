from __future__ import annotations

import gc
import math
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from paceline.engine.memory import BLOCK, TEST, Block, measured
from paceline.engine.result import BudgetBroken
from paceline.errors import UnitError, UsageError
from paceline.model import Case
from paceline.probes.memory import Figures

if TYPE_CHECKING:
    from collections.abc import Iterator

MIB = 1024**2
CASE = Case("tests/test_a.py::test_it", "load")
ROOT = Path(__file__).parents[3]


@pytest.fixture(autouse=True)
def few_objects() -> Iterator[None]:
    """Keep the session's many objects out of the collections that windows make."""
    gc.freeze()
    yield
    gc.unfreeze()


def block_of(size: int) -> Block:
    block = Block(CASE, root=ROOT)
    block.run(bytearray, size)
    return block


def test_a_block_tells_its_figures_in_bytes_kb_and_mb() -> None:
    block = block_of(2 * MIB)
    assert block.peak == pytest.approx(2 * MIB, rel=0.02)
    assert block.peak_kb == block.peak / 1024
    assert block.used_mb == block.used / 1024**2


def test_what_a_measured_function_returns_is_kept_and_counts_as_held() -> None:
    block = block_of(2 * MIB)
    assert len(block.value) == 2 * MIB
    assert block.used == pytest.approx(2 * MIB, rel=0.02)


def test_the_places_of_a_measured_functions_own_variables_are_seen() -> None:
    def work() -> None:
        held = bytes(4 * MIB)
        assert held

    block = Block(CASE, root=ROOT)
    block.run(work)
    (site, *_) = block.top(1)
    assert site.place is not None
    assert site.place.file == "tests/unit/engine/test_engine_memory.py"
    assert block.figures.explained > 0.95


def test_inside_a_block_the_current_use_can_be_read() -> None:
    with Block(CASE, root=ROOT) as block:
        held = bytearray(MIB)
        current = block.current
    assert current == pytest.approx(len(held), rel=0.05)
    assert block.current == block.used


def test_a_kept_limit_passes() -> None:
    block_of(MIB).assert_below(peak="2 MiB", used=2 * MIB)


def test_a_broken_limit_says_figure_limit_share_and_places() -> None:
    with pytest.raises(BudgetBroken) as error:
        block_of(3 * MIB).assert_below(peak="2 MiB", used="1 MiB")
    lines = str(error.value).splitlines()
    assert lines[0].startswith("memory of load: peak 3.00")
    assert lines[0].endswith("of 2.000 MiB, 150 %")
    assert lines[1].startswith("used 3.00")
    assert lines[-1].startswith("  these explain 100 %")
    assert len(lines) <= 14


def test_an_unsure_figure_breaks_no_limit() -> None:
    block = Block(CASE)
    block.figures = Figures(peak=9.0 * MIB, unsure=(("peak", "hidden"),))
    block.assert_below(peak="1 MiB")


def test_an_unknown_figure_or_unit_is_said() -> None:
    with pytest.raises(UsageError, match="no figure 'peek'"):
        Block(CASE).assert_below(peek="1 MiB")
    with pytest.raises(UnitError):
        Block(CASE).assert_below(peak="1 parsec")
    with pytest.raises(AttributeError, match="process_rise"):
        _ = Block(CASE).peek
    with pytest.raises(UsageError, match="at='start'"):
        Block(CASE).top(at="start")


def test_a_block_can_be_opened_once_at_a_time() -> None:
    block = Block(CASE)
    with block, pytest.raises(UsageError, match="open already"):
        block.open()


def test_a_block_says_what_it_does_not_know() -> None:
    block = Block(CASE)
    block.figures = Figures(peak=9.0, unsure=(("peak", "hidden by another"),))
    said = str(block)
    assert "peak 9.000 B (unsure)" in said
    assert "unsure: peak: hidden by another" in said
    assert "used unknown" in said


def test_measurements_carry_metric_places_and_how_the_process_rose() -> None:
    found = {one.metric.name: one for one in block_of(2 * MIB).measurements()}
    assert set(found) == set(BLOCK.values())
    assert found["peak_memory"].sites[0].size == pytest.approx(2 * MIB, rel=0.02)
    assert found["peak_memory"].condition("process rise")
    assert found["memory_growth"].sites


def test_a_figure_that_is_unknown_without_a_reason_is_no_measurement() -> None:
    found = measured(Figures(peak=5.0), CASE, metrics=TEST)
    assert [one.metric.name for one in found] == ["test_peak_memory"]


def test_an_unknown_figure_with_a_reason_is_unsure() -> None:
    figures = Figures(unsure=(("process_rise", "denied"),))
    (found,) = measured(figures, CASE, metrics=TEST)
    assert (found.values, found.unsure) == ((), "denied")


def test_without_tracing_only_the_process_is_measured() -> None:
    with Block(CASE, trace=False) as block:
        pass
    assert math.isnan(block.peak)
    assert block.process_rise >= 0
