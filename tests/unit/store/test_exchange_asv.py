from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import Place, StoreError
from paceline.model import METRICS, Case, Host, StoredSummary
from paceline.store.exchange.asv import read_asv, read_described
from paceline.store.exchange.reading import read_file

if TYPE_CHECKING:
    from pathlib import Path

    from paceline.model import Measurement

PLACE = Place("1a2b3c4d-env.json")
COLUMNS = [
    *("result", "params", "version", "started_at", "duration", "stats_ci_99_a", "stats_ci_99_b"),
    *("stats_q_25", "stats_q_75", "stats_number", "stats_repeat", "samples", "profile"),
]
NAN = float("nan")


def row(result: Any, params: Any = (), **more: Any) -> list[Any]:
    """Make a row as asv writes it: cut after the last entry that is not null."""
    cells = {"result": result, "params": list(params), "version": "1", **more}
    entries = [cells.get(name) for name in COLUMNS]
    while entries[-1] is None:
        entries.pop()
    return entries


def results(**rows: list[Any]) -> dict[str, Any]:
    return {
        "commit_hash": "1a2b3c4d" * 5,
        "env_name": "virtualenv-py3.11-numpy",
        "date": 1_700_000_000_000,
        "params": {"machine": "box", "cpu": "Example 9000", "num_cpu": "8", "ram": "16 GB"}
        | {"os": "Linux 6.1", "arch": "x86_64", "python": "3.11", "numpy": "1.26"},
        "python": "3.11",
        "requirements": {"numpy": "1.26"},
        "env_vars": {},
        "result_columns": COLUMNS,
        "results": {name.replace("__", "."): cells for name, cells in rows.items()},
        "durations": {},
        "version": 2,
    }


def measured(described: dict[str, Any] | None = None, **rows: list[Any]) -> tuple[Measurement, ...]:
    about = read_described(described or {}, PLACE)
    return read_asv(results(**rows), PLACE, described=about).measurements


def test_a_file_is_one_run_of_its_commit_on_a_host_of_its_own() -> None:
    cells = row([0.5], started_at=1_700_000_500_000)
    run = read_asv(results(bench__time_it=cells), PLACE, described={}).run
    assert (run.started, run.commit, run.branch) == (1_700_000_000.0, "1a2b3c4d" * 5, "")
    assert run.host == Host(
        *("Example 9000", 8, 0, "Linux 6.1 x86_64", "CPython 3.11"),
        runner="asv box virtualenv-py3.11-numpy",
    )
    assert dict(run.settings)["asv.measured"] == "2023-11-14T22:21:40+00:00"


def test_a_moment_of_measuring_that_is_no_date_is_left_out() -> None:
    cells = row([0.5], started_at=1e30)
    run = read_asv(results(bench__time_it=cells), PLACE, described={}).run
    assert "asv.measured" not in dict(run.settings)


def test_samples_are_the_values_and_their_number_the_iterations() -> None:
    cells = row([0.5], samples=[[0.4, 0.5, 0.6]], stats_number=[7], stats_repeat=[3])
    (one,) = measured(bench__time_it=cells)
    assert (one.case, one.metric) == (Case("bench.time_it"), METRICS["wall_time"])
    assert (one.values, one.iterations, one.summary) == ((0.4, 0.5, 0.6), 7, None)


def test_without_samples_the_median_is_a_summary_of_the_rounds() -> None:
    (one,) = measured(bench__time_it=row([0.5], stats_number=[7], stats_repeat=[3]))
    assert (one.values, one.summary) == ((), StoredSummary(3, median=0.5))
    (single,) = measured(bench__time_it=row([0.5], stats_number=[7], stats_repeat=[1]))
    assert (single.values, single.summary) == ((0.5,), None)


def test_each_combination_of_parameters_is_a_case_in_the_order_of_the_product() -> None:
    about = {"bench.time_it": {"type": "time", "unit": "seconds", "param_names": ["n", "how"]}}
    cells = row([1.0, 2.0, 3.0, 4.0], [["10", "20"], ["'a'", "'b'"]])
    found = measured(about, bench__time_it=cells)
    assert [one.case.node_id for one in found] == [
        *("bench.time_it(10, 'a')", "bench.time_it(10, 'b')"),
        *("bench.time_it(20, 'a')", "bench.time_it(20, 'b')"),
    ]
    assert found[2].case.parameters == (("n", "20"), ("how", "'a'"))
    assert found[2].values == (3.0,)


def test_failed_and_skipped_combinations_say_so_and_have_no_value() -> None:
    failed, skipped, fine = measured(bench__time_it=row([None, NAN, 1.0], [["1", "2", "3"]]))
    assert (failed.values, skipped.values, fine.values) == ((), (), (1.0,))
    assert "failed" in failed.unsure
    assert "skipped" in skipped.unsure
    (whole,) = measured(bench__time_it=row(None, [["1", "2", "3"]]))
    assert (whole.case.node_id, "failed" in whole.unsure) == ("bench.time_it", True)


@pytest.mark.parametrize(
    ("name", "described", "metric", "unit", "value"),
    [
        ("time_it", None, "wall_time", "s", 42.0),
        ("TimeIt", None, "wall_time", "s", 42.0),
        ("timeraw_it", None, "wall_time", "s", 42.0),
        ("mem_it", None, "asv_memory", "B", 42.0),
        ("peakmem_it", None, "asv_peakmemory", "B", 42.0),
        ("track_it", None, "asv_track", "1", 42.0),
        ("other", None, "asv_track", "1", 42.0),
        ("track_it", ("track", "ms"), "asv_track_time", "s", 0.042),
        ("track_it", ("track", "KiB"), "asv_track_bytes", "B", 43008.0),
        ("track_it", ("track", "apples"), "asv_track", "1", 42.0),
        ("peakmem_it", ("peakmemory", "bytes"), "asv_peakmemory", "B", 42.0),
    ],
)
def test_a_figure_comes_in_its_base_unit(
    name: str, described: tuple[str, str] | None, metric: str, unit: str, value: float
) -> None:
    about = {f"bench.{name}": dict(zip(("type", "unit"), described or (), strict=False))}
    (one,) = measured(about if described else {}, **{f"bench__{name}": row([42])})
    assert (one.metric.name, one.metric.unit, one.values) == (metric, unit, (value,))
    assert one.condition("unit") == ("apples" if described == ("track", "apples") else "")


def test_what_stands_beside_the_machines_folder_describes_the_benchmarks(tmp_path: Path) -> None:
    file = tmp_path / "results" / "box" / "1a2b3c4d-env.json"
    file.parent.mkdir(parents=True)
    file.write_text(json.dumps(results(bench__track_it=row([42]))))
    beside = {"version": 2, "bench.track_it": {"type": "track", "unit": "ms", "param_names": []}}
    (tmp_path / "results" / "benchmarks.json").write_text(json.dumps(beside))
    _kind, (document,) = read_file(file)
    assert document.measurements[0].values == (0.042,)


@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"version": 1}, "asv results of version 1, not 2"),
        ({"results": []}, "results is [], not a table of keys"),
        ({"results": {"a": [["x"], []]}}, "results.a[0][0] is 'x', not a finite number"),
        ({"results": {"a": [[1, 2], []]}}, "results.a[0] is [1, 2], not a list of 1, one for each"),
        ({"results": {"a": [[float("inf")], []]}}, "results.a[0][0] is inf, not a finite number"),
        ({"result_columns": None}, "result_columns is None, not a list"),
        ({"params": [["os"]]}, "params is [['os']], not a table of keys"),
        ({"date": "today"}, "date is 'today', not a finite number"),
        ({"commit_hash": 7}, "commit_hash is 7, not a text"),
    ],
)
def test_what_does_not_fit_is_said_with_its_keys(change: dict[str, Any], problem: str) -> None:
    with pytest.raises(StoreError) as caught:
        read_asv(results(bench__time_it=row([1.0])) | change, PLACE, described={})
    assert problem in caught.value.problem
    assert caught.value.place == PLACE
    assert caught.value.remedy


def test_parameters_without_end_cost_nothing() -> None:
    endless = [[str(one) for one in range(1000)]] * 30
    with pytest.raises(StoreError, match="not a list of 1000000"):
        measured(bench__time_it=row([1.0], endless))
    (one,) = measured(bench__time_it=row(None, endless))
    assert one.values == ()
