"""NetworkDrawing: the living network, filled with the pinned sample; it goes to a file, too."""

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from itertools import islice

from PySide6.QtCore import (
    QEvent,
    QPointF,
    QRect,
    QRectF,
    QSize,
    QSizeF,
    Qt,
    Signal,
    Slot,
)
from PySide6.QtGui import (
    QActionGroup,
    QColor,
    QFontMetrics,
    QFontMetricsF,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPixmap,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QFrame,
    QLabel,
    QMenu,
    QScrollArea,
    QToolButton,
    QWidget,
)

from engine.array_types import format_shape
from engine.inspection.snapshot import Snapshot
from engine.model.stack import BlockSlot
from gui.background.latest_task import LatestTask
from gui.background.view import View
from gui.document.document import Document
from gui.network_drawing.block_values import (
    GRADIENT,
    MEASURES,
    NO_COLOURS,
    BlockValues,
    find_values,
)
from gui.network_drawing.layout import DrawingLayout, DrawnStage, lay_out
from gui.network_drawing.links import Link, links_of
from gui.network_drawing.painter import (
    HEAT,
    paint_columns,
    paint_gradients,
    paint_links,
    paint_pictures,
    paint_selection,
    paint_values,
    sign_ink,
)
from gui.network_drawing.stage_pictures import (
    MAPS,
    StagePicture,
    pictures_of,
    words_at,
)
from gui.storage.export_actions import ExportActions, ExportPicture, file_font
from gui.theme import GRID, LIGHT, Colours, colours_of
from gui.widgets.arcs import Arc, paint_arc
from gui.widgets.buttons import make_action, text_button
from gui.widgets.colour_scale import lookup_table, paint_colours
from gui.widgets.csv_table import csv_table
from gui.widgets.empty_state import CHOOSE, EmptyState
from gui.widgets.labels import ElidedLabel, FixedLabel, plain_tooltip
from gui.widgets.layouts import in_column, in_row, named
from gui.widgets.number_words import output_text
from gui.widgets.sample_names import NO_ANSWER_TEXT, image_title
from gui.workspace.panel import BasePanel

Drawn = Document | View  # what has a network that can be drawn, and a selection
_COLUMNS = 4  # painted at a time


def drawing_of(network: Drawn, room: QSizeF, ratio: float) -> DrawingLayout:
    """Place the drawing of a stack, with the font in which it is painted."""
    metrics = QFontMetricsF(file_font())
    shape, measure = network.state.stack.input_shape, metrics.horizontalAdvance
    line = metrics.height()
    return lay_out(network.state.report, shape, room, measure, line, ratio)


class Canvas(QWidget):
    """Paints what stays from a pixmap and what changes on it.

    `pointed` carries words for what lies under the mouse, empty for nothing. `glass_wanted` carries
    the slot id of a block that is to go under glass, and the cell (map, row, column) of it or None.
    """

    pointed = Signal(str)
    glass_wanted = Signal(int, object)

    def __init__(self, network: Drawn) -> None:
        super().__init__()
        self._network = network
        self.setObjectName("drawing.canvas")
        self.setAccessibleName("What it sees; arrows go from block to block, Enter explains one")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.drawing = DrawingLayout((), QSizeF(), 1.0)  # till it is seen
        self.pictures: list[StagePicture | None] = []
        self.links: list[list[Link]] = []
        self._touched: tuple[int, int] | None = None  # number of a stage, and a tile of it
        self._touched_arc: Arc | None = None
        self.gradients: Mapping[int, float] = {}
        self.values: BlockValues | None = None
        self._snapshot: Snapshot | None = None
        self._cards: QPixmap | None = None
        self._painted: list[list[Link]] = []  # the lines on them
        self._looks = 0  # how often all was laid out or coloured anew

    def fit(self, room: QSizeF) -> None:
        """Place the stack as it is now in a room."""
        self.drawing = drawing_of(self._network, room, self.devicePixelRatioF())
        self._touched = self._touched_arc = self._cards = None
        self._looks += 1
        self.resize(self.drawing.size.toSize())
        self.show_snapshot(self._snapshot)
        self.update()

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Fill the cards with what is true of a snapshot."""
        self._snapshot = snapshot
        fitting = None if snapshot is None else snapshot.within(self._network.state.report)
        self.pictures = pictures_of(self.drawing, fitting)
        self.links = links_of(self.drawing, fitting)

    def parts(self) -> list[Callable[[], object]]:
        """Return what paints the cards, some columns each, and has the pictures painted on them."""
        steps = self._paint_cards()
        turns = len(self.drawing.stages) // _COLUMNS + 1
        return [*[lambda: deque(islice(steps, _COLUMNS), maxlen=0)] * turns, self.update]

    def stage_of(self, slot_id: int | None) -> DrawnStage | None:
        """Find the stage of a slot."""
        for stage in self.drawing.stages:
            if stage.row is not None and stage.row.slot.id == slot_id:
                return stage
        return None

    def words_for(self, stage: DrawnStage, point: QPointF | None = None) -> str:
        """Say what a stage is and what it is coloured by, and which value lies at a point."""
        row = stage.row
        if row is not None and row.problem is not None:
            return row.problem.text
        name = stage.text if row is None else f"{stage.number} {row.slot.label}"
        said = [f"{name}, {stage.shape_text}"]
        picture = self.pictures[stage.number]
        if row is not None and self.values is not None:
            said.append(f"{self.values.name} {self.values.text(row.slot.id)}")
        if picture is not None and point is not None:
            offset = (point - stage.picture.topLeft()) * self.drawing.ratio
            said.append(words_at(stage, picture, offset.x(), offset.y()))
        return " · ".join(said)

    # --- painting ----------------------------------------------------------------------------

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the drawing, and a frame if keys have brought the focus here."""
        colours = colours_of(self.palette())
        if self._cards is None:
            deque(self._paint_cards(), maxlen=0)
        painter = QPainter(self)
        if self._cards is None:  # of hundreds of blocks: wider than a pixmap can be
            deque(paint_columns(painter, self.drawing, self.links, colours), maxlen=0)
        else:
            painter.drawPixmap(0, 0, self._cards)
        self._paint_touched(painter, colours)
        if self.values is not None:
            paint_values(painter, self.drawing, self.values, colours)
        paint_pictures(painter, self.drawing, self.pictures, colours)
        paint_gradients(painter, self.drawing, self.gradients, colours)
        paint_selection(painter, self.drawing, colours, self._network.state.selection)
        by_keys = self.window().testAttribute(Qt.WidgetAttribute.WA_KeyboardFocusChange)
        if by_keys and self.hasFocus():
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
            painter.setPen(self.palette().link().color())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRect(0, 0, self.width() - 1, self.height() - 1))

    def _paint_cards(self) -> Iterator[None]:
        """Paint what stays, if it has changed, a column at each step."""
        drawing, links, looks = self.drawing, self.links, self._looks
        if self._cards is not None and links == self._painted:
            return
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(self.size() * ratio)
        if pixmap.isNull():
            return
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(self.palette().window().color())
        with QPainter(pixmap) as painter:
            yield from paint_columns(painter, drawing, links, colours_of(self.palette()))
        if looks == self._looks:  # else it is of another layout or theme
            self._cards, self._painted = pixmap, links

    def _paint_touched(self, painter: QPainter, colours: Colours) -> None:
        """Paint what is under the mouse over the rest: an arc, or the lines to and from a tile."""
        chosen = self._network.state.selection
        for arc, way in self.drawing.arcs:
            is_chosen = any(slot.id in chosen for slot in self._ends_of(arc))
            if arc == self._touched_arc or is_chosen:
                paint_arc(painter, way, QColor(colours.window), strong=True)
        if self._touched is None:
            return
        number, tile = self._touched
        stages, ink = self.drawing.stages, QColor(colours.pinned)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for place, is_end in ((number, True), (number + 1, False)):
            if 0 < place < len(self.links):
                links = [
                    link
                    for link in self.links[place]
                    if (link.target if is_end else link.source) == tile
                ]
                paint_links(painter, stages[place - 1], stages[place], links, colours, ink)

    def _words_of(self, arc: Arc | None) -> str:
        """Say what an arc adds to what; nothing of none."""
        if arc is None:
            return ""
        slot = self._ends_of(arc)[1]
        name = slot.title or slot.block.name
        return f"{arc.target + 1} {name}: x + output of block {arc.source + 1}"

    def _ends_of(self, arc: Arc) -> list[BlockSlot]:
        """Return the slots that an arc leads from and to."""
        rows = (self.drawing.stages[place + 1].row for place in (arc.source, arc.target))
        return [row.slot for row in rows if row is not None]

    def changeEvent(self, event: QEvent) -> None:
        """Paint the cards in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._cards = None
            self._looks += 1

    # --- mouse and keys ----------------------------------------------------------------------

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the block that was clicked, or none; the menu is of the block, too."""
        stage = self.drawing.stage_at(event.position())
        found = stage.row.slot.id if stage and stage.row else None
        if event.button() == Qt.MouseButton.LeftButton or found is not None:
            self._network.select(found)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Put a map that was clicked under glass, at the cell that was clicked."""
        stage = self.drawing.stage_at(event.position())
        left = event.button() == Qt.MouseButton.LeftButton
        if left and stage is not None and stage.row is not None and stage.kind == "maps":
            cell = self._cell_at(stage, event.position())
            if cell is not None and self._network.state.selected == stage.row.slot.id:
                self.glass_wanted.emit(stage.row.slot.id, cell)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Put the block under glass."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.open_selected()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show which value lies under the mouse, and what it is connected with."""
        stage, touched = self.drawing.stage_at(event.position()), None
        arc = None if stage else self.drawing.arc_at(event.position())
        if stage is not None:
            cell = self._cell_at(stage, event.position())
            touched = None if cell is None else (stage.number, cell[0])
        if (touched, arc) != (self._touched, self._touched_arc):
            self._touched, self._touched_arc = touched, arc
            self.update()
        words = self.words_for(stage, event.position()) if stage else self._words_of(arc)
        self.pointed.emit(words)

    def _cell_at(self, stage: DrawnStage, point: QPointF) -> tuple[int, int, int] | None:
        """Return which tile lies at a point, and which row and column of its values."""
        if stage.kind == "outputs":
            near = (n for n in range(stage.tiles) if stage.tile(n).contains(point))
            return next(((number, 0, 0) for number in near), None)
        if stage.grid is None:
            return None
        found = stage.grid.find((point - stage.picture.topLeft()) * self.drawing.ratio)
        if found is None:
            return None
        tile, row, column = found
        return tile, row * stage.grid.joined, column * stage.grid.joined

    def leaveEvent(self, event: QEvent) -> None:
        """Show nothing of a value any more."""
        super().leaveEvent(event)
        self._touched = self._touched_arc = None
        self.update()
        self.pointed.emit("")

    def open_selected(self) -> None:
        """Put the selected block under glass."""
        if self._network.state.selected is not None:
            self.glass_wanted.emit(self._network.state.selected, None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to another block, or put the selected one under glass; Esc selects none."""
        key, slots = Qt.Key(event.key()), self._network.state.stack.slots
        goal = self._goal(key)
        if key == Qt.Key.Key_Escape and self._network.state.selected is not None:
            self._network.select(None)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_selected()
        elif goal is not None and slots:
            self._network.select(slots[min(max(goal, 0), len(slots) - 1)].id)
        else:
            super().keyPressEvent(event)

    def _goal(self, key: Qt.Key) -> int | None:
        """Return the position of the block that a key leads to; None if it leads nowhere."""
        last, selected = len(self._network.state.stack) - 1, self._network.state.selected
        position = None if selected is None else self._network.state.stack.index(selected)
        if key == Qt.Key.Key_Left:
            return last if position is None else position - 1
        if key == Qt.Key.Key_Right:
            return 0 if position is None else position + 1
        if key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            return 0 if position is None else self._beyond(position, down=key == Qt.Key.Key_Down)
        return {Qt.Key.Key_Home: 0, Qt.Key.Key_End: last}.get(key)

    def _beyond(self, position: int, *, down: bool) -> int:
        """Return the position of the nearest block in the row below or above."""
        here = self.drawing.stages[position + 1].card
        tops = {stage.card.top() for stage in self.drawing.stages[1:]}
        beyond = [top for top in tops if (top > here.top() if down else top < here.top())]
        if not beyond:
            return position
        row = min(beyond) if down else max(beyond)
        near = [stage for stage in self.drawing.stages[1:] if stage.card.top() == row]
        centre = here.center().x()
        return min(near, key=lambda stage: abs(stage.card.center().x() - centre)).number - 1


TITLE = "What it sees"
EMPTY = (
    "The network will be drawn here, filled with what it makes of the selected image.\n"
    "Add a block (Ins)."
)
NO_BLOCKS = "There are no blocks to draw."
_PAGE = QSizeF(1200, 675)  # px of a file; a long network takes more height
_PAGE_RATIO = 2.0  # px of its pictures per px
_KEY = (
    "Lines: the strongest weights, negative ones blue, positive ones red.\n"
    "Maps and vectors: from the smallest to the largest value of each block."
)
_WIDE = 72 * GRID  # px; from here on there is room for the key beside the words
_COLOUR_BY = "Colour the blocks by a number for each"
_WORKING = "Working it out …"
_GRADIENT_NOTE = "Of the last step: take one (a batch) if there is none"
_LEGEND = "Bar below a block: gradient of the last step, a power of 10 for each sixth"


class NetworkDrawing(BasePanel):
    """The drawing, and above it what is seen or what the mouse points at, and a key to the colours.

    The setters only store; `refresh` draws when `dirty`.
    """

    def __init__(self, network: Drawn) -> None:
        super().__init__("drawing", TITLE)
        self._network = network
        self._snapshot: Snapshot | None = None
        self._why_none = ""
        self._task = LatestTask(self)
        self._found: BlockValues | None = None  # what blocks are coloured by
        self._due = False  # to be found anew
        self._stale = True  # not drawn since the stack has changed
        self.canvas = Canvas(network)
        self.export = ExportActions(
            "network", "Picture of the network", self._page, self._table, self
        )
        act = partial(make_action, self)
        ask, under_glass = partial(self.export.ask, ".svg"), self.canvas.open_selected
        self.export_action = act("export_drawing", "Export &picture of the network…", ask)
        self.glass_action = act("drawing_under_glass", "Show &step by step", under_glass)
        self.canvas.addActions([self.glass_action, *self.export.actions])
        self.canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._arrange()
        self.canvas.pointed.connect(self._tell)
        self._scroll.resized.connect(self._fit)
        store = network.store
        store.watch(lambda s: s.report, self._follow)
        store.watch(lambda s: s.selection, self._show_selected)
        store.watch(lambda s: (s.seen.snapshot, s.sees_nothing, s.problem), self._take_snapshot)
        store.watch(lambda s: s.stack, self._choose_values)
        store.watch(
            lambda s: (s.document.learned, s.checkpoint, s.samples, s.trains), self._renew_values
        )
        store.watch(
            lambda s: (s.seen.steps, s.checkpoint, s.changed_since_training), self._take_gradients
        )
        self._follow()

    def sizeHint(self) -> QSize:
        """Ask for room for some rows."""
        return QSize(60 * GRID, 40 * GRID)

    def show_snapshot(self, snapshot: Snapshot | None, why_none: str = "") -> None:
        """Store the newest snapshot of the pinned sample, or why there is none."""
        self._snapshot, self._why_none = snapshot, why_none
        self.dirty = True

    def show_gradients(self, gradients: Mapping[int, float]) -> None:
        """Store the norm of each block's gradient in the last step, by slot id."""
        self.canvas.gradients = gradients  # those of another network go with its blocks
        self.dirty = True

    def _take_snapshot(self) -> None:
        state = self._network.store.state
        why_none = state.problem or CHOOSE if state.sees_nothing else ""
        self.show_snapshot(state.seen.snapshot, why_none)

    def _take_gradients(self) -> None:
        """Show the gradients of the last step, if it was one of the network that is looked at.

        The step of an earlier checkpoint is not shown: the drawing does not date it.
        """
        state = self._network.store.state
        steps, checkpoint = state.seen.steps or (), state.checkpoint
        gradients = {}
        for at, step in steps[-1:]:
            of_it = checkpoint is None or at == checkpoint.project.position
            if of_it and not state.changed_since_training:
                gradients = {block.slot_id: block.norms.gradient for block in step.blocks}
        self.show_gradients(gradients)

    # --- a number for each block ---------------------------------------------------------------

    def _choose_values(self) -> None:
        """Colour the blocks by something else, or by nothing."""
        name = self._chosen()
        self._task.give_up()
        self._take_values(BlockValues(name, {}, _WORKING) if name in MEASURES else None)
        self._renew_values()

    def _chosen(self) -> str:
        """Return what the blocks are to be coloured by."""
        action = self.colour_by.checkedAction()
        assert action is not None
        return action.text()

    def _renew_values(self) -> None:
        self._due = True
        self._find_values()

    def _find_values(self) -> None:
        """Find what blocks are coloured by, if it is seen: one after the other, not all at once."""
        name, state = self._chosen(), self._network.store.state
        measure = MEASURES.get(name)
        if measure is None or measure.find is None or not (self._due and self.isVisible()):
            return
        waits = state.trains and not measure.live and self._found and self._found.of
        if self._task.busy or waits:
            return
        self._due, none = False, partial(BlockValues, name, {})
        if state.samples is None:
            self._take_values(none(CHOOSE))
            return
        work = partial(find_values, name, self._network.project(), state.samples)
        self._task.begin(work, self._take_values, failed=lambda why: self._take_values(none(why)))

    def _take_values(self, found: BlockValues | None) -> None:
        self._found = found
        self.dirty = True
        self._find_values()

    def _values(self) -> BlockValues | None:
        """Return what blocks are coloured by now; None: by nothing."""
        name = self._chosen()
        if name == GRADIENT:
            return BlockValues(name, self.canvas.gradients, _GRADIENT_NOTE)
        return self._found

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws the words, then the pictures, then the lines between them."""
        self.dirty = False
        return [partial(self._tell, ""), self._fill, *self.canvas.parts()]

    def _fill(self) -> None:
        self.canvas.values = self._values()
        self._legend.show_values(self.canvas.values)
        self._key.setVisible(self.canvas.values is None)
        self._describe()
        self.canvas.show_snapshot(self._snapshot)

    # --- files -------------------------------------------------------------------------------

    @contextmanager
    def _page(self, _fine: float) -> Iterator[ExportPicture]:
        """Draw the network as large as a page."""
        drawing, values = drawing_of(self._network, _PAGE, _PAGE_RATIO), self._values()
        fitting = self._snapshot and self._snapshot.within(self._network.state.report)
        pictures, links = pictures_of(drawing, fitting), links_of(drawing, fitting)

        def paint(painter: QPainter) -> None:
            deque(paint_columns(painter, drawing, links, LIGHT), maxlen=0)
            if values is not None:
                paint_values(painter, drawing, values, LIGHT)
            paint_pictures(painter, drawing, pictures, LIGHT)
            paint_gradients(painter, drawing, self.canvas.gradients, LIGHT)

        yield ExportPicture(drawing.size.toSize(), paint, self._caption())

    def _table(self) -> bytes:
        """Write a row for each block: what it gives, its gradient, and what it is coloured by."""
        table = {GRADIENT: self.canvas.gradients}
        if (values := self._values()) is not None:
            table[f"{values.name} ({values.measure.unit})"] = values.of
        rows = []
        for number, row in enumerate(self._network.state.report.rows, 1):
            shape = "" if row.output_shape is None else format_shape(row.output_shape)
            numbers = [column.get(row.slot.id, "") for column in table.values()]
            rows.append((number, row.slot.label, shape, row.parameters, *numbers))
        return csv_table(["number", "block", "output shape", "parameters", *table], rows)

    # --- drawing -----------------------------------------------------------------------------

    def _arrange(self) -> None:
        self._scroll = _Room()
        self._scroll.setWidget(self.canvas)
        self.readout = named(ElidedLabel(), "drawing.readout", tip=_LEGEND, muted=True)
        self.readout.setContentsMargins(GRID, 0, GRID, 0)
        self._key = named(QLabel(), "drawing.key", tip=_KEY, muted=True)
        self._key.setContentsMargins(GRID, 0, GRID, 0)
        self._legend = _Legend()
        self._legend.hide()
        button = text_button(
            "drawing.colour_by", "colour", _COLOUR_BY, spoken=_COLOUR_BY, flat=True
        )
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(button)
        button.setMenu(menu)
        self.colour_by = QActionGroup(menu)
        for name in (NO_COLOURS, *MEASURES):
            action = make_action(
                self.colour_by, f"colour_by_{name.replace(' ', '_')}", name, self._choose_values
            )
            action.setCheckable(True)
            menu.addAction(action)
        self.colour_by.actions()[0].setChecked(True)
        self._colour()
        content = QWidget()
        readout = FixedLabel(self.readout)
        key = in_row(self._key, self._legend, 1, button, gap=GRID // 2)
        self._head = in_row((readout, 1), key, gap=GRID // 2)
        # The foot is left to the card of the coach.
        in_column(self._head, (self._scroll, 1), of=content, gap=0, margins=(0, 0, 0, 4 * GRID))
        self._state = EmptyState(content, EMPTY)
        in_column(self._state, of=self)

    @Slot()
    def _follow(self) -> None:
        """Draw the stack as it is now."""
        blocks = len(self._network.state.stack)
        for action in (self.export_action, *self.export.actions):
            action.setEnabled(blocks > 0)
        self.export_action.setToolTip("Export the network as SVG or PNG" if blocks else NO_BLOCKS)
        self._describe()
        self._stale = True
        if blocks:
            self._state.show_content()
            self._fit()
        else:
            self._state.show_sentence(EMPTY)

    @Slot()
    def _fit(self) -> None:
        """Fit the drawing to the room, if it can be seen."""
        if not self._scroll.isVisible():
            return
        self._stale = False
        room = QSizeF(self._scroll.maximumViewportSize())
        self.canvas.fit(room)
        if self.canvas.drawing.size.height() > room.height():  # then there is a scroll bar
            room.setWidth(room.width() - self._scroll.verticalScrollBar().sizeHint().width())
            self.canvas.fit(room)
        self._show_selected()

    def _show_selected(self) -> None:
        """Scroll to the selected block."""
        self.glass_action.setEnabled(self._network.state.selected is not None)
        self.canvas.update()
        stage = self.canvas.stage_of(self._network.state.selected)
        if stage is not None:
            centre, half = stage.card.center().toPoint(), (stage.card.size() / 2).toSize()
            margins = half.width() + GRID, half.height() + GRID
            self._scroll.ensureVisible(centre.x(), centre.y(), *margins)

    def _describe(self) -> None:
        steps = [f"Input {format_shape(self._network.state.stack.input_shape)}"]
        for row in self._network.state.report.rows:
            shape = "?" if row.output_shape is None else format_shape(row.output_shape)
            fits = f"{row.slot.label}: {shape}"
            if self.canvas.values is not None:
                fits += f", {self.canvas.values.name} {self.canvas.values.text(row.slot.id)}"
            steps.append(fits if row.problem is None else row.problem.text)
        self.canvas.setAccessibleDescription("; ".join(steps))

    @Slot(str)
    def _tell(self, words: str) -> None:
        """Say what the mouse points at, or whose maps are seen."""
        self.readout.setText(words or self._caption())

    def _caption(self) -> str:
        snapshot, values = self._snapshot, self._values()
        if values is not None and not values.of:
            return values.note
        if snapshot is None:
            return self._why_none
        title = image_title(snapshot.index, snapshot.class_name, snapshot.sample.part)
        if snapshot.largest is None:
            return title
        if snapshot.predicted is None:
            return f"{title} · {NO_ANSWER_TEXT}"
        output = output_text(snapshot.largest)
        return f"{title} · the network says {snapshot.predicted_name} ({output})"

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the key beside the words, or below them where it is narrow."""
        way = QBoxLayout.Direction
        self._head.setDirection(way.LeftToRight if self.width() >= _WIDE else way.TopToBottom)
        super().resizeEvent(event)

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has changed while it could not be seen."""
        super().showEvent(event)
        if self._stale:
            self._fit()
        self._find_values()

    def changeEvent(self, event: QEvent) -> None:
        """Draw again in another font, and the key in the colours of another theme."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()
        elif event.type() == QEvent.Type.PaletteChange:
            self._colour()

    def _colour(self) -> None:
        """Write which colour stands for what."""
        ground = self.palette().window().color()
        below, above = (sign_ink(positive, ground).name() for positive in (False, True))
        scale = (QColor(*map(int, lookup_table(MAPS)[step])).name() for step in range(0, 256, 51))
        cells = "".join(f'<font color="{colour}">■</font>' for colour in scale)
        signs = f'− <font color="{below}">━</font> 0 <font color="{above}">━</font> +'
        self._key.setText(f"weights {signs} &nbsp; values low {cells} high")


class _Legend(QWidget):
    """The scale of what blocks are coloured by, with its name and the numbers at its ends."""

    def __init__(self) -> None:
        super().__init__()
        self._values: BlockValues | None = None
        named(self, "drawing.legend", muted=True)
        self.setFixedSize(30 * GRID, QFontMetrics(self.font()).height())

    def show_values(self, values: BlockValues | None) -> None:
        """Show the scale of other numbers; None: none at all."""
        self._values = values
        self.setVisible(values is not None)
        if values is not None:
            low, high = map(values.measure.write, values.ends)
            powers = ", colours by powers of 10" if values.measure.by_powers else ""
            self.setAccessibleName(f"{values.name}: {low} to {high}{powers}")
            self.setToolTip(plain_tooltip(values.note + powers))
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the colours between the numbers at their ends."""
        if self._values is None:
            return
        painter, room = QPainter(self), QRectF(self.rect()).adjusted(0, 0, -GRID, 0)
        painter.setPen(self.palette().color(self.foregroundRole()))
        painter.drawText(room, Qt.AlignmentFlag.AlignVCenter, self._values.name)
        room.setLeft(painter.fontMetrics().horizontalAdvance(self._values.name) + GRID)
        ends = map(self._values.measure.write, self._values.ends)
        sides = Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight
        taken = []
        for text, side in zip(ends, sides, strict=True):
            painter.drawText(room, side | Qt.AlignmentFlag.AlignVCenter, text)
            taken.append(painter.fontMetrics().horizontalAdvance(text) + 4)
        paint_colours(painter, room.adjusted(taken[0], 3, -taken[1], -3), lookup_table(HEAT))


class _Room(QScrollArea):
    """The room for the drawing; it scrolls down where that is too small."""

    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAccessibleName("Drawing")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that there is more room, or less."""
        super().resizeEvent(event)
        self.resized.emit()
