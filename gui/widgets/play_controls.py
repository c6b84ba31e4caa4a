"""PlayControls: Back, Play and Next, and how fast it plays."""

from collections.abc import Callable

from PySide6.QtCore import QTimer, Slot
from PySide6.QtWidgets import QComboBox, QWidget

from gui.theme import GRID
from gui.widgets.buttons import allow, text_button
from gui.widgets.labels import ElidedLabel, FixedLabel
from gui.widgets.layouts import in_row, named

SPEEDS = {"slow": 4000, "normal": 1500, "fast": 400, "very fast": 60}  # ms a step
STEPS = ("One step back", "Go through all steps by itself", "One step on")
_ENDS = ("◂", "▸")
_WORDS = ("▶ Play", "❚❚ Pause")
_GAP = GRID // 2  # px


class PlayControls(QWidget):
    """Goes on or back by a step with `go_on` and `go_back`; while it plays, on and on.

    The names of the controls begin with `name`; `tips` say what Back, Play and Next do. A label
    may stand `instead` of where one is.
    """

    def __init__(
        self,
        name: str,
        go_on: Callable[[], None],
        go_back: Callable[[], None],
        tips: tuple[str, str, str] = STEPS,
        instead: FixedLabel | None = None,
    ) -> None:
        super().__init__()
        self._tips = tips
        self.back = text_button(f"{name}.back", _ENDS[0], tips[0], spoken=tips[0])
        self.play = text_button(f"{name}.play", _WORDS[0], tips[1], spoken=tips[1])
        self.next = text_button(f"{name}.next", _ENDS[1], tips[2], spoken=tips[2])
        self.play.setCheckable(True)
        self.play.setText(max(_WORDS, key=len))
        self.play.setMinimumWidth(self.play.sizeHint().width())  # so that nothing beside it moves
        self.play.setText(_WORDS[0])
        self.speed = named(QComboBox(), f"{name}.speed", "Speed of playing", small=True)
        self.speed.addItems(list(SPEEDS))
        self.speed.setCurrentText("normal")
        self.where = named(ElidedLabel(), f"{name}.where", muted=True)
        self._place = FixedLabel(self.where)  # while it plays, the text changes often
        self._instead = QWidget() if instead is None else instead
        self._timer = QTimer(self)
        buttons, places = (self.back, self.play, self.next), ((self._place, 1), (self._instead, 1))
        in_row(*buttons, self.speed, *places, of=self, gap=_GAP)
        self.show_instead(False)
        for button, go in ((self.back, go_back), (self.next, go_on)):
            button.clicked.connect(self.stop)
            button.clicked.connect(go)
        self.play.toggled.connect(self._play)
        self.speed.currentTextChanged.connect(self._change_speed)
        self._timer.timeout.connect(go_on)

    @property
    def playing(self) -> bool:
        """Whether it goes on by itself."""
        return self._timer.isActive()

    @Slot()
    def stop(self) -> None:
        """Stop playing; what is shown stays."""
        self.play.setChecked(False)

    def allow_steps(self, *unless: str) -> None:
        """Enable Back, Play and Next, or say of each why it cannot be used."""
        buttons = (self.back, self.play, self.next)
        for button, tip, why in zip(buttons, self._tips, unless, strict=True):
            allow(button, tip, unless=why)

    def show_place(self, words: str) -> None:
        """Say where one is."""
        self.where.setText(words)

    def show_instead(self, instead: bool) -> None:
        """Show the other label, or where one is."""
        self._place.setVisible(not instead)
        self._instead.setVisible(instead)

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
