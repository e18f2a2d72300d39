"""Passwords are slow to check on purpose; the tests pay for it as the service does."""

from __future__ import annotations

import pytest
from shop.accounts import Password, issue, owner

pytestmark = pytest.mark.unit

TEXTS = ["secret", "Tr0ub4dor&3", "correct horse battery staple", "ü€", " ", "x" * 200]


@pytest.mark.parametrize("text", TEXTS)
def test_a_password_matches_itself(text: str) -> None:
    assert Password.of(text).matches(text)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("change", [str.swapcase, lambda text: text + " ", lambda text: text[1:]])
def test_another_password_does_not_match(text: str, change: object) -> None:
    other = change(text)  # type: ignore[operator]
    kept = Password.of(text)
    assert kept.matches(other) == (other == text)


@pytest.mark.parametrize("text", TEXTS)
def test_the_same_password_looks_different_each_time(text: str) -> None:
    assert Password.of(text) != Password.of(text)


@pytest.mark.parametrize("customer", ["ada", "bob@example.org", "a.b.c", "ü"])
def test_a_token_names_its_owner(customer: str) -> None:
    assert owner(issue(customer, b"key"), b"key") == customer


@pytest.mark.parametrize("token", ["", "ada", "ada.", "ada.00", ".00"])
def test_a_made_up_token_is_refused(token: str) -> None:
    assert owner(token, b"key") is None
    assert owner(issue("ada", b"other"), b"key") is None
