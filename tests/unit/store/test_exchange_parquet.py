from __future__ import annotations

import datetime as dt
import io
import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest

from paceline.errors import UsageError
from paceline.model import StoredSummary
from paceline.store.exchange import RunDocument
from paceline.store.exchange.parquet import write_parquet

if TYPE_CHECKING:
    from tests.unit.store.conftest import Shelf

pytestmark = pytest.mark.slow  # pyarrow takes half a second to load


def table(*documents: RunDocument, raw: bool = False) -> Any:
    parquet = pytest.importorskip("pyarrow.parquet", reason="needs pyarrow (the parquet extra)")
    target = io.BytesIO()
    write_parquet(target, documents, raw=raw)
    return parquet.read_table(io.BytesIO(target.getvalue()))


def rows(*documents: RunDocument, raw: bool = False) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = table(*documents, raw=raw).to_pylist()
    return found


def test_a_measurement_is_a_row_with_its_run_and_its_values(shelf: Shelf) -> None:
    run = shelf.run("a", commit="c0ffee", branch="main")
    one = shelf.measurement(conditions=(("collector", "off"),))
    (row,) = rows(RunDocument(run, (one,)))
    assert (row["run"], row["commit"], row["branch"]) == ("a", "c0ffee", "main")
    assert row["started"] == dt.datetime.fromtimestamp(shelf.now, tz=dt.UTC)
    assert (row["case"], row["metric"], row["unit"]) == (one.case.id, "wall_time", "s")
    assert (row["values"], row["rounds"], row["median"]) == ([0.25, 0.5, 0.125], 3, 0.25)
    assert row["conditions"] == [{"name": "collector", "value": "off"}]


def test_raw_gives_a_row_to_each_value_in_its_order(shelf: Shelf) -> None:
    found = rows(RunDocument(shelf.run("a"), (shelf.measurement(),)), raw=True)
    assert [(row["round"], row["value"]) for row in found] == [(1, 0.25), (2, 0.5), (3, 0.125)]


def test_records_are_rows_of_one_value(shelf: Shelf) -> None:
    found = rows(RunDocument(shelf.run("a"), (), (shelf.record(),)))
    times = {row["metric"]: row["values"] for row in found}
    assert times["test_time"] == [0.5]


def test_a_summary_stands_in_for_values(shelf: Shelf) -> None:
    one = shelf.measurement(values=(), summary=StoredSummary(7, mean=2.0))
    (row,) = rows(RunDocument(shelf.run("a"), (one,)))
    assert (row["values"], row["rounds"], row["mean"], row["median"]) == ([], 7, 2.0, None)


def test_several_runs_stand_in_one_file_and_an_empty_one_costs_nothing(shelf: Shelf) -> None:
    full = [RunDocument(shelf.run(name), (shelf.measurement(),)) for name in "ab"]
    found = rows(full[0], RunDocument(shelf.run("empty"), ()), full[1])
    assert [row["run"] for row in found] == ["a", "b"]


@pytest.mark.parametrize("raw", [False, True])
def test_units_stand_in_the_fields_metadata(shelf: Shelf, *, raw: bool) -> None:
    schema = table(RunDocument(shelf.run("a"), (shelf.measurement(),)), raw=raw).schema
    assert schema.field("memory").metadata == {b"unit": b"B"}
    figure = schema.field("value" if raw else "median")
    assert figure.metadata == {b"unit": b"as the column unit says"}
    assert schema.metadata[b"paceline.version"] == b"1"
    assert b'"wall_time": "s"' in schema.metadata[b"paceline.units"]


def test_what_is_not_finite_has_no_statistics_and_keeps_its_values(shelf: Shelf) -> None:
    one = shelf.measurement(values=(float("inf"), 1.0))
    (row,) = rows(RunDocument(shelf.run("a"), (one,)))
    assert row["values"] == [float("inf"), 1.0]
    assert row["mean"] is None


def test_text_that_utf8_has_no_word_for_is_spelt_out(shelf: Shelf) -> None:
    one = shelf.measurement()
    odd = replace(one, case=replace(one.case, node_id="test_\udcff"))
    (row,) = rows(RunDocument(shelf.run("a"), (odd,)))
    assert row["case"] == "test_\\udcff"


def test_without_pyarrow_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(UsageError) as caught:
        write_parquet(io.BytesIO(), ())
    assert caught.value.remedy == "pip install 'paceline[parquet]'"
