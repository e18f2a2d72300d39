from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from paceline.engine.revisions.cache import Cache, cache_folder, digest_of, opened
from paceline.errors import UsageError

DAY = 24 * 3600.0


def fill(folder: Path) -> None:
    (folder / "file").write_text("made", encoding="utf-8")


def test_the_cache_stands_where_the_platform_keeps_caches() -> None:
    assert cache_folder({"XDG_CACHE_HOME": "/c", "HOME": "/h"}) == Path("/c/paceline/ab")
    expected = "/h/Library/Caches" if sys.platform == "darwin" else "/h/.cache"
    assert cache_folder({"HOME": "/h"}) == Path(expected, "paceline", "ab")
    assert cache_folder({"XDG_CACHE_HOME": "relative", "HOME": "/h"}).parts[1] == "h"


def test_keys_have_one_length_and_no_ambiguity() -> None:
    assert len(digest_of("a")) == len(digest_of("a" * 1000, "\udcff")) == 16
    assert digest_of("ab", "c") != digest_of("a", "bc")


def test_an_entry_is_made_once(tmp_path: Path) -> None:
    made: list[Path] = []

    def make(folder: Path) -> None:
        fill(folder)
        made.append(folder)

    with opened(tmp_path, tmp_path, say=print) as cache:
        folders = {cache.entry("trees", "key", make) for _ in range(2)}
    assert folders == set(made)
    assert (len(made), (made[0] / "file").read_text(encoding="utf-8")) == (1, "made")


def test_an_entry_whose_making_fails_is_not_there(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        fill(folder)
        raise KeyboardInterrupt

    with opened(tmp_path, tmp_path, say=print) as cache:
        with pytest.raises(KeyboardInterrupt):
            cache.entry("trees", "key", fail)
        assert not (cache.folder / "trees" / "key").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from paceline.engine.revisions.cache import opened

def half(folder):
    (folder / "file").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)

with opened(Path(sys.argv[1]), Path(sys.argv[1]), say=print) as cache:
    cache.entry("trees", "key", half)
"""


@pytest.mark.slow
def test_what_a_killed_process_left_is_swept_at_the_next_start(tmp_path: Path) -> None:
    subprocess.run([sys.executable, "-c", KILLED, str(tmp_path)], check=False)
    assert [path.read_text() for path in tmp_path.rglob("file")] == ["half"]
    with opened(tmp_path, tmp_path, say=print) as cache:
        assert list(tmp_path.rglob("file")) == []
        assert (cache.entry("trees", "key", fill) / "file").read_text(encoding="utf-8") == "made"


def test_an_entry_half_removed_is_made_anew(tmp_path: Path) -> None:
    with opened(tmp_path, tmp_path, say=print) as cache:
        folder = cache.entry("trees", "key", fill)
        (folder / "whole").unlink()
        (folder / "file").write_text("half", encoding="utf-8")
        assert cache.entry("trees", "key", fill) == folder
    assert (folder / "file").read_text(encoding="utf-8") == "made"


def test_old_entries_go_but_not_the_newest_nor_those_of_today(tmp_path: Path) -> None:
    with opened(tmp_path, tmp_path, say=print, now=lambda: 0.0) as cache:
        for number in range(10):
            Cache(cache.folder, now=lambda number=number: float(number)).entry(  # type: ignore[misc]
                "trees", str(number), fill
            )
        cache.entry("wheels", "w", fill)
    with opened(tmp_path, tmp_path, say=print, now=lambda: 100.0) as cache:
        assert len(list((cache.folder / "trees").iterdir())) == 10
    with opened(tmp_path, tmp_path, say=print, now=lambda: 2 * DAY) as cache:
        assert sorted(path.name for path in (cache.folder / "trees").iterdir()) == list("23456789")
        assert (cache.folder / "wheels" / "w" / "file").exists()


def test_read_only_folders_inside_an_entry_do_not_stop_its_removal(tmp_path: Path) -> None:
    with opened(tmp_path, tmp_path, say=print) as cache:
        folder = cache.entry("trees", "key", fill)
        (folder / "closed").mkdir()
        (folder / "closed" / "file").touch()
        (folder / "closed").chmod(0o500)
        cache.discard(folder)
    assert not folder.exists()


def test_another_projects_folder_goes_after_a_month_unless_it_is_in_use(tmp_path: Path) -> None:
    for name in ("old", "used"):
        with opened(tmp_path, Path(name), say=print, now=lambda: 0.0) as cache:
            cache.entry("trees", "key", fill)
    with (
        opened(tmp_path, Path("used"), say=print, now=lambda: 0.0),
        opened(tmp_path, Path("new"), say=print, now=lambda: 31 * DAY) as cache,
    ):
        kept = {path.name for path in tmp_path.iterdir()}
    assert kept == {digest_of(os.path.realpath(name)) for name in ("used", "new")}
    assert cache.folder.name in kept


WAITING = """
import sys
from pathlib import Path
from paceline.engine.revisions.cache import opened

with opened(Path(sys.argv[1]), Path(sys.argv[1]), say=lambda text: print(text, flush=True)):
    print("in", flush=True)
"""


@pytest.mark.slow
def test_one_process_at_a_time_prepares_and_the_other_says_that_it_waits(tmp_path: Path) -> None:
    command = [sys.executable, "-c", WAITING, str(tmp_path)]
    with opened(tmp_path, tmp_path, say=print):
        waiting = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert waiting.stdout
        first = waiting.stdout.readline()
    said, _ = waiting.communicate()
    assert first.startswith("waiting for another paceline ab")
    assert f"pid {os.getpid()}" in first
    assert said == "in\n"


def test_a_cache_that_cannot_be_written_names_the_variable(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        pytest.raises(UsageError, match="XDG_CACHE_HOME"),
        opened(tmp_path / "file", tmp_path, say=print),
    ):
        pass
