"""PlayControls: Back, Play and Next, and how fast it plays."""

from PySide6.QtCore import QEvent, QTimer, Signal, Slot
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QWidget

from gui.theme import GRID, set_muted, small_font
from gui.widgets.buttons import text_button
from gui.widgets.elision import ElidedLabel
from gui.widgets.fixed_label import FixedLabel

SPEEDS = {"slow": 1600, "normal": 700, "fast": 250, "very fast": 60}  # ms a step
STEPS = ("One step back", "Go through all steps by itself", "One step on")
ENDS = ("◀ Back", "Next ▶")
_WORDS = ("▶ Play", "❚❚ Pause")


class PlayControls(QWidget):
    """Asks for the next or the previous step; while it plays, again and again.

    The names of the controls begin with `name`; `tips` say what Back, Play and Next do, and `ends`
    are the texts of Back and Next.
    """

    next_wanted = Signal()
    back_wanted = Signal()

    def __init__(
        self,
        name: str,
        tips: tuple[str, str, str] = STEPS,
        ends: tuple[str, str] = ENDS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.back = text_button(f"{name}.back", ends[0], tips[0], spoken=tips[0])
        self.play = text_button(f"{name}.play", _WORDS[0], tips[1], spoken=tips[1])
        self.next = text_button(f"{name}.next", ends[1], tips[2], spoken=tips[2])
        self.play.setCheckable(True)
        self._keep_width()
        self.speed = QComboBox()
        self.speed.setObjectName(f"{name}.speed")
        self.speed.setAccessibleName("Speed of playing")
        self.speed.setFont(small_font())
        self.speed.addItems(list(SPEEDS))
        self.speed.setCurrentText("normal")
        self.where = ElidedLabel()
        self.where.setObjectName(f"{name}.where")
        set_muted(self.where)
        self._place = FixedLabel(self.where)  # while it plays, the text changes often
        self._other: QWidget | None = None  # that shares the place
        self._timer = QTimer(self)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GRID // 2)
        for widget in (self.back, self.play, self.next, self.speed):
            row.addWidget(widget)
        row.addWidget(self._place, 1)
        self.back.clicked.connect(self._step_back)
        self.next.clicked.connect(self._step_on)
        self.play.toggled.connect(self._play)
        self.speed.currentTextChanged.connect(self._change_speed)
        self._timer.timeout.connect(self.next_wanted)

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    @Slot()
    def stop(self) -> None:
        """Stop playing; what is shown stays."""
        self.play.setChecked(False)

    def show_place(self, words: str, *shorter: str) -> None:
        """Say where one is, in shorter words where there is little room."""
        self.where.set_texts(words, *shorter)

    def share_place(self, label: QWidget) -> None:
        """Put a label where the place is said; while it is shown, the place is not."""
        layout = self.layout()
        assert isinstance(layout, QHBoxLayout)
        layout.addWidget(label, 1)
        self._other = label
        self.show_other(False)

    def show_other(self, other: bool) -> None:
        """Show the label that shares the place, or the place."""
        self._place.setVisible(not other)
        if self._other is not None:
            self._other.setVisible(other)

    def changeEvent(self, event: QEvent) -> None:
        """Have room for both words of Play in another font."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._keep_width()

    def _keep_width(self) -> None:
        """Make Play as wide as its longer word, so that nothing beside it moves."""
        now, widths = self.play.text(), []
        for word in _WORDS:
            self.play.setText(word)
            widths.append(self.play.sizeHint().width())
        self.play.setText(now)
        self.play.setMinimumWidth(max(widths))

    @Slot()
    def _step_on(self) -> None:
        self.stop()
        self.next_wanted.emit()

    @Slot()
    def _step_back(self) -> None:
        self.stop()
        self.back_wanted.emit()

    @Slot(bool)
    def _play(self, on: bool) -> None:
        self.play.setText(_WORDS[on])
        if on:
            self._timer.start(SPEEDS[self.speed.currentText()])
        else:
            self._timer.stop()

    @Slot(str)
    def _change_speed(self, name: str) -> None:
        self._timer.setInterval(SPEEDS[name])
