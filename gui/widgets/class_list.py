"""A list of classes: a tick, the mean picture, the name, a bar of how many samples there are."""

from collections.abc import Collection
from typing import Any

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QColor, QKeyEvent, QPainter, QPalette
from PySide6.QtWidgets import (
    QFrame,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QWidget,
)

from engine.inspection.data_summary import ClassSummary
from gui.theme import GRID, colours_of, field_palette_for, mixed, small_font
from gui.widgets.labels import elide_name
from gui.widgets.pictures import draw_picture
from gui.widgets.plain_models import Index, PlainListModel

_ROOT = QModelIndex()
_TICK = Qt.ItemDataRole.CheckStateRole
_PICTURE = 4 * GRID  # px
_GAP = GRID
_NAME_SHARE = 0.4  # of the width that names may take
_LEAST_BAR = 6 * GRID  # px
PALE = 0.25  # of the text's colour, for samples that are not used


class ClassModel(PlainListModel):
    """A row for each class. `ticked` is emitted when a person ticks or unticks one."""

    ticked = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.classes: tuple[ClassSummary, ...] = ()
        self.chosen: frozenset[int] = frozenset()
        self.locked = False

    def set_classes(self, classes: tuple[ClassSummary, ...]) -> None:
        """Show other classes; those that are chosen stay so."""
        if [one.number for one in classes] == [one.number for one in self.classes]:
            self.classes = classes
            self._tell()
            return
        self.beginResetModel()
        self.classes = classes
        self.endResetModel()

    def set_chosen(self, chosen: Collection[int]) -> None:
        """Tick the classes of some numbers, and no others."""
        if frozenset(chosen) != self.chosen:
            self.chosen = frozenset(chosen)
            self._tell()

    def sentence(self, one: ClassSummary) -> str:
        """What a screen reader says of a class."""
        chosen = "chosen" if one.number in self.chosen else "not chosen"
        return (
            f"Class {one.name}, {chosen}: {one.training:,} training and {one.test:,} test images, "
            f"{one.unused:,} not used"
        )

    def rowCount(self, parent: Index = _ROOT) -> int:
        return 0 if parent.isValid() else len(self.classes)

    def flags(self, index: Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags if self.locked else flags | Qt.ItemFlag.ItemIsUserCheckable

    def cell(self, index: Index, role: int) -> Any:
        one = self.classes[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return one.name
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self.sentence(one)
        if role == _TICK:
            ticked = one.number in self.chosen
            return Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
        return None

    def setData(self, index: Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        """Tick or untick a class."""
        if role != _TICK or not index.isValid() or self.locked:
            return False
        number = {self.classes[index.row()].number}
        ticked = Qt.CheckState(value) == Qt.CheckState.Checked
        self.set_chosen(self.chosen | number if ticked else self.chosen - number)
        self.ticked.emit()
        return True

    def _tell(self) -> None:
        if self.classes:
            self.dataChanged.emit(self.index(0), self.index(len(self.classes) - 1))


class ClassList(QListView):
    """Classes with how many samples each has. A double-click or Enter on one emits its number."""

    class_activated = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("data.classes")
        self.setAccessibleName("Classes, and how many samples each has")
        self.classes = ClassModel(self)
        self.setModel(self.classes)
        self.setItemDelegate(_Delegate(self.classes, self))
        self.setFont(small_font())
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setUniformItemSizes(True)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.doubleClicked.connect(self._activate)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if self.currentIndex().isValid():
                self._activate(self.currentIndex())
            return
        super().keyPressEvent(event)

    def _activate(self, index: QModelIndex) -> None:
        self.class_activated.emit(self.classes.classes[index.row()].number)


class _Delegate(QStyledItemDelegate):
    """Paints a row. The bar of the largest class takes all its room."""

    def __init__(self, classes: ClassModel, parent: QWidget) -> None:
        super().__init__(parent)
        self._classes = classes

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        return QSize(0, max(_PICTURE, option.fontMetrics.height()) + GRID // 2)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        one = self._classes.classes[index.row()]
        self.initStyleOption(option, index)
        style = option.widget.style()
        painter.save()
        style.drawPrimitive(
            QStyle.PrimitiveElement.PE_PanelItemViewItem, option, painter, option.widget
        )
        tick = style.subElementRect(
            QStyle.SubElement.SE_ItemViewItemCheckIndicator, option, option.widget
        )
        self._paint_tick(painter, option, tick, style)
        left, width = tick.right() + _GAP, option.rect.right() - _GAP
        place = QRect(left, option.rect.top(), width - left, option.rect.height())
        self._paint_rest(painter, option, one, place)
        painter.restore()

    def _paint_tick(
        self, painter: QPainter, option: QStyleOptionViewItem, place: QRect, style: QStyle
    ) -> None:
        box = QStyleOptionViewItem(option)
        box.rect = place
        box.palette = field_palette_for(colours_of(option.palette))
        box.state &= ~QStyle.StateFlag.State_HasFocus
        ticked = option.checkState == Qt.CheckState.Checked
        box.state |= QStyle.StateFlag.State_On if ticked else QStyle.StateFlag.State_Off
        style.drawPrimitive(
            QStyle.PrimitiveElement.PE_IndicatorItemViewItemCheck, box, painter, option.widget
        )

    def _paint_rest(
        self, painter: QPainter, option: QStyleOptionViewItem, one: ClassSummary, place: QRect
    ) -> None:
        picture = _PICTURE / max(one.mean.shape[1:])
        top = place.top() + (place.height() - one.mean.shape[1] * picture) / 2
        draw_picture(painter, place.left(), top, picture, one.mean)
        left = place.left() + _PICTURE + _GAP
        rest = place.right() - left
        classes, advance = self._classes.classes, option.fontMetrics.horizontalAdvance
        longest = max(advance(each.name) for each in classes) + 2
        names = min(longest, int(_NAME_SHARE * rest))
        counts = max(advance(_counts(each)) for each in classes)
        if rest - names - counts - 2 * _GAP < _LEAST_BAR:
            counts = 0  # the bar and the tooltip say it
        chosen = bool(option.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if chosen else QPalette.ColorRole.Text
        painter.setPen(option.palette.color(role))
        middle = Qt.AlignmentFlag.AlignVCenter
        painter.drawText(
            QRect(left, place.top(), names, place.height()),
            middle | Qt.AlignmentFlag.AlignLeft,
            elide_name(one.name, option.fontMetrics, names),
        )
        start = left + names + _GAP
        room = place.right() - start - (counts + _GAP if counts else 0)
        self._paint_bar(painter, option.palette, one, QRectF(start, place.top(), room, GRID))
        if counts:
            where = QRect(place.right() - counts, place.top(), counts, place.height())
            painter.drawText(where, middle | Qt.AlignmentFlag.AlignRight, _counts(one))

    def _paint_bar(
        self, painter: QPainter, palette: QPalette, one: ClassSummary, place: QRectF
    ) -> None:
        """Paint how many samples are for training, how many for the test, and the rest, pale."""
        colours, ground = colours_of(palette), palette.color(QPalette.ColorRole.Base)
        largest = max(each.total for each in self._classes.classes) or 1
        x = place.left()
        top = place.top() + (_PICTURE + GRID // 2 - place.height()) / 2
        rest = mixed(palette.color(QPalette.ColorRole.Text), ground, PALE)
        for count, colour in (
            (one.training, QColor(colours.train)),
            (one.test, QColor(colours.test)),
            (one.unused, rest),
        ):
            width = place.width() * count / largest
            painter.fillRect(QRectF(x, top, width, place.height()), colour)
            x += width


def _counts(one: ClassSummary) -> str:
    """Write how many samples are used, or of a class that is left out how many there are."""
    return f"{one.training:,} + {one.test:,}" if one.used else f"{one.total:,}"
