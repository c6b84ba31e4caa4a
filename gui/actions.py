"""The window's actions: what they are called, their keys, and what a disabled one says."""

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence

from gui.widgets.icons import icon
from gui.widgets.tooltips import plain_tooltip


def make_action(
    parent: QObject,
    name: str,
    text: str,
    run: Callable[[], object],
    *,
    keys: str | QKeySequence.StandardKey | None = None,
    tip: str = "",
    icon_name: str | None = None,
) -> QAction:
    """Make the action `action.<name>` with its menu text, keys and tooltip."""
    action = QAction(text, parent)
    action.setObjectName(f"action.{name}")
    action.triggered.connect(lambda _checked=False: run())
    if keys is not None:
        action.setShortcut(QKeySequence(keys))
    if icon_name is not None:
        action.setIcon(icon(icon_name))
        action.setIconVisibleInMenu(False)
    set_tip(action, tip or text.replace("&", "").rstrip("…"))
    return action


def set_enabled(action: QAction, enabled: bool, reason: str, tip: str) -> None:
    """Enable an action, or disable it with a tooltip that says why."""
    action.setEnabled(enabled)
    if enabled:
        set_tip(action, tip)
    else:
        action.setToolTip(plain_tooltip(reason))
        action.setStatusTip(reason)


def set_tip(action: QAction, tip: str) -> None:
    """Give an action its tooltip, with its keys behind it."""
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(plain_tooltip(f"{tip} ({keys})" if keys else tip))
    action.setStatusTip(tip)
