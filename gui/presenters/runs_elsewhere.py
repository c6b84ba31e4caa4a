"""RunsElsewhere: the listed runs of other folders: one that is followed, and those that were."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, Signal

from engine.runs.run_folder import Run
from engine.runs.store import RunStore
from gui.presenters.run_changes import RunStep, runs_text


class RunsElsewhere(QObject):
    """Knows which runs are listed beside those of this machine.

    `followed` is as it was seen last, wherever its folder is. Those that were followed are `left`,
    the last one first, until they are taken off the list. `follow_wanted` carries the folder of a
    run that is to be followed again, `unfollow_wanted` says that none is to be any more. `changed`
    says that other runs are to be listed, `brought_back` carries the key of one of them.
    """

    follow_wanted = Signal(object)
    unfollow_wanted = Signal()
    changed = Signal()
    brought_back = Signal(str)
    said = Signal(str)

    def __init__(self, store: RunStore, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._store = store
        self.followed: Run | None = None
        self.left: tuple[Run, ...] = ()

    def has(self, run: Run) -> bool:
        """Return whether a run is none of this machine's."""
        return run.folder.parent != self._store.folder

    def set_followed(self, run: Run | None) -> bool:
        """Take what is followed now, None: no run is; return whether that is another one."""
        before, self.followed = self.followed, run
        if before is not None and run is not None and before.folder == run.folder:
            return False
        if before is not None and self.has(before):
            self.left = (before, *(each for each in self.left if each.key != before.key))
        return True

    def take_off(self, runs: Sequence[Run]) -> RunStep:
        """Take runs off the list, one that is followed, too."""
        bring_back = self._take_off(runs)

        def undo(text: str) -> None:
            bring_back()
            self.brought_back.emit(runs[0].key)
            self.changed.emit()
            self.said.emit(text)

        def redo(text: str) -> None:
            nonlocal bring_back
            bring_back = self._take_off(runs)
            self.said.emit(text)

        return RunStep(f"Take {runs_text(runs)} off the list", undo, redo)

    def _take_off(self, runs: Sequence[Run]) -> Callable[[], None]:
        """Take runs off the list; return what brings them back."""
        keys, followed = {run.key for run in runs}, self.followed
        is_live = followed is not None and followed.key in keys
        if is_live:
            self.unfollow_wanted.emit()
        self.left = tuple(run for run in self.left if run.key not in keys)
        self.changed.emit()

        def bring_back() -> None:
            self.left = (*runs, *(run for run in self.left if run.key not in keys))
            if is_live and followed is not None:
                self.follow_wanted.emit(followed.folder)

        return bring_back
