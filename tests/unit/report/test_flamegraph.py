from __future__ import annotations

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

from paceline.report.flamegraph import differential_flamegraph
from paceline.stats.profile import Cost, Function, Profile

MAIN, PARSE, GONE = (Function(name, "a.py", 3) for name in ("main", "parse", "gone"))
SVG = "{http://www.w3.org/2000/svg}"


def profile(parse: float, gone: float = 0.0, name: Function = PARSE) -> Profile:
    functions = {MAIN: Cost(50, 50 + parse + gone), name: Cost(parse, parse)}
    calls = {(MAIN, name): parse}
    if gone:
        functions[GONE] = Cost(gone, gone)
        calls[MAIN, GONE] = gone
    return Profile(50 + parse + gone, functions, calls)


def boxes(svg: str) -> dict[str, ET.Element]:
    root = ET.fromstring(svg)  # noqa: S314  (our own text)
    groups = root.iter(f"{SVG}g")
    return {group[0].text.partition(" ")[0]: group[1] for group in groups if group[0].text}


def colour(box: ET.Element) -> tuple[int, ...]:
    return tuple(map(int, re.findall(r"\d+", box.get("fill", ""))))


def test_more_is_red_less_is_blue_and_the_same_is_grey() -> None:
    drawn = boxes(differential_flamegraph(profile(100, gone=40), profile(150, gone=30)))
    red, _, blue = colour(drawn["parse"])
    assert red > blue
    red, _, blue = colour(drawn["gone"])
    assert red < blue
    assert len(set(colour(drawn["main"]))) == 1


def test_what_went_away_is_still_seen() -> None:
    drawn = boxes(differential_flamegraph(profile(100, gone=40), profile(100)))
    assert float(drawn["gone"].get("width", 0)) > 200


def test_what_is_new_is_red() -> None:
    red, _, blue = colour(boxes(differential_flamegraph(profile(100), profile(100, 40)))["gone"])
    assert red > blue


def test_callees_stand_below_their_caller_and_within_its_width() -> None:
    drawn = boxes(differential_flamegraph(profile(100), profile(100)))
    main, parse = drawn["main"], drawn["parse"]
    assert float(parse.get("y", 0)) > float(main.get("y", 0))
    assert float(parse.get("width", 0)) <= float(main.get("width", 0))


def test_a_box_tells_figures_place_and_change() -> None:
    svg = differential_flamegraph(profile(100), profile(150))
    assert "<title>parse (a.py:3): 100 → 150, itself +33.33 %</title>" in svg
    assert "150 → 200, +33.33 %" in svg


def test_a_hostile_name_stays_text() -> None:
    hostile = Function("</title><script>alert(1)</script>", '"a&b\x1b.py')
    svg = differential_flamegraph(profile(100, name=hostile), profile(100, name=hostile))
    assert "<script" not in svg
    assert "\x1b" not in svg
    assert any("</title><script>" in name for name in boxes(svg))


def test_nothing_from_elsewhere_is_loaded() -> None:
    svg = differential_flamegraph(profile(100), profile(150))
    assert re.findall(r"https?://[^\s\"]+", svg) == ["http://www.w3.org/2000/svg"]


def test_nothing_counted_is_no_picture() -> None:
    assert differential_flamegraph(Profile(0, {}, {}), Profile(0, {}, {})) == ""


def test_head_alone_is_new() -> None:
    assert "0 → 150, new" in differential_flamegraph(Profile(0, {}, {}), profile(100))


def test_very_deep_calls_are_cut_off() -> None:
    chain = [Function(f"f{depth}", "a.py") for depth in range(300)]
    functions = {one: Cost(1000 if one == chain[-1] else 0, 1000) for one in chain}
    calls = dict.fromkeys(pairwise(chain), 1000.0)
    deep = Profile(1000.0, functions, calls)
    assert len(boxes(differential_flamegraph(deep, deep))) == 200
