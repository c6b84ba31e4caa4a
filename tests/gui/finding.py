"""How a test finds a part of a widget."""

from typing import TypeVar

from PySide6.QtCore import QObject

T = TypeVar("T", bound=QObject)


def child(parent: QObject, kind: type[T]) -> T:
    """Find the first part of a kind; a test without it fails."""
    found = parent.findChild(kind)
    assert found is not None, f"{parent} has no {kind.__name__}"
    return found


def named(parent: QObject, kind: type[T], name: str) -> T:
    """Find the part of a kind that has a name; a test without it fails."""
    found = parent.findChild(kind, name)
    assert found is not None, f"{parent} has no {kind.__name__} {name}"
    return found
