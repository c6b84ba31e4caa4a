"""The draw panel: a digit by one's own hand, and what the network says of it at once."""

from functools import cached_property
from pathlib import Path

import numpy as np
from PySide6.QtCore import QEvent, QMimeData, QObject, Qt, QTimer, Signal, Slot
from PySide6.QtGui import (
    QColor,
    QDragEnterEvent,
    QDropEvent,
    QFontMetrics,
    QGuiApplication,
    QImage,
    QKeyEvent,
    QKeySequence,
    QPixmap,
    QResizeEvent,
)
from PySide6.QtWidgets import (
    QBoxLayout,
    QColorDialog,
    QFileDialog,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QToolButton,
    QWidget,
)

from engine.advice.class_limits import are_digits, knows_only
from engine.array_types import Shape
from engine.data.dataset import Dataset
from engine.data.handwriting import centre, find_ink, paper_of, resized
from engine.errors import DataError, LayerscopeError, SettingsError
from engine.inputs.drawings import Drawing
from engine.inspection.snapshot import SamplePart, Snapshot
from gui.background.waiting import wait_for
from gui.document.document import LOCKED_REASON
from gui.draw.own_drawings import OwnDrawings
from gui.theme import GRID, small_font
from gui.widgets.buttons import allow, choice_box, fill_by_text, text_button
from gui.widgets.dialogs import bring_to_front
from gui.widgets.drawing_canvas import (
    BRUSH,
    DIGIT,
    DROPPED,
    INK,
    PAPER,
    PICTURE,
    PICTURE_FILTER,
    SIDE,
    DrawingCanvas,
    colour_values,
    find_picture,
    grey_values,
    in_square,
    read_picture,
)
from gui.widgets.empty_state import EmptyState, none_until, until_it_predicts, when_there_is_data
from gui.widgets.headline import checkpoint_of
from gui.widgets.labels import ElidedLabel, FixedLabel, label_for_readers, plain_label
from gui.widgets.layouts import FlowLayout, in_column, in_row, named, scrolling
from gui.widgets.messages import MessageBar
from gui.widgets.number_words import output_text
from gui.widgets.output_bars import OutputBars, least_size
from gui.widgets.pinned_sample import Thumbnail
from gui.widgets.sample_names import NO_ANSWER_TEXT, PREDICTED, image_name
from gui.workspace.context import Context
from gui.workspace.panel import BasePanel

_TOPIC = "picture"
_RED = "#d7322d"
_SIDE = 12  # px of a colour
_LOAD_GREY = "Take a picture from a file: it is cut out and centred"
_LOAD_COLOUR = "Take a picture from a file, in its colours"
BETWEEN = 50  # ms between two images that are sent: 20 a second
_TIP = "Draw with the mouse or a pen; the right button erases."
_NOTHING = "What the network says will be here."
_WAITS = "Waiting for what the network says of the drawing."
_LIMITED = "Whatever is drawn, it answers one of these classes: the one that fits best."
_COLOURS = 3  # channels of an image in colour
_PIXELS = 28  # of what the network sees, which are shown twice as large, or larger
_ROWS = 10  # classes, whose bars have their room
_CANVAS = 12 * GRID  # px of its side, at least
_BESIDE = 22 * GRID  # px; the canvas leaves so many to what stands beside it


_LEAST = 6  # letters of a class that there is room for
_DRAWING_TIP = (
    "Add the drawing to the training samples, as one of this class; it is kept with the project"
)
_LIST_TIP = "Look at your own drawings among the training samples, and remove some"


NO_DATA = when_there_is_data("What the network says of the drawing")
_EMPTY = "Draw something first, or load a picture."
_NO_SAMPLES = "There is no data whose classes it could be one of."
_OTHER_DATA = "This run has other images. Go back to now to train with a drawing."
_OTHER_INK = (
    "This network was trained with images in other colours than this drawing has.\n"
    "Go back to now to go on drawing."
)


class PictureInput(QObject):
    """Puts pictures on a canvas; why one was not taken is said till other ink is there."""

    def __init__(self, canvas: DrawingCanvas, messages: MessageBar, parent: QWidget) -> None:
        super().__init__(parent)
        self._canvas, self._messages, self._window = canvas, messages, parent
        self._folder = ""
        canvas.inked.connect(self._on_ink)

    def take_in(self, picture: Path | QImage) -> None:
        """Put a picture, or that in a file, on the canvas, or refuse it in a sentence."""
        try:
            if isinstance(picture, Path):
                title = f"Reading {picture.name}"
                read = wait_for(self._window, title, lambda _: read_picture(picture))
                self._take(read, picture.name)
            else:
                self._take(picture, "The picture")
        except LayerscopeError as error:
            self.refuse(str(error))

    @Slot()
    def ask_for_file(self) -> None:
        """Ask which picture to load, and take it in."""
        name, _ = QFileDialog.getOpenFileName(
            self._window, "Load image", self._folder, PICTURE_FILTER
        )
        if name:
            self._folder = str(Path(name).parent)
            self.take_in(Path(name))

    @Slot()
    def paste(self) -> None:
        """Take in the picture on the clipboard."""
        data: QMimeData | None = QGuiApplication.clipboard().mimeData()  # none: never any copied
        picture = None if data is None else find_picture(data)
        if picture is None:
            self.refuse("There is no picture on the clipboard. Copy one first.")
        else:
            self.take_in(picture)

    def refuse(self, why: str) -> None:
        """Say why a picture is not taken."""
        self._messages.say(_TOPIC, why)

    def _take(self, image: QImage, name: str) -> None:
        """Put a picture on the canvas: in colour as it is, else its ink.

        Raises DataError if there is no ink, but only paper.
        """
        if self._canvas.in_colour:
            self._canvas.show_picture(colour_values(image, SIDE, self._canvas.paper))
        else:
            ink = find_ink(grey_values(image, SIDE))
            if not ink.any():
                raise DataError(
                    f"{name} shows only paper, or its ink is too faint. Choose a picture with more "
                    "contrast."
                )
            self._canvas.show_picture(in_square(ink, SIDE))
        self._canvas.setFocus()

    @Slot()
    def _on_ink(self) -> None:
        if not self._canvas.is_empty():
            self._messages.unsay(_TOPIC)


class AddDrawing(QWidget):
    """A button and a list of classes; `show_all` is a button that shows the added drawings.

    `wanted` carries the name of the class that the drawing is to be one of.
    """

    wanted = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.add = text_button("draw.add", "Train as", _DRAWING_TIP, takes_focus=True)
        self.classes = choice_box("draw.class", "Class of the drawing")
        self.classes.setMinimumContentsLength(_LEAST)
        self.show_all = text_button("draw.own", "", _LIST_TIP, takes_focus=True)
        in_row(self.add, self.classes, of=self)
        label_for_readers(self)
        self.add.clicked.connect(lambda: self.wanted.emit(self.classes.currentText()))
        self.classes.activated.connect(self._choose)
        self._chosen = False  # by hand, for this drawing
        self.set_count(0)

    @Slot()
    def _choose(self) -> None:
        self._chosen = True

    def suggest(self, name: str | None) -> None:
        """Choose the class that the network says, unless one was chosen; None: a new drawing."""
        if name is None:
            self._chosen = False
        elif not self._chosen:
            self.classes.setCurrentIndex(max(0, self.classes.findText(name)))

    def set_count(self, count: int) -> None:
        """Say how many drawings there are."""
        self.show_all.setVisible(count > 0)
        self.show_all.setText(f"{count:,} of your own…")
        self.show_all.setAccessibleName(f"Your own drawings: {count:,}")


class DrawTools(QWidget):
    """A slider for the brush, and `buttons` for what can be done with the canvas."""

    def __init__(
        self,
        canvas: DrawingCanvas,
        pictures: PictureInput,
        adding: AddDrawing,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self.brush = named(
            QSlider(Qt.Orientation.Horizontal),
            "draw.brush",
            "Brush width in 280ths of the canvas",
            "Brush width",
        )
        self.brush.setRange(8, 56)
        self.brush.setSingleStep(4)
        self.brush.setValue(BRUSH)
        self.brush.valueChanged.connect(canvas.set_brush)
        self.undo = self._tool("undo", "Undo", "Ctrl+Z", canvas.undo)
        self.redo = self._tool("redo", "Redo", "Ctrl+Y", canvas.redo)
        self.clear = self._tool("clear", "Clear", "Del", canvas.clear)
        self.load = self._tool("load", "Load…", "", pictures.ask_for_file)
        self.paste = self._tool("paste", "Paste", "Ctrl+V", pictures.paste)
        self.ink = self._tool("ink", "Colour…", "", self._choose_ink)
        self.ink.setToolTip("Choose the colour of the brush")
        self.ink.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._show_ink(_RED)
        self.set_paper_of_data(None)
        canvas.history_changed.connect(self._allow)
        self.buttons = QWidget()
        buttons = FlowLayout(self.buttons, gap=GRID // 2, row_gap=GRID // 2)
        own = self.undo, self.redo, self.clear, self.paste, self.load, self.ink
        for widget in (*own, adding.show_all, adding):
            buttons.addWidget(widget)
        in_row(plain_label("brush", muted=True), (self.brush, 1), of=self, gap=GRID)
        self._allow()

    def set_paper_of_data(self, colour: str | None) -> None:
        """Draw in colour on the paper that images of the data have; None: these are grey."""
        canvas = self._canvas
        self.ink.setVisible(colour is not None)
        canvas.ink_colour = INK if colour is None else self._chosen
        canvas.set_paper(colour or PAPER)
        self.load.setToolTip(_LOAD_GREY if colour is None else _LOAD_COLOUR)

    @Slot()
    def _choose_ink(self) -> None:
        chosen = QColorDialog.getColor(QColor(self._chosen), self, "Colour of the brush")
        if chosen.isValid() and not self.ink.isHidden():
            self._canvas.ink_colour = chosen.name()
            self._show_ink(chosen.name())

    def _show_ink(self, colour: str) -> None:
        self._chosen = colour
        picture = QPixmap(_SIDE, _SIDE)
        picture.fill(colour)
        self.ink.setIcon(picture)

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

    def _tool(self, name: str, text: str, keys: str, run: object) -> QToolButton:
        word = text.rstrip("…")
        tip = f"{word} ({keys})" if keys else word
        button = text_button(f"draw.{name}", text, tip, takes_focus=True)
        button.setProperty("keys", keys)
        button.clicked.connect(run)
        return button


class DrawPanel(BasePanel):
    """A canvas, what the network sees of it, and a bar for every output.

    The setters only store; `refresh` draws when `dirty`. `drawn` carries the image (channels, h, w)
    of bytes that the network is to look at, at most 20 times a second; `emptied` says that there is
    nothing to look at any more. Once the canvas is empty, the sample that was pinned before the
    drawing is pinned again.
    """

    drawn = Signal(object)
    emptied = Signal()

    def __init__(self, context: Context) -> None:
        super().__init__("draw", "Draw")
        self._document, self._edits, self._view = context.document, context.edits, context.view
        self._before = self._view.state.pinned or 0
        self._shape: Shape = (1, 28, 28)
        self._obstacle = ""
        self._pinned = ""  # the name of the image; empty: the drawing is pinned
        self._snapshot: Snapshot | None = None

        self.setAcceptDrops(True)
        self.canvas = DrawingCanvas()
        self.canvas.setToolTip(_TIP)
        self.pictures = PictureInput(self.canvas, context.messages, self)
        self.adding = AddDrawing()
        self.tools = DrawTools(self.canvas, self.pictures, self.adding)
        self.seen = Thumbnail(2 * _PIXELS + 2)
        self.said = ElidedLabel()
        self.said.setFont(small_font(bold=True))
        self.knows = named(ElidedLabel(), "draw.knows", muted=True)
        place = QWidget()
        self._place_of_bars = in_column(of=place)
        self._outputs = EmptyState(place, _NOTHING)
        self._lay_out()
        self._share_room()  # and give all a parent, else they are windows of their own

        self._pause = QTimer(self, singleShot=True, interval=BETWEEN)
        self._pause.timeout.connect(self._send_rest)
        self._waiting = False
        self.canvas.inked.connect(self._on_ink)
        self.canvas.entered.connect(self._pin_again)
        self.canvas.history_changed.connect(self._allow)
        self.drawn.connect(self._view.pin_drawing)
        self.emptied.connect(self._pin_before)
        self.adding.wanted.connect(self._add)
        self.adding.show_all.clicked.connect(self._show_list)
        store = self._view.store
        store.watch(lambda s: (s.samples, s.problem), self._on_samples)
        store.watch(lambda s: (s.report, s.checkpoint), self._tell_obstacle)
        store.watch(lambda s: s.document.settings, self._tell_drawings)
        store.watch(lambda s: s.document.locked, self._allow)
        store.watch(lambda s: s.place, self._on_pinned)
        store.show(lambda s: s.seen.snapshot, self.show_snapshot)
        self._on_pinned()
        self._on_samples()

    @cached_property
    def bars(self) -> OutputBars:
        """The bars, made when they are first drawn."""
        made = OutputBars()
        self._place_of_bars.addWidget(made)
        return made

    def as_csv(self) -> bytes:
        """Write what the network says of the drawing."""
        return self.bars.table()

    # --- what is seen ------------------------------------------------------------------------

    def _on_samples(self) -> None:
        samples = self._view.state.samples
        if samples is not None and self._suits(samples.input_shape):
            self.set_samples(samples)
            if not self._view.state.is_elsewhere:
                fill_by_text(self.adding.classes, samples.class_names)
        self._tell_obstacle()
        self._tell_drawings()

    def _on_pinned(self) -> None:
        place, pinned = self._view.state.place, self._view.state.pinned
        self.set_pinned(*place)
        self._before = self._before if pinned is None else pinned

    @Slot()
    def _pin_before(self) -> None:
        self._view.pin(self._before)

    def _tell_obstacle(self) -> None:
        obstacle = NO_DATA if self._view.state.samples is None else ""
        if self._view.state.checkpoint is not None:  # its network is there without any data
            obstacle = "" if self._suits(self._view.state.stack.input_shape) else _OTHER_INK
        until = until_it_predicts(self._view.state.report)
        self.set_obstacle(none_until("prediction", until) if until else obstacle)

    def _suits(self, shape: Shape) -> bool:
        """Return whether what is drawn can be made such an image: ink is grey or in colour.

        For a moment of a run, what was drawn is not given up.
        """
        return self._view.state.checkpoint is None or (shape[0] > 1) == self.coloured

    # --- drawings that are trained on --------------------------------------------------------

    @Slot(str)
    def _add(self, class_name: str) -> None:
        """Train with the drawing too, and make room for the next."""
        try:
            self._edits.add_drawing(Drawing.of(self.image(), class_name))
        except SettingsError as error:
            self.pictures.refuse(str(error))
        else:
            self.canvas.clear()

    @cached_property
    def drawings(self) -> OwnDrawings:
        """The window that lists them, made when it is first wanted."""
        return OwnDrawings(self._edits.remove_drawings, self.window())

    @Slot()
    def _show_list(self) -> None:
        window = self.drawings
        self._tell_drawings()
        bring_to_front(window)

    def _tell_drawings(self) -> None:
        drawings, samples = self._document.settings.drawings, self._view.state.samples
        self.adding.set_count(len(drawings))
        if "drawings" in vars(self) and not self._view.state.is_elsewhere:
            names = samples.class_names if samples is not None else ()
            self.drawings.show_drawings(drawings, names, self._document.stack.input_shape)
        self._allow()

    @Slot()
    def _allow(self) -> None:
        locked = LOCKED_REASON if self._document.locked else ""
        reason = _EMPTY if self.canvas.is_empty() else ""
        if self._view.state.samples is None:
            reason = _NO_SAMPLES
        if self._view.state.is_elsewhere:
            reason = _OTHER_DATA
        allow(self.adding.add, _DRAWING_TIP, unless=locked or reason)
        if "drawings" in vars(self):
            self.drawings.set_obstacle(locked)

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
        self._share_room()
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

    def show_snapshot(self, snapshot: Snapshot | None) -> None:
        """Store the newest snapshot; one of a sample is none of this panel's."""
        if snapshot is not None and snapshot.index is None:
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
        self._share_room()
        self.seen.set_picture(self.image())
        snapshot = self._snapshot
        sentence = self._why_none()
        if sentence or snapshot is None or snapshot.outputs is None or snapshot.largest is None:
            self.said.clear()
            self.knows.clear()
            self._outputs.show_sentence(sentence)
            return
        said = shown = NO_ANSWER_TEXT
        if snapshot.predicted is not None:
            said = f"{snapshot.predicted_name} ({output_text(snapshot.largest)})"
            shown = f"{PREDICTED} {said}"
            self.adding.suggest(snapshot.predicted_name)
        self.said.setText(shown)
        self.said.setToolTip(checkpoint_of(snapshot.position))
        self.seen.setAccessibleName(f"What the network sees. Predicted: {said}")
        limit = knows_only(snapshot.class_names)
        self.knows.setText(f"this network {limit}" if limit else "")
        self.knows.setVisible(bool(limit))
        self.knows.setToolTip(_LIMITED if limit else "")
        self.bars.set_outputs(snapshot.outputs, snapshot.class_names)
        self._outputs.show_content()

    def _why_none(self) -> str:
        if self._obstacle:
            return self._obstacle
        if self.canvas.is_empty():
            return _NOTHING
        if self._pinned:
            return f"{self._pinned} is selected.\nClick the canvas to select the drawing."
        return _WAITS if self._snapshot is None or self._snapshot.outputs is None else ""

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the room anew."""
        self._share_room()
        super().resizeEvent(event)

    def _share_room(self) -> None:
        """Put all else beside the canvas or below it, whichever leaves it more room.

        What the network sees has whole pixels, and stands beside the canvas or below it too.
        """
        width, high, way = self.width(), self.height(), QBoxLayout.Direction
        more = max(0, min(self.adding.classes.count(), _ROWS) - 3)  # than the least bars
        rest = self._page.totalMinimumHeightForWidth(width) + more * self._least_bars // 3
        left, side = high - rest - GRID, self._side_seen(2)
        beside, above = min(width - side - GRID, left), min(width, left - side - GRID)
        stacked = max(beside, above, _CANVAS) >= min(width - _BESIDE - GRID, high)
        below = stacked and above >= beside
        side = self._side_seen(2 if stacked else min(4, max(2, high // 160)))
        self.seen.setFixedSize(side, side)
        self._sight.setDirection(way.TopToBottom if stacked and not below else way.LeftToRight)
        most = max(_CANVAS, above if below else beside if stacked else high)
        for part in (self.canvas, self._seeing):  # what may grow in the row of the canvas
            part.setMaximumHeight(most)
        self._whole.setRowStretch(0, 1000 if stacked else 0)
        self._whole.addWidget(self.canvas, 0, 0, 1 if stacked else 3, 2 if below else 1)
        self._whole.addWidget(self._seeing, *((1, 0, 1, 2) if below else (0, 1, 1, 1)))
        self._whole.addWidget(self._rest, *((2, 0, 1, 2) if stacked else (2, 1, 1, 1)))

    def _side_seen(self, scale: int) -> int:
        """Return the px of what the network sees in its hairline, where 28 are `scale` px each."""
        pixels = max(self._shape[1:])
        side = max(1, round(scale * _PIXELS / pixels)) * pixels
        return min(side, scale * _PIXELS * 3 // 2) + 2  # larger ones lose pixels

    # --- what is drawn -----------------------------------------------------------------------

    @Slot()
    def _on_ink(self) -> None:
        """Send the drawing on, or soon, if one was sent just now."""
        self.dirty = True
        if self.canvas.is_empty():
            self._waiting = False
            if not self._pinned:
                self._snapshot = None
                self.adding.suggest(None)
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
        if find_picture(event.mimeData(), DROPPED) is not None:
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        event.acceptProposedAction()
        picture = find_picture(event.mimeData(), DROPPED)
        if picture is not None:
            self.pictures.take_in(picture)

    # --- keys --------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Keep the window from taking the keys that mean the drawing here."""
        asked = event.type() == QEvent.Type.ShortcutOverride
        if asked and isinstance(event, QKeyEvent) and self._meaning(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        button = self._meaning(event)
        if button is None:
            super().keyPressEvent(event)
        else:
            button.click()

    def _meaning(self, event: QKeyEvent) -> QToolButton | None:
        """Find the button that a key stands for."""
        keys = QKeySequence.StandardKey
        for button, standard in ((self.tools.undo, keys.Undo), (self.tools.redo, keys.Redo)):
            if event.matches(standard):
                return button
        pressed = QKeySequence(event.keyCombination())
        if pressed in (QKeySequence("Ctrl+Y"), QKeySequence("Ctrl+Shift+Z")):
            return self.tools.redo
        if event.matches(keys.Paste):
            return self.tools.paste
        return self.tools.clear if event.matches(keys.Delete) else None

    # --- building ----------------------------------------------------------------------------

    def _lay_out(self) -> None:
        """Leave all of the height to the canvas, and put the rest beside it."""
        rest = QWidget()
        # It scrolls where the least of all does not fit, not where the bars could be higher.
        self._outputs.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Ignored)
        outputs = QHBoxLayout()
        self._least_bars = least_size(QFontMetrics(small_font())).height()
        outputs.addStrut(self._least_bars)
        outputs.addWidget(self._outputs)
        self._page = in_column(self.tools, self.knows, (outputs, 1), self.tools.buttons, of=rest)
        self._rest = scrolling(rest)
        self._rest.setMinimumWidth(_BESIDE)
        self._rest.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        sees = plain_label("it sees", muted=True)
        words = in_column(sees, FixedLabel(self.said), 1, gap=0)
        self._seeing = QWidget()
        self._sight = in_row(self.seen, (words, 1), of=self._seeing, gap=GRID)
        self._whole = QGridLayout(self)
        self._whole.setSpacing(GRID)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.setColumnStretch(0, 1000)  # the canvas takes up to its height
        self._whole.setColumnStretch(1, 1)
        self._whole.setRowStretch(2, 1)
