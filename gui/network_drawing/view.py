"""NetworkDrawing: the network drawn to scale. A click selects a block; it goes to a file, too."""

from pathlib import Path

from PySide6.QtCore import QDir, QEvent, QRect, QSize, Qt, Signal, Slot
from PySide6.QtGui import (
    QAction,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QFrame, QScrollArea, QToolTip, QVBoxLayout, QWidget

from engine.array_types import format_shape
from gui.document.document import Document
from gui.network_drawing.layout import DrawingLayout, DrawnStage
from gui.network_drawing.painter import drawing_of, paint, to_png, to_svg
from gui.storage.picture_export import ask_for_file, export
from gui.theme import GRID, colours_of
from gui.widgets.empty_state import EmptyState
from gui.widgets.tooltips import plain_tooltip

EMPTY = "The network will be drawn here to scale. Click a kind of block in the palette."
NO_BLOCKS = "There are no blocks to draw."
_NEIGHBOUR = 64  # px beside the selected block that stay in sight
ENDINGS = (".svg", ".png")


class NetworkDrawing(QWidget):
    """The drawing in a frame that scrolls. What became of an export is for the owner to say."""

    exported = Signal(str)
    refused = Signal(str)

    def __init__(self, document: Document, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.drawing")
        self.setAccessibleName("Drawing of the network")
        self._document = document
        self.export_action = QAction("Export &drawing…", self)
        self.export_action.setObjectName("action.export_drawing")
        self.export_action.triggered.connect(self.export)
        self.canvas = Canvas(document)
        self.canvas.addAction(self.export_action)
        self.canvas.setContextMenuPolicy(Qt.ContextMenuPolicy.ActionsContextMenu)
        self._scroll = _Sideways()
        self._scroll.setWidget(self.canvas)
        self._scroll.resized.connect(self._show_selected)
        self._state = EmptyState(self._scroll, EMPTY)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._state)
        document.report_changed.connect(self._follow)
        document.selection_changed.connect(self._show_selected)
        self._follow()

    def sizeHint(self) -> QSize:
        """Ask for the height of the drawing, with its scroll bar."""
        return QSize(400, self.canvas.height() + 3 * GRID)

    @Slot()
    def export(self) -> None:
        """Ask for a file and draw to it, as SVG or PNG by its ending."""
        path = self._document.path
        folder, stem = (path.parent, path.stem) if path else (Path(QDir.homePath()), "network")
        target = ask_for_file(self, "Export drawing", folder / f"{stem}.svg", ENDINGS)
        if target is not None:
            self.export_path(target)

    def export_path(self, path: Path) -> bool:
        """Draw to a file, as SVG or PNG by its ending; return whether it worked."""
        drawing = self.canvas.drawing
        data = to_png(drawing) if path.suffix.lower() == ".png" else to_svg(drawing, path.stem)
        return export(path, data, "DrawingLayout", self.exported, self.refused)

    @Slot()
    def _follow(self) -> None:
        blocks = len(self._document.stack)
        self.export_action.setEnabled(blocks > 0)
        self.export_action.setToolTip("Export the drawing as SVG or PNG" if blocks else NO_BLOCKS)
        self.canvas.follow()
        if blocks:
            self._state.show_content()
            self._show_selected()
        else:
            self._state.show_sentence(EMPTY)

    @Slot()
    def _show_selected(self) -> None:
        """Scroll to the selected block."""
        self.canvas.update()
        stage = self.canvas.stage_of(self._document.selected)
        if stage is not None:
            centre, half = stage.area.center().toPoint(), round(stage.area.width() / 2)
            self._scroll.ensureVisible(centre.x(), centre.y(), half + _NEIGHBOUR, 0)


class Canvas(QWidget):
    """Paints the drawing and takes clicks and arrows."""

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self.setObjectName("drawing.canvas")
        self.setAccessibleName("Drawing of the network; arrows go from block to block")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.drawing: DrawingLayout = drawing_of(document.report, document.stack.input_shape)

    def follow(self) -> None:
        """Draw the stack as it is now."""
        report, shape = self._document.report, self._document.stack.input_shape
        self.drawing = drawing_of(report, shape)
        self.setFixedSize(round(self.drawing.width), round(self.drawing.height))
        steps = [f"Input {format_shape(shape)}"]
        steps += [_words(stage) for stage in self.drawing.stages[1:]]
        self.setAccessibleDescription("; ".join(steps))
        self.update()

    def stage_of(self, slot_id: int | None) -> DrawnStage | None:
        """Find the stage of a slot."""
        for stage in self.drawing.stages:
            if stage.row is not None and stage.row.slot.id == slot_id:
                return stage
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the drawing, and a frame if the focus is here."""
        painter, colours = QPainter(self), colours_of(self.palette())
        paint(painter, self.drawing, colours, self._document.selection)
        if self.hasFocus():
            painter.setPen(self.palette().link().color())
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(QRect(0, 0, self.width() - 1, self.height() - 1))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select the block that was clicked, or none."""
        if event.button() != Qt.MouseButton.LeftButton:
            super().mousePressEvent(event)
            return
        stage = self.drawing.stage_at(event.position())
        self._document.select(stage.row.slot.id if stage and stage.row else None)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Go to the block before or after the selected one; Esc selects none."""
        slots, selected = self._document.stack.slots, self._document.selected
        position = None if selected is None else self._document.stack.index(selected)
        last = len(slots) - 1
        goals = {
            Qt.Key.Key_Left: last if position is None else max(0, position - 1),
            Qt.Key.Key_Right: 0 if position is None else min(last, position + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }
        if event.key() == Qt.Key.Key_Escape:
            self._document.select(None)
        elif event.key() in goals and slots:
            self._document.select(slots[goals[Qt.Key(event.key())]].id)
        else:
            super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Say under the mouse what a block is and why it does not fit."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            stage = self.drawing.stage_at(event.pos().toPointF())
            QToolTip.showText(event.globalPos(), plain_tooltip(_words(stage)), self)
            return True
        return super().event(event)


class _Sideways(QScrollArea):
    """Scrolls sideways by the wheel, since there is nothing to see above or below."""

    resized = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Tell that there is more room, or less."""
        super().resizeEvent(event)
        self.resized.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Turn up and down into left and right where the height fits."""
        if self.verticalScrollBar().maximum() or event.angleDelta().x():
            super().wheelEvent(event)
            return
        bar = self.horizontalScrollBar()
        bar.setValue(bar.value() - event.angleDelta().y())


def _words(stage: DrawnStage | None) -> str:
    if stage is None:
        return ""
    if stage.row is not None and stage.row.problem is not None:
        return stage.row.problem.text
    return f"{stage.text}: {stage.shape_text}"
