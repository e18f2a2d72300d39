"""Metadata: a benchmark's figures with its name, parameters, notes and options beside them."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from paceline.engine.result import Statistics
from paceline.errors import PacelineError
from paceline.plugin.texts import shown, text_of

if TYPE_CHECKING:
    import pstats
    from collections.abc import Iterable, Mapping, Sequence

    import pytest

    from paceline.model import Case, Measurement

__all__ = ["About", "Metadata", "abouts", "carry"]

_ATTRIBUTE = "paceline_dropin"  # of a report whose test has measured
_SURROGATE = "\\ud"  # how JSON text begins half a character, which alone no encoding can carry


@dataclass(frozen=True, slots=True)
class About:
    """What a benchmark says of itself besides its figures; ``cprofile`` holds chosen functions."""

    case: str
    name: str
    fullname: str
    group: str | None = None
    param: str | None = None
    params: Mapping[str, Any] | None = None
    extra_info: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    has_error: bool = False
    cprofile: Sequence[Mapping[str, Any]] = ()

    @classmethod
    def of(cls, case: Case) -> About:
        """Give what a case alone says, as for a timed block."""
        group, fullname = case.group or None, str(case.id)
        return cls(fullname, case.name, fullname, group, params=dict(case.parameters) or None)


class Metadata(Statistics):
    """What ``benchmark.stats`` is, and what hooks and documents are given for one benchmark.

    Figures are in seconds per call and stand at attributes, at keys and, alone, at ``stats``; facts
    stand at attributes and at keys.
    """

    def __init__(self, measurement: Measurement, about: About, *, fixture: Any = None) -> None:
        super().__init__(measurement)
        self.cprofile_stats: pstats.Stats | None = None
        self.fixture = fixture
        self.node_id = measurement.case.node_id
        self._figures = Statistics(measurement)
        self.tell(about)

    @property
    def stats(self) -> Statistics:
        """The figures without the facts: the second ``stats`` of ``benchmark.stats.stats.mean``."""
        return self._figures

    def tell(self, about: About) -> None:
        """Take what the benchmark says of itself now."""
        self.case = about.case
        self.name = about.name
        self.fullname = about.fullname
        self.group = about.group
        self.param = about.param
        self.params = about.params
        self.extra_info = about.extra_info
        self.options = about.options
        self.has_error = about.has_error
        self.cprofile = about.cprofile

    def about(self) -> About:
        """Give what stands here besides the figures, as it is now."""
        return About(
            case=self.case,
            name=self.name,
            fullname=self.fullname,
            group=self.group,
            param=self.param,
            params=self.params,
            extra_info=self.extra_info,
            options=self.options,
            has_error=self.has_error,
            cprofile=self.cprofile,
        )

    def get(self, name: str, default: Any = None) -> Any:
        """Look a figure or a fact up by its name."""
        try:
            return self[name]
        except (AttributeError, LookupError, ValueError, PacelineError):
            return default

    def __getitem__(self, name: str) -> Any:
        if name == "stats" or (name in self.__dict__ and not name.startswith("_")):
            return getattr(self, name)
        return super().__getitem__(name)

    def as_dict(
        self,
        include_data: bool = True,  # noqa: FBT001, FBT002  (the peer's own signature)
        flat: bool = False,  # noqa: FBT001, FBT002  (as above)
        stats: bool = True,  # noqa: FBT001, FBT002  (as above)
        cprofile: object = None,  # noqa: ARG002  (as above; the functions are chosen already)
    ) -> dict[str, Any]:
        """Give the benchmark as an entry of the JSON document."""
        from paceline.store.dropin.writing import entry  # noqa: PLC0415  (not while measuring)

        written = entry(
            self.measurement,
            name=self.name,
            fullname=self.fullname,
            group=self.group,
            param=self.param,
            params=self.params,
            extra_info=self.extra_info,
            options=self.options,
            include_data=include_data,
            cprofile=self.cprofile,
        )
        figures = written.pop("stats")
        if stats:
            written |= figures if flat else {"stats": figures}
        return written


def carry(report: pytest.TestReport, found: Iterable[About]) -> None:
    """Put what benchmarks say of themselves on a report, as text that every process can read."""
    told = [_text(one) for one in found]
    if told:
        setattr(report, _ATTRIBUTE, f"[{', '.join(told)}]")


def abouts(report: pytest.TestReport, shared: dict[str, Any] | None = None) -> tuple[About, ...]:
    """Take what `carry` put on a report off it; equal parameters are one object in ``shared``.

    Reports are kept to the end, and many tests can have the same large parameter.
    """
    text = vars(report).pop(_ATTRIBUTE, None)
    known = {} if shared is None else shared
    return tuple(_about(one, known) for one in json.loads(text)) if text else ()


def _about(told: dict[str, Any], known: dict[str, Any]) -> About:
    params = told.pop("params")
    for text in params.values() if params else ():
        if text not in known:
            known[text] = json.loads(text)
    return About(**told, params=params and {name: known[text] for name, text in params.items()})


def _text(about: About) -> str:
    told = {field.name: getattr(about, field.name) for field in dataclasses.fields(about)}
    params = about.params or {}
    told["params"] = {text_of(name): _encoded(value) for name, value in params.items()} or None
    return _encoded(told)


def _encoded(value: Any) -> str:
    # A parameter can be a whole data set: one pass of the encoder takes a fiftieth of the time that
    # a look at every value takes, so that is kept for what the encoder can't write.
    try:
        text = json.dumps(value, default=_unserializable)
    except (TypeError, ValueError, RecursionError):  # a key of another kind, or a circle
        text = _SURROGATE
    return json.dumps(_plain(value), default=shown) if _SURROGATE in text else text


def _plain(value: Any) -> Any:
    told = value if isinstance(value, dict) else {"value": value}
    found = {}
    for name, one in told.items():
        try:
            found[text_of(name)] = _jsonable(one)
        except RecursionError:  # a value that holds itself
            found[text_of(name)] = {text_of(name): shown(one)}
    return found if isinstance(value, dict) else found["value"]


def _jsonable(value: Any) -> Any:
    """Give what JSON can carry; a value or key that it has no word for becomes its text."""
    if isinstance(value, str):
        return text_of(value)
    if isinstance(value, dict):
        return {text_of(name): _jsonable(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_jsonable(one) for one in value]
    try:
        json.dumps(value)
    except (TypeError, ValueError, RecursionError):
        return _unserializable(value)
    return value


def _unserializable(value: object) -> str:
    return f"UNSERIALIZABLE[{shown(value)}]"
