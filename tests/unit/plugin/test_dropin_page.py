"""Whoever moves in finds every name on the page."""

from __future__ import annotations

from pathlib import Path

import pytest

from paceline.plugin.dropin import hookspec
from paceline.plugin.flags import FLAGS

PAGE = (Path(__file__).parents[3] / "docs" / "drop-in.md").read_text(encoding="utf-8")
OURS = {"--benchmark-memory", "--benchmark-serial"}
KEYWORDS = (
    *("max_time", "min_rounds", "min_time", "timer", "group", "disable_gc", "warmup"),
    *("warmup_iterations", "calibration_precision", "cprofile", "precision", "confidence"),
)
FIXTURE = (
    *("pedantic", "weave", "patch", "benchmark_weave", "name", "fullname", "param", "params"),
    *("group", "extra_info", "enabled", "disabled", "skipped", "has_error", "stats", "cprofile"),
    *("cprofile_loops", "cprofile_dump", "cprofile_stats"),
)


@pytest.mark.parametrize("flag", sorted({flag for flag, *_ in FLAGS if "benchmark" in flag} - OURS))
def test_every_flag_is_on_the_page(flag: str) -> None:
    assert f"`{flag}" in PAGE


@pytest.mark.parametrize("name", [*hookspec.__all__, *KEYWORDS])
def test_every_hook_and_keyword_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE


@pytest.mark.parametrize("name", FIXTURE)
def test_every_name_of_the_fixture_is_on_the_page(name: str) -> None:
    assert f"`{name}`" in PAGE or f"`benchmark.{name}" in PAGE
