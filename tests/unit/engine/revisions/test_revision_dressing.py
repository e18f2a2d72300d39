from __future__ import annotations

import zipfile
from typing import TYPE_CHECKING

import pytest

from paceline.engine.revisions.benchmarks import Overlay
from paceline.engine.revisions.bodies import changed_bodies
from paceline.engine.revisions.cache import Cache
from paceline.engine.revisions.dressing import Additions, dressed, laid_over, original_of
from paceline.engine.revisions.files import files_below
from paceline.engine.revisions.layout import Layout
from paceline.engine.revisions.trees import Tree

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def cache(tmp_path: Path) -> Cache:
    return Cache(tmp_path / "cache")


def tree(folder: Path, inside: str = ".", **files: str) -> Tree:
    for name, text in files.items():
        file = folder / inside / name.replace("__", "/").replace("_py", ".py")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return Tree(folder, inside, folder, folder.name, folder.name)


def wheel(folder: Path, *names: str) -> Path:
    folder.mkdir()
    with zipfile.ZipFile(folder / "pkg.whl", "w") as archive:
        for name in names:
            archive.writestr(name, "built")
    return folder / "pkg.whl"


def test_only_files_that_differ_are_laid_over(tmp_path: Path) -> None:
    base = tree(tmp_path / "base", same_py="1", other_py="1")
    head = tree(tmp_path / "head", same_py="1", other_py="2", new_py="3")
    found = laid_over(base, head, Overlay(("new.py", "other.py", "same.py"), ("old.py",)))
    assert (found.taken, found.removed) == (("new.py", "other.py"), ("old.py",))


def test_a_tree_without_additions_is_used_as_it_is(tmp_path: Path, cache: Cache) -> None:
    base = tree(tmp_path / "base")
    assert dressed(base, Additions(), cache) is base


@pytest.mark.parametrize("inside", [".", "deep/project"])
def test_the_copy_has_the_heads_files_and_the_tree_keeps_its_own(
    tmp_path: Path, cache: Cache, inside: str
) -> None:
    base = tree(tmp_path / "base", inside, bench_py="old", gone_py="1")
    head = tree(tmp_path / "head", inside, bench_py="new", more_py="1")
    overlay = Overlay(("bench.py", "more.py"), ("gone.py",))
    worn = dressed(base, laid_over(base, head, overlay), cache)
    assert list(files_below(worn.root)) == ["bench.py", "more.py"]
    assert (worn.root / "bench.py").read_text(encoding="utf-8") == "new"
    assert list(files_below(base.root)) == ["bench.py", "gone.py"]


@pytest.mark.parametrize("inside", [".", "deep/project"])
def test_the_bases_own_files_can_still_be_read(tmp_path: Path, cache: Cache, inside: str) -> None:
    base = tree(tmp_path / "base", inside, bench_py="def test_a(): 1", same_py="1")
    head = tree(tmp_path / "head", inside, bench_py="def test_a(): 2", more_py="def test_b(): 1")
    worn = dressed(base, laid_over(base, head, Overlay(("bench.py", "more.py"), ())), cache)
    nodes = ["bench.py::test_a", "more.py::test_b"]
    said = ["body changed", "new file"]
    assert changed_bodies(worn.root, head.root, nodes) == dict(zip(nodes, said, strict=True))
    assert original_of(worn.root, "same.py") == worn.root / "same.py"
    assert original_of(worn.root, "none.py") is None


def test_equal_additions_make_one_copy(tmp_path: Path, cache: Cache) -> None:
    base = tree(tmp_path / "base", bench_py="1")
    keys = []
    for text in ("2", "3", "2"):
        head = tree(tmp_path / "head", bench_py=text)
        keys.append(dressed(base, laid_over(base, head, Overlay(("bench.py",), ())), cache).key)
    assert keys[0] == keys[2] != keys[1]


def test_what_a_build_made_comes_beside_the_sources(tmp_path: Path, cache: Cache) -> None:
    base = tree(tmp_path / "base", src__pkg__core_py="own")
    built = wheel(
        tmp_path / "wheel", "pkg/core.py", "pkg/_fast.so", "pkg/", "alone.so", "other/x.py",
        ".pkg.mesonpy.libs/lib.so", "pkg-1.0.dist-info/RECORD", "pkg-1.0.data/scripts/x",
    )  # fmt: skip
    layout = Layout("pkg", ("src",), ("pkg",), "it is compiled")
    worn = dressed(base, Additions(wheel=built, layout=layout), cache)
    names = [".pkg.mesonpy.libs/lib.so", "alone.so", "pkg/_fast.so", "pkg/core.py"]
    assert list(files_below(worn.root / "src")) == names
    assert (worn.root / "src" / "pkg" / "core.py").read_text(encoding="utf-8") == "own"


def test_single_files_are_given_from_anywhere(tmp_path: Path, cache: Cache) -> None:
    base = tree(tmp_path / "base", pkg__a_py="1")
    file = tmp_path / "_version.py"
    file.write_text("2", encoding="utf-8")
    worn = dressed(base, Additions(given=(("pkg/_version.py", file),)), cache)
    assert (worn.root / "pkg" / "_version.py").read_text(encoding="utf-8") == "2"


def test_nothing_is_removed_through_a_link_that_leaves_the_tree(
    tmp_path: Path, cache: Cache
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "conftest.py").touch()
    base = tree(tmp_path / "base", a_py="1", b_py="1")
    (base.root / "bench").symlink_to(outside)
    worn = dressed(base, Additions(removed=("bench/conftest.py", "a.py")), cache)
    assert (outside / "conftest.py").exists()
    assert list(files_below(worn.root)) == ["b.py", "bench"]


def test_whole_folders_can_be_removed(tmp_path: Path, cache: Cache) -> None:
    base = tree(tmp_path / "base", pkg__a_py="1", b_py="1")
    assert list(files_below(dressed(base, Additions(removed=("pkg",)), cache).root)) == ["b.py"]
