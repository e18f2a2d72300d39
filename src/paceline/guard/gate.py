"""Turn verdicts into the exit status."""

from __future__ import annotations

import enum
import typing

from paceline.model import Kind

if typing.TYPE_CHECKING:
    from collections.abc import Iterable

    from paceline.model import Verdict

__all__ = ["ExitStatus", "exit_status"]


class ExitStatus(enum.IntEnum):
    """The public exit codes of a judgement; pytest's own (1 to 5) win over them."""

    OK = 0
    OVER_BUDGET = 10
    REGRESSED = 11
    UNSURE = 12


def exit_status(verdicts: Iterable[Verdict], *, strict: bool) -> ExitStatus:
    """Choose the gravest status: budget, then regression, then (only if strict) unsure."""
    kinds = {verdict.kind for verdict in verdicts}
    if Kind.OVER_BUDGET in kinds:
        return ExitStatus.OVER_BUDGET
    if Kind.REGRESSED in kinds:
        return ExitStatus.REGRESSED
    if strict and Kind.UNSURE in kinds:
        return ExitStatus.UNSURE
    return ExitStatus.OK
