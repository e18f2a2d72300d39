"""Names: the node id of a JUnit testcase, of which the file tells only parts."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

__all__ = ["node_id_of"]

_PYTEST = frozenset({"pytest", "paceline"})  # how these call their suites
_DEEPEST = 30  # folders inside each other, and classes


def node_id_of(attributes: Mapping[str, str], *, suite: str, is_file: Callable[[str], bool]) -> str:
    """Put together pytest's node id; of another writer's test, ``classname::name``; "" for none.

    pytest writes a path as a module's name. Which of its parts are classes is told by the ``file``
    attribute, by the files of the project, or by their first capital, in this order.
    """
    name, parts = attributes.get("name", ""), attributes.get("classname", "").split(".")
    parts = [part for part in parts if part]
    file = attributes.get("file", "").replace("\\", "/").removeprefix("./")
    split = _by_attribute(file, parts) or _by_files(parts, is_file)
    if split is None and suite in _PYTEST and parts:
        split = _by_capitals(parts)
    if split is None:
        return "::".join(filter(None, (".".join(parts), name)))
    path, classes = split
    return "::".join(filter(None, (path, *classes, "" if name == ".".join(parts) else name)))


def _by_attribute(file: str, parts: Sequence[str]) -> tuple[str, Sequence[str]] | None:
    """Split by ``file``, unless the test was inherited from a class in another file."""
    module = file.removesuffix(".py").split("/")
    if not file.endswith(".py"):
        return None
    if list(parts[: len(module)]) == module:
        return file, parts[len(module) :]
    return None if parts else (file, ())


def _by_files(
    parts: Sequence[str], is_file: Callable[[str], bool]
) -> tuple[str, Sequence[str]] | None:
    for end in range(min(len(parts), _DEEPEST), 0, -1):
        path = "/".join(parts[:end]) + ".py"
        if is_file(path):
            return path, parts[end:]
    return None


def _by_capitals(parts: Sequence[str]) -> tuple[str, Sequence[str]]:
    """Take for classes what begins with a capital at the end; the first part is a file's."""
    end = len(parts)
    while end > 1 and parts[end - 1][:1].isupper():
        end -= 1
    return "/".join(parts[:end]) + ".py", parts[end:]
