"""Target: find the callables that FILE, FILE::NAME or a dotted module means, in this process."""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from paceline.errors import Place, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

__all__ = ["callables_in", "find_callable", "load", "place_of"]


def load(file: str) -> ModuleType:
    """Import a file (with its package, where it is in one) or a dotted module.

    Raises:
        UsageError: there is no such file or module. What the import itself raises passes.
    """
    sys.path[:0] = [way for way in (str(Path.cwd()),) if way not in sys.path]
    path = Path(file)
    if path.is_file():
        return _from_path(path.resolve())
    if path.suffix == ".py" or "/" in file or importlib.util.find_spec(file) is None:
        raise UsageError(f"{file!r} is no file and no module", remedy="name a .py file")
    return importlib.import_module(file)


def find_callable(module: ModuleType, name: str) -> Callable[[], object]:
    """Find a function, a static or class method, or a method of a class made without arguments.

    Raises:
        UsageError: nothing callable has that name, or it needs arguments.
    """
    where: Any = module
    found: Any = module
    for part in name.split("."):
        where, found = found, getattr(found, part, None)
        if found is None:
            break
    if not callable(found):
        known = ", ".join(callables_in(module)[:5]) or "none"
        raise UsageError(
            f"{module.__name__!r} has no callable {name!r}", remedy=f"functions there: {known}"
        )
    if isinstance(where, type) and _is_method(where, name.rpartition(".")[2]):
        if not _takes_nothing(where):
            raise UsageError(f"{where.__name__!r} can't be made without arguments")
        found = getattr(where(), name.rpartition(".")[2])
    if not _takes_nothing(found):
        raise UsageError(
            f"{name!r} needs arguments: {inspect.signature(found)}",
            remedy="wrap it in a function without arguments",
        )
    return found  # type: ignore[no-any-return]  # checked to be callable


def callables_in(module: ModuleType) -> list[str]:
    """Name the public functions that a module defines and that take no arguments."""
    return [
        name
        for name, value in vars(module).items()
        if not name.startswith("_")
        and inspect.isfunction(inspect.unwrap(value) if callable(value) else value)
        and getattr(value, "__module__", "") == module.__name__
        and _takes_nothing(value)
    ]


def place_of(function: Callable[[], object]) -> Place | None:
    """Give where a callable is written, where that is known."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    return Place(code.co_filename, code.co_firstlineno) if code is not None else None


def _from_path(path: Path) -> ModuleType:
    root, names = path.parent, [] if path.stem == "__init__" else [path.stem]
    while (root / "__init__.py").is_file():
        names.insert(0, root.name)
        root = root.parent
    sys.path[:0] = [way for way in (str(root),) if way not in sys.path]
    name = ".".join(names)
    if len(names) > 1:
        return importlib.import_module(name)
    if name in sys.modules or not name.isidentifier():  # another module bears the name
        name = f"{name}_to_check"
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise UsageError(f"{str(path)!r} is no Python file", remedy="name a .py file")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _is_method(owner: type, name: str) -> bool:
    return inspect.isfunction(inspect.getattr_static(owner, name, None))


def _takes_nothing(function: Any) -> bool:
    try:
        inspect.signature(function).bind()
    except (TypeError, ValueError):  # it needs something, or doesn't say
        return False
    return True
