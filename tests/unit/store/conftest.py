"""A store in a temporary folder, and nouns to put into it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest

from paceline.model import METRICS, RESOURCES, Case, Host, Measurement, Resources, Run, RunId, Turn
from paceline.store.place import FOLDER, NAME
from paceline.store.sqlite import Store

if TYPE_CHECKING:
    from pathlib import Path

    from paceline.store.transactions import Transactions

HOST = Host("Example 9000", 2, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7")


@dataclass(slots=True)
class Shelf:
    """A store with a clock that stands where the test puts it."""

    path: Path
    server: Transactions | None = None
    now: float = 1_000_000.0
    store: Store = field(init=False)

    def __post_init__(self) -> None:
        self.reopen()

    def reopen(self, **more: Any) -> Store:
        self.store = Store(self.where, clock=lambda: self.now, **more)
        return self.store

    @property
    def where(self) -> Path | Transactions:
        """Where other books of the same store are opened."""
        return self.server or self.path

    def execute(self, sql: str) -> list[Any]:
        """Do to the tables what no Store does."""
        return self.store.transactions.write(lambda connection: connection.execute(sql).fetchall())

    def run(self, name: str, **facts: Any) -> Run:
        return Run(RunId(name), **{"started": self.now, "host": HOST, **facts})

    def measurement(self, name: str = "test_one", **facts: Any) -> Measurement:
        case = Case(f"tests/test_score.py::{name}")
        given = {"metric": METRICS["wall_time"], "values": (0.25, 0.5, 0.125), **facts}
        return Measurement(case, **given)

    def record(self, name: str = "test_one", **facts: Any) -> Resources:
        case = facts.pop("case", Case(f"tests/test_score.py::{name}"))
        figures = (0.5, None, *map(float, range(len(RESOURCES) - 2)))
        turn = Turn("gw1", 3, 1_700_000_000.5, "passed", 2, 0.125)
        return Resources(case, **{"figures": figures, "turn": turn, **facts})

    def keep(self, name: str, *measurements: Measurement, **facts: Any) -> Run:
        """Begin, append and finish a run, one second after the last."""
        run = self.run(name, **facts)
        self.store.begin(run)
        self.store.append(run.id, measurements or (self.measurement(),))
        self.store.finish(run)
        self.now += 1
        return replace(run, complete=True)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    return Shelf(tmp_path / FOLDER / NAME)
