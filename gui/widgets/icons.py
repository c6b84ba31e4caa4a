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


def _triangle(path: QPainterPath, left: float, right: float) -> None:
    corners = [QPointF(left, 0.15), QPointF(right, 0.5), QPointF(left, 0.85)]
    path.addPolygon(QPolygonF(corners))
    path.closeSubpath()


def _bar(path: QPainterPath, left: float, width: float) -> None:
    path.addRect(QRectF(left, 0.15, width, 0.7))


def _train() -> QPainterPath:
    path = QPainterPath()
    _triangle(path, 0.2, 0.85)
    return path


def _pause() -> QPainterPath:
    path = QPainterPath()
    _bar(path, 0.2, 0.2)
    _bar(path, 0.6, 0.2)
    return path


def _stop() -> QPainterPath:
    path = QPainterPath()
    path.addRect(QRectF(0.2, 0.2, 0.6, 0.6))
    return path


def _step_batch() -> QPainterPath:
    path = QPainterPath()
    _triangle(path, 0.2, 0.65)
    _bar(path, 0.7, 0.13)
    return path


def _step_epoch() -> QPainterPath:
    path = QPainterPath()
    _triangle(path, 0.05, 0.42)
    _triangle(path, 0.42, 0.79)
    _bar(path, 0.82, 0.13)
    return path


def _reset() -> QPainterPath:
    """Draw three quarters of a ring that ends in an arrowhead."""
    path = QPainterPath()
    outer, inner = QRectF(0.14, 0.14, 0.72, 0.72), QRectF(0.27, 0.27, 0.46, 0.46)
    path.arcMoveTo(outer, 120)
    path.arcTo(outer, 120, 290)
    path.arcTo(inner, 50, -290)
    path.closeSubpath()
    head = QPainterPath()
    head.addPolygon(QPolygonF([QPointF(0.08, 0.22), QPointF(0.52, 0.0), QPointF(0.52, 0.44)]))
    head.closeSubpath()
    return path.united(head)


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


def _frame(rect: QRectF, line: float) -> QPainterPath:
    path, hole = QPainterPath(), QPainterPath()
    path.addRect(rect)
    hole.addRect(rect.adjusted(line, 2 * line, -line, -line))
    return path.subtracted(hole)


def _enlarge() -> QPainterPath:
    """Draw a large window."""
    return _frame(QRectF(0.1, 0.1, 0.8, 0.8), 0.1)


def _put_back() -> QPainterPath:
    """Draw two panels beside each other."""
    left, right = QRectF(0.05, 0.1, 0.4, 0.8), QRectF(0.55, 0.1, 0.4, 0.8)
    return _frame(left, 0.09).united(_frame(right, 0.09))


def _float() -> QPainterPath:
    """Draw a window in front of another."""
    front = QPainterPath()
    front.addRect(QRectF(0.02, 0.28, 0.7, 0.7))
    behind = _frame(QRectF(0.3, 0.04, 0.66, 0.66), 0.09).subtracted(front)
    return behind.united(_frame(QRectF(0.08, 0.34, 0.58, 0.58), 0.09))


def _close() -> QPainterPath:
    path = QPainterPath()
    for turn in (45, 135):
        bar = QPainterPath()
        bar.addRect(QRectF(-0.46, -0.06, 0.92, 0.12))
        path = path.united(QTransform().translate(0.5, 0.5).rotate(turn).map(bar))
    return path


def _export() -> QPainterPath:
    """Draw an arrow that leaves a tray."""
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(0.26, 0.36), QPointF(0.74, 0.36), QPointF(0.5, 0.06)]))
    path.addRect(QRectF(0.44, 0.36, 0.12, 0.3))
    for left, top, width, height in ((0.1, 0.6, 0.1, 0.34), (0.8, 0.6, 0.1, 0.34)):
        path.addRect(QRectF(left, top, width, height))
    path.addRect(QRectF(0.2, 0.84, 0.6, 0.1))
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
        part = QPainterPath()
        part.addPolygon(QPolygonF([QPointF(*corner) for corner in corners]))
        part.closeSubpath()
        path = path.united(part)
    return path


_PATHS: dict[str, Callable[[], QPainterPath]] = {
    "train": _train,
    "pause": _pause,
    "stop": _stop,
    "step_batch": _step_batch,
    "step_epoch": _step_epoch,
    "reset": _reset,
    "lock": _lock,
    "unlock": _unlock,
    "enlarge": _enlarge,
    "put_back": _put_back,
    "float": _float,
    "close": _close,
    "export": _export,
    "pin": _pin,
}
