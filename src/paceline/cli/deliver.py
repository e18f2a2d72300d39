"""``paceline deliver``: send what waits in the spool to the store's server."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paceline.cli.arguments import add_general, add_json
from paceline.cli.project import project_of
from paceline.report.json import dumps
from paceline.store.spool import Delivery

if TYPE_CHECKING:
    import argparse

    from paceline.cli.console import Console

__all__ = ["declare", "run"]

EXAMPLES = """\
  paceline deliver --dry-run    what waits
  paceline deliver              send it
"""


def declare(parser: argparse.ArgumentParser) -> None:
    """Add whether only to look."""
    parser.add_argument("--dry-run", action="store_true", help="say what waits and send nothing")
    add_json(parser)
    add_general(parser)


def run(arguments: argparse.Namespace, console: Console) -> int:
    """Deliver, or count what waits."""
    store = project_of(arguments, console).store()
    spool = store.spool
    looked = spool.count() if spool else Delivery()
    done = Delivery() if arguments.dry_run or not spool else spool.deliver(store)
    console.notes(store.notes)
    console.notes(f"not delivered: {one}" for one in done.refused)
    waiting = Delivery(looked.calls - done.calls - len(done.refused), looked.records - done.records)
    if arguments.json:
        told = {"delivered": _as_builtins(done), "waiting": _as_builtins(waiting)}
        console.say(dumps({**told, "refused": list(done.refused)}))
    elif not looked.calls:
        console.say("nothing waits")
    elif arguments.dry_run:
        console.say(f"{waiting.records} records wait in {waiting.calls} calls")
    else:
        console.say(f"{done.records} records delivered in {done.calls} calls")
    return 0


def _as_builtins(delivery: Delivery) -> dict[str, int]:
    return {"calls": delivery.calls, "records": delivery.records}
