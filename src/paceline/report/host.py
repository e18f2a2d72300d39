"""A machine's facts and noise as a table with judgements and remedies, and as JSON.

History of the format "paceline-host":
    1  host, facts, noise, sees, conditions
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from paceline.guard.machine import Judgement
from paceline.guard.noise import sight, spread
from paceline.model.codec import encode_host
from paceline.report.escape import ascii_only
from paceline.report.json import dumps
from paceline.report.paint import Paint, bare
from paceline.report.table import Align, Heading, lay_out, rule, safe

if TYPE_CHECKING:
    from collections.abc import Sequence

    from paceline.guard.machine import Fact
    from paceline.guard.noise import Noise
    from paceline.model import Host

__all__ = ["FORMAT", "VERSION", "render", "to_json"]

FORMAT = "paceline-host"
VERSION = 1
_COLUMNS = (
    Heading("Fact", Align.LEFT),
    Heading("Here", Align.LEFT),
    Heading("Judgement", Align.LEFT),
)
_ROLES = {Judgement.WATCH: "warn", Judgement.BAD: "bad", Judgement.UNSURE: "dim"}
_GRAVEST_FIRST = (Judgement.BAD, Judgement.WATCH)


def render(
    host: Host,
    facts: Sequence[Fact],
    noise: Noise,
    *,
    paint: Paint = bare,
    pure_ascii: bool = False,
) -> str:
    """Write the facts with their judgements, then what to watch, the gravest first."""
    rows = [
        [*(safe(text, pure_ascii=pure_ascii) for text in (one.name, one.said)), one.judgement.value]
        for one in facts
    ]
    roles = [_ROLES.get(one.judgement, "") for one in facts]
    title, *body = lay_out(_COLUMNS, rows, pure_ascii=pure_ascii, roles=roles, paint=paint)
    cores = f"{host.cores} processors" if host.cores != 1 else "1 processor"
    lines = [safe(f"{host.cpu}, {cores}, {host.system}, {host.python}", pure_ascii=pure_ascii), ""]
    lines += [title, rule((title, *body)), *body, ""]
    for judgement in _GRAVEST_FIRST:
        lines += [
            safe(f"{judgement.value}: {one.name} {one.said}: {one.why}; {one.remedy}", longest=400)
            for one in facts
            if one.judgement is judgement
        ]
    lines += ["", *_meaning(noise)]
    text = "\n".join(lines) + "\n"
    return ascii_only(text) if pure_ascii else text


def to_json(
    host: Host, facts: Sequence[Fact], noise: Noise, conditions: Sequence[tuple[str, str]]
) -> str:
    """Write everything as JSON; shares and spreads are plain numbers, null where not known."""
    seen = sight(noise)
    return dumps(
        {
            "schema": FORMAT,
            "version": VERSION,
            "host": encode_host(host),
            "facts": [
                {
                    "name": one.name,
                    "said": one.said,
                    "judgement": one.judgement.value,
                    "why": one.why,
                    "remedy": one.remedy,
                }
                for one in facts
            ],
            "noise": {
                "seconds": noise.seconds,
                "batches": len(noise.batches),
                "batch_seconds": noise.batch,
                "spread_of_batches": _finite(spread(noise.batches)),
                "spread_of_tenths": _finite(spread(noise.tenths)),
                "spread_of_pairs": _finite(spread(noise.pairs)),
                "disturbed": noise.disturbed,
                "stolen": noise.stolen,
                "others": noise.others,
                "sibling": noise.sibling,
                "pinned": noise.pinned,
            },
            "sees": {"paired": _finite(seen.paired), "stored": _finite(seen.stored)},
            "conditions": dict(conditions),
        }
    )


def _meaning(noise: Noise) -> tuple[str, ...]:
    measured = (
        f"noise: {len(noise.batches):,} batches of {1e3 * noise.batch:.2f} ms "
        f"in {len(noise.pairs)} pairs, {noise.seconds:.0f} s"
    )
    meant = "sees: the smallest slow-down that is found 95 times in 100, while it is this busy"
    return measured, meant


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
