"""Icons that are drawn in the colour of the text, so that they fit every theme and scale."""

from collections.abc import Callable

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QGuiApplication,
    QIcon,
    QIconEngine,
    QPainter,
    QPainterPath,
    QPalette,
    QPixmap,
    QPolygonF,
    QTransform,
)


def icon(name: str, role: QPalette.ColorRole = QPalette.ColorRole.ButtonText) -> QIcon:
    """Make an icon by its name, one of those in `_PATHS` below."""
    return QIcon(_PathIcon(_PATHS[name], role))


class _PathIcon(QIconEngine):
    """Fill a path, drawn in a unit square, with a colour of the palette of the moment."""

    def __init__(self, path: Callable[[], QPainterPath], role: QPalette.ColorRole) -> None:
        super().__init__()
        self._path, self._role = path, role
        self._drawn: dict[tuple[int, int, int], QPixmap] = {}  # by size and colour

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        side = min(rect.width(), rect.height())
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.translate(rect.center().x() + 1 - side / 2, rect.center().y() + 1 - side / 2)
        painter.scale(side, side)
        painter.fillPath(self._path(), self._colour(mode))
        painter.restore()

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        key = size.width(), size.height(), self._colour(mode).rgba()
        if key not in self._drawn:
            pixmap = self._drawn[key] = QPixmap(size)
            pixmap.fill(Qt.GlobalColor.transparent)
            painter = QPainter(pixmap)
            self.paint(painter, QRect(0, 0, size.width(), size.height()), mode, state)
            painter.end()
        return self._drawn[key]

    def clone(self) -> QIconEngine:
        return _PathIcon(self._path, self._role)

    def _colour(self, mode: QIcon.Mode) -> QColor:
        disabled = mode == QIcon.Mode.Disabled
        group = QPalette.ColorGroup.Disabled if disabled else QPalette.ColorGroup.Active
        colour = QGuiApplication.palette().color(group, self._role)
        if disabled:
            colour.setAlphaF(0.5)
        return colour


def _reset() -> QPainterPath:
    """Draw three quarters of a ring that ends in an arrowhead."""
    path = QPainterPath()
    outer, inner = QRectF(0.14, 0.14, 0.72, 0.72), QRectF(0.27, 0.27, 0.46, 0.46)
    path.arcMoveTo(outer, 120)
    path.arcTo(outer, 120, 290)
    path.arcTo(inner, 50, -290)
    path.closeSubpath()
    return path | _polygon((0.08, 0.22), (0.52, 0.0), (0.52, 0.44))


def _lock() -> QPainterPath:
    """Draw a closed padlock."""
    return _shackle(0.5).united(_rounded(QRectF(0.12, 0.46, 0.76, 0.5)))


def _unlock() -> QPainterPath:
    """Draw a padlock whose shackle ends in the air, empty, so that it is lighter too."""
    body = _rounded(QRectF(0.12, 0.46, 0.76, 0.5))
    return _shackle(0.3).united(body.subtracted(_rounded(QRectF(0.24, 0.58, 0.52, 0.26))))


def _shackle(left_end: float) -> QPainterPath:
    path = QPainterPath(QPointF(0.24, left_end))
    path.lineTo(0.24, 0.3)
    path.arcTo(QRectF(0.24, 0.04, 0.52, 0.52), 180, -180)
    path.lineTo(0.76, 0.5)
    path.lineTo(0.64, 0.5)
    path.lineTo(0.64, 0.3)
    path.arcTo(QRectF(0.36, 0.16, 0.28, 0.28), 0, 180)
    path.lineTo(0.36, left_end)
    path.closeSubpath()
    return path


def _rounded(rect: QRectF) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(rect, 0.08, 0.08)
    return path


def _pin() -> QPainterPath:
    """Draw a pin with its point below."""
    path = QPainterPath()
    path.addRoundedRect(QRectF(0.24, 0.04, 0.52, 0.14), 0.05, 0.05)
    for corners in (
        ((0.34, 0.16), (0.66, 0.16), (0.7, 0.46), (0.3, 0.46)),
        ((0.16, 0.6), (0.3, 0.42), (0.7, 0.42), (0.84, 0.6)),
        ((0.45, 0.58), (0.55, 0.58), (0.5, 0.98)),
    ):
        path = path | _polygon(*corners)
    return path


def _polygon(*corners: tuple[float, float]) -> QPainterPath:
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
    path.closeSubpath()
    return path


def _triangle(left: float, right: float) -> QPainterPath:
    return _polygon((left, 0.15), (right, 0.5), (left, 0.85))


def _rect(left: float, top: float, width: float, height: float) -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(left, top, width, height))
    return path


def _bar(left: float, width: float) -> QPainterPath:
    return _rect(left, 0.15, width, 0.7)


def _line(top: float) -> QPainterPath:
    return _rect(0.1, top, 0.8, 0.1)


def _dots() -> QPainterPath:
    path = QPainterPath()
    for left in (0.08, 0.42, 0.76):
        path.addEllipse(QRectF(left, 0.42, 0.16, 0.16))
    return path


def _gear() -> QPainterPath:
    """Draw a wheel with eight teeth and a hole."""
    wheel, hole = QPainterPath(), QPainterPath()
    wheel.addEllipse(QRectF(0.2, 0.2, 0.6, 0.6))
    for turn in range(4):
        middle = QTransform().translate(0.5, 0.5).rotate(45 * turn)
        wheel = wheel.united(middle.map(_rect(-0.08, -0.44, 0.16, 0.88)))
    hole.addEllipse(QRectF(0.36, 0.36, 0.28, 0.28))
    return wheel.subtracted(hole)


_PATHS: dict[str, Callable[[], QPainterPath]] = {
    "train": lambda: _triangle(0.2, 0.85),
    "pause": lambda: _bar(0.2, 0.2) | _bar(0.6, 0.2),
    "stop": lambda: _rect(0.2, 0.2, 0.6, 0.6),
    "step_batch": lambda: _triangle(0.2, 0.65) | _bar(0.7, 0.13),
    "step_epoch": lambda: _triangle(0.05, 0.42) | _triangle(0.42, 0.79) | _bar(0.82, 0.13),
    "reset": _reset,
    "lock": _lock,
    "unlock": _unlock,
    "pin": _pin,
    "more": _dots,
    "gear": _gear,
    "menu": lambda: _line(0.2) | _line(0.45) | _line(0.7),
}
