from __future__ import annotations

import importlib.util
import mmap
from pathlib import Path

import pytest

from paceline.probes.native import MISSING, native_block

MIB = 1024**2
HERE = Path(__file__).parents[3]
INSTALLED = importlib.util.find_spec("memray") is not None
MEMRAY = pytest.mark.skipif(not INSTALLED, reason="memray is not installed")


@pytest.mark.skipif(INSTALLED, reason="memray is installed")
def test_without_memray_the_block_runs_and_says_what_to_install(tmp_path: Path) -> None:
    with native_block("test#x", root=HERE, folder=tmp_path) as block:
        ran = True
    assert ran
    assert block.unsure == MISSING
    assert (block.top(), block.lines("a.py"), block.flame_graph()) == ((), (), None)


def held(size: int) -> mmap.mmap:
    return mmap.mmap(-1, size)


@MEMRAY
@pytest.mark.slow
def test_native_memory_is_named_by_line_and_function(tmp_path: Path) -> None:
    with native_block("test#x", root=HERE, folder=tmp_path) as block:
        kept = held(20 * MIB)
    (site, *_) = block.top(1)
    assert site.place is not None
    assert site.place.file == "tests/unit/probes/test_native.py"
    assert site.size == len(kept)
    assert site.name


@MEMRAY
@pytest.mark.slow
def test_a_line_has_what_its_calls_hold(tmp_path: Path) -> None:
    with native_block("test#x", root=HERE, folder=tmp_path) as block:
        kept = [held(5 * MIB), held(5 * MIB)]
    (line, *_) = block.lines("tests/unit/probes/test_native.py")
    assert line.size >= 10 * MIB
    assert len(kept) == 2


@MEMRAY
@pytest.mark.slow
def test_pages_are_written_by_memrays_own_reporters(tmp_path: Path) -> None:
    with native_block("test#x", root=HERE, folder=tmp_path) as block:
        bytearray(MIB)
    pages = [block.flame_graph(), block.table()]
    assert all(page is not None and page.stat().st_size > 10_000 for page in pages)


@MEMRAY
@pytest.mark.slow
def test_a_capture_inside_another_is_unsure_and_runs(tmp_path: Path) -> None:
    outer = native_block("test#outer", root=HERE, folder=tmp_path)
    with outer, native_block("test#inner", root=HERE, folder=tmp_path) as inner:
        ran = True
    assert ran
    assert "can't capture" in inner.unsure
    assert outer.unsure == ""


@MEMRAY
def test_a_folder_that_can_not_be_written_is_unsure(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    assert native_block("test#x", root=HERE, folder=tmp_path / "file").unsure
