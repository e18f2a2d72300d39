"""Host: the machine and interpreter facts that make runs comparable."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Host"]

_COMPARABLE = ("cpu", "cores", "system", "python", "runner")


@dataclass(frozen=True, slots=True)
class Host:
    """Facts about a machine: ``cores`` usable, ``memory`` in bytes, names as the system says them.

    ``python`` is implementation, version and build kind ("CPython 3.11.7"); ``runner`` names the
    kind of continuous-integration runner, "" outside one.
    """

    cpu: str
    cores: int
    memory: int
    system: str
    python: str
    runner: str = ""

    @property
    def kind(self) -> str:
        """What two hosts must share for their figures to be compared."""
        return " | ".join(str(value) for _name, value in self._comparable())

    def differences(self, other: Host) -> tuple[str, ...]:
        """List the facts in which another host's kind differs, as ``fact: ours → theirs``."""
        pairs = zip(self._comparable(), other._comparable(), strict=True)
        return tuple(f"{name}: {a} → {b}" for (name, a), (_, b) in pairs if a != b)

    def _comparable(self) -> tuple[tuple[str, object], ...]:
        facts = tuple((name, getattr(self, name)) for name in _COMPARABLE)
        return tuple((n, _minor(str(v)) if n == "python" else v) for n, v in facts)


def _minor(python: str) -> str:
    """Leave out the patch release: it does not make figures incomparable."""
    return " ".join(".".join(word.split(".")[:2]) for word in python.split())
