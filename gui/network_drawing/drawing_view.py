"""NetworkDrawing: the living network, filled with the pinned sample; it goes to a file, too."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial

from PySide6.QtCore import QEvent, QSize, QSizeF, Qt, Signal, Slot
from PySide6.QtGui import QAction, QPainter, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from engine.array_types import format_shape
from engine.inspection.snapshot import Snapshot
from gui.network_drawing.canvas import Canvas, Drawn, drawing_of
from gui.network_drawing.layout import DrawingLayout
from gui.network_drawing.painter import paint_cards, paint_gradients, paint_pictures
from gui.network_drawing.stage_pictures import StagePicture, pictures_of
from gui.storage.export_actions import ExportActions, ExportPicture
from gui.theme import GRID, LIGHT, set_muted
from gui.widgets.accuracy_words import NO_ANSWER_TEXT
from gui.widgets.elision import ElidedLabel
from gui.widgets.empty_state import EmptyState
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.number_words import confidence
from gui.widgets.sample_names import image_title

TITLE = "Living network"
EMPTY = (
    "The network will be drawn here, filled with what it makes of the pinned image.\n"
    "Add a block: click a kind in the palette."
)
NO_BLOCKS = "There are no blocks to draw."
_PAGE = QSizeF(1200, 675)  # px of a file; a long network takes more height
_PAGE_RATIO = 2.0  # px of its pictures per px
_LEGEND = "Bar in a card: gradient of the last step, a power of 10 for each sixth"


class NetworkDrawing(QWidget):
    """The drawing in a frame, and a line that says what is seen or what the mouse points at.

    The setters only store; `refresh` draws when `dirty`. `glass_wanted` carries the slot id of a
    block that is to go under glass.
    """

    glass_wanted = Signal(int)

    def __init__(self, network: Drawn, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.drawing")
        self.setAccessibleName(TITLE)
        self.dirty = False
        self._network = network
        self._snapshot: Snapshot | None = None
        self._why_none = ""
        self._gradients: Mapping[int, float] = {}
        self._stale = True  # not drawn since the stack has changed
        self.export_action = QAction("Export &picture of the network…", self)
        self.export_action.setObjectName("action.export_drawing")
        self.canvas = Canvas(network)
        self.exports = ExportActions("network", "Picture of the network", self._page, None, self)
        self.export_action.triggered.connect(partial(self.exports.ask, ".svg"))
        self.glass_action = QAction("Put &under glass", self)
        self.glass_action.setObjectName("action.drawing_under_glass")
        self.glass_action.triggered.connect(self.canvas.open_selected)
        self.canvas.addActions([self.glass_action, *self.exports.actions])
        self.canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._arrange()
        self.canvas.pointed.connect(self._tell)
        self.canvas.glass_wanted.connect(self.glass_wanted)
        self._scroll.resized.connect(self._fit)
        network.report_changed.connect(self._follow)
        network.selection_changed.connect(self._show_selected)
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
        self._gradients = gradients
        self.dirty = True

    def show_step(self) -> None:
        """Let a step run through the drawing, forward and backward, if that can be seen."""
        if self.canvas.isVisible():
            self.canvas.pulse.start()

    def refresh(self) -> None:
        """Draw the newest snapshot and gradients, at once."""
        for draw in self.parts():
            draw()

    def parts(self) -> list[Callable[[], object]]:
        """Return what draws them: the words, then the pictures."""
        self.dirty = False
        return [partial(self._tell, ""), self._fill]

    def _fill(self) -> None:
        self.canvas.gradients = self._gradients
        self.canvas.show_snapshot(self._snapshot)

    def readout(self) -> str:
        """What is said below the drawing."""
        return self._readout.text()

    # --- files -------------------------------------------------------------------------------

    @contextmanager
    def _page(self, _fine: float) -> Iterator[ExportPicture]:
        """Draw the network as large as a page."""
        drawing = drawing_of(self._network, _PAGE, _PAGE_RATIO, worded=True)
        fitting = self._snapshot and self._snapshot.within(self._network.report)
        pictures = pictures_of(drawing, fitting)
        paint = partial(_paint_for_file, drawing, pictures, self._gradients)
        yield ExportPicture(drawing.size.toSize(), paint, self._caption())

    # --- drawing -----------------------------------------------------------------------------

    def _arrange(self) -> None:
        self._scroll = _Room()
        self._scroll.setWidget(self.canvas)
        self._readout = ElidedLabel()
        self._readout.setObjectName("drawing.readout")
        set_muted(self._readout)
        self._readout.setContentsMargins(GRID, 0, GRID, 0)
        self._readout.setToolTip(_LEGEND)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, GRID // 2)
        column.setSpacing(0)
        column.addWidget(self._scroll, 1)
        column.addWidget(FixedLabel(self._readout))
        self._state = EmptyState(content, EMPTY)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._state)

    @Slot()
    def _follow(self) -> None:
        """Draw the stack as it is now."""
        blocks = len(self._network.stack)
        for action in (self.export_action, *self.exports.actions):
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

    @Slot()
    def _show_selected(self) -> None:
        """Scroll to the selected block."""
        self.glass_action.setEnabled(self._network.selected is not None)
        self.canvas.update()
        stage = self.canvas.stage_of(self._network.selected)
        if stage is not None:
            centre, half = stage.card.center().toPoint(), (stage.card.size() / 2).toSize()
            margins = half.width() + GRID, half.height() + GRID
            self._scroll.ensureVisible(centre.x(), centre.y(), *margins)

    def _describe(self) -> None:
        steps = [f"Input {format_shape(self._network.stack.input_shape)}"]
        for row in self._network.report.rows:
            shape = "?" if row.output_shape is None else format_shape(row.output_shape)
            fits = f"{row.slot.label}: {shape}"
            steps.append(fits if row.problem is None else row.problem.text)
        self.canvas.setAccessibleDescription("; ".join(steps))

    @Slot(str)
    def _tell(self, words: str) -> None:
        """Say what the mouse points at, or whose maps are seen."""
        self._readout.setText(words or self._caption())

    def _caption(self) -> str:
        snapshot = self._snapshot
        if snapshot is None:
            return self._why_none
        title = image_title(snapshot.index, snapshot.class_name, snapshot.sample.part)
        if snapshot.confidence is None:
            return title
        if snapshot.predicted is None:
            return f"{title} · {NO_ANSWER_TEXT}"
        sure = confidence(snapshot.confidence)
        return f"{title} · the network says {snapshot.predicted_name} ({sure})"

    def showEvent(self, event: QShowEvent) -> None:
        """Draw what has changed while it could not be seen."""
        super().showEvent(event)
        if self._stale:
            self._fit()

    def changeEvent(self, event: QEvent) -> None:
        """Draw again in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()


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


def _paint_for_file(
    drawing: DrawingLayout,
    pictures: list[StagePicture | None],
    gradients: Mapping[int, float],
    painter: QPainter,
) -> None:
    paint_cards(painter, drawing, LIGHT)
    paint_pictures(painter, drawing, pictures, LIGHT)
    paint_gradients(painter, drawing, gradients, LIGHT)
