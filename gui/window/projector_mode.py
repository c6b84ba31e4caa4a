"""Projector mode: larger text and lines for a whole room, and controls out of the way."""

from functools import cached_property
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Slot
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget

from gui.theme import magnify
from gui.widgets.buttons import make_action
from gui.window.panels import Panels
from gui.window.stage import Stage
from gui.workspace.context import Context, Presenter

if TYPE_CHECKING:
    from gui.glass.panel import GlassPanel

MAGNIFIED = 1.5
_TOPIC = "projector mode"
BEGUN = "Projector mode: Ctrl+Shift+P ends it."


class Projector(Presenter):
    """Switches the mode on and off: larger text, and the middle view in all the room."""

    def __init__(self, context: Context, stage: Stage, panels: Panels, run_bar: QWidget) -> None:
        super().__init__(context)
        self._stage, self._panels, self._run_bar = stage, panels, run_bar
        self._enlarged_here = False
        self.action: QAction = make_action(
            self._window,
            "projector",
            "&Projector mode",
            lambda: None,
            keys="Ctrl+Shift+P",
            tip="Larger text and lines; one view for the whole room",
        )
        self.action.setCheckable(True)
        self.action.toggled.connect(self._switch)
        stage.enlarged_changed.connect(self._show_run_bar)

    @cached_property
    def _glass(self) -> "GlassPanel":
        """Under glass, which offers the way back."""
        panel = self._panels.glass.panel
        panel.leave.clicked.connect(self.action.trigger)
        return panel

    @Slot(bool)
    def _switch(self, on: bool) -> None:
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setOverrideCursor(Qt.CursorShape.WaitCursor)
        if on and not self._stage.enlarged:
            self._stage.toggle_enlarged(self._stage.stage.current, alone=True)
            self._enlarged_here = True
        elif not on and self._enlarged_here:
            self._enlarged_here = False
            if self._stage.enlarged:
                self._stage.toggle_enlarged()
        magnify(app, MAGNIFIED if on else 1.0)
        self._glass.set_projected(on)
        self._show_run_bar()
        if on:
            self._messages.done(BEGUN, _TOPIC)
        else:
            self._messages.unsay(_TOPIC)
        app.restoreOverrideCursor()

    @Slot()
    def _show_run_bar(self) -> None:
        """Hide what controls the run while a step is under glass, which has its own way back."""
        alone = self.action.isChecked() and self._stage.enlarged
        self._run_bar.setVisible(not (alone and self._glass.isVisible()))
