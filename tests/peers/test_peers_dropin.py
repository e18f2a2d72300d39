"""Storage, tables, CSV and statistics beside pytest-benchmark itself: each reads the other's."""

from __future__ import annotations

import csv
import io
import json
import os
import random
import subprocess
import sys
from contextlib import redirect_stderr
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from paceline.probes import dropin
from paceline.report.dropin.comparison import between
from paceline.report.dropin.csv import to_csv
from paceline.report.dropin.grouping import group
from paceline.report.dropin.names import FORMS
from paceline.report.dropin.table import DEFAULT_COLUMNS, render
from paceline.report.dropin.units import scale_of
from paceline.store.dropin import Storage
from paceline.store.dropin.writing import FIELDS, figures

NAMES = ("csv", "logger", "plugin", "stats", "storage.file", "table", "utils")
peer_csv, logger, plugin, stats, storage, table, utils = (
    pytest.importorskip(f"pytest_benchmark.{name}", reason="not installed here: make test-peers")
    for name in NAMES
)
LABELS = ("group", "name", "func", "fullname", "fullfunc", "param", "param:n", "group,param")
SUITE = """
import pytest

@pytest.mark.parametrize("n", [1, 2])
def test_sum(benchmark, n):
    benchmark.pedantic(sum, args=(range(n),), rounds=5, iterations=3)
"""


class Paper:
    """What the peer's tables are written on."""

    def __init__(self) -> None:
        self.text = io.StringIO()

    def write(self, text: str, **_look: bool) -> None:
        self.text.write(text)

    def write_line(self, text: str, **_look: bool) -> None:
        self.text.write(f"{text}\n")

    def rewrite(self, _text: str, **_look: bool) -> None:
        """Show no progress."""


def chance_of(seed: int) -> random.Random:
    return random.Random(seed)  # noqa: S311  (figures to write, not secrets)


def entries(seed: int, sources: tuple[str | None, ...] = (None,)) -> list[dict[str, Any]]:
    chance = chance_of(seed)
    unit = chance.choice([1e-8, 1e-5, 1e-3, 1.0])
    found = []
    for source in sources:
        for n in range(chance.choice([1, 3])):
            computed = figures([chance.lognormvariate(0, 1) * unit for _ in range(9)])
            name = f"test_a[{n}]"
            names = {"name": name, "fullname": f"t.py::{name}", "param": str(n), "params": {"n": n}}
            facts = {"group": chance.choice([None, "g"]) if source is None else None, **names}
            found.append(
                {**facts, **computed, "iterations": 10**n, "path": source, "source": source}
            )
    return found


def theirs(kind: Any, given: list[dict[str, Any]], **laid: Any) -> str:
    paper = Paper()
    scale = partial(plugin.pytest_benchmark_scale_unit, config=None)
    form = utils.NAME_FORMATTERS[laid["form"]]
    made = kind(list(laid["columns"]), laid["sort"], False, form, logger.Logger(), scale)
    groups = plugin.pytest_benchmark_group_stats(None, [dict(one) for one in given], laid["labels"])
    made.display(paper, groups, progress_reporter=lambda found, *_, **__: (("", x) for x in found))
    return paper.text.getvalue()


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("labels", LABELS)
def test_a_table_is_the_peers_sign_by_sign(form: str, labels: str) -> None:
    for seed in range(10):
        sort = chance_of(seed).choice(["min", "mean", "stddev", "name", "fullname"])
        laid: dict[str, Any] = {"columns": DEFAULT_COLUMNS, "sort": sort}
        given = entries(seed, chance_of(seed).choice([(None,), ("0001_old", "NOW")]))
        ours = render(group(given, labels), **laid, name_format=form, scale_unit=scale_of)
        assert ours == theirs(table.TableResults, given, **laid, form=form, labels=labels)


def test_a_comparison_is_the_peers_but_for_its_legend() -> None:
    laid: dict[str, Any] = {"columns": ("min", "ops"), "sort": "min"}
    for seed in range(20):
        given = entries(seed, ("0001_old", "0002_new"))
        ours = between(group(given, "group"), **laid, name_format="short", scale_unit=scale_of)
        peers = theirs(table.CompareBetweenResults, given, **laid, form="short", labels="group")
        assert ours.partition("Legend")[0] == peers.partition("Legend")[0]


def test_a_csv_file_holds_what_the_peers_does(tmp_path: Path) -> None:
    groups = group(entries(3), "group")
    with redirect_stderr(io.StringIO()):
        peer_csv.CSVResults(list(DEFAULT_COLUMNS), "min", logger.Logger()).render(
            tmp_path / "a.csv", groups
        )
    ours = to_csv(groups, columns=DEFAULT_COLUMNS, sort="min")
    rows = csv.reader((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines())
    assert list(csv.reader(ours.splitlines())) == list(rows)


def test_statistics_are_the_peers_to_the_last_rounding() -> None:
    chance = chance_of(7)
    for count in range(1, 60):
        values = [chance.expovariate(1e5) for _ in range(count)]
        peers, ours = stats.Stats(), figures(values)
        peers.data = values
        for name in FIELDS:
            value = getattr(peers, name)
            close = value if isinstance(value, str) else pytest.approx(value, rel=2e-15, abs=1e-20)
            assert ours[name] == close, (count, name)


def test_machine_and_commit_have_the_peers_keys(tmp_path: Path) -> None:
    assert dropin.machine_id() == utils.get_machine_id()
    here = Path(__file__).parent
    assert dropin.commit_info(folder=here).keys() == utils.get_commit_info().keys()
    assert dropin.commit_info(folder=tmp_path)["id"] == "unversioned"
    peers = {"node", "processor", "machine", "system", "release", "python_version", "cpu"}
    assert peers <= dropin.machine_info().keys()
    assert {"arch", "bits", "count", "brand_raw"} <= dropin.machine_info()["cpu"].keys()


def run(folder: Path, *arguments: str) -> str:
    (folder / "test_suite.py").write_text(SUITE, encoding="utf-8")
    only = ("-p", "no:paceline", "-p", "no:codspeed", "-p", "no:cacheprovider")
    command = [sys.executable, "-m", "pytest", *only, *arguments]
    environment = {**os.environ, "COLUMNS": "200"}
    done = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, check=True
    )
    return done.stdout + done.stderr


def test_we_read_what_the_peer_saved(tmp_path: Path) -> None:
    run(tmp_path, "--benchmark-save=theirs", "--benchmark-save-data")
    saved = Storage(f"file://{tmp_path}/.benchmarks", utils.get_machine_id())
    (first,) = saved.load("0001")
    assert first.path.name == "0001_theirs.json"
    assert [one["fullname"] for one in first.document["benchmarks"]] == [
        "test_suite.py::test_sum[1]",
        "test_suite.py::test_sum[2]",
    ]
    assert saved.notes == ()


def test_the_peer_compares_with_what_we_saved_and_counts_on(tmp_path: Path) -> None:
    run(tmp_path, "--benchmark-save=theirs")
    saved = Storage(f"file://{tmp_path}/.benchmarks", utils.get_machine_id())
    ours = saved.save(saved.load()[0].document, "ours")
    assert ours.name == "0002_ours.json"
    said = run(tmp_path, "--benchmark-compare=0002", "--benchmark-save=again")
    assert "Comparing against benchmarks from: " in said
    assert "test_sum[1] (0002_ours)" in said
    assert (ours.parent / "0003_again.json").exists()


def test_the_peers_storage_finds_what_ours_does(tmp_path: Path) -> None:
    ours = Storage(str(tmp_path), utils.get_machine_id())
    for name in ("one", "two"):
        ours.save(json.loads('{"benchmarks": []}'), name)
    peers = storage.FileStorage(
        str(tmp_path), logger.Logger(), default_machine_id=utils.get_machine_id()
    )
    for pattern in ("0001", "*/0002", "*", "0001_one", "x"):
        assert peers.query(pattern) == ours.query(pattern)
