"""RunList: the kept runs, newest first; each is chosen, renamed, ticked and deleted here."""

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QPoint,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFontMetrics,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import (
    QListView,
    QStyle,
    QStyleOptionButton,
    QStyleOptionViewItem,
    QWidget,
)

from engine.runs.run_folder import Run
from gui.runs.run_colours import run_colour
from gui.runs.run_model import LOOK_ROLE, ROW_ROLE, RunModel
from gui.runs.run_rows import RunRow
from gui.theme import DARK, GRID, Colours, colours_of, draw_round, field_palette_for, small_font
from gui.widgets.icons import icon
from gui.widgets.labels import elide
from gui.widgets.pictures import faint
from gui.widgets.plain_models import Index, NameDelegate

LEAST_SPAN = 0.1  # of accuracy that the small curve is high: smaller changes are no mountains
_PAD = GRID // 4  # px above and below the words
_BOX = 16
_DOT = 4  # radius
_PIN = 12
_CURVE = 7 * GRID
_NARROW = 41  # letters that a row has room for, below which there is no curve
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_HELP = "Enter shows the last epoch, Space ticks for comparing, F2 renames, Delete deletes"


@dataclass(frozen=True)
class Places:
    """Where the parts of a row are."""

    dot: QRect
    box: QRect
    curve: QRect
    name: QRect
    about: QRect


class RunDelegate(NameDelegate):
    """A dot, a box to tick, the curve of the test accuracy; name, accuracy, and what differs."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._small, self._small_beside = small_font(), 0.0  # pt of the font that it goes with

    def sizeHint(self, option: QStyleOptionViewItem, index: Index) -> QSize:
        """Size of a row; the view stretches it to its width."""
        size = option.font.pointSizeF()
        if size != self._small_beside:  # making a font takes long
            self._small, self._small_beside = small_font(), size
        lines = QFontMetrics(option.font).height() + self._second_line
        return QSize(2 * GRID, lines + 2 * _PAD)

    @property
    def _second_line(self) -> int:
        return QFontMetrics(self._small).height()

    def places(self, rect: QRect) -> Places:
        """Return where the parts of a row are."""
        left = rect.x() + GRID // 2
        dot = QRect(left, rect.center().y() - _DOT, 2 * _DOT + 1, 2 * _DOT + 1)
        left = dot.right() + GRID // 2
        box = QRect(left, rect.center().y() - _BOX // 2, _BOX, _BOX)
        left = box.right() + GRID
        letters = rect.width() / QFontMetrics(self._small).horizontalAdvance("x")
        width = _CURVE if letters >= _NARROW else 0
        curve = QRect(left, rect.y() + _PAD, width, rect.height() - 2 * _PAD)
        left += width + (GRID if width else 0)
        small = self._second_line
        right = rect.right() - GRID
        name = QRect(left, rect.y() + _PAD, right - left, rect.height() - 2 * _PAD - small)
        about = QRect(left, name.bottom() + 1, right - left, small)
        return Places(dot, box, curve, name, about)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        """Draw a row."""
        row: RunRow = index.data(ROW_ROLE)
        colours, places = colours_of(option.palette), self.places(option.rect)
        colour = run_colour(row.colour, colours)
        painter.save()
        _draw_ground(painter, option, colours)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        draw_round(painter, places.dot, places.dot.width() / 2, colour)
        _draw_box(painter, places.box, option, index.data(Qt.ItemDataRole.CheckStateRole))
        _draw_curve(painter, places.curve, row.curve, colour, colours)
        self._draw_words(painter, option, index)
        painter.restore()

    def _draw_words(self, painter: QPainter, option: QStyleOptionViewItem, index: Index) -> None:
        row: RunRow = index.data(ROW_ROLE)
        colours, places = colours_of(option.palette), self.places(option.rect)
        painter.setPen(QColor(colours.text))
        painter.setFont(option.font)
        painter.drawText(places.name, _RIGHT, row.accuracy)
        name = QRect(places.name)
        name.setWidth(name.width() - painter.fontMetrics().horizontalAdvance(row.accuracy) - GRID)
        if row.run.pinned:
            name.setWidth(name.width() - _PIN - GRID // 2)
        written = elide(row.run.title, painter.fontMetrics(), name.width())
        painter.drawText(name, _LEFT, written)
        if row.run.pinned:
            x = name.x() + painter.fontMetrics().horizontalAdvance(written) + GRID // 2
            box = QRect(x, name.center().y() - _PIN // 2, _PIN, _PIN)
            icon("pin", QPalette.ColorRole.PlaceholderText).paint(painter, box)
        painter.setFont(self._small)
        extent = elide(row.extent(), painter.fontMetrics(), places.about.width() // 2)
        bad = row.run.state in ("failed", "interrupted")
        quiet = colours.wrong if bad else colours.link if row.trains else colours.muted
        painter.setPen(QColor(quiet))
        painter.drawText(places.about, _RIGHT, extent)
        about = QRect(places.about)
        about.setWidth(about.width() - painter.fontMetrics().horizontalAdvance(extent) - GRID)
        if looked := index.data(LOOK_ROLE):
            place = f" · {row.place}" if row.place else ""
            text, colour = f"shown: {looked}{place}", colours.past
        else:
            text = row.about
            colour = colours.muted if row.present is None else colours.link
        painter.setPen(QColor(colour))
        painter.drawText(about, _LEFT, elide(text, painter.fontMetrics(), about.width()))

    # --- the name is edited ------------------------------------------------------------------

    def createEditor(self, parent: QWidget, option: QStyleOptionViewItem, index: Index) -> QWidget:
        """Make the field in which a name is edited."""
        field = self.name_field(parent, "runs.rename", "Name of the run")
        field.setText(index.data(Qt.ItemDataRole.EditRole))
        return field

    def setEditorData(self, editor: QWidget, index: Index) -> None:
        """Leave the field alone while the run grows: text and selection are the user's."""

    def updateEditorGeometry(
        self, editor: QWidget, option: QStyleOptionViewItem, index: Index
    ) -> None:
        """Put the field over the name."""
        name, height = self.places(option.rect).name, editor.sizeHint().height()
        top = max(option.rect.y(), name.center().y() - height // 2)
        editor.setGeometry(name.x() - GRID // 2, top, name.width() + GRID // 2, height)


def _draw_ground(painter: QPainter, option: QStyleOptionViewItem, colours: Colours) -> None:
    """Tint a selected row and, less, the one under the mouse; frame the one with the focus."""
    state, rect = option.state, option.rect
    if state & QStyle.StateFlag.State_Selected:
        opacity = 0.35 if colours is DARK else 0.18  # text stays at a contrast of 4.5
        painter.fillRect(rect, faint(colours.highlight, opacity))
    elif state & QStyle.StateFlag.State_MouseOver:
        painter.fillRect(rect, faint(colours.text, 0.07))
    painter.fillRect(rect.x(), rect.bottom(), rect.width(), 1, faint(colours.text, 0.08))
    if state & QStyle.StateFlag.State_HasFocus:
        painter.setPen(QPen(QColor(colours.link), 2))
        painter.drawRect(rect.adjusted(1, 1, -1, -1))


def _draw_box(
    painter: QPainter, rect: QRect, option: QStyleOptionViewItem, ticked: Qt.CheckState
) -> None:
    """Draw a box as those of the style are."""
    box = QStyleOptionButton()
    box.rect = rect
    box.palette = field_palette_for(colours_of(option.palette))
    on = Qt.CheckState(ticked) == Qt.CheckState.Checked
    state = QStyle.StateFlag.State_Enabled
    state |= QStyle.StateFlag.State_On if on else QStyle.StateFlag.State_Off
    box.state = state
    indicator = QStyle.PrimitiveElement.PE_IndicatorCheckBox
    option.widget.style().drawPrimitive(indicator, box, painter, option.widget)


def _draw_curve(
    painter: QPainter, rect: QRect, curve: Sequence[float], colour: QColor, colours: Colours
) -> None:
    """Draw the test accuracy over the epochs, from its lowest to its highest value."""
    if not rect.width():
        return
    painter.fillRect(rect, faint(colours.text, 0.04))
    finite = [value for value in curve if value == value]
    if not finite:
        return
    high = max(finite)
    low = min(min(finite), high - LEAST_SPAN)
    box = QRectF(rect).adjusted(2, 3, -2, -3)
    step = box.width() / max(1, len(curve) - 1)
    points = [
        QPointF(box.x() + place * step, box.bottom() - (value - low) / (high - low) * box.height())
        for place, value in enumerate(curve)
        if value == value
    ]
    painter.setPen(QPen(colour, 1.5))
    if len(points) > 1:
        painter.drawPolyline(QPolygonF(points))
    else:
        painter.drawEllipse(points[0], 1.5, 1.5)


class RunList(QListView):
    """A list of rows that tick, rename and delete, by mouse and keys.

    `current_changed` says that another run is the current one, or none, or that it has grown.
    `look_wanted` carries a run whose last epoch is to be shown, `menu_wanted` a place on the
    screen, `rename_wanted` and `delete_wanted` are keys.
    """

    current_changed = Signal()
    look_wanted = Signal(object)
    menu_wanted = Signal(QPoint)
    rename_wanted = Signal()
    delete_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.runs = RunModel(self)
        self._delegate = RunDelegate(self)
        self.setObjectName("runs.list")
        self.setAccessibleName("Runs, newest first")
        self.setAccessibleDescription(_HELP)
        self.setModel(self.runs)
        self.setItemDelegate(self._delegate)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)  # for the tint under the mouse
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setSelectionMode(QListView.SelectionMode.ExtendedSelection)
        self.setMinimumHeight(5 * GRID)
        self.selectionModel().currentChanged.connect(self.current_changed)
        self.runs.dataChanged.connect(self._on_data)
        self.runs.rowsRemoved.connect(self._select_current)
        self.runs.modelReset.connect(self.current_changed)  # Qt says of no reset that none is left
        self.doubleClicked.connect(self.look)

    # --- what is chosen ----------------------------------------------------------------------

    @property
    def current(self) -> Run | None:
        """The run that is chosen; of several, the one that was chosen last."""
        return _run_at(self.currentIndex())

    def chosen(self) -> tuple[Run, ...]:
        """Return the selected runs, newest first; without any, the current one."""
        rows = sorted(index.row() for index in self.selectionModel().selectedRows())
        runs = [_run_at(self.runs.index(row)) for row in rows] or [_run_at(self.currentIndex())]
        return tuple(run for run in runs if run is not None)

    def choose(self, run: str) -> None:
        """Make a run the current one, and see to it that its row is in view."""
        index = self.runs.index_of(run)
        if index.isValid():
            flags = QItemSelectionModel.SelectionFlag
            self.selectionModel().setCurrentIndex(index, flags.ClearAndSelect)
            self.scrollTo(index)

    @Slot()
    def tick_chosen(self) -> None:
        """Tick all that are selected, or take their ticks away if some are ticked."""
        chosen, ticked = self.chosen(), {row.run.key for row in self.runs.ticked()}
        self.runs.tick(chosen, not any(run.key in ticked for run in chosen))

    @Slot()
    def rename(self) -> None:
        """Edit the name of the current run in its row."""
        if self.currentIndex().isValid() and self.state() != QListView.State.EditingState:
            self.scrollTo(self.currentIndex())
            self.edit(self.currentIndex())

    def commitData(self, editor: QWidget) -> None:
        """Take in an edited name; Qt does so late after Enter, when the field may be gone."""
        if editor.objectName():
            super().commitData(editor)

    # --- keys and mouse ----------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Take keys that are about runs here, before they rename or delete in the network."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and (event.matches(QKeySequence.StandardKey.Delete) or _is_rename(event))
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Do what the keys of the list stand for; Enter in the field of a name only ends that."""
        if self.state() == QListView.State.EditingState:
            super().keyPressEvent(event)
            return
        key, plain = event.key(), event.modifiers() == Qt.KeyboardModifier.NoModifier
        if event.matches(QKeySequence.StandardKey.Delete):
            self.delete_wanted.emit()
        elif _is_rename(event):
            self.rename_wanted.emit()
        elif plain and key == Qt.Key.Key_Space:
            self.tick_chosen()
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.look()
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tick a box that is clicked; the selection stays."""
        if not self._ticks(event):
            super().mousePressEvent(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Take two quick clicks on a box for two clicks."""
        if not self._ticks(event):
            super().mouseDoubleClickEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Ask for the menu."""
        self.menu_wanted.emit(event.globalPos())
        event.accept()

    def _ticks(self, event: QMouseEvent) -> bool:
        """Tick the run whose box is clicked, or take its tick away; return whether one is."""
        at = event.position().toPoint()
        index, margin = self.indexAt(at), GRID // 2  # a box is hit easily
        run, box = _run_at(index), self._delegate.places(self.visualRect(index)).box
        hit = box.adjusted(-margin, -margin, margin, margin).contains(at)
        if run is None or not hit or event.button() != Qt.MouseButton.LeftButton:
            return False
        on = index.data(Qt.ItemDataRole.CheckStateRole) != Qt.CheckState.Checked
        self.runs.tick([run], on)
        return True

    @Slot()
    def look(self) -> None:
        """Ask for the last epoch of the current run, if it is shown."""
        if self.current is not None:
            self.look_wanted.emit(self.current)

    @Slot()
    def _on_data(self, first: QModelIndex, last: QModelIndex) -> None:
        if first.row() <= self.currentIndex().row() <= last.row():
            self.current_changed.emit()

    @Slot()
    def _select_current(self) -> None:
        """Select what became current when what was selected went."""
        model, current = self.selectionModel(), self.currentIndex()
        if current.isValid() and not model.hasSelection():
            model.select(current, QItemSelectionModel.SelectionFlag.Select)


def _is_rename(event: QKeyEvent) -> bool:
    return event.key() == Qt.Key.Key_F2 and event.modifiers() == Qt.KeyboardModifier.NoModifier


def _run_at(index: QModelIndex) -> Run | None:
    row = index.data(ROW_ROLE)
    return None if row is None else row.run
