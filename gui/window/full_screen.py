"""FullScreen: one view fills the screen, for a lecture with larger text; Escape ends both."""

from PySide6.QtCore import QObject, Slot
from PySide6.QtWidgets import QApplication, QWidget

from gui.theme import magnify
from gui.widgets.buttons import make_action
from gui.window.run_bar import RunBar
from gui.window.stage import OwnWindow, Stage, turn_full_screen

MAGNIFIED = 1.5


class FullScreen(QObject):
    """Has two actions: full screen, and the same with larger text for a projector."""

    def __init__(self, stage: Stage, run_bar: RunBar, window: QWidget) -> None:
        super().__init__(window)
        self._stage, self._run_bar, self._window = stage, run_bar, window
        self.action = make_action(
            window,
            "full_screen",
            "&Full screen",
            self._toggle,
            keys="F11",
            tip="Show the view that was clicked last alone on the whole screen; Escape ends that",
        )
        self.projector = make_action(
            window,
            "projector",
            "&Projector mode",
            lambda: None,
            keys="Ctrl+Shift+P",
            tip="Full screen with larger text and lines, for a whole room; Escape ends it",
        )
        self.projector.setCheckable(True)
        self.projector.toggled.connect(self._project)
        run_bar.back.clicked.connect(stage.show_all)
        stage.alone_changed.connect(self._on_alone)
        stage.filling_wanted.connect(self._toggle)

    @Slot()
    @Slot(str)
    def _toggle(self, title: str = "") -> None:
        window = QApplication.activeWindow()
        if isinstance(window, OwnWindow):
            turn_full_screen(window)
        elif self._stage.filled:
            self._stage.show_all()
        else:
            self._stage.fill(title or self._stage.in_use()[0])

    @Slot(bool)
    def _on_alone(self, alone: bool) -> None:
        """Fill the screen while a view has all the window."""
        self._run_bar.set_quiet(alone)
        if alone != self._window.isFullScreen():
            turn_full_screen(self._window)
        if not alone:
            self.projector.setChecked(False)

    @Slot(bool)
    def _project(self, on: bool) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        if on:
            self._stage.fill(self._stage.in_use()[0])
        else:
            self._stage.show_all()
        magnify(app, MAGNIFIED if on else 1.0)
