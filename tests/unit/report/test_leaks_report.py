from __future__ import annotations

import json
import math
import re
from pathlib import Path
from typing import Any

import pytest

from paceline.errors import Place
from paceline.report.leaks import render, render_one, to_json
from paceline.report.paint import ansi
from paceline.stats.leak import Holder, LeakResult, LeakVerdict, Resource, Smallest

PAGE = Path(__file__).parents[3] / "docs" / "leaks.md"
LEAK = LeakResult(
    "app.py::refresh",
    LeakVerdict.LEAK,
    "1 entries a call, in every round, at a steady rate",
    calls=25_000,
    seconds=0.25,
    place=Place("app.py", 7),
    resources=(Resource("entries", "1", LeakVerdict.LEAK, 1.0, 0.9, 1.1, 20_000),),
    holders=(
        Holder("app.SEEN", Place("app.py", 3), 1.0, 0.0, 25_000, 0),
        Holder("SEEN.append(row)", Place("app.py", 9), 1.0, 88.5),
        Holder("thread worker\x1b[31m"),
    ),
    smallest=Smallest(2500.0, 2500.0, 0.4),
)
FILLING = LeakResult(
    "app.py::load",
    LeakVerdict.FILLING,
    "lru_cache of app.load holds 440 of 1024",
    holders=(Holder("lru_cache of app.load", None, 1.0, 0.0, 440, 1024),),
)
UNSURE = LeakResult(
    "app.py::bad", LeakVerdict.UNSURE, "", place=Place("app.py", 2), unsure="call 1 raised KeyError"
)


def document() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(
        to_json([LEAK, FILLING, UNSURE], paceline="1.2", python="3.11.7")
    )
    return found


def keys(part: Any) -> set[str]:
    if isinstance(part, list):
        return {key for one in part for key in keys(one)}
    if isinstance(part, dict):
        return set(part) | {key for one in part.values() for key in keys(one)}
    return set()


def test_the_document_names_its_format_and_versions() -> None:
    found = document()
    assert found["schema"] == {"name": "paceline.leaks", "version": 1}
    assert (found["paceline"], found["python"]) == ("1.2", "3.11.7")


def test_every_key_of_the_document_is_on_the_page_and_no_other() -> None:
    listed = re.findall(
        r"^\| `(\w+)` \|", PAGE.read_text("utf-8").partition("## JSON")[2], re.MULTILINE
    )
    assert set(listed) == keys(document())


def test_the_document_holds_figures_places_and_nulls() -> None:
    leak, filling, unsure = document()["results"]
    assert leak["resources"][0]["per_call"] == 1.0
    assert leak["holders"][1]["place"] == {"file": "app.py", "line": 9}
    assert (filling["holders"][0]["length"], filling["holders"][0]["bound"]) == (440, 1024)
    assert unsure["smallest"]["object_calls"] is None
    assert unsure["unsure"] == "call 1 raised KeyError"


def test_the_text_says_verdict_reason_holders_and_what_would_have_shown() -> None:
    text = render([LEAK, FILLING, UNSURE])
    assert text.splitlines()[0] == "LEAK     app.py::refresh"
    assert "app.SEEN: +1 a call  app.py:3" in text
    assert "SEEN.append(row): +1 a call, +88.5 bytes a call  app.py:9" in text
    assert "25000 calls in 0.25 s would have shown one object in 2.5e+03 calls, 0.4 bytes" in text
    assert "440 of 1024" in text
    assert text.splitlines()[-1] == "1 LEAK, 1 FILLING, 1 UNSURE"


def test_a_hostile_name_does_not_reach_the_terminal() -> None:
    assert "\x1b" not in render([LEAK])
    assert "\x1b[31mLEAK" in render([LEAK], paint=ansi)


def test_one_result_is_said_alone_with_its_place() -> None:
    said = render_one(UNSURE)
    assert "call 1 raised KeyError" in said
    assert "--> app.py:2" in said


@pytest.mark.parametrize("value", [math.inf, 3.0])
def test_what_was_not_measured_is_left_out(value: float) -> None:
    result = LeakResult("x", LeakVerdict.CLEAN, "", calls=9, smallest=Smallest(5.0, 5.0, value))
    assert ("bytes a call" in render_one(result)) is math.isfinite(value)
