"""RunHistory: what was changed of kept runs, to be undone and made again."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from PySide6.QtCore import QObject, Signal, Slot

Done = Callable[[bool], None]  # told whether something came of it, maybe later


@dataclass(eq=False)
class RunStep:
    """One change, as it is called: `Pin “Run 3”`. `done_at`, `undone_at` are s on the clock."""

    what: str
    undo: Callable[[Done], None]
    redo: Callable[[Done], None]
    done_at: float = 0.0
    undone_at: float = 0.0


class RunHistory(QObject):
    """Undoes and makes again, the last one first; a step of which nothing came is forgotten.

    `said` carries a sentence on what was undone or made again. `changed` says that another step may
    be undone or made again next.
    """

    said = Signal(str)
    changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._undos: list[RunStep] = []
        self._redos: list[RunStep] = []

    @property
    def last(self) -> RunStep | None:
        """What would be undone next."""
        return self._undos[-1] if self._undos else None

    @property
    def next(self) -> RunStep | None:
        """What would be made again next."""
        return self._redos[-1] if self._redos else None

    def note(self, step: RunStep) -> None:
        """Remember what was just done; what was undone before is not made again any more."""
        self._redos.clear()
        self._push(step)

    @Slot()
    def undo(self) -> None:
        """Undo the last change."""
        if self._undos:
            step = self._undos.pop()
            step.undone_at = time.monotonic()
            self._redos.append(step)
            step.undo(partial(self._end, step, f"Undone: {step.what}."))
            self.changed.emit()

    @Slot()
    def redo(self) -> None:
        """Make the change again that was undone last."""
        if self._redos:
            step = self._redos.pop()
            self._push(step)
            step.redo(partial(self._end, step, f"Redone: {step.what}."))

    @Slot()
    def forget(self) -> None:
        """Undo nothing any more: it was removed for good."""
        self._undos.clear()
        self.forget_redos()

    def forget_redos(self) -> None:
        """Make nothing again any more: something else was done instead."""
        self._redos.clear()
        self.changed.emit()

    def _push(self, step: RunStep) -> None:
        step.done_at = time.monotonic()
        self._undos.append(step)
        self.changed.emit()

    def _end(self, step: RunStep, text: str, came: bool) -> None:
        if came:
            self.said.emit(text)
            return
        for steps in (self._undos, self._redos):
            if step in steps:
                steps.remove(step)
        self.changed.emit()
