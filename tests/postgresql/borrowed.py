"""Tests of a store in a file that hold on a server, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Collection
    from types import ModuleType

__all__ = ["borrowed_from"]

OF_FILES = {
    "test_reading_before_any_run_finds_nothing_and_makes_nothing",
    "test_the_first_write_makes_a_folder_that_git_ignores",
    "test_a_relative_path_means_the_folder_where_the_store_was_made",
    "test_nothing_is_kept_of_records_of_which_one_does_not_fit",  # PostgreSQL rounds it
}


def borrowed_from(*modules: ModuleType, only: Collection[str] = ()) -> dict[str, object]:
    """Give the tests of modules by name, without those that are about files."""
    found = {name: one for module in modules for name, one in vars(module).items()}
    return {
        name: one
        for name, one in found.items()
        if name.startswith("test_") and (name in only if only else name not in OF_FILES)
    }
