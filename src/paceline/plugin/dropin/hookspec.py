"""Hooks that pytest-benchmark declares, by the same names and arguments.

Entries are dictionaries in the shape of that plugin's JSON; benchmarks are `Metadata`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

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
    "pytest_benchmark_update_commit_info",
    "pytest_benchmark_update_json",
    "pytest_benchmark_update_machine_info",
]


@pytest.hookspec(firstresult=True)
def pytest_benchmark_scale_unit(  # noqa: PLR0913, PLR0917  (the peer's own signature)
    config: pytest.Config,
    unit: str,
    benchmarks: list[dict[str, Any]],
    best: dict[str, float],
    worst: dict[str, float],
    sort: str,
) -> tuple[str, float] | None:
    """Give the prefix and the factor of a table's figures; ``unit`` is seconds or operations."""


@pytest.hookspec(firstresult=True)
def pytest_benchmark_generate_machine_info(config: pytest.Config) -> dict[str, Any] | None:
    """Describe this machine in place of what is described by itself."""


def pytest_benchmark_update_machine_info(
    config: pytest.Config, machine_info: dict[str, Any]
) -> None:
    """Add to the description of this machine."""


@pytest.hookspec(firstresult=True)
def pytest_benchmark_generate_commit_info(config: pytest.Config) -> dict[str, Any] | None:
    """Describe this commit in place of what is described by itself."""


def pytest_benchmark_update_commit_info(config: pytest.Config, commit_info: dict[str, Any]) -> None:
    """Add to the description of this commit."""


@pytest.hookspec(firstresult=True)
def pytest_benchmark_group_stats(
    config: pytest.Config, benchmarks: list[dict[str, Any]], group_by: str
) -> list[tuple[str | None, list[dict[str, Any]]]] | None:
    """Part entries into the named groups that tables are made of."""


@pytest.hookspec(firstresult=True)
def pytest_benchmark_generate_json(
    config: pytest.Config,
    benchmarks: list[Metadata],
    include_data: bool,  # noqa: FBT001  (the peer's own signature)
    machine_info: dict[str, Any],
    commit_info: dict[str, Any],
) -> dict[str, Any] | None:
    """Make the document that is written or saved; those with an error are left out by itself."""


def pytest_benchmark_update_json(
    config: pytest.Config, benchmarks: list[Metadata], output_json: dict[str, Any]
) -> None:
    """Add to the document that is written or saved."""


def pytest_benchmark_compare_machine_info(
    config: pytest.Config,
    benchmarksession: BenchmarkSession,
    machine_info: dict[str, Any],
    compared_benchmark: dict[str, Any],
) -> None:
    """Look at the machine of a run that this one is compared with."""
