"""What an option is: a typed field with one help sentence in a frozen dataclass.

The class stands beside the code that reads it and names its ``section``. This module only knows
how to declare such fields, list them and read a text into a field's type; `paceline.settings`
resolves them, and the flag table, the pytest ini keys, the environment variables and the options
page are generated from the same declarations.
"""

from __future__ import annotations

import dataclasses
import enum
import math
import typing
from dataclasses import dataclass

from paceline import units
from paceline.errors import Place, SettingsError

if typing.TYPE_CHECKING:
    from collections.abc import Mapping

__all__ = ["Declaration", "Entry", "declarations", "option", "read"]

_KEY = "paceline"
_TRUE = frozenset({"1", "true", "yes", "on"})
_FALSE = frozenset({"0", "false", "no", "off"})


@dataclass(frozen=True, slots=True)
class _Metadata:
    """What a field says about itself besides its name, type and default."""

    help: str
    unit: str
    flag: str
    flags: Mapping[str, object]
    metavar: str
    least: float | None
    most: float | None
    apart: str
    alone: str | None
    several: bool


class Entry(typing.NamedTuple):
    """What a source holds for one key, text or native, and where it stands."""

    value: object
    place: Place


@dataclass(frozen=True, slots=True)
class Declaration:
    """One option as the walker sees it.

    ``unit`` is the base unit of a quantity ("s", "B", "1" or "" for none); ``flag`` is the one
    command-line flag that takes a value, ``flags`` are flags that stand for one fixed value each.
    ``least`` and ``most`` bound a number; ``apart`` holds the signs at which a text is parted into
    the values of a repeated option. ``alone`` is what ``flag`` stands for without a value, None
    where it needs one; ``several`` tells that one flag takes any number of values.
    """

    section: str
    name: str
    type: type
    repeated: bool
    default: object
    help: str
    unit: str
    flag: str
    flags: Mapping[str, object]
    metavar: str
    least: float | None
    most: float | None
    apart: str
    alone: str | None = None
    several: bool = False

    @property
    def key(self) -> str:
        """The key in ``[tool.paceline]``: ``section.name``."""
        return f"{self.section}.{self.name}"

    @property
    def ini(self) -> str:
        """The key in pytest's own configuration."""
        return f"paceline_{self.section}_{self.name}"

    @property
    def environment(self) -> str:
        """The environment variable."""
        return f"PACELINE_{self.section}_{self.name}".upper()


def option(  # noqa: PLR0913  (each is one column of the options page)
    default: object,
    *,
    help: str,  # noqa: A002  (the word argparse and pytest use)
    unit: str = "",
    flag: str = "",
    flags: Mapping[str, object] | None = None,
    metavar: str = "",
    least: float | None = None,
    most: float | None = None,
    apart: str = ", \n",
    alone: str | None = None,
    several: bool = False,
) -> typing.Any:
    """Declare an option as the default of a dataclass field."""
    about = _Metadata(help, unit, flag, flags or {}, metavar, least, most, apart, alone, several)
    metadata = {_KEY: about}
    return dataclasses.field(default=default, metadata=metadata)


def declarations(options: type) -> tuple[Declaration, ...]:
    """List the options that a class declares, in their order."""
    hints = typing.get_type_hints(options)
    section: str = options.section  # type: ignore[attr-defined]
    found = []
    for field in dataclasses.fields(options):
        about = field.metadata.get(_KEY)
        if about is None:
            raise TypeError(f"{options.__name__}.{field.name} is no option: declare it by option()")
        kind, repeated = _element(hints[field.name])
        found.append(
            Declaration(
                section=section,
                name=field.name,
                type=kind,
                repeated=repeated,
                default=field.default,
                help=about.help,
                unit=about.unit,
                flag=about.flag,
                flags=about.flags,
                metavar=about.metavar,
                least=about.least,
                most=about.most,
                apart=about.apart,
                alone=about.alone,
                several=about.several,
            )
        )
    return tuple(found)


def read(declaration: Declaration, raw: object, place: Place) -> object:
    """Turn what a source holds (text or a native value) into the option's type.

    Raises:
        SettingsError: the value does not fit; the message names key, value, place and remedy.
    """
    if declaration.repeated:
        return tuple(_read_one(declaration, one, place) for one in _many(raw, declaration.apart))
    return _read_one(declaration, raw, place)


def _many(raw: object, apart: str) -> list[object]:
    """Part a text at the signs of its option, and the texts of a list at commas: ``min,mean``."""
    if not isinstance(raw, list | tuple):
        return list(_parts(str(raw), apart))
    commas = "," if "," in apart else ""
    parts: list[object] = []
    for one in raw:
        parts += _parts(one, commas) if isinstance(one, str) else [one]
    return parts


def _parts(text: str, apart: str) -> list[str]:
    for sign in apart:
        text = text.replace(sign, "\n")
    return [part.strip() for part in text.split("\n") if part.strip()]


def _element(hint: typing.Any) -> tuple[type, bool]:
    if typing.get_origin(hint) is tuple:
        return typing.get_args(hint)[0], True
    return hint, False


def _read_one(declaration: Declaration, raw: object, place: Place) -> object:
    kind = declaration.type
    try:
        if issubclass(kind, enum.Enum):
            return raw if isinstance(raw, kind) else kind(str(raw).strip().lower())
        return _READERS[kind](declaration, raw)
    except (ValueError, SettingsError) as error:
        raise SettingsError(
            f"{declaration.key} = {raw!r} does not fit: {_wanted(declaration)}",
            place=place,
            remedy=f"{declaration.help} Default: {_shown(declaration.default)}.",
        ) from error


def _read_bool(_declaration: Declaration, raw: object) -> bool:
    text = str(raw).strip().lower()
    if text in _TRUE:
        return True
    if text in _FALSE:
        return False
    raise ValueError(text)


def _read_int(declaration: Declaration, raw: object) -> int:
    if isinstance(raw, bool | float):
        raise ValueError(str(raw))  # noqa: TRY004  (the caller words every misfit alike)
    return int(_bounded(declaration, int(str(raw))))


def _read_float(declaration: Declaration, raw: object) -> float:
    if isinstance(raw, bool):
        raise ValueError(str(raw))  # noqa: TRY004  (the caller words every misfit alike)
    if declaration.unit and isinstance(raw, str):
        number = units.parse(raw, declaration.unit)
    else:
        number = float(str(raw))
    if declaration.unit == "1" and number > 1 and not str(raw).rstrip().endswith(("%", "x", "×")):
        raise ValueError(str(raw))  # 10 for 10 % would be a thousand per cent
    return _bounded(declaration, number)


def _bounded(declaration: Declaration, number: float) -> float:
    least, most = declaration.least, declaration.most
    if not math.isfinite(number):
        raise ValueError(str(number))
    if (least is not None and number < least) or (most is not None and number > most):
        raise ValueError(str(number))
    return number


def _read_str(_declaration: Declaration, raw: object) -> str:
    return str(raw)


_READERS = {bool: _read_bool, int: _read_int, float: _read_float, str: _read_str}


def _wanted(declaration: Declaration) -> str:
    if issubclass(declaration.type, enum.Enum):
        return "one of " + ", ".join(str(member.value) for member in declaration.type)
    bounds = ""
    if declaration.least is not None:
        bounds += f" of at least {declaration.least:g}"
    if declaration.most is not None:
        bounds += f"{' and' if bounds else ' of'} at most {declaration.most:g}"
    if declaration.unit == "1":
        return f"a share{bounds}, such as 10 % or 0.1"
    if declaration.unit:
        quantity = units.NAMES[declaration.unit]
        return f"a quantity in {quantity}{bounds}, such as {declaration.default}"
    known = {bool: "true or false", int: "a whole number", float: "a number", str: "a text"}
    return known[declaration.type] + bounds


def _shown(value: object) -> str:
    if isinstance(value, enum.Enum):
        return str(value.value)
    if isinstance(value, tuple):
        return ", ".join(map(_shown, value)) or "none"
    return str(value) if value not in ("", None) else "none"
