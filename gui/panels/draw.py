"""The draw panel: a digit by one's own hand, and what the network says of it at once."""

import numpy as np
from PySide6.QtCore import QEvent, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QKeyEvent,
    QKeySequence,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.advice.class_limits import knows_only
from engine.array_types import Shape
from engine.data.handwriting import centre
from engine.inspection.snapshot import Snapshot
from gui.panels.picture_input import PictureInput
from gui.theme import GRID, set_muted, small_font
from gui.widgets.buttons import text_button
from gui.widgets.class_outputs import PREDICTED
from gui.widgets.digit_canvas import BRUSH, DigitCanvas
from gui.widgets.elision import ElidedLabel
from gui.widgets.empty_state import EmptyState
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.headline import moment_of
from gui.widgets.numbers import confidence
from gui.widgets.output_bars import OutputBars
from gui.widgets.picture_file import (
    DROPPED,
    find_picture,
)
from gui.widgets.pinned_digit import Thumbnail
from gui.widgets.sample_names import image_name
from gui.widgets.scrolling import scrolling

BETWEEN = 50  # ms between two images that are sent: 20 a second
_TIP = "Draw with the mouse or a pen; the right button erases."
_NOTHING = "What the network says of your drawing will be here."
_WAITS = "Waiting for what the network says of the drawing."
_LIMITED = "Whatever is drawn, it answers one of these classes: the one that fits best."
_PIXELS = 28  # of what the network sees, which are shown twice as large, or larger
_BESIDE = 22 * GRID  # px; the canvas leaves so many to what stands beside it


class DrawPanel(QWidget):
    """A canvas, what the network sees of it, and a bar for every output.

    The setters only store; `refresh` draws when `dirty`. `drawn` carries the image (channels, h, w)
    of bytes that the network is to look at, at most 20 times a second; `emptied` says that there is
    nothing to look at any more; `refused` says in a sentence why a picture was not taken, and
    `refusal_over` carries that sentence once other ink is there.
    """

    drawn = Signal(object)
    emptied = Signal()
    refused = Signal(str)
    refusal_over = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.draw")
        self.setAccessibleName("Draw")
        self.dirty = False
        self._shape: Shape = (1, 28, 28)
        self._obstacle = ""
        self._pinned: int | None = 0
        self._snapshot: Snapshot | None = None

        self.setAcceptDrops(True)
        self.canvas = DigitCanvas()
        self.canvas.setToolTip(_TIP)
        self.pictures = PictureInput(self.canvas, self)
        self.pictures.refused.connect(self.refused)
        self.pictures.refusal_over.connect(self.refusal_over)
        self.brush = self._slider()
        self.undo = self._tool("undo", "Undo", "Ctrl+Z", self.canvas.undo)
        self.redo = self._tool("redo", "Redo", "Ctrl+Y", self.canvas.redo)
        self.clear = self._tool("clear", "Clear", "Del", self.canvas.clear)
        self.load = self._tool("load", "Load image…", "", self.pictures.ask_for_file)
        self.load.setToolTip("Take a digit from a picture file: it is cut out and made 28×28")
        self.paste = self._tool("paste", "Paste", "Ctrl+V", self.pictures.paste)
        self.seen = Thumbnail(2 * _PIXELS)
        self.said = ElidedLabel()
        self.knows = ElidedLabel()
        self.knows.setObjectName("draw.knows")
        self.knows.setFont(small_font())
        set_muted(self.knows)
        self.bars = OutputBars()
        self._outputs = EmptyState(self.bars, _NOTHING)
        self._lay_out()

        self._pause = QTimer(self, singleShot=True, interval=BETWEEN)
        self._pause.timeout.connect(self._send_rest)
        self._waiting = False
        self.canvas.inked.connect(self._on_ink)
        self.canvas.entered.connect(self._pin_again)
        self.canvas.history_changed.connect(self._allow)
        self.brush.sliderPressed.connect(
            lambda: self.canvas.set_ring(self.canvas.square().center())
        )
        self.brush.sliderReleased.connect(lambda: self.canvas.set_ring(None))
        self._allow()

    # --- what is stored ----------------------------------------------------------------------

    def set_shape(self, shape: Shape) -> None:
        """Make images of another shape (channels, height, width)."""
        self._shape = shape
        self.dirty = True

    def set_obstacle(self, sentence: str) -> None:
        """Say why the network can say nothing; empty: it can."""
        self._obstacle = sentence
        self.dirty = True

    def set_pinned(self, sample: int | None) -> None:
        """Take note of which digit is pinned; None: the drawing."""
        self._pinned = sample
        self.canvas.set_dormant(sample is not None)
        if sample is not None:
            self._snapshot = None
            self._waiting = False  # ink that is not sent yet must not take the pin back
        self.dirty = True

    def show_snapshot(self, snapshot: Snapshot) -> None:
        """Store the newest snapshot; one of a sample is none of this panel's."""
        if snapshot.index is None:
            self._snapshot = snapshot
            self.dirty = True

    def image(self) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
        """Make what the network sees (channels, h, w) of the canvas: grey in every channel."""
        channels, height, width = self._shape
        return np.repeat(centre(self.canvas.ink(), (height, width))[np.newaxis], channels, axis=0)

    def refresh(self) -> None:
        """Draw the newest snapshot, or say why there is none."""
        self.dirty = False
        self.seen.set_picture(self.image())
        snapshot = self._snapshot
        sentence = self._why_none()
        if sentence or snapshot is None or snapshot.outputs is None or snapshot.confidence is None:
            self.said.clear()
            self.knows.clear()
            self._outputs.show_sentence(sentence)
            return
        sure = confidence(snapshot.confidence)
        self.said.setText(f"{PREDICTED} {snapshot.predicted_name}, {sure}")
        self.said.setToolTip(moment_of(snapshot.position))
        self.seen.setAccessibleName(
            f"What the network sees. Predicted {snapshot.predicted_name}, {sure}"
        )
        limit = knows_only(snapshot.classes)
        self.knows.setText(f"this network {limit}" if limit else "")
        self.knows.setToolTip(_LIMITED if limit else "")
        self.bars.set_outputs(snapshot.outputs, snapshot.class_names)
        self._outputs.show_content()

    def _why_none(self) -> str:
        if self._obstacle:
            return self._obstacle
        if self.canvas.is_empty():
            return _NOTHING
        if self._pinned is not None:
            return f"{image_name(self._pinned)} is pinned.\nClick the canvas to pin the drawing."
        return _WAITS if self._snapshot is None or self._snapshot.outputs is None else ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what the network sees the larger, the more room there is."""
        side = next(scale for scale in (4, 3, 2) if self.height() >= 160 * scale or scale == 2)
        self.seen.setFixedSize(side * _PIXELS, side * _PIXELS)
        super().resizeEvent(event)

    # --- what is drawn -----------------------------------------------------------------------

    @Slot()
    def _on_ink(self) -> None:
        """Send the drawing on, or soon, if one was sent just now."""
        self.dirty = True
        if self.canvas.is_empty():
            self._waiting = False
            if self._pinned is None:
                self._snapshot = None
                self.emptied.emit()
            return
        if self._pause.isActive():
            self._waiting = True
        else:
            self._send()

    @Slot()
    def _send_rest(self) -> None:
        if self._waiting:
            self._send()

    def _send(self) -> None:
        self._waiting = False
        self._pause.start()
        image = self.image()
        image.setflags(write=False)
        self.drawn.emit(image)

    @Slot()
    def _pin_again(self) -> None:
        if self._pinned is not None and not self.canvas.is_empty():
            self._on_ink()

    @Slot()
    def _allow(self) -> None:
        """Enable what can be done, and let the rest say why it cannot."""
        had_focus = self.focusWidget()
        empty = self.canvas.is_empty()
        for button, possible, tip, reason in (
            (self.undo, self.canvas.can_undo(), "Undo the last stroke", "Nothing to undo here."),
            (self.redo, self.canvas.can_redo(), "Redo the last stroke", "Nothing to redo here."),
            (self.clear, not empty, "Clear the canvas", "The canvas is empty."),
        ):
            button.setEnabled(possible)
            button.setToolTip(f"{tip} ({button.property('keys')})" if possible else reason)
        if had_focus in (self.undo, self.redo, self.clear) and not had_focus.isEnabled():
            self.canvas.setFocus()

    # --- pictures ----------------------------------------------------------------------------

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Take a picture anywhere on the panel; other files are for the window."""
        if find_picture(event.mimeData(), DROPPED) is None:
            event.ignore()
            return
        event.acceptProposedAction()
        self.canvas.set_inviting(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.canvas.set_inviting(False)
        super().dragLeaveEvent(event)

    def dropEvent(self, event: QDropEvent) -> None:
        self.canvas.set_inviting(False)
        event.acceptProposedAction()
        picture = find_picture(event.mimeData(), DROPPED)
        if picture is not None:
            self.pictures.take_in(picture)

    # --- keys --------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Keep the window from taking the keys that mean the drawing here."""
        if (
            event.type() == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self._meaning(event)
        ):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        meaning = self._meaning(event)
        if meaning is None:
            super().keyPressEvent(event)
        elif isinstance(meaning, int):
            self.brush.setValue(self.brush.value() + meaning)
        else:
            meaning.click()

    def _meaning(self, event: QKeyEvent) -> QToolButton | int | None:
        """Find the button that a key stands for, or by how much it changes the brush."""
        keys = QKeySequence.StandardKey
        for button, standard in ((self.undo, keys.Undo), (self.redo, keys.Redo)):
            if event.matches(standard):
                return button
        pressed = QKeySequence(event.keyCombination())
        if pressed in (QKeySequence("Ctrl+Y"), QKeySequence("Ctrl+Shift+Z")):
            return self.redo
        if event.matches(keys.Paste):
            return self.paste
        if event.matches(keys.Delete):
            return self.clear
        step = self.brush.singleStep()
        return {"[": -step, "]": step}.get(event.text())

    # --- building ----------------------------------------------------------------------------

    def _slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName("draw.brush")
        slider.setAccessibleName("Brush width in 280ths of the canvas")
        slider.setToolTip("Brush width (keys [ and ])")
        slider.setRange(8, 56)
        slider.setSingleStep(4)
        slider.setPageStep(8)
        slider.setValue(BRUSH)
        slider.valueChanged.connect(self.canvas.set_brush)
        return slider

    def _tool(self, name: str, text: str, keys: str, run: object) -> QToolButton:
        word = text.rstrip("…")
        tip = f"{word} ({keys})" if keys else word
        button = text_button(f"draw.{name}", text, tip, takes_focus=True)
        button.setProperty("keys", keys)
        button.clicked.connect(run)
        return button

    def _lay_out(self) -> None:
        """Leave all of the height to the canvas, and put the rest beside it."""
        beside = QWidget()
        side = QVBoxLayout(beside)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(GRID // 2)
        side.addLayout(self._tools())
        side.addLayout(self._seen())
        side.addWidget(self.knows)
        # It scrolls where the least of all does not fit, not where the bars could be higher.
        self._outputs.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        outputs = QHBoxLayout()
        outputs.addStrut(self.bars.minimumSizeHint().height())
        outputs.addWidget(self._outputs)
        side.addLayout(outputs, 1)
        room = scrolling(beside)
        room.setMinimumWidth(_BESIDE)
        room.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        whole = QHBoxLayout(self)
        whole.setContentsMargins(GRID, GRID // 2, GRID, GRID)
        whole.setSpacing(GRID)
        whole.addWidget(self.canvas, 1000)  # up to its height; what is left is for the rest
        whole.addWidget(room, 1)

    def _tools(self) -> QVBoxLayout:
        brush = QLabel("brush")
        set_muted(brush)
        width = QHBoxLayout()
        width.setSpacing(GRID)
        width.addWidget(brush)
        width.addWidget(self.brush, 1)
        buttons = FlowLayout(gap=GRID // 2, row_gap=GRID // 2)
        for button in (self.undo, self.redo, self.clear, self.load, self.paste):
            buttons.addWidget(button)
        tools = QVBoxLayout()
        tools.setSpacing(GRID // 2)
        tools.addLayout(width)
        tools.addLayout(buttons)
        return tools

    def _seen(self) -> QHBoxLayout:
        sees = QLabel("the network sees")
        sees.setWordWrap(True)
        set_muted(sees)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(sees)
        words.addWidget(FixedLabel(self.said))
        words.addWidget(self.pictures.note, 1)
        seen = QHBoxLayout()
        seen.setSpacing(GRID)
        seen.addWidget(self.seen)
        seen.addLayout(words, 1)
        return seen
