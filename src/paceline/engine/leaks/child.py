"""Child: the fresh process in which one callable is checked; a pipe of its own takes the answer."""

from __future__ import annotations

import json
import os
import sys
import threading
from dataclasses import replace
from typing import Any

from paceline.engine.leaks.calls import place_in, said
from paceline.engine.leaks.check import check
from paceline.engine.leaks.codec import encode
from paceline.engine.leaks.stages import Limits
from paceline.engine.leaks.target import callables_in, find_callable, load, place_of
from paceline.errors import UsageError
from paceline.stats.leak import LeakResult, LeakVerdict

__all__ = ["main"]


def main() -> None:
    """Do what the one argument says and end; threads that were left behind don't hold it up."""
    order = json.loads(sys.argv.pop())
    os.set_inheritable(order["pipe"], False)
    answer = json.dumps(_answer(order)).encode() + b"\n"
    with os.fdopen(order["pipe"], "wb") as pipe:
        pipe.write(answer)
    if any(not one.daemon for one in threading.enumerate()[1:]):
        os._exit(0)


def _answer(order: dict[str, Any]) -> dict[str, Any]:
    try:
        module = load(order["file"])
        if not order["name"]:
            return {"names": callables_in(module)}
        function = find_callable(module, order["name"])
    except UsageError as error:
        return {"usage": [error.problem, error.remedy]}
    except BaseException as error:  # noqa: BLE001  (an import runs any code: the process reports and ends)
        return {"result": encode(_broken("importing it", error, order["file"]))}
    try:
        result = check(function, limits=Limits(**order["limits"]))
    except BaseException as error:  # noqa: BLE001  (as above)
        result = _broken("calling it", error, order["file"])
    return {"result": encode(replace(result, place=result.place or place_of(function)))}


def _broken(doing: str, error: BaseException, file: str) -> LeakResult:
    unsure = f"{doing} raised {said(error)}"
    return LeakResult("", LeakVerdict.UNSURE, "", place=place_in(error, file), unsure=unsure)
