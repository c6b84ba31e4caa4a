"""The window's actions: what they are called, their keys, and what a disabled one says."""

from collections.abc import Callable, Iterable, Sequence

from PySide6.QtCore import QKeyCombination, QObject, Qt
from PySide6.QtGui import QAction, QKeySequence

from gui.widgets.icons import icon
from gui.widgets.tooltips import plain_tooltip


def make_action(
    parent: QObject,
    name: str,
    text: str,
    run: Callable[[], object],
    *,
    keys: str | QKeySequence.StandardKey | Sequence[str] = (),
    tip: str = "",
    icon_name: str | None = None,
) -> QAction:
    """Make the action `action.<name>` with its menu text, keys and tooltip.

    Any of several keys triggers it; the tooltip names the first.
    """
    action = QAction(text, parent)
    action.setObjectName(f"action.{name}")
    action.triggered.connect(lambda _checked=False: run())
    several = [keys] if isinstance(keys, str | QKeySequence.StandardKey) else keys
    action.setShortcuts([QKeySequence(each) for each in several])
    if icon_name is not None:
        action.setIcon(icon(icon_name))
        action.setIconVisibleInMenu(False)
    enable(action, tip or text.replace("&", "").rstrip("…"))
    return action


def disabled_action(actions: Iterable[QAction], keys: QKeyCombination) -> QAction | None:
    """Return the disabled action that keys would trigger in the whole window; None: there is none.

    Qt hands such keys on to the focus, as if they were no action's.
    """
    pressed = QKeySequence(keys)
    everywhere = Qt.ShortcutContext.WindowShortcut
    return next(
        (
            action
            for action in actions
            if not action.isEnabled()
            and action.shortcutContext() == everywhere
            and pressed in action.shortcuts()
        ),
        None,
    )


def enable(action: QAction, tip: str, *, unless: str = "") -> None:
    """Enable an action and say in its tooltip what it does; or disable it, and say why."""
    action.setEnabled(not unless)
    keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
    action.setToolTip(plain_tooltip(unless or (f"{tip} ({keys})" if keys else tip)))
