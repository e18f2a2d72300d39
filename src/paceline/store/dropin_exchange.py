"""pytest-benchmark's document as a run of ours, and a run as such a document.

What our nouns have no place for travels as JSON text: of the run in its settings, of a benchmark in
a condition. So a document that came in goes out again with what it said.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import reprlib
from typing import TYPE_CHECKING, Any

from paceline.errors import Place, StoreError
from paceline.model import METRICS, Case, Host, Measurement, Run, RunId, StoredSummary
from paceline.store.dropin.reading import read
from paceline.store.dropin.writing import document, entry
from paceline.store.exchange import RunDocument

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

__all__ = ["KIND", "VERSION", "from_peer", "to_peer"]

KIND = "pytest-benchmark"
VERSION = "5.3.1"
"""The release whose format is written."""

_TIMED = "wall_time"
_ID = 32  # hexadecimal digits, as a recorded run's id has
_UNNAMED = frozenset({"unversioned", "unknown", "(unknown)", "(detached head)"})
_OWN = frozenset({"name", "fullname", "group", "extra_info", "stats"})
_TOP = frozenset({"benchmarks", "machine_info", "commit_info", "datetime", "version"})


def from_peer(text: str, place: Place) -> tuple[RunDocument, ...]:
    """Read a document as one run, its benchmarks as wall times in seconds per call.

    A benchmark saved without data has a summary in place of values. The run's id follows from the
    text; its host is comparable with hosts of other such documents alone, because that plugin
    measures another way.

    Raises:
        StoreError: the text is no such document, or does not fit.
    """
    found = read(text, place)
    run = Run(
        RunId(hashlib.sha256(text.encode("utf-8", "backslashreplace")).hexdigest()[:_ID]),
        _started(found["datetime"], place),
        _host(found["machine_info"]),
        commit=_known(found["commit_info"].get("id")),
        branch=_known(found["commit_info"].get("branch")),
        dirty=found["commit_info"].get("dirty") is True,
        settings=_settings(found),
        complete=True,
    )
    return (RunDocument(run, tuple(map(_measurement, found["benchmarks"]))),)


def to_peer(run: Run, measurements: Iterable[Measurement]) -> dict[str, Any]:
    """Give the wall times of a run as a document, raw values included where they are at hand."""
    settings = dict(run.settings)
    timed = (one for one in measurements if one.metric.name == _TIMED)
    machine = settings.get(f"{KIND}.machine_info")
    commit = settings.get(f"{KIND}.commit_info")
    started = dt.datetime.fromtimestamp(run.started, tz=dt.UTC)
    written = document(
        map(_entry, timed),
        machine_info=_machine(run.host) if machine is None else json.loads(machine),
        commit_info=_commit(run) if commit is None else json.loads(commit),
        started=started,
        version=settings.get(f"{KIND}.version", VERSION),
    )
    written["datetime"] = settings.get(f"{KIND}.datetime", written["datetime"])
    return {**written, **json.loads(settings.get(f"{KIND}.more", "{}"))}


def _measurement(found: Mapping[str, Any]) -> Measurement:
    stats = found["stats"]
    values = tuple(map(float, stats.get("data", ())))
    kept = {key: value for key, value in found.items() if key not in _OWN}
    if found["name"] != Case(found["fullname"]).name:
        kept["name"] = found["name"]
    if not values:
        kept["stats"] = stats
    params = found["params"] or {}
    case = Case(
        _text(found["fullname"]),
        parameters=tuple((_text(name), _text(reprlib.repr(one))) for name, one in params.items()),
        group=_text(found["group"] or ""),
    )
    return Measurement(
        case,
        METRICS[_TIMED],
        values,
        iterations=stats["iterations"],
        conditions=((KIND, _json(kept)),),
        extra=tuple((_text(key), _json(value)) for key, value in found["extra_info"].items()),
        summary=None if values else _summary(stats),
    )


def _entry(measurement: Measurement) -> dict[str, Any]:
    case = measurement.case
    kept = json.loads(measurement.condition(KIND) or "{}")
    name, inside = case.name, case.node_id.partition("[")[2]
    written = entry(
        measurement,
        name=kept.pop("name", name),
        fullname=str(case.id),
        group=case.group,
        param=kept.pop("param", inside.removesuffix("]") or None),
        params=kept.pop("params", dict(case.parameters) or None),
        extra_info={key: json.loads(text) for key, text in measurement.extra},
        options=kept.pop("options", None) or _options(measurement),
        include_data=True,
    )
    return {**written, **kept}


def _options(measurement: Measurement) -> dict[str, Any]:
    return {
        "disable_gc": measurement.condition("collector") == "off",
        "warmup": measurement.warmup > 0,
    }


def _summary(stats: Mapping[str, Any]) -> StoredSummary:
    names = ("mean", "median", "min", "stddev")
    known = {name: float(stats[name]) for name in names if name in stats}
    return StoredSummary(stats["rounds"], **known)


def _settings(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    more = {key: value for key, value in found.items() if key not in _TOP}
    return (
        ("imported", KIND),
        (f"{KIND}.machine_info", _json(found["machine_info"])),
        (f"{KIND}.commit_info", _json(found["commit_info"])),
        (f"{KIND}.datetime", _text(found["datetime"])),
        (f"{KIND}.version", _text(found["version"])),
        *(((f"{KIND}.more", _json(more)),) if more else ()),
    )


def _started(text: str, place: Place) -> float:
    """Read the moment in seconds since the epoch, 0 where the document names none."""
    if not text:
        return 0.0
    try:
        moment = dt.datetime.fromisoformat(text)
        aware = moment if moment.tzinfo else moment.replace(tzinfo=dt.UTC)
        return aware.timestamp()
    except (ValueError, OverflowError) as error:
        raise StoreError(
            f"datetime is {reprlib.repr(text)}, not a moment as in '2026-11-21T22:15:00+00:00'",
            place=place,
            remedy="mend it in the file, or save the run again",
        ) from error


def _host(machine: Mapping[str, Any]) -> Host:
    cpu = machine.get("cpu")
    cpu = cpu if isinstance(cpu, dict) else {}
    count = cpu.get("count")
    words = {name: _text(machine.get(name) or "") for name in ("system", "machine")}
    kind = _text(machine.get("python_implementation") or "")
    return Host(
        _text(cpu.get("brand_raw") or cpu.get("brand") or machine.get("processor") or ""),
        count if type(count) is int and 0 <= count < 2**31 else 0,
        0,
        f"{words['system']} {words['machine']}".strip(),
        f"{kind} {_text(machine.get('python_version') or '')}".strip(),
        f"imported {KIND}",
    )


def _machine(host: Host) -> dict[str, Any]:
    system, _, machine = host.system.partition(" ")
    kind, _, release = host.python.partition(" ")
    return {
        "node": "",
        "processor": machine,
        "machine": machine,
        "python_implementation": kind,
        "python_implementation_version": release,
        "python_version": release,
        "release": "",
        "system": system,
        "cpu": {"brand_raw": host.cpu, "count": host.cores},
    }


def _commit(run: Run) -> dict[str, Any]:
    return {
        "id": run.commit or "unversioned",
        "time": None,
        "author_time": None,
        "dirty": run.dirty,
        "project": "",
        "branch": run.branch or "(unknown)",
    }


def _known(name: object) -> str:
    return _text(name) if isinstance(name, str) and name not in _UNNAMED else ""


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=True)


def _text(value: object) -> str:
    """Give a value as text without lone surrogates, which no store can carry."""
    return str(value).encode("utf-8", "backslashreplace").decode("utf-8")
