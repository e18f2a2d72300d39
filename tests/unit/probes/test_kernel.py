from __future__ import annotations

import os

import pytest

from paceline.probes import kernel
from paceline.probes.kernel import OWN, Kept, field_of


def test_a_kept_file_is_read_from_its_start_each_time() -> None:
    kept = Kept("statm")
    assert len(kept.read().split()) == len(kept.read().split()) == 7
    kept.close()


def test_what_was_read_is_known_as_our_own() -> None:
    kept = Kept("statm")
    before = OWN[0]
    content = kept.read()
    assert OWN[0] - before == len(content)
    kept.close()


def test_a_file_that_the_tested_code_closed_is_opened_again() -> None:
    kept = Kept("statm")
    kept.read()
    os.close(kept.file)
    assert kept.read()
    os.close(kept.file)
    assert kept.status() is not None
    kept.close()


def test_a_kept_file_stays_out_of_the_way_of_new_ones() -> None:
    kept = Kept("statm")
    before = os.dup(0)
    os.close(before)
    kept.read()
    after = os.dup(0)
    os.close(after)
    kept.close()
    assert after == before < kept.file or after == before


@pytest.mark.parametrize("name", ["nothing", "clear_refs"])
def test_what_can_not_be_read_is_empty(name: str) -> None:
    kept = Kept(name)
    assert kept.read() == b""
    assert kept.read() == b""


def test_what_is_not_there_has_no_status_and_takes_nothing() -> None:
    assert Kept("nothing").status() is None
    assert Kept("nothing", writing=True).write(b"5") is False
    assert Kept("statm", writing=True).write(b"5") is False


def test_a_closed_file_may_be_closed_by_somebody_else_first() -> None:
    kept = Kept("statm")
    kept.read()
    os.close(kept.file)
    kept.close()
    assert kept.read()
    kept.close()


def test_where_descriptors_can_not_be_moved_files_are_kept_where_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(kernel, "fcntl", None)
    kept = Kept("statm")
    assert kept.read()
    kept.close()


def test_a_forked_child_reads_its_own_figures() -> None:
    kept = Kept("stat")
    kept.read()
    child = os.fork()
    if not child:
        os._exit(0 if kept.read().split()[0] == str(os.getpid()).encode() else 1)
    assert os.waitpid(child, 0)[1] == 0
    kept.close()


@pytest.mark.parametrize(
    ("content", "found"),
    [(b"VmPeak: 9 kB\nVmHWM:\t 12 kB\n", 12.0), (b"VmPeak: 9 kB", None), (b"VmHWM:", None)],
)
def test_a_field_is_found_by_its_name(content: bytes, found: float | None) -> None:
    assert field_of(content, "VmHWM:") == found
