"""Profile: arguments and settings under one name; those that come along, and the user's own."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from paceline.errors import Place, SettingsError
from paceline.options import Entry, option

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["BUILT_IN", "Arguments", "Profile", "ProfileOptions", "find_profile"]

_ADDOPTS: Final = "addopts"
_EXTENDS: Final = "extends"
_TOO_LATE: Final = frozenset(
    {"-p", "-c", "--config-file", "--rootdir", "-o", "--override-ini", "--paceline-profile"}
)
"""What pytest reads before it knows plugins, and so before there can be a profile."""


@dataclass(frozen=True, slots=True)
class ProfileOptions:
    """Which profile a run uses."""

    section: ClassVar[str] = "profile"

    name: str = option(
        "",
        flag="--paceline-profile",
        metavar="NAME",
        help="Use the arguments and settings of a profile: local, ci, performance or your own.",
    )
    show: bool = option(
        False,
        flags={"--paceline-show-profile": True},
        help="Say what the profile sets and where that stands, and run nothing.",
    )


@dataclass(frozen=True, slots=True)
class Arguments:
    """Command-line words that stand together and the place they come from.

    ``optional`` ones are left out where no installed plugin knows them.
    """

    words: tuple[str, ...]
    place: Place
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Profile:
    """What one name stands for: arguments before the user's, and settings by option key."""

    name: str
    arguments: tuple[Arguments, ...]
    settings: tuple[tuple[str, Entry], ...] = ()


_OURS: Final = Place("comes with Paceline")


def _built_in(name: str, *words: str, optional: Sequence[str] = ()) -> Profile:
    always = tuple(Arguments((word,), _OURS) for word in words)
    known = tuple(Arguments(tuple(one.split()), _OURS, optional=True) for one in optional)
    return Profile(name, always + known)


BUILT_IN: Final = (
    _built_in(
        "local",
        "-v",
        "--durations=20",
        optional=(
            "--paceline-workers=2",
            "--paceline-timeout=300",
            "--paceline-show-resources",
            "--cov --cov-report=html",
        ),
    ),
    _built_in(
        "ci", "-x", "-q", "--junitxml=report/junit.xml", optional=("--paceline-workers=auto",)
    ),
    _built_in(
        "performance",
        optional=(
            "--benchmark-only",
            "--benchmark-sort=mean",
            "--benchmark-memory",
            "--paceline-show-resources",
            "--paceline-workers=0",
        ),
    ),
)
"""The profiles that need no settings: at the desk, on CI, and for figures."""


@dataclass(frozen=True, slots=True)
class _Own:
    """A user's table, not yet joined with what it extends."""

    extends: Entry
    profile: Profile


def find_profile(name: str, tables: Mapping[str, Entry]) -> Profile:
    """Find a profile, what it extends first; a table named like a built-in one extends that.

    A table has ``addopts``, ``extends``, and option keys by section.

    Raises:
        SettingsError: no such profile, or everything wrong in the tables, with its place.
    """
    own = {known: _parse(known, entry) for known, entry in tables.items()}
    built_in = {one.name: one for one in BUILT_IN}
    return _joined(name, own, built_in, seen=())


def _joined(
    name: str, own: Mapping[str, _Own], built_in: Mapping[str, Profile], *, seen: tuple[str, ...]
) -> Profile:
    if name not in own or name in seen:
        return _of_built_in(name, own, built_in, seen=seen)
    mine = own[name]
    parent = str(mine.extends.value) or (name if name in built_in else "")
    if not parent:
        return mine.profile
    try:
        below = _joined(parent, own, built_in, seen=(*seen, name))
    except _UnknownError as error:
        raise SettingsError(
            f"profile {name!r} extends {parent!r}: {error.problem}",
            place=mine.extends.place,
            remedy=error.remedy,
        ) from None
    return Profile(
        name,
        below.arguments + mine.profile.arguments,
        tuple((dict(below.settings) | dict(mine.profile.settings)).items()),
    )


class _UnknownError(SettingsError):
    """A name that no profile has."""


def _of_built_in(
    name: str, own: Mapping[str, _Own], built_in: Mapping[str, Profile], *, seen: tuple[str, ...]
) -> Profile:
    if name in built_in:
        return built_in[name]
    if name in seen:
        problem, remedy = f"{' → '.join((*seen, name))} is a circle", "let one extend nothing"
        raise _UnknownError(problem, remedy=remedy)
    known = sorted({*built_in, *own})
    near = difflib.get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    raise _UnknownError(
        f"there is no profile {name!r}",
        remedy=f"{hint}known profiles: {', '.join(known)}; "
        "your own are tables [tool.paceline.profiles.NAME]",
    )


def _parse(name: str, entry: Entry) -> _Own:
    if not isinstance(entry.value, Mapping):
        raise SettingsError(
            f"profile {name!r} is no table but {entry.value!r}",
            place=entry.place,
            remedy=f"write [tool.paceline.profiles.{name}] and its keys below",
        )
    table: Mapping[str, Entry] = entry.value
    extends = table.get(_EXTENDS, Entry("", entry.place))
    if not isinstance(extends.value, str):
        raise SettingsError(
            f"{_EXTENDS} = {extends.value!r} of profile {name!r} is no name",
            place=extends.place,
            remedy='name one profile, as in extends = "ci"',
        )
    settings: dict[str, Entry] = {}
    for key, one in table.items():
        if key in {_ADDOPTS, _EXTENDS}:
            continue
        inner = one.value if isinstance(one.value, Mapping) else {"": one}
        settings |= {f"{key}.{inside}".removesuffix("."): found for inside, found in inner.items()}
    arguments = (_arguments(name, table[_ADDOPTS]),) if _ADDOPTS in table else ()
    return _Own(extends, Profile(name, arguments, tuple(settings.items())))


def _arguments(name: str, entry: Entry) -> Arguments:
    words = entry.value
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise SettingsError(
            f"{_ADDOPTS} = {words!r} of profile {name!r} is no list of texts",
            place=entry.place,
            remedy='write one text a word, as in addopts = ["-x", "--tb=short"]',
        )
    late = next((word for word in words if _is_late(word)), "")
    if late:
        raise SettingsError(
            f"{late!r} in {_ADDOPTS} of profile {name!r} comes too late: pytest reads it first",
            place=entry.place,
            remedy="set it in pytest's own addopts, or on the command line",
        )
    return Arguments(tuple(words), entry.place)


def _is_late(word: str) -> bool:
    short = word[:2] in _TOO_LATE and not word.startswith("--")
    return short or word.partition("=")[0] in _TOO_LATE
