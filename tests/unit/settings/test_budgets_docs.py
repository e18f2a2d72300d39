from __future__ import annotations

import re
from pathlib import Path

import pytest

from paceline.guard.grammar import parse_rule
from paceline.model import METRICS
from paceline.settings.budgets import load_budgets
from paceline.stats.summary import STATISTICS

PAGE = (Path(__file__).parents[3] / "docs" / "budgets.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"```(toml|yaml)\n(.*?)```", PAGE, re.DOTALL)


@pytest.mark.parametrize(("language", "text"), BLOCKS)
def test_every_example_can_be_loaded(tmp_path: Path, language: str, text: str) -> None:
    file = tmp_path / f"budgets.{language}"
    file.write_text(text, encoding="utf-8")
    given = {"pyproject": file} if "[tool.paceline." in text else {"file": file}
    budgets = load_budgets(tmp_path, **given)
    assert len(budgets) == len(re.findall(r"^\s*(?:max|min)_", text, re.MULTILINE))


def test_every_rule_shown_can_be_read() -> None:
    rules = re.findall(r'--benchmark-compare-fail="?(.+?)(?:"|  )', PAGE)
    assert [parse_rule(rule).relative for rule in rules] == [True, False, False, True]


def test_every_metric_and_statistic_is_named() -> None:
    names = set(re.findall(r"`([a-z0-9_]+)`", PAGE))
    missing = ({*METRICS, *STATISTICS}) - names
    assert missing == {"p95", "p99", "outliers"}  # other percentiles stand for them; a mere text


@pytest.mark.parametrize("limit", sorted(set(re.findall(r"`((?:max|min)_\w+)`", PAGE))))
def test_every_limit_named_is_known(tmp_path: Path, limit: str) -> None:
    file = tmp_path / "b.yml"
    reference = "    reference: 1 s\n" if "ratio" in limit else ""
    file.write_text(f"budgets:\n  a:\n    {limit}: 1\n{reference}", encoding="utf-8")
    assert len(load_budgets(tmp_path, file=file)) == 1
