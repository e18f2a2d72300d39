from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from paceline.engine.revisions.bodies import changed_bodies

if TYPE_CHECKING:
    from pathlib import Path

FILE = "bench/test_a.py"
BASE = '''
import pytest

def test_one(benchmark):
    """Say."""
    benchmark(len, "a")

class TestGroup:
    @pytest.mark.parametrize("n", [1])
    async def test_two(self, benchmark, n):
        benchmark(n)
'''


def change(root: Path, old: str, new: str, *nodes: str) -> dict[str, str]:
    for side, text in (("base", BASE), ("head", BASE.replace(old, new))):
        file = root / side / FILE
        file.parent.mkdir(parents=True)
        file.write_text(text, encoding="utf-8")
    found = changed_bodies(root / "base", root / "head", [f"{FILE}::{node}" for node in nodes])
    return {node.removeprefix(f"{FILE}::"): said for node, said in found.items()}


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('len, "a"', 'len, "b"', {"test_one": "body changed"}),
        ('    benchmark(len, "a")', '    benchmark(len, "a")  # why',
         {}),
        ('(len, "a")', '(\n        len,  # it\n        "a")',
         {"test_one": "only comments or layout changed"}),
        ('"""Say."""', '"""Tell."""', {"test_one": "only comments or layout changed"}),
        ("benchmark(n)", "benchmark(n + 1)", {"TestGroup::test_two[1]": "body changed"}),
        ("[1]", "[1, 2]", {"TestGroup::test_two[1]": "its decorators changed"}),
        ("import pytest", "import pytest, os", {}),
        ("import pytest", "import", {}),
    ],
)  # fmt: skip
def test_what_changed_in_a_benchmarks_own_function_is_said(
    tmp_path: Path, old: str, new: str, said: dict[str, str]
) -> None:
    assert change(tmp_path, old, new, "test_one", "TestGroup::test_two[1]") == said


def test_a_function_or_file_that_the_base_lacks_is_new(tmp_path: Path) -> None:
    assert change(tmp_path, "one", "three", "test_three") == {"test_three": "new in its file"}
    (tmp_path / "base" / FILE).unlink()
    node = f"{FILE}::test_one"
    assert changed_bodies(tmp_path / "base", tmp_path / "head", [node]) == {node: "new file"}


def test_a_function_that_other_code_made_has_no_body_to_compare(tmp_path: Path) -> None:
    assert change(tmp_path, "one", "three", "test_generated") == {}
