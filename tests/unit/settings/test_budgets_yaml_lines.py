from __future__ import annotations

from collections.abc import Mapping

import pytest

from paceline.errors import Place, SettingsError
from paceline.settings.yaml_lines import read_yaml


def value(text: str) -> object:
    table = read_yaml(text, file="b.yml").value
    assert isinstance(table, Mapping)
    return table["a"].value


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: 5", 5),
        ("a: -5", -5),
        ("a: 5.5e-3", 0.0055),
        ("a: .5", 0.5),
        ("a: '5'", "5"),
        ('a: "true"', "true"),
        ("a: true", True),
        ("a: no", "no"),
        ("a: 1:30", "1:30"),
        ("a: 100 ms", "100 ms"),
        ("a: ~", None),
        ("a:", None),
        ("a: 2026-01-01", "2026-01-01"),
        ("a: |\n  two\n  lines", "two\nlines"),
        ("{a: 1}", 1),
    ],
)
def test_scalars_follow_the_core_schema(text: str, expected: object) -> None:
    found = value(text)
    assert (found, type(found)) == (expected, type(expected))


def test_every_key_knows_its_line() -> None:
    entry = read_yaml("# top\na:\n\n  b: {c: 1,\n   d: 2}\n", file="b.yml")
    inner = entry.value["a"].value["b"]  # type: ignore[index]
    assert entry.value["a"].place == Place("b.yml", 2)  # type: ignore[index]
    assert [(key, one.place.line) for key, one in inner.value.items()] == [("c", 4), ("d", 5)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a: &x 1", "b.yml:1: an anchor"),
        ("a: 1\nb: *x", "b.yml:2: an alias"),
        ("a: !!python/object:os.system {}", "b.yml:1: a tag"),
        ("a:\n  - 1", "b.yml:2: a list"),
        ("a: 1\n---\nb: 2", "b.yml:2: a second document"),
        ("[x]: 1", "b.yml:1: a key that is no text"),
        ("{{x: 1}: 1}", "b.yml:1: a key that is no text"),
        ("a: 1\nb: 2\na: 3", "b.yml:3: the key 'a' stands here for the second time"),
        ("a: {", "b.yml:1: not YAML"),
        ("a: b: c", "b.yml:1: not YAML: mapping values are not allowed here"),
        ("a: \x01", "b.yml: not YAML"),
        ("{a: " * 10 + "1" + "}" * 10, "such deep nesting"),
    ],
)
def test_what_has_no_use_is_refused_at_its_line(text: str, message: str) -> None:
    with pytest.raises(SettingsError) as caught:
        read_yaml(text, file="b.yml")
    assert message in str(caught.value)


def test_a_duplicate_key_says_where_the_first_stands() -> None:
    with pytest.raises(SettingsError, match=r"stands already at b\.yml:1"):
        read_yaml("a: 1\na: 2", file="b.yml")
