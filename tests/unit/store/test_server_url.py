from __future__ import annotations

import pytest

from paceline.errors import SettingsError
from paceline.store.postgresql.url import parse_url


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("postgresql://ann@db.example/perf", "postgresql://ann@db.example/perf"),
        ("postgresql://ann:s%40cret@db.example:5433/perf", "postgresql://ann@db.example:5433/perf"),
        ("postgresql+psycopg://ann:secret@[::1]/perf", "postgresql://ann@[::1]/perf"),
        ("postgres://db.example/perf", "postgresql://db.example/perf"),
        ("postgresql:///perf?host=/run/pg", "postgresql:///perf?host=/run/pg"),
        ("postgresql://ann@/p?password=secret", "postgresql://ann@/p?password=***"),
        ("postgresql://ann:se@cret@db.example/perf", "postgresql://ann@db.example/perf"),
    ],
)
def test_a_url_is_said_without_its_password(text: str, shown: str) -> None:
    url = parse_url(text)
    assert url.shown == shown
    assert "cret" not in repr(url)
    assert url.full.startswith("postgresql+psycopg://")


def test_the_key_of_a_place_does_not_change_with_the_password() -> None:
    keys = {parse_url(f"postgresql://ann:{secret}@db/perf").key for secret in ("one", "two")}
    assert len(keys) == 1
    assert len(keys.pop()) == 16


@pytest.mark.parametrize(
    "text",
    [
        "mysql://ann:secret@db/perf",
        "postgresql://ann:secret@db",
        "postgresql://ann:secret@db:port/perf",
        "postgresql://ann:secret/more@db/perf",
        "postgresql://ann:12/secret@db/perf",
        "postgresql://[ann:secret@db/perf",
    ],
)
def test_a_url_that_names_no_database_is_refused_without_its_password(text: str) -> None:
    with pytest.raises(SettingsError) as caught:
        parse_url(text)
    assert "secret" not in str(caught.value)
    assert caught.value.__cause__ is None
