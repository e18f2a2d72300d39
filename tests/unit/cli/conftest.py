"""A project with a store in a temporary folder, and the command called in this process."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest

from paceline.cli import main
from paceline.model import METRICS, Case, Host, Measurement, Run, RunId
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from pathlib import Path

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7")
START = 1_767_225_600.0  # 2026-01-01 00:00 UTC


class Ended(NamedTuple):
    """What a command left: its exit status and both its outputs."""

    status: int
    out: str
    err: str


@dataclass(slots=True)
class Place:
    """The current folder is the project's."""

    root: Path
    capsys: pytest.CaptureFixture[str]
    days: int = 0
    host: Host = HOST

    @property
    def store(self) -> Store:
        path = self.root / ".paceline" / "paceline.sqlite"
        return Store(path, clock=lambda: START + self.days * 86400)

    def paceline(self, *words: str) -> Ended:
        self.capsys.readouterr()
        status = main(words)
        return Ended(status, *self.capsys.readouterr())

    def settings(self, text: str) -> None:
        (self.root / "pyproject.toml").write_text(text, encoding="utf-8")

    def keep(self, name: str, factor: float = 1.0, *, complete: bool = True, **facts: Any) -> Run:
        """Record a run, a day after the last, of two cases around ``factor`` milliseconds."""
        given: dict[str, Any] = {"host": HOST, "commit": name * 4, "branch": "main", **facts}
        run = Run(RunId(name * 8), START + self.days * 86400, **given)
        self.days += 1
        self.store.begin(run)
        self.store.append(
            run.id, (self.measured("test_one", factor), self.measured("test_two", 2 * factor))
        )
        if complete:
            self.store.finish(run)
        return replace(run, complete=complete)

    def measured(self, name: str, factor: float, **facts: Any) -> Measurement:
        """Make 20 values within 1 % of ``factor`` milliseconds."""
        values = tuple(1e-3 * factor * (1 + (place * 7 % 20 - 9.5) / 1000) for place in range(20))
        case = Case(f"tests/test_a.py::{name}", markers=facts.pop("markers", ()))
        return Measurement(case, METRICS[facts.pop("metric", "wall_time")], values, **facts)


@pytest.fixture
def place(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Place:
    (tmp_path / "pyproject.toml").write_text("[tool.paceline]\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    return Place(tmp_path, capsys)
