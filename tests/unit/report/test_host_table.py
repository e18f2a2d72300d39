import json

from paceline.guard.machine import Fact, Judgement
from paceline.guard.noise import Noise
from paceline.model import Host
from paceline.report.host import render, to_json

HOST = Host("Example 9000", 1, 8 * 1024**3, "Linux 6.1", "CPython 3.11.7")
NOISE = Noise(10.0, 1e-3, (0.0,), (0.0,), (), 0.0, pinned=True)
FACTS = (
    Fact("turbo", "on", Judgement.WATCH, "it heats", "switch it off"),
    Fact("governor", "performance"),
    Fact("watched by", "\x1b[31mcafé", Judgement.BAD, "it costs", "measure without it"),
    Fact("clock source", "?", Judgement.UNSURE, "this system doesn't tell"),
)


def test_the_gravest_is_explained_first_and_good_facts_need_no_words() -> None:
    text = render(HOST, FACTS, NOISE)
    bad, watch = text.index("bad: watched by"), text.index("watch: turbo on: it heats; switch")
    assert bad < watch
    assert text.count("governor") == 1
    assert text.startswith("Example 9000, 1 processor, Linux 6.1, CPython 3.11.7\n")


def test_foreign_text_reaches_no_terminal_as_it_is() -> None:
    assert "\x1b" not in render(HOST, FACTS, NOISE)
    assert render(HOST, FACTS, NOISE, pure_ascii=True).isascii()


def test_colour_shows_what_to_watch() -> None:
    painted = render(HOST, FACTS, NOISE, paint=lambda text, role: f"<{role}>{text}")
    roles = [line.partition(">")[0] for line in painted.splitlines() if line.startswith("<")]
    assert roles == ["<warn", "<bad", "<dim"]


def test_what_is_not_known_is_null_in_json() -> None:
    data = json.loads(to_json(HOST, FACTS, NOISE, (("host load", "0.10"),)))
    assert data["sees"] == {"paired": None, "stored": None}
    assert data["conditions"] == {"host load": "0.10"}
    assert data["host"]["cpu"] == "Example 9000"
