"""Rows and columns of widgets, what they lie on and scroll in, and widgets with their names."""

from collections.abc import Iterable, Iterator
from typing import TypeVar

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QHideEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QHBoxLayout,
    QLayout,
    QLayoutItem,
    QScrollArea,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from gui.theme import GRID, RADIUS, colours_of, draw_round, set_muted, small_font

Placed = tuple[QWidget | QLayout, int] | tuple[QWidget | QLayout, int, Qt.AlignmentFlag]
Part = QWidget | QLayout | Placed | int
Margins = tuple[int, int, int, int]  # px: left, top, right, bottom
W = TypeVar("W", bound=QWidget)
Box = TypeVar("Box", bound=QBoxLayout)


def named(
    widget: W,
    name: str,
    spoken: str = "",
    tip: str = "",
    *,
    muted: bool = False,
    small: bool = False,
) -> W:
    """Give a widget its object name, the name that a screen reader says, and its tooltip.

    Its text is in the smaller font if it is `small`, and in the quieter colour too if `muted`.
    """
    widget.setObjectName(name)
    if spoken:
        widget.setAccessibleName(spoken)
    if tip:
        widget.setToolTip(tip)
    if muted:
        set_muted(widget)
    elif small:
        widget.setFont(small_font())
    return widget


def tab_stops(widget: QWidget) -> Iterator[QWidget]:
    """Give what the focus can come to by Tab in a widget, in the order in which it was laid out.

    A splitter keeps its own order: its last part is its first child.
    """
    stops = widget.focusPolicy() & Qt.FocusPolicy.TabFocus and widget.isEnabled()
    if stops and widget.focusProxy() is None:
        yield widget
    parts: Iterable[QObject | None] = widget.children()
    if isinstance(widget, QSplitter):
        parts = (widget.widget(place) for place in range(widget.count()))
    for part in parts:
        if isinstance(part, QWidget) and not part.isWindow() and part.isVisible():
            yield from tab_stops(part)


def in_row(
    *parts: Part, of: QWidget | None = None, gap: int = GRID // 2, margins: Margins | int = 0
) -> QHBoxLayout:
    """Lay parts out side by side, as those `of` a widget.

    A part may come with its share of the room that is left, and a widget with its alignment too; a
    number is a share that stays empty.
    """
    return _laid_out(QHBoxLayout(), parts, of, gap, margins)


def in_column(
    *parts: Part, of: QWidget | None = None, gap: int = GRID // 2, margins: Margins | int = 0
) -> QVBoxLayout:
    """Lay parts out one below the other, as `in_row` does side by side."""
    return _laid_out(QVBoxLayout(), parts, of, gap, margins)


def _laid_out(
    layout: Box, parts: tuple[Part, ...], of: QWidget | None, gap: int, margins: Margins | int
) -> Box:
    """Fill a layout; only then a widget takes it.

    Else PySide makes an object for each item of a layout that is put into it, and keeps that when
    Qt deletes the item with its widget. What Qt makes at its address later is taken for it.
    """
    layout.setContentsMargins(*((margins,) * 4 if isinstance(margins, int) else margins))
    layout.setSpacing(gap)
    for each in parts:
        if isinstance(each, int):
            layout.addStretch(each)
            continue
        part, share, *alignment = each if isinstance(each, tuple) else (each, 0)
        if isinstance(part, QLayout):
            layout.addLayout(part, share)
        else:
            layout.addWidget(part, share, *alignment)
    if of is not None:
        of.setLayout(layout)
    return layout


class FlowLayout(QLayout):
    """Put widgets in rows as wide as there is room, each at the size that it asks for.

    One that is wider than the room is as wide as the room, and as high as it needs to be then. One
    that is less high than others of its row stands in the middle.
    """

    def __init__(self, parent: QWidget | None = None, *, gap: int, row_gap: int) -> None:
        super().__init__(parent)
        self._items: list[QLayoutItem] = []
        self._gap, self._row_gap = gap, row_gap
        self.setContentsMargins(0, 0, 0, 0)

    def addItem(self, item: QLayoutItem) -> None:
        """Put an item after the others."""
        self._items.append(item)

    def count(self) -> int:
        """Count the items."""
        return len(self._items)

    def itemAt(self, index: int) -> QLayoutItem | None:
        """Return an item, or None after the last."""
        return self._items[index] if 0 <= index < len(self._items) else None

    def takeAt(self, index: int) -> QLayoutItem | None:
        """Remove an item and give it, or None after the last."""
        return self._items.pop(index) if 0 <= index < len(self._items) else None

    def expandingDirections(self) -> Qt.Orientation:
        """Ask for no more room than needed."""
        return Qt.Orientation(0)

    def hasHeightForWidth(self) -> bool:
        """Narrower is taller."""
        return True

    def heightForWidth(self, width: int) -> int:
        """Height of the rows at a width."""
        return self._place(QRect(0, 0, width, 0), move=False)

    def sizeHint(self) -> QSize:
        """Ask for the minimum; the height follows from the width."""
        return self.minimumSize()

    def minimumSize(self) -> QSize:
        """Size of the largest item."""
        size = QSize()
        for item in self._items:
            size = size.expandedTo(item.minimumSize())
        return size

    def setGeometry(self, rect: QRect) -> None:
        """Place the items."""
        super().setGeometry(rect)
        self._place(rect, move=True)

    def _place(self, rect: QRect, *, move: bool) -> int:
        y = rect.y()
        for row in self._rows(rect.width()):
            x, high = rect.x(), max(size.height() for _, size in row)
            for item, size in row:
                if move:
                    item.setGeometry(QRect(QPoint(x, y + (high - size.height()) // 2), size))
                x += size.width() + self._gap
            y += high + self._row_gap
        return max(0, y - self._row_gap - rect.y())

    def _rows(self, width: int) -> list[list[tuple[QLayoutItem, QSize]]]:
        """Break the items into rows, each with its size."""
        rows: list[list[tuple[QLayoutItem, QSize]]] = []
        used = 0
        for item in self._items:
            if item.isEmpty():
                continue
            size = _size_in(item, width)
            if not rows or used + self._gap + size.width() > width:
                rows.append([])
                used = -self._gap
            rows[-1].append((item, size))
            used += self._gap + size.width()
        return rows


def _size_in(item: QLayoutItem, width: int) -> QSize:
    """Return the size of an item in a row of a width."""
    size = item.sizeHint()
    if size.width() <= width:
        return size
    width = max(width, item.minimumSize().width())
    return QSize(width, item.heightForWidth(width) if item.hasHeightForWidth() else size.height())


def scrolling(page: QWidget) -> QScrollArea:
    """Return a scroll area without a frame around a page, which takes no focus of its own."""
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFrameShape(QFrame.Shape.NoFrame)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setAccessibleName(page.accessibleName())
    area.setWidget(page)
    return area


def bring_into_view(widget: QWidget, part: QRect | None = None) -> None:
    """Scroll what a widget lies in until it is seen, or a part of it, in its own px."""
    around = next(_scroll_areas(widget), None)
    page = None if around is None else around.widget()
    if around is None or page is None:
        return
    if part is None:
        around.ensureWidgetVisible(widget)
        return
    at = widget.mapTo(page, part.center())
    around.ensureVisible(at.x(), at.y(), part.width(), part.height() // 2)


def can_scroll(widget: QWidget) -> bool:
    """Return whether something that a widget lies in has more below or above than is seen."""
    return any(area.verticalScrollBar().maximum() > 0 for area in _scroll_areas(widget))


def _scroll_areas(widget: QWidget) -> Iterator[QScrollArea]:
    """Give what scrolls around a widget, the nearest first."""
    while (around := widget.parentWidget()) is not None:
        if isinstance(around, QScrollArea):
            yield around
        widget = around


class WrappingPage(QWidget):
    """Asks for the height that wrapped texts and buttons need at its width."""

    def minimumSizeHint(self) -> QSize:
        """Count what wraps at its real height."""
        layout, hint = self.layout(), super().minimumSizeHint()
        if layout is None:
            return hint
        return QSize(hint.width(), layout.minimumHeightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Ask anew at another width."""
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self.updateGeometry()


class VisibilityNotifier(QWidget):
    """Emits `visibility_changed` when it comes into view and when it is out of view again.

    For what costs something and is only to be seen.
    """

    visibility_changed = Signal(bool)

    def showEvent(self, event: QShowEvent) -> None:
        """Say that it can be seen."""
        super().showEvent(event)
        self.visibility_changed.emit(True)

    def hideEvent(self, event: QHideEvent) -> None:
        """Say that it can no longer be seen."""
        super().hideEvent(event)
        self.visibility_changed.emit(False)


class Card(QWidget):
    """Draws its surface; what stands on it need not."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the surface and its border."""
        surface = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        ground, edge = self.palette().window().color(), colours_of(self.palette()).border
        draw_round(QPainter(self), surface, RADIUS, ground, QColor(edge))


class FittingWidget(QWidget):
    """Fits its parts to its width, and again when they need another one, as in another font."""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit them."""
        super().resizeEvent(event)
        self.fit()

    def event(self, event: QEvent) -> bool:
        """Fit them when one of them asks for another width."""
        done = super().event(event)
        if event.type() == QEvent.Type.LayoutRequest:
            self.fit()
        return done

    def fit(self) -> None:
        """Show as much as there is room for."""
        raise NotImplementedError
