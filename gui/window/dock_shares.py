"""DockShares: which part of the room each dock has, whatever the size of the window."""

from collections.abc import Mapping

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow

Part = tuple[float, float]  # of the width and of the height of the room


class DockShares:
    """Gives each dock the parts of the room that it was given, as far as least sizes allow.

    Qt alone shares by the sizes of the moment. In a small window these are the least sizes, and Qt
    would take them for what is wanted when there is room again.
    """

    def __init__(self, host: QMainWindow) -> None:
        self._host = host
        self._parts: dict[QDockWidget, Part] = {}
        self._dragged: dict[QDockWidget, QSize] = {}  # sizes when a drag began

    @property
    def parts(self) -> Mapping[QDockWidget, Part]:
        """The part that each dock is to have; docks that were not seen have none."""
        return self._parts

    def want(self, parts: Mapping[QDockWidget, Part]) -> None:
        """Give docks other parts."""
        self._parts = dict(parts)
        self.share_out()

    def note(self) -> None:
        """Take the sizes of the moment for what is wanted."""
        layout = self._host.layout()
        assert layout is not None
        layout.activate()
        for dock in self._in_front():
            self._keep(dock, across=True, down=True)

    def begin_drag(self) -> None:
        """Remember the sizes before the border between two docks is moved."""
        self._dragged = {dock: dock.size() for dock in self._in_front()}

    def end_drag(self) -> None:
        """Take the sizes that were changed for what is wanted."""
        for dock, before in self._dragged.items():
            across, down = dock.width() != before.width(), dock.height() != before.height()
            if across or down:
                self._keep(dock, across=across, down=down)
        self._dragged = {}

    def share_out(self) -> None:
        """Give the docks their parts of the room as it is now."""
        parts = [(dock, part) for dock in self._in_front() if (part := self._part(dock))]
        docks = [dock for dock, _ in parts]
        # Qt does not see to the least size of a dock that shall not grow.
        sizes = [self._size(part).expandedTo(dock.minimumSizeHint()) for dock, part in parts]
        across, down = Qt.Orientation.Horizontal, Qt.Orientation.Vertical
        self._host.resizeDocks(docks, [size.width() for size in sizes], across)
        self._host.resizeDocks(docks, [size.height() for size in sizes], down)

    def _part(self, dock: QDockWidget) -> Part | None:
        """Return the part that a dock is to have: its own, or that of another in its place."""
        beside = (dock, *self._host.tabifiedDockWidgets(dock))
        return next((self._parts[each] for each in beside if each in self._parts), None)

    def _size(self, part: Part) -> QSize:
        """Return the size that a dock with a part of the room is to have."""
        (width, height), room = part, self._host.size()
        return QSize(max(1, round(width * room.width())), max(1, round(height * room.height())))

    def _keep(self, dock: QDockWidget, *, across: bool, down: bool) -> None:
        """Note the size of a dock, and of those that share its place."""
        room = self._host.size()
        for each in (dock, *self._host.tabifiedDockWidgets(dock)):
            width, height = self._part(each) or (0.0, 0.0)
            self._parts[each] = (
                dock.width() / max(1, room.width()) if across else width,
                dock.height() / max(1, room.height()) if down else height,
            )

    def _in_front(self) -> list[QDockWidget]:
        """List the docks that are in view; Qt moves those behind other tabs out of sight."""
        docks = self._host.findChildren(QDockWidget)
        return [
            dock
            for dock in docks
            if not dock.isHidden()
            and not dock.isFloating()
            and dock.geometry().intersects(self._host.rect())
        ]
