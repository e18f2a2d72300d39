"""What can be set about a run as a whole, and the list of all option classes."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from paceline.engine.dropin_options import DropInOptions
from paceline.engine.leaks.options import LeakOptions
from paceline.engine.paired.options import AbOptions
from paceline.guard.options import GuardOptions
from paceline.options import option
from paceline.probes.collector_options import CollectorOptions
from paceline.probes.memory_options import MemoryOptions
from paceline.probes.options import BenchmarkOptions
from paceline.probes.resource_options import ResourceOptions
from paceline.report.options import TableOptions
from paceline.store.options import StoreOptions
from paceline.suite.category_options import CategoryOptions
from paceline.suite.collection_options import CollectionOptions
from paceline.suite.options import SuiteOptions
from paceline.suite.profile import ProfileOptions
from paceline.suite.timeout_options import TimeoutOptions

__all__ = ["CLASSES", "Mode", "RunOptions"]


class Mode(enum.Enum):
    """Which tests run and whether benchmarks are timed."""

    ALL = "all"
    ONLY = "only"
    SKIP = "skip"
    ONCE = "once"


@dataclass(frozen=True, slots=True)
class RunOptions:
    """How benchmarks take part in a run, and which reports it leaves."""

    section: ClassVar[str] = "run"

    mode: Mode = option(
        Mode.ALL,
        flags={
            "--benchmark-enable": Mode.ALL,
            "--benchmark-only": Mode.ONLY,
            "--benchmark-skip": Mode.SKIP,
            "--benchmark-disable": Mode.ONCE,
        },
        help="Run all tests, only benchmarks, all but benchmarks, or benchmarks once, untimed.",
    )
    serial: bool = option(
        False,
        flags={"--benchmark-serial": True},
        help="Under parallel workers, run benchmarks after the rest and one at a time.",
    )
    write: tuple[str, ...] = option(
        (),
        apart="\n",
        flag="--paceline-write",
        metavar="FILE",
        help="Write a report; .md, .json, .csv or .xml (JUnit) says which. May be repeated.",
    )


CLASSES: tuple[type, ...] = (
    BenchmarkOptions,
    RunOptions,
    TableOptions,
    DropInOptions,
    GuardOptions,
    StoreOptions,
    AbOptions,
    ResourceOptions,
    MemoryOptions,
    LeakOptions,
    SuiteOptions,
    TimeoutOptions,
    CollectorOptions,
    CategoryOptions,
    CollectionOptions,
    ProfileOptions,
)
