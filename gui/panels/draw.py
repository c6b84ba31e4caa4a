"""The draw panel: a digit by one's own hand, and what the network says of it at once."""

from functools import cached_property

import numpy as np
from PySide6.QtCore import QEvent, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDragLeaveEvent,
    QDropEvent,
    QFontMetrics,
    QIcon,
    QKeyEvent,
    QKeySequence,
    QPainter,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QButtonGroup,
    QColorDialog,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from engine.advice.class_limits import are_digits, knows_only
from engine.array_types import Shape
from engine.data.dataset import Dataset
from engine.data.handwriting import centre, paper_of, resized
from engine.inspection.snapshot import SamplePart, Snapshot
from gui.panels.add_drawing import AddDrawing
from gui.panels.picture_input import PictureInput
from gui.theme import GRID, set_muted, small_font
from gui.widgets.accuracy_words import NO_ANSWER_TEXT
from gui.widgets.buttons import text_button
from gui.widgets.class_outputs import PREDICTED
from gui.widgets.confusion_colours import text_colour
from gui.widgets.drawing_canvas import BRUSH, DIGIT, INK, PAPER, PICTURE, DrawingCanvas
from gui.widgets.elision import ElidedLabel
from gui.widgets.empty_state import EmptyState
from gui.widgets.fixed_label import FixedLabel
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.headline import moment_of
from gui.widgets.number_words import confidence
from gui.widgets.output_bars import OutputBars, least_size
from gui.widgets.picture_file import DROPPED, find_picture
from gui.widgets.pinned_sample import Thumbnail
from gui.widgets.plain_labels import label_for_readers
from gui.widgets.sample_names import image_name
from gui.widgets.scrolling import scrolling

INKS = {
    "black": "#000000",
    "white": "#ffffff",
    "red": "#d7322d",
    "orange": "#f08c1e",
    "yellow": "#f5d832",
    "green": "#28a546",
    "blue": "#3255d7",
    "violet": "#8c46be",
}
_PAPERS = {"black": "#000000", "grey": "#808080", "white": "#ffffff"}
OF_DATA = "as in the data"
_SIDE = 12  # px of a colour
_DOT = 4  # px of the mark of the chosen one
_LOAD_GREY = "Take a picture from a file: it is cut out and centred"
_LOAD_COLOUR = "Take a picture from a file, in its colours"
BETWEEN = 50  # ms between two images that are sent: 20 a second
_TIP = "Draw with the mouse or a pen; the right button erases."
_NOTHING = "What the network says will be here."
_WAITS = "Waiting for what the network says of the drawing."
_LIMITED = "Whatever is drawn, it answers one of these classes: the one that fits best."
_COLOURS = 3  # channels of an image in colour
_PIXELS = 28  # of what the network sees, which are shown twice as large, or larger
_BESIDE = 22 * GRID  # px; the canvas leaves so many to what stands beside it


class InkPalette(QWidget):
    """A button for each of a few colours, one for any other, and a list of papers.

    `ink_chosen` and `paper_chosen` carry a colour such as `#d7322d`.
    """

    ink_chosen = Signal(str)
    paper_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._of_data = _PAPERS["black"]
        self._own = "#00a0a0"  # before another is chosen
        self._group = QButtonGroup(self)
        self.inks = {name: self._ink(name, colour) for name, colour in INKS.items()}
        self.other = self._ink("other", self._own)
        self.other.setAccessibleName("Brush in any other colour")
        self.other.setToolTip("Brush in any other colour: click to choose it")
        self.other.setIcon(_icon(*INKS.values()))
        self.paper = QComboBox()
        self.paper.setObjectName("draw.paper")
        self.paper.setAccessibleName("Paper")
        self.paper.setToolTip("What the drawing lies on; the right button draws with it")
        self.paper.setFont(small_font())
        self.paper.addItems([f"paper: {name}" for name in (OF_DATA, *_PAPERS)])
        self.paper.activated.connect(self._choose_paper)
        row = FlowLayout(gap=GRID // 4, row_gap=GRID // 2)
        for widget in (*self.inks.values(), self.other, self.paper):
            row.addWidget(widget)
        self.setLayout(row)
        label_for_readers(self)
        self.inks["red"].setChecked(True)

    def ink(self) -> str:
        """The colour of the brush."""
        checked = self._group.checkedButton()
        return next(
            (INKS[name] for name, button in self.inks.items() if button is checked), self._own
        )

    def paper_colour(self) -> str:
        """The colour of the paper."""
        return [self._of_data, *_PAPERS.values()][self.paper.currentIndex()]

    def set_data_paper(self, colour: str) -> None:
        """Take note of which paper the images of the data have."""
        self._of_data = colour

    def _ink(self, name: str, colour: str) -> QToolButton:
        button = text_button(f"draw.ink.{name}", "", f"Brush: {name}", spoken=f"Brush: {name}")
        button.setCheckable(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIcon(_icon(colour))
        button.setIconSize(QSize(_SIDE, _SIDE))
        button.clicked.connect(self._choose_other if name == "other" else self._choose_ink)
        self._group.addButton(button)
        return button

    @Slot()
    def _choose_ink(self) -> None:
        self.ink_chosen.emit(self.ink())

    @Slot()
    def _choose_other(self) -> None:
        """Ask for a colour; without an answer the last own one is taken."""
        colour = QColorDialog.getColor(QColor(self._own), self, "Colour of the brush")
        if colour.isValid():
            self._own = colour.name()
            self.other.setIcon(_icon(self._own))
        self.ink_chosen.emit(self.ink())

    @Slot()
    def _choose_paper(self) -> None:
        self.paper_chosen.emit(self.paper_colour())


def _icon(*colours: str) -> QIcon:
    """Draw a square of a colour, or of stripes of several; the chosen one has a dot."""
    picture = QPixmap(_SIDE, _SIDE)
    painter = QPainter(picture)
    for number, colour in enumerate(colours):
        left = number * _SIDE // len(colours)
        painter.fillRect(left, 0, _SIDE, _SIDE, QColor(colour))
    painter.setPen(QColor("#808080"))  # so that black and white are seen on any ground
    painter.drawRect(0, 0, _SIDE - 1, _SIDE - 1)
    painter.end()
    icon = QIcon(picture)
    icon.addPixmap(_dotted(picture), QIcon.Mode.Normal, QIcon.State.On)
    return icon


def _dotted(picture: QPixmap) -> QPixmap:
    """Put a dot in the middle that is seen on what is there."""
    dotted, left = QPixmap(picture), (_SIDE - _DOT) // 2
    ground = picture.toImage().pixelColor(_SIDE // 2, _SIDE // 2)
    painter = QPainter(dotted)
    painter.fillRect(left, left, _DOT, _DOT, text_colour(ground))
    painter.end()
    return dotted


class DrawTools(QWidget):
    """A slider for the brush, and a button for each thing that can be done with the canvas."""

    def __init__(
        self,
        canvas: DrawingCanvas,
        pictures: PictureInput,
        adding: AddDrawing,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.brush = self._slider()
        self.undo = self._tool("undo", "Undo", "Ctrl+Z", canvas.undo)
        self.redo = self._tool("redo", "Redo", "Ctrl+Y", canvas.redo)
        self.clear = self._tool("clear", "Clear", "Del", canvas.clear)
        self.load = self._tool("load", "Load…", "", pictures.ask_for_file)
        self.load.setToolTip(_LOAD_GREY)
        self.paste = self._tool("paste", "Paste", "Ctrl+V", pictures.paste)
        canvas.history_changed.connect(self._allow)
        self.brush.sliderPressed.connect(lambda: canvas.set_ring(canvas.square().center()))
        self.brush.sliderReleased.connect(lambda: canvas.set_ring(None))
        self._lay_out(adding)
        self._allow()

    @cached_property
    def inks(self) -> InkPalette:
        """The colours of brush and paper, made when there are images in colour."""
        made = InkPalette()
        made.ink_chosen.connect(self._use_ink)
        made.paper_chosen.connect(self._canvas.set_paper)
        self._column.addWidget(made)
        return made

    def set_paper_of_data(self, colour: str | None) -> None:
        """Offer colours, and the paper that images of the data have; None: these are grey."""
        canvas = self._canvas
        if colour is None:
            canvas.ink_colour = INK
            canvas.set_paper(PAPER)
            if "inks" in vars(self):
                self.inks.hide()
        else:
            self.inks.set_data_paper(colour)
            self.inks.show()
            canvas.ink_colour = self.inks.ink()
            canvas.set_paper(self.inks.paper_colour())
        self.load.setToolTip(_LOAD_GREY if colour is None else _LOAD_COLOUR)

    @Slot(str)
    def _use_ink(self, colour: str) -> None:
        self._canvas.ink_colour = colour

    @Slot()
    def _allow(self) -> None:
        """Enable what can be done, and let the rest say why it cannot."""
        had_focus = self.focusWidget()
        empty = self._canvas.is_empty()
        for button, possible, tip, reason in (
            (self.undo, self._canvas.can_undo(), "Undo the last stroke", "Nothing to undo here."),
            (self.redo, self._canvas.can_redo(), "Redo the last stroke", "Nothing to redo here."),
            (self.clear, not empty, "Clear the canvas", "The canvas is empty."),
        ):
            button.setEnabled(possible)
            button.setToolTip(f"{tip} ({button.property('keys')})" if possible else reason)
        if had_focus in (self.undo, self.redo, self.clear) and not had_focus.isEnabled():
            self._canvas.setFocus()

    def _slider(self) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setObjectName("draw.brush")
        slider.setAccessibleName("Brush width in 280ths of the canvas")
        slider.setToolTip("Brush width (keys [ and ])")
        slider.setRange(8, 56)
        slider.setSingleStep(4)
        slider.setPageStep(8)
        slider.setValue(BRUSH)
        slider.valueChanged.connect(self._canvas.set_brush)
        return slider

    def _tool(self, name: str, text: str, keys: str, run: object) -> QToolButton:
        word = text.rstrip("…")
        tip = f"{word} ({keys})" if keys else word
        button = text_button(f"draw.{name}", text, tip, takes_focus=True)
        button.setProperty("keys", keys)
        button.clicked.connect(run)
        return button

    def _lay_out(self, adding: AddDrawing) -> None:
        brush = QLabel("brush")
        set_muted(brush)
        width = QHBoxLayout()
        width.setSpacing(GRID)
        width.addWidget(brush)
        width.addWidget(self.brush, 1)
        buttons = FlowLayout(gap=GRID // 2, row_gap=GRID // 2)
        own = self.undo, self.redo, self.clear, self.paste, self.load
        for widget in (*own, adding.show_all, adding):
            buttons.addWidget(widget)
        tools = QVBoxLayout(self)
        tools.setContentsMargins(0, 0, 0, 0)
        tools.setSpacing(GRID // 2)
        tools.addLayout(width)
        tools.addLayout(buttons)
        self._column = tools


class DrawPanel(QWidget):
    """A canvas, what the network sees of it, and a bar for every output.

    The setters only store; `refresh` draws when `dirty`. `drawn` carries the image (channels, h, w)
    of bytes that the network is to look at, at most 20 times a second; `emptied` says that there is
    nothing to look at any more; `refused` says in a sentence why a picture was not taken, and
    `refusal_over` carries that sentence once other ink is there; `bars_made` carries the bars.
    """

    drawn = Signal(object)
    emptied = Signal()
    refused = Signal(str)
    refusal_over = Signal(str)
    bars_made = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("panel.draw")
        self.setAccessibleName("Draw")
        self.dirty = False
        self._shape: Shape = (1, 28, 28)
        self._obstacle = ""
        self._pinned = image_name(0)  # what is called so; empty: the drawing
        self._snapshot: Snapshot | None = None

        self.setAcceptDrops(True)
        self.canvas = DrawingCanvas()
        self.canvas.setToolTip(_TIP)
        self.pictures = PictureInput(self.canvas, self)
        self.pictures.refused.connect(self.refused)
        self.pictures.refusal_over.connect(self.refusal_over)
        self.adding = AddDrawing()
        self.tools = DrawTools(self.canvas, self.pictures, self.adding)
        self.seen = Thumbnail(2 * _PIXELS)
        self.said = ElidedLabel()
        self.knows = ElidedLabel()
        self.knows.setObjectName("draw.knows")
        self.knows.setFont(small_font())
        set_muted(self.knows)
        place = QWidget()
        self._place_of_bars = QVBoxLayout(place)
        self._place_of_bars.setContentsMargins(0, 0, 0, 0)
        self._outputs = EmptyState(place, _NOTHING)
        self._lay_out()

        self._pause = QTimer(self, singleShot=True, interval=BETWEEN)
        self._pause.timeout.connect(self._send_rest)
        self._waiting = False
        self.canvas.inked.connect(self._on_ink)
        self.canvas.entered.connect(self._pin_again)

    @cached_property
    def bars(self) -> OutputBars:
        """The bars, made when they are first drawn."""
        made = OutputBars()
        self._place_of_bars.addWidget(made)
        self.bars_made.emit(made)
        return made

    # --- what is stored ----------------------------------------------------------------------

    def set_samples(self, samples: Dataset) -> None:
        """Make images as those of some samples are: of their shape, in colour if they are."""
        was_coloured, self._shape = self.coloured, samples.input_shape
        digits = are_digits(samples.class_names) and not self.coloured
        what = DIGIT if digits else PICTURE
        self.canvas.set_what(what, in_colour=self.coloured)
        if self.coloured != was_coloured:
            self.canvas.forget()  # ink of another kind
        self.tools.set_paper_of_data(
            QColor(*paper_of(samples.images)).name() if self.coloured else None
        )
        self._size_seen()
        self.dirty = True

    @property
    def coloured(self) -> bool:
        """Whether images are in red, green and blue."""
        return self._shape[0] == _COLOURS

    def set_obstacle(self, sentence: str) -> None:
        """Say why the network can say nothing; empty: it can."""
        self._obstacle = sentence
        self.dirty = True

    def set_pinned(self, sample: int | None, part: SamplePart = "test") -> None:
        """Take note of which image is pinned; None: the drawing."""
        self._pinned = "" if sample is None else image_name(sample, part)
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
        """Make what the network sees (channels, h, w) of the canvas.

        White ink is centred as the digits of MNIST are; what is in colour keeps its place.
        """
        _, height, width = self._shape
        if self.coloured:
            return resized(self.canvas.picture(), (height, width))
        return centre(self.canvas.ink(), (height, width))[np.newaxis]

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
        unanswered = snapshot.predicted is None
        said = NO_ANSWER_TEXT if unanswered else f"{snapshot.predicted_name}, {sure}"
        self.said.setText(said if unanswered else f"{PREDICTED} {said}")
        self.said.setToolTip(moment_of(snapshot.position))
        self.seen.setAccessibleName(f"What the network sees. Predicted: {said}")
        limit = knows_only(snapshot.class_names)
        self.knows.setText(f"this network {limit}" if limit else "")
        self.knows.setToolTip(_LIMITED if limit else "")
        self.bars.set_outputs(snapshot.outputs, snapshot.class_names)
        self._outputs.show_content()

    def _why_none(self) -> str:
        if self._obstacle:
            return self._obstacle
        if self.canvas.is_empty():
            return _NOTHING
        if self._pinned:
            return f"{self._pinned} is pinned.\nClick the canvas to pin the drawing."
        return _WAITS if self._snapshot is None or self._snapshot.outputs is None else ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show what the network sees the larger, the more room there is."""
        self._size_seen()
        super().resizeEvent(event)

    def _size_seen(self) -> None:
        """Make room for whole pixels of what the network sees."""
        scale = next(scale for scale in (4, 3, 2) if self.height() >= 160 * scale or scale == 2)
        pixels = max(self._shape[1:])
        side = max(1, round(scale * _PIXELS / pixels)) * pixels
        side = min(side, scale * _PIXELS * 3 // 2)  # larger ones lose pixels
        self.seen.setFixedSize(side, side)

    # --- what is drawn -----------------------------------------------------------------------

    @Slot()
    def _on_ink(self) -> None:
        """Send the drawing on, or soon, if one was sent just now."""
        self.dirty = True
        if self.canvas.is_empty():
            self._waiting = False
            if not self._pinned:
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
        if self._pinned and not self.canvas.is_empty():
            self._on_ink()

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
            self.tools.brush.setValue(self.tools.brush.value() + meaning)
        else:
            meaning.click()

    def _meaning(self, event: QKeyEvent) -> QToolButton | int | None:
        """Find the button that a key stands for, or by how much it changes the brush."""
        keys = QKeySequence.StandardKey
        for button, standard in ((self.tools.undo, keys.Undo), (self.tools.redo, keys.Redo)):
            if event.matches(standard):
                return button
        pressed = QKeySequence(event.keyCombination())
        if pressed in (QKeySequence("Ctrl+Y"), QKeySequence("Ctrl+Shift+Z")):
            return self.tools.redo
        if event.matches(keys.Paste):
            return self.tools.paste
        if event.matches(keys.Delete):
            return self.tools.clear
        step = self.tools.brush.singleStep()
        return {"[": -step, "]": step}.get(event.text())

    # --- building ----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """Leave all of the height to the canvas, and put the rest beside it."""
        beside = QWidget()
        side = QVBoxLayout(beside)
        side.setContentsMargins(0, 0, 0, 0)
        side.setSpacing(GRID // 2)
        side.addWidget(self.tools)
        side.addLayout(self._seen())
        side.addWidget(self.knows)
        # It scrolls where the least of all does not fit, not where the bars could be higher.
        self._outputs.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        outputs = QHBoxLayout()
        outputs.addStrut(least_size(QFontMetrics(small_font())).height())
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
