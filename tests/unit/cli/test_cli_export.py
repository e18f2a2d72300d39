from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from paceline.model import RESOURCES, Case, Resources, Turn

if TYPE_CHECKING:
    from tests.unit.cli.conftest import Place


def record(name: str, seconds: float, outcome: str) -> Resources:
    figures = tuple(seconds if metric == "test_time" else None for metric in RESOURCES)
    return Resources(Case(f"tests/test_a.py::{name}"), figures, turn=Turn(outcome=outcome))


@pytest.mark.slow
def test_several_runs_are_a_file_each_in_a_folder(place: Place) -> None:
    kept = [place.keep(name) for name in "abc"]
    assert place.paceline("export", "a", "b", "--output", "some").status == 0
    assert place.paceline("export", "--all", "--output", "all", "--format", "csv").status == 0
    assert place.paceline("export", "--since", "2026-01-02", "--output", "since").status == 0
    found = {
        folder: sorted(one.name for one in (place.root / folder).iterdir())
        for folder in ("some", "all", "since")
    }
    names = [f"{run.id}.json" for run in kept]
    csv = [f"{run.id}.csv" for run in kept]
    assert found == {"some": names[:2], "all": csv, "since": names[1:]}


@pytest.mark.slow
def test_all_runs_go_to_another_machine_and_back(place: Place) -> None:
    for name in "abc":
        place.keep(name)
    kept = {run: place.store.measurements(run.id) for run in place.store.runs()}
    place.paceline("export", "--all", "--output", "all")
    (place.root / ".paceline" / "paceline.sqlite").unlink()
    assert place.paceline("import", "all").status == 0
    assert {run: place.store.measurements(run.id) for run in place.store.runs()} == kept


def test_a_runs_id_names_no_file_elsewhere(place: Place) -> None:
    run = place.keep("a")
    place.paceline("export", run.id, "--output", "a.json")
    text = (place.root / "a.json").read_text().replace(run.id, "../../evil")
    (place.root / "a.json").write_text(text)
    place.paceline("import", "a.json")
    place.paceline("export", "--all", "--output", "deep/er/all")
    assert {one.name for one in (place.root / "deep/er/all").iterdir()} == {
        *(f"{run.id}.json", "______evil.json"),
    }


def test_a_json_of_pytest_benchmark_is_written_and_comes_back(place: Place) -> None:
    run = place.keep("a")
    form = ("--format", "pytest-benchmark", "--output", "0001_a.json")
    assert place.paceline("export", "latest", *form).status == 0
    written: dict[str, Any] = json.loads((place.root / "0001_a.json").read_text())
    kept = place.store.measurements(run.id)
    assert [tuple(one["stats"]["data"]) for one in written["benchmarks"]] == [
        one.values for one in kept
    ]
    found = json.loads(place.paceline("import", "0001_a.json", "--json").out)["runs"][0]
    back = place.store.measurements(found["run"])
    assert (found["format"], [one.values for one in back]) == (
        *("pytest-benchmark", [one.values for one in kept]),
    )


def test_what_pytest_benchmarks_json_has_no_word_for_is_left_out(place: Place) -> None:
    run = place.keep("a")
    odd = replace(place.measured("test_odd", 1), values=(float("inf"), float("nan"), 1e308))
    place.store.append(run.id, [odd])
    ended = place.paceline("export", "latest", "--format", "pytest-benchmark")
    found = [one["name"] for one in json.loads(ended.out)["benchmarks"]]
    assert found == ["test_one", "test_two"]


@pytest.mark.slow
def test_junit_tells_what_every_test_took_and_how_it_ended(place: Place) -> None:
    run = place.keep("a")
    outcomes = ("passed", "failed", "error", "skipped", "xfailed", "crashed")
    kept = [record(name, 0.5, name) for name in outcomes]
    place.store.keep_resources(run.id, kept)
    place.paceline("export", "latest", "--format", "junit", "--output", "junit.xml")
    found = json.loads(place.paceline("import", "junit.xml", "--json").out)["runs"][0]
    assert {(one.case.id, one.turn.outcome) for one in place.store.resources(found["run"])} == {
        (one.case.id, one.turn.outcome) for one in kept
    }
    text = (place.root / "junit.xml").read_text(encoding="utf-8")
    assert '<testsuite name="paceline" tests="8" failures="1" errors="2" skipped="2"' in text


@pytest.mark.slow
def test_parquet_holds_all_runs_in_one_file(place: Place) -> None:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow (the parquet extra)")
    for name in "ab":
        place.keep(name)
    ended = place.paceline("export", "--all", "--format=parquet", "--output", "out/all.parquet")
    assert ended.status == 0
    assert parquet.read_table(place.root / "out" / "all.parquet").num_rows == 4
    assert [one.name for one in (place.root / "out").iterdir()] == ["all.parquet"]


@pytest.mark.slow
def test_a_parquet_file_that_cannot_be_written_is_wrong_usage(place: Place) -> None:
    place.keep("a")
    ended = place.paceline(
        "export", "a", "--format=parquet", "--output", "pyproject.toml/a.parquet"
    )
    assert (ended.status, "can't be written" in ended.err) == (2, True)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "name runs, or ask for --all or --since"),
        (["latest", "--all"], "name runs, or ask for --all or --since"),
        (["a", "b"], "several runs are several files"),
        (["--all"], "several runs are several files"),
        (["latest", "--format", "parquet"], "parquet is no text"),
        (["latest", "--format", "pytest-benchmark", "--raw"], "takes no --raw"),
        (["--since", "soon", "--output", "x"], "'soon' is no date"),
    ],
)
def test_what_does_not_go_together_is_wrong_usage(
    place: Place, words: list[str], said: str
) -> None:
    place.keep("a")
    ended = place.paceline("export", *words)
    assert (ended.status, said in ended.err) == (2, True)
