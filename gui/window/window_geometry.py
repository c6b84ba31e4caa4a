"""Where the window stands: inside its screen, whatever the screen's size and scale."""

from PySide6.QtCore import QMargins, QRect, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from gui.storage.preferences import WindowPreferences

FIRST_SIZE = QSize(1280, 800)
# Where less is free, the first window is maximized. px, like all here, of the screen's scale.
_ROOMY = QSize(1360, 860)
# What a desktop puts around a window; how much is only known when the window is shown.
_FRAME = QMargins(8, 40, 8, 8)
_OFFSCREEN = QSize(800, 800)  # the screen that Qt's offscreen platform invents


def place_window(window: QWidget, held: WindowPreferences) -> None:
    """Give a new window the size that it had, or its first one, inside its screen."""
    size = FIRST_SIZE if held.size is None else QSize(*held.size)
    free = _free(window)
    if free is None:
        window.resize(size)
    else:
        window.setGeometry(fitted(size, free))
    if held.maximized or (held.size is None and free is not None and not _is_roomy(free)):
        window.setWindowState(Qt.WindowState.WindowMaximized)


def remember_window(window: QWidget, held: WindowPreferences) -> None:
    """Note whether a window is maximized, and else its size."""
    held.maximized = window.isMaximized()
    size = window.normalGeometry().size() if held.maximized else window.size()
    if not size.isEmpty():
        held.size = size.width(), size.height()


def fitted(size: QSize, free: QRect) -> QRect:
    """Return where a window of a size, without its frame, stands in the middle of a free room.

    It is as large as there is room within the frame.
    """
    room = free.marginsRemoved(_FRAME)
    placed = QRect(room.topLeft(), size.boundedTo(room.size()))
    placed.moveCenter(room.center())
    return placed


def _free(window: QWidget) -> QRect | None:
    """Return the free room of the window's screen; None where the platform has no screen."""
    screen = window.screen()
    if QGuiApplication.platformName() == "offscreen" and screen.size() == _OFFSCREEN:
        return None
    return screen.availableGeometry()


def _is_roomy(free: QRect) -> bool:
    return free.width() >= _ROOMY.width() and free.height() >= _ROOMY.height()
