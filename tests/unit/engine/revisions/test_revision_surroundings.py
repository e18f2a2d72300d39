from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from paceline.engine.revisions import surroundings
from paceline.engine.revisions.surroundings import Editable, Line, observe_surroundings


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An environment's site folder, which the interpreter is said to have."""
    folder = tmp_path / "site"
    folder.mkdir()
    answer = json.dumps([str(folder), str(tmp_path / "gone")]).encode()
    monkeypatch.setattr(surroundings, "run", lambda *_, **__: answer)
    return folder


def install(site: Path, name: str, *files: str, url: str = "", editable: bool = True) -> None:
    folder = site / f"{name}-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (folder / "RECORD").write_text("".join(f"{file},,\n" for file in files))
    if url:
        noted = {"url": url, "dir_info": {"editable": editable}}
        (folder / "direct_url.json").write_text(json.dumps(noted))


def test_folders_that_are_not_there_are_left_out(site: Path) -> None:
    found = observe_surroundings({})
    assert (found.sites, found.python) == ((site,), Path(sys.executable))


def test_lines_are_read_as_python_reads_them(site: Path) -> None:
    (site / "a.pth").write_text("# no\n\n../x  \nimport one; two\n/abs\n", encoding="utf-8")
    (site / ".hidden.pth").write_text("/no\n", encoding="utf-8")
    texts = [(line.text, line.runs) for line in observe_surroundings({}).lines]
    assert texts == [(str(site.parent / "x"), False), ("import one; two", True), ("/abs", False)]


def test_a_line_belongs_to_the_distribution_that_brought_its_file(site: Path) -> None:
    (site / "odd.pth").write_text("import hook\n", encoding="utf-8")
    install(site, "My_Tool", "odd.pth", "hook.py")
    assert observe_surroundings({}).lines == (Line("import hook", "my-tool", runs=True),)


@pytest.mark.parametrize(
    "line",
    ["import __editable___my_tool_1_0_finder; __editable___my_tool_1_0_finder.install()",
     "import _my_tool_editable_loader"],
)  # fmt: skip
def test_a_line_that_nobody_brought_is_known_by_its_finder(site: Path, line: str) -> None:
    (site / "unknown.pth").write_text(f"{line}\n", encoding="utf-8")
    assert [one.owner for one in observe_surroundings({}).lines] == ["my-tool"]


def test_editable_installations_are_known_by_their_folder(site: Path) -> None:
    install(site, "one", url="file:///projects/a%20b")
    install(site, "two", url="file:///projects/c", editable=False)
    install(site, "three", url="https://example.org/three.whl")
    assert observe_surroundings({}).editables == (Editable("one", Path("/projects/a b")),)


def test_the_running_interpreter_tells_its_site_folders() -> None:
    found = observe_surroundings(os.environ)
    assert any(Path(pytest.__file__).is_relative_to(site) for site in found.sites)
