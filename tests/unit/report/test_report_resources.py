from __future__ import annotations

import json

from paceline.model import METRICS, RESOURCES, Case, Measurement, Resources
from paceline.report.resources import facts, render, to_data, to_markdown

MIB = 1024.0**2


def record(name: str, *, label: str = "", reason: str = "", **figures: float) -> Resources:
    case = Case(f"tests/test_a.py::{name}", label)
    unsure = (("test_process_peak", reason),) if reason else ()
    return Resources(case, tuple(figures.get(one) for one in RESOURCES), unsure)


def process(worker: str, peak: float, growth: float) -> list[Measurement]:
    case = Case("run", worker)
    figures = {"run_peak": peak * MIB, "run_growth": growth * MIB}
    return [Measurement(case, METRICS[name], (one,)) for name, one in figures.items()]


SMALL = record("test_small", test_time=0.5, test_process_rise=MIB, test_threads=0.0)
LARGE = record("test_large", test_time=2.5, test_process_rise=600 * MIB, test_open_files=1.0)
FIXTURE = record("test_small", label="fixture db", test_time=9.0)


def test_the_largest_test_speaks_for_each_figure() -> None:
    text = render(facts([SMALL, LARGE, FIXTURE], process("", 700, 1)), asked=True)
    assert text.splitlines() == [
        "slowest      2.500 s  tests/test_a.py::test_large",
        "most memory  600.0 MiB  tests/test_a.py::test_large",
        "left behind  1 open file  tests/test_a.py::test_large",
        "run          peak 700.0 MiB, grew 1.000 MiB",
    ]


def test_only_what_is_notable_is_said_without_being_asked() -> None:
    found = facts([SMALL, LARGE], process("", 100, 1))
    assert [line.split("  ")[0] for line in render(found, asked=False).splitlines()] == [
        "most memory",
        "left behind",
    ]
    assert render(facts([SMALL], process("", 100, 1)), asked=False) == ""


def test_at_most_six_lines_are_said() -> None:
    odd = record("test_odd", reason="denied", test_process_growth=60 * MIB, test_threads=3.0)
    found = facts([SMALL, LARGE, odd], process("", 700, 90))
    assert len(render(found, asked=True).splitlines()) == 6
    assert "3 threads (and 1 more test)  tests/test_a.py::test_odd" in render(found, asked=True)
    assert "unsure       1 test: denied" in render(found, asked=True)


def test_workers_are_told_apart_the_largest_first() -> None:
    run = [one for number in range(5) for one in process(f"gw{number}", 100 + number, 60)]
    (fact,) = facts([], run)
    assert fact.said.startswith("gw4 peak 104.0 MiB, grew 60.00 MiB; gw3 ")
    assert fact.said.endswith("; and 2 more workers")
    assert fact.notable


def test_a_lost_worker_is_notable() -> None:
    lost = Measurement(Case("run", "gw0"), METRICS["run_peak"], (), unsure="gw0 was lost")
    assert render(facts([], [lost]), asked=False) == "unsure       gw0 was lost\n"


def test_foreign_names_reach_no_terminal_and_no_markup_as_they_are() -> None:
    found = facts([record("test_\x1b[31m|é", test_time=1.0)])
    assert "\x1b" not in render(found, asked=True)
    assert render(found, asked=True, pure_ascii=True).isascii()
    assert [line.count("|") for line in to_markdown(found).splitlines()] == [4, 4, 4]
    assert to_markdown(()) == ""


def test_records_become_data_that_json_can_carry() -> None:
    data = json.loads(json.dumps(to_data([LARGE], process("gw0", 1, 2)[:1])))
    assert data["resources"][0]["figures"]["test_time"] == 2.5
    assert data["resources"][0]["figures"]["test_threads"] is None
    assert data["processes"] == [
        {"worker": "gw0", "metric": "run_peak", "figure": MIB, "unsure": ""}
    ]
