"""Run: one pytest invocation on one commit and one host; Baseline: a run kept under a name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NewType

from paceline.model.host import Host  # noqa: TC001  (codecs read the annotations)

__all__ = ["Baseline", "Run", "RunId"]

RunId = NewType("RunId", str)


@dataclass(frozen=True, slots=True)
class Run:
    """One pytest invocation; ``started`` in seconds since the epoch.

    ``commit`` and ``branch`` are "" outside a repository; ``settings`` are the resolved options
    that bear on figures; ``complete`` is False for a run that was cut off; ``tree`` is the id that
    git gives the commit's content, which a rebase or an amended message keeps ("" when not known).
    """

    id: RunId
    started: float
    host: Host
    commit: str = ""
    branch: str = ""
    dirty: bool = False
    settings: tuple[tuple[str, str], ...] = ()
    complete: bool = False
    tree: str = ""


@dataclass(frozen=True, slots=True)
class Baseline:
    """A run kept under a name to be compared with; ``saved`` in seconds since the epoch."""

    name: str
    run: RunId
    saved: float
