"""What pytest-benchmark's own files, comparison and profiles can be told."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from typing import ClassVar

from paceline.options import option

__all__ = ["AUTOMATIC", "LATEST", "DropInOptions", "ProfileColumn"]

AUTOMATIC = "auto"
"""Stands for a prefix made of the current time."""

LATEST = "latest"
"""Stands for the newest saved run."""


ProfileColumn = enum.Enum(
    "ProfileColumn",
    {
        "NONE": "none",
        "NCALLS": "ncalls",
        "NCALLS_RECURSION": "ncalls_recursion",
        "TOTTIME": "tottime",
        "TOTTIME_PER": "tottime_per",
        "CUMTIME": "cumtime",
        "CUMTIME_PER": "cumtime_per",
        "FUNCTION_NAME": "function_name",
    },
)
"""A column of a profile by cProfile."""


@dataclass(frozen=True, slots=True)
class DropInOptions:
    """Saved runs, JSON, comparison, histograms and profiles as pytest-benchmark has them."""

    section: ClassVar[str] = "dropin"

    save: str = option(
        "",
        flag="--benchmark-save",
        metavar="NAME",
        help="Save this run in the storage as NNNN_NAME.json.",
    )
    autosave: bool = option(
        False,
        flags={"--benchmark-autosave": True},
        help="Save this run in the storage under its commit and time.",
    )
    save_data: bool = option(
        False,
        flags={"--benchmark-save-data": True},
        help="Put every round's seconds into saved runs, not only their statistics.",
    )
    json: str = option(
        "",
        flag="--benchmark-json",
        metavar="PATH",
        help="Write this run with every round's seconds to a file, as pytest-benchmark's JSON.",
    )
    compare: str = option(
        "",
        flag="--benchmark-compare",
        metavar="NUM|_ID",
        alone=LATEST,
        help="Compare with a saved run: its number, a start of its name, or latest.",
    )
    storage: str = option(
        "file://./.benchmarks",
        flag="--benchmark-storage",
        metavar="URI",
        help="The folder of saved runs, as file://PATH or a path.",
    )
    netrc: str = option(
        "",
        flag="--benchmark-netrc",
        metavar="FILE",
        alone="~/.netrc",
        help="Accepted and not read: it is for a storage that is not offered.",
    )
    histogram: str = option(
        "",
        flag="--benchmark-histogram",
        metavar="PREFIX",
        alone=AUTOMATIC,
        help="Draw box plots as PREFIX.svg, one for each group; auto takes the time as prefix.",
    )
    cprofile: ProfileColumn = option(
        ProfileColumn.NONE,
        flag="--benchmark-cprofile",
        metavar="COLUMN",
        help="Profile each benchmark once more by cProfile; its top functions by a column.",
    )
    cprofile_loops: str = option(
        "1",
        flag="--benchmark-cprofile-loops",
        metavar="LOOPS",
        help="How many calls are profiled, or auto for as many as one round has.",
    )
    cprofile_top: int = option(
        25,
        least=1,
        flag="--benchmark-cprofile-top",
        metavar="COUNT",
        help="How many functions of a profile are shown and written.",
    )
    cprofile_dump: str = option(
        "",
        flag="--benchmark-cprofile-dump",
        metavar="PREFIX",
        alone=AUTOMATIC,
        help="Write profiles as PREFIX-NAME.prof; auto takes the time as prefix.",
    )

    @property
    def profiles(self) -> bool:
        """Whether benchmarks are profiled unless a marker says otherwise."""
        return self.cprofile is not ProfileColumn.NONE

    @property
    def loops(self) -> int | None:
        """The number of calls to profile, None for as many as a round has."""
        return None if self.cprofile_loops == AUTOMATIC else int(self.cprofile_loops)
