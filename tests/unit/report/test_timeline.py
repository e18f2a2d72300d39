from __future__ import annotations

import xml.etree.ElementTree as ET

from paceline.model import RESOURCES, Case, Resources, Turn
from paceline.report.timeline import lanes, render, span, to_svg


def record(
    worker: str, started: float, seconds: float | None, name: str = "test_a", outcome: str = ""
) -> Resources:
    figures = (seconds, *(None,) * (len(RESOURCES) - 1))
    return Resources(Case(f"a.py::{name}"), figures, turn=Turn(worker, 0, started, outcome))


RUN = (
    record("gw10", 100.0, 6.0),
    record("gw9", 103.0, 3.0, "test_late"),
    record("gw9", 100.0, 1.5, "test_early"),
    record("gw9", 0.0, 9.0, "test_unheard"),
)


def test_each_worker_has_a_lane_of_its_tests_by_their_start() -> None:
    nine, ten = lanes(RUN)
    assert (nine.worker, ten.worker) == ("gw9", "gw10")
    assert [one.case.name for one in nine.tests] == ["test_early", "test_late"]
    assert nine.busy == 4.5
    assert span((nine, ten)) == (100.0, 106.0)


def test_set_ups_of_fixtures_have_no_place_of_their_own() -> None:
    fixture = Resources(Case("a.py", "fixture app"), RUN[0].figures, turn=RUN[0].turn)
    assert lanes([fixture]) == ()


def test_a_line_shows_when_a_worker_was_busy() -> None:
    _, nine, ten = render(lanes(RUN)).splitlines()
    assert ten.startswith("gw10    100 %  1      |")
    assert ten.endswith("|" + 60 * "█" + "|")
    assert nine.endswith("|" + 15 * "█" + 15 * " " + 30 * "█" + "|")


def test_a_line_can_be_drawn_in_ascii() -> None:
    assert render(lanes(RUN), pure_ascii=True).isascii()


def test_a_test_that_took_hardly_any_time_leaves_a_mark() -> None:
    text = render(lanes([record("", 100.0, 0.001), record("", 100.0, 100.0)]))
    assert "main" in text
    short = render(lanes([record("gw0", 100.0, 60.0), record("gw1", 130.0, 0.01)]))
    assert short.count("▁") == 1


def test_tests_of_no_length_at_all_can_be_shown() -> None:
    text = render(lanes([record("gw0", 100.0, None, outcome="crashed")]))
    assert text.splitlines()[1].startswith("gw0")
    assert "crashed" in to_svg(lanes([record("gw0", 100.0, None, outcome="crashed")]))


def test_without_turns_there_is_nothing_to_draw() -> None:
    assert render(()) == to_svg(()) == ""


def test_the_drawing_holds_a_box_for_each_test_with_its_name_and_outcome() -> None:
    hostile = record("gw0", 100.0, 2.0, "test_<b>&", outcome="failed")
    root = ET.fromstring(to_svg(lanes([*RUN, hostile])))  # noqa: S314  (our own text)
    titles = [one.text for one in root.iter("{http://www.w3.org/2000/svg}title")]
    assert titles[0] == "4 tests on 3 workers in 6.000 s"
    assert titles[1] == "a.py::test_<b>&: 2.000 s failed"
    assert len(list(root.iter("{http://www.w3.org/2000/svg}rect"))) == 4
