"""Where the panels of a window stand."""

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtWidgets import QDockWidget

from gui.main_window import MainWindow
from gui.window.docks import Docks, Part

# Whether a dock floats or is hidden, what shares its place, where it is if seen, and its part.
Place = tuple[bool, bool, list[str], QRect | None, Part | None]


def layout_of(window: MainWindow) -> tuple[QSize, dict[str, Place]]:
    """Return the size of a window, and the place of each dock.

    What Qt would save has their least sizes, too, which change with what the panels show.
    """
    docks = window.docks
    directly = Qt.FindChildOption.FindDirectChildrenOnly  # to look at all takes a millisecond
    all_docks = docks.findChildren(QDockWidget, options=directly)
    places = {each.windowTitle(): _place(docks, each) for each in all_docks}
    return window.size(), places


def _place(docks: Docks, dock: QDockWidget) -> Place:
    beside = [each.windowTitle() for each in docks.tabifiedDockWidgets(dock)]
    where = dock.geometry() if docks.is_in_view(dock.windowTitle()) else None
    return dock.isFloating(), dock.isHidden(), beside, where, docks._shares.parts.get(dock)
