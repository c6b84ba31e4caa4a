"""RunTicks: which runs are ticked for comparing, by the menu of the list, and how many may be."""

from PySide6.QtCore import QObject, Slot

from gui.runs.run_actions import RunActions
from gui.runs.run_list import RunList
from gui.runs.run_model import MOST_TICKED
from gui.widgets.refusal import Refusal


class RunTicks(QObject):
    """Ticks what is chosen, unticks all, and says by `refusal` when no more can be ticked."""

    def __init__(self, runs: RunList, actions: RunActions, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._model, self._actions = runs.runs, actions
        self.refusal = Refusal(self)
        self._model.full.connect(self._on_full)
        self._model.ticked_changed.connect(self._on_ticked)
        actions.tick.triggered.connect(runs.tick_chosen)
        actions.untick.triggered.connect(self._model.untick_all)

    @Slot()
    def _on_full(self) -> None:
        self.refusal.say(f"{MOST_TICKED} runs can be compared at a time. Take some ticks away.")

    @Slot()
    def _on_ticked(self) -> None:
        ticked = len(self._model.ticked())
        self._actions.allow_untick(ticked)
        if ticked < MOST_TICKED:
            self.refusal.end()
