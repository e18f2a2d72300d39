"""Defaults: what the hooks do where no conftest says otherwise, so each is the last to be asked."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from paceline.guard.dropin import machine_differences
from paceline.plugin.dropin.naming import now
from paceline.plugin.role import project_of
from paceline.plugin.settings import settings_of
from paceline.probes import dropin
from paceline.report.dropin.grouping import group
from paceline.report.dropin.units import scale_of
from paceline.report.options import TableOptions
from paceline.store.dropin.writing import document

if TYPE_CHECKING:
    from paceline.plugin.dropin.metadata import Metadata
    from paceline.plugin.dropin.session import BenchmarkSession

__all__ = [
    "pytest_benchmark_compare_machine_info",
    "pytest_benchmark_generate_commit_info",
    "pytest_benchmark_generate_json",
    "pytest_benchmark_generate_machine_info",
    "pytest_benchmark_group_stats",
    "pytest_benchmark_scale_unit",
]

VERSION = "5.3.1"
"""The release whose document is written: tools read the keys by it."""


@pytest.hookimpl(trylast=True)
def pytest_benchmark_scale_unit(  # noqa: PLR0913, PLR0917  (the peer's own signature)
    config: pytest.Config,
    unit: str,
    benchmarks: list[dict[str, Any]],
    best: dict[str, float],
    worst: dict[str, float],
    sort: str,
) -> tuple[str, float]:
    """Scale by the option, or by the best and worst figures of a table."""
    asked = settings_of(config).get(TableOptions).time_unit.value
    return scale_of(unit, benchmarks, best=best, worst=worst, sort=sort, time_unit=asked)


@pytest.hookimpl(trylast=True)
def pytest_benchmark_generate_machine_info() -> dict[str, Any]:
    """Describe this machine."""
    return dropin.machine_info()


@pytest.hookimpl(trylast=True)
def pytest_benchmark_generate_commit_info(config: pytest.Config) -> dict[str, Any]:
    """Describe the commit of the folder where pytest was called."""
    name = getattr(config.option, "benchmark_project_name", None)  # as other plugins may set it
    return dropin.commit_info(name, folder=project_of(config))


@pytest.hookimpl(trylast=True)
def pytest_benchmark_group_stats(
    benchmarks: list[dict[str, Any]], group_by: str
) -> list[tuple[str | None, list[dict[str, Any]]]]:
    """Group by the labels that were asked for."""
    return group(benchmarks, group_by)


@pytest.hookimpl(trylast=True)
def pytest_benchmark_generate_json(
    benchmarks: list[Metadata],
    include_data: bool,  # noqa: FBT001  (the peer's own signature)
    machine_info: dict[str, Any],
    commit_info: dict[str, Any],
) -> dict[str, Any]:
    """Make the document of every benchmark whose code raised nothing."""
    return document(
        [one.as_dict(include_data=include_data) for one in benchmarks if not one.has_error],
        machine_info=machine_info,
        commit_info=commit_info,
        started=now(),
        version=VERSION,
    )


@pytest.hookimpl(trylast=True)
def pytest_benchmark_compare_machine_info(
    benchmarksession: BenchmarkSession,
    machine_info: dict[str, Any],
    compared_benchmark: dict[str, Any],
) -> None:
    """Warn where the saved run comes from another machine, as far as both descriptions tell."""
    saved = compared_benchmark["machine_info"]
    if machine_differences(machine_info, saved):
        here, there = (
            json.dumps(one, sort_keys=True, default=repr) for one in (machine_info, saved)
        )
        place = benchmarksession.storage.location
        differ = f"Current: {here} VS saved: {there} (location: {place})."
        said = f"Benchmark machine_info is different. {differ}"
        benchmarksession.logger.warning(said)
