"""What a test hears of the state of a window."""

from collections.abc import Callable
from typing import TypeVar

from PySide6.QtCore import QObject

from gui.state import State, Store

T = TypeVar("T")


def heard(store: Store, select: Callable[[State], T], owner: QObject | None = None) -> list[T]:
    """Collect what is selected whenever it is another value, from now on."""
    found: list[T] = []
    store.watch(select, lambda: found.append(select(store.state)), owner)
    return found


def heard_while(store: Store, select: Callable[[State], T], act: Callable[[], object]) -> list[T]:
    """Collect what is selected whenever it is another value, while something is done."""
    owner = QObject()
    found = heard(store, select, owner)
    act()
    store.flush()
    return found
