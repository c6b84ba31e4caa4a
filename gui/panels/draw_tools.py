"""The tools of the draw panel: brush, undo and redo, pictures, colours."""

from functools import cached_property

from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QVBoxLayout, QWidget

from gui.panels.add_drawing import AddDrawing
from gui.panels.picture_input import PictureInput
from gui.theme import GRID, set_muted
from gui.widgets.buttons import text_button
from gui.widgets.drawing_canvas import BRUSH, INK, PAPER, DrawingCanvas
from gui.widgets.flow_layout import FlowLayout
from gui.widgets.ink_palette import InkPalette

_LOAD_GREY = "Take a picture from a file: it is cut out and centred"
_LOAD_COLOUR = "Take a picture from a file, in its colours"


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
