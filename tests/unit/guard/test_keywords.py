"""Expressions of ``-k``."""

from __future__ import annotations

import pytest

from paceline.errors import UsageError
from paceline.guard.keywords import parse_keywords

NAME = "tests/test_text.py::test_json[small]"


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        ("json", True),
        ("yaml", False),
        ("not yaml", True),
        ("not not json", True),
        ("json and small", True),
        ("json and large", False),
        ("yaml or small", True),
        ("yaml or json and large", False),
        ("(yaml or json) and small", True),
        ("not (json and large)", True),
        ("test_json[small]", True),
    ],
)
def test_words_and_or_not_and_brackets_choose_names(text: str, *, fits: bool) -> None:
    assert parse_keywords(text)(NAME) is fits


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("", "a word is missing"),
        ("json and", "a word is missing"),
        ("or json", "a word is missing before 'or'"),
        ("(json", "a bracket is not closed"),
        ("json)", r"'\)' is left over"),
        ("json yaml", "'yaml' is left over"),
        ("not " * 60 + "json", "lies too deep"),
        ("(" * 60, "lies too deep"),
    ],
)
def test_what_is_no_expression_is_refused(text: str, problem: str) -> None:
    with pytest.raises(UsageError, match=problem):
        parse_keywords(text)
