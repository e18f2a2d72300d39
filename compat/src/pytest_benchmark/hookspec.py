"""The hooks that a conftest may define."""

from paceline.plugin.dropin.hookspec import (
    pytest_benchmark_compare_machine_info,
    pytest_benchmark_generate_commit_info,
    pytest_benchmark_generate_json,
    pytest_benchmark_generate_machine_info,
    pytest_benchmark_group_stats,
    pytest_benchmark_scale_unit,
    pytest_benchmark_update_commit_info,
    pytest_benchmark_update_json,
    pytest_benchmark_update_machine_info,
)

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
