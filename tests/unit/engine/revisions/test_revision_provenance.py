from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import pytest

from paceline.engine.revisions.provenance import provenance
from paceline.engine.revisions.sides import Side

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def side(tmp_path: Path) -> Side:
    for name in ("own/src/pkg/__init__.py", "own/src/space/mine.py", "other/src/pkg/__init__.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    return Side(
        name="base",
        said="main",
        root=tmp_path / "own",
        python=tmp_path / "environment" / "bin" / "python",
        environment={},
        commit="",
        dirty=False,
        notes=(),
        project_modules=("pkg", "space"),
        foreign=(tmp_path / "other", tmp_path / "user", tmp_path / "site" / "pkg"),
        sources=(tmp_path / "own" / "src",),
    )


@pytest.mark.parametrize(
    "file",
    ["own/src/pkg/core.py", "own/src/pkg/core.abi3.so", "environment/lib/pkg/core.py"],
)
def test_modules_of_the_side_itself_are_trusted(side: Side, tmp_path: Path, file: str) -> None:
    assert provenance(side, {"pkg.core": str(tmp_path / file)}) == ""


@pytest.mark.parametrize("file", ["other/src/pkg/core.py", "user/src/pkg/core.so", "site/pkg/c.py"])
def test_one_module_from_elsewhere_makes_all_of_it_unsure(
    side: Side, tmp_path: Path, file: str
) -> None:
    loaded = {"pkg": str(tmp_path / "own/src/pkg/__init__.py"), "pkg.core": str(tmp_path / file)}
    said = f"pkg.core was loaded from {tmp_path / file}, which is not the base side's"
    assert provenance(side, loaded) == said


def test_a_module_that_the_side_has_itself_may_come_from_nowhere_else(
    side: Side, tmp_path: Path
) -> None:
    loaded = {"pkg": str(tmp_path / "unknown" / "pkg" / "__init__.py")}
    assert provenance(side, loaded).endswith("but the base side has its own")


def test_a_link_counts_as_where_it_leads(side: Side, tmp_path: Path) -> None:
    (tmp_path / "own" / "src" / "linked").symlink_to(tmp_path / "other" / "src")
    file = tmp_path / "own" / "src" / "linked" / "pkg" / "__init__.py"
    assert "not the base side's" in provenance(side, {"pkg": str(file)})


def test_neighbours_in_a_namespace_and_other_packages_are_no_doubt(
    side: Side, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "prefix", str(tmp_path / "user" / ".venv"))
    there = tmp_path / "user" / ".venv" / "lib"
    loaded = {"space.theirs": str(there / "space" / "theirs.py"), "json": "/usr/lib/json.py"}
    assert provenance(side, loaded) == ""
    loaded["space.mine"] = str(there / "space" / "mine.py")
    assert provenance(side, loaded).startswith("space.mine was loaded from")


def test_a_compiled_module_of_the_side_is_known_by_its_stem(side: Side, tmp_path: Path) -> None:
    (tmp_path / "own" / "src" / "pkg" / "_fast.cpython-311-x86_64-linux-gnu.so").touch()
    assert provenance(side, {"pkg._fast": "/elsewhere/_fast.so"})
    assert provenance(side, {"pkg._slow": "/elsewhere/_slow.so"}) == ""
