from __future__ import annotations

import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paceline.settings.toml_lines import Path, key_lines

KEYS = st.sampled_from(["a", "b-1", "c_2", "1", '"q d"', "'l.t'", '"e\\u0041\\"#"', '""'])
PLAIN = ["1", "-2.5", "true", "nan", "1979-05-27 07:32:00"]
LINES = ["'x#]'", '"y=,}"', '"\\""', "''"]
BLOCKS = ['"""m\n["""', "'''k = 1\n[t]\n'''", '"""two\\\n  q"" """""', '""""""', "'''it''s'''"]
ATOMS = st.sampled_from([*PLAIN, *LINES, *BLOCKS])
SPACE = st.sampled_from(["", " ", "\t", '\n# a comment ] } "\n', "\r\n"])
BREAK = st.sampled_from(["\n", "\r\n", " # x = 1\n", "\n\n", "\n  # [t]\n"])


@st.composite
def arrays(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    items = draw(st.lists(inner, max_size=3))
    comma = f"{draw(SPACE)},{draw(SPACE)}"
    return f"[{draw(SPACE)}{comma.join(items)}{draw(SPACE)}]"


@st.composite
def inline_tables(draw: st.DrawFn, inner: st.SearchStrategy[str]) -> str:
    keys = draw(st.lists(KEYS, max_size=3, unique=True))
    return "{" + " , ".join(f"{key}={draw(inner)}" for key in keys) + " }"


VALUES = st.recursive(ATOMS, lambda inner: arrays(inner) | inline_tables(inner), max_leaves=6)


@st.composite
def documents(draw: st.DrawFn) -> str:
    """Give TOML-like texts; those that repeat a key are no TOML and are left to the test."""
    parts = []
    for _ in range(draw(st.integers(1, 6))):
        name = draw(st.sampled_from([".", " . "])).join(
            draw(st.lists(KEYS, min_size=1, max_size=3))
        )
        form = draw(st.sampled_from(["{} = {}", "[{}]", "[[{}]]", "\t[ {} ]"]))
        parts.append(form.format(name, draw(VALUES)) + draw(BREAK))
    return "".join(parts)


def paths(value: Any, path: Path = ()) -> set[Path]:
    """List every key path below a table, as `key_lines` counts them."""
    found: set[Path] = set()
    if isinstance(value, dict):
        for key, one in value.items():
            found |= {(*path, key)} | paths(one, (*path, key))
    elif isinstance(value, list):
        for number, one in enumerate(value):
            inner = paths(one, (*path, number))
            found |= inner | ({(*path, number)} if isinstance(one, dict) or inner else set())
    return found


def keyed(found: set[Path]) -> set[Path]:
    return {path for path in found if isinstance(path[-1], str)}


@pytest.mark.slow
@given(documents())
def test_every_key_that_the_parser_knows_has_a_line(text: str) -> None:
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return
    lines = key_lines(text)
    assert keyed(set(lines)) == keyed(paths(document))
    for path, line in lines.items():
        if isinstance(path[-1], str):
            assert path[-1][:1] in text.split("\n")[line - 1]


@pytest.mark.slow
@given(st.lists(st.tuples(VALUES, st.integers(0, 3)), min_size=1, max_size=6))
def test_a_key_has_the_line_it_was_written_on(pairs: list[tuple[str, int]]) -> None:
    text, expected = "", {}
    for number, (value, blanks) in enumerate(pairs):
        text += "\n" * blanks
        expected[(f"key{number}",)] = text.count("\n") + 1
        text += f"key{number} = {value}\n"
    lines = key_lines(text)
    assert {path: lines[path] for path in expected} == expected


def test_every_form_of_key_is_found_on_its_line() -> None:
    text = (
        "a = 1\n"
        "b.c = '''\n"
        "x = 2\n"
        "'''\n"
        '[t."u v"]\n'
        "w = { x = 1, y.z = [\n"
        "  { k = 1 },\n"
        "] }\n"
        "[[l]]\n"
        "m = 1\n"
        "[l.n]\n"
        "[[l]]\n"
        "m = 2\n"
    )
    lines = key_lines(text)
    expected: dict[Path, int] = {
        ("a",): 1,
        ("b",): 2,
        ("b", "c"): 2,
        ("t", "u v"): 5,
        ("t", "u v", "w", "x"): 6,
        ("t", "u v", "w", "y", "z", 0, "k"): 7,
        ("l", 0): 9,
        ("l", 0, "m"): 10,
        ("l", 0, "n"): 11,
        ("l", 1): 12,
        ("l", 1, "m"): 13,
    }
    assert {path: lines[path] for path in expected} == expected


def test_an_empty_text_has_no_keys() -> None:
    assert key_lines("") == {}
    assert key_lines("# nothing\n") == {}
