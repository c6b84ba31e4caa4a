"""Icons that are drawn in the colour of the text, so that they fit every theme and scale."""

from functools import cache
from pathlib import Path

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QGuiApplication, QIcon, QIconEngine, QPainter, QPalette, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gui.theme import mixed

_FOLDER = Path(__file__).parents[2] / "resources" / "icons"


def icon(name: str, role: QPalette.ColorRole = QPalette.ColorRole.ButtonText) -> QIcon:
    """Make an icon by the name of its file."""
    return QIcon(_ColouredIcon(name, role))


class _ColouredIcon(QIconEngine):
    """Draws a file in a colour of the palette of the moment."""

    def __init__(self, name: str, role: QPalette.ColorRole) -> None:
        super().__init__()
        self._name, self._role = name, role

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        disabled = mode == QIcon.Mode.Disabled
        group = QPalette.ColorGroup.Disabled if disabled else QPalette.ColorGroup.Active
        palette = QGuiApplication.palette()
        colour, ground = palette.color(group, self._role), palette.color(QPalette.ColorRole.Window)
        name = mixed(colour, ground, 0.5 if disabled else 1.0).name()
        area = QRectF(rect)
        area.setSize(QSize(1, 1).scaled(rect.size(), Qt.AspectRatioMode.KeepAspectRatio))
        area.moveCenter(QRectF(rect).center())
        _drawing(self._name, name).render(painter, area)

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        pixmap = QPixmap(size)
        pixmap.fill(QColor("transparent"))
        painter = QPainter(pixmap)
        self.paint(painter, pixmap.rect(), mode, state)
        painter.end()
        return pixmap

    def clone(self) -> QIconEngine:
        return _ColouredIcon(self._name, self._role)


@cache
def _drawing(name: str, colour: str) -> QSvgRenderer:
    text = (_FOLDER / f"{name}.svg").read_text("utf-8")
    return QSvgRenderer(text.replace("currentColor", colour).encode())
