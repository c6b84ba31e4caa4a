"""RunActions: what can be done with the chosen runs, and the menus that list it."""

from collections.abc import Sequence

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QWidget

from engine.runs.run_folder import Run
from gui.widgets.buttons import enable, make_action

# By the ending of an export: what the menu says of it, and what it writes.
EXPORTS = {
    "zip": ("&Zip file…", "Put the whole run folder into one file"),
    "csv": ("&Table of its epochs (CSV)…", "Write loss and accuracy of every epoch as a table"),
}
NOTHING_CHOSEN = "Choose a run in the list of the panel Runs first."
ONE_AT_A_TIME = "Choose one run alone: this is not done with several at a time."
ELSEWHERE = "It lies in another folder: the program that writes it has a say in that."
_DELETES = "Delete it; Undo brings it back. One of another folder is only taken off the list"


class RunActions(QObject):
    """Makes the actions and says of each whether it can be done, and why not."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)

        def act(name: str, text: str) -> QAction:
            """Make an action that whoever wants to hears of; keys after a tab are the list's."""
            return make_action(parent, f"run_{name}", text, lambda: None, tip=text)

        self.look = act("look", "&Show its last epoch\tEnter")
        self.rename = act("rename", "&Rename\tF2")
        self.note = act("note", "&Note…")
        self.pin = act("pin", "&Pin")
        self.pin.setCheckable(True)
        self.tick = act("tick", "&Tick for comparing\tSpace")
        self.open = act("open", "&Open as project")
        self.reveal = act("reveal", "Show in file &manager")
        self.delete = act("delete", "&Delete\tDel")
        self.quota = act("quota", "&Quota of all runs…")
        enable(self.quota, "How much room all runs may take before the oldest are deleted")
        self.exports = {kind: act(f"export_{kind}", title) for kind, (title, _) in EXPORTS.items()}
        self.menu = QMenu(parent)
        self.menu.setToolTipsVisible(True)
        self.menu.addActions([self.look, self.tick])
        self.menu.addSeparator()
        self.menu.addActions([self.rename, self.note, self.pin])
        self.menu.addSeparator()
        self.menu.addAction(self.open)
        export = self.menu.addMenu("&Export")
        export.setToolTipsVisible(True)
        export.addActions([*self.exports.values()])
        self.menu.addAction(self.reveal)
        self.menu.addSeparator()
        self.menu.addAction(self.delete)
        self.menu.addSeparator()
        self.menu.addAction(self.quota)
        self.allow((), "", elsewhere=False)

    def allow(self, chosen: Sequence[Run], locked: str, *, elsewhere: bool) -> None:
        """Say what can be done with the chosen runs.

        `locked` says why no other project can be opened now; some may lie `elsewhere`, among no
        runs of this machine.
        """
        none = "" if chosen else NOTHING_CHOSEN
        several = none or ("" if len(chosen) == 1 else ONE_AT_A_TIME)
        kept = [run for run in chosen if run.kept_epochs]
        no_weights = several or ("" if kept else chosen[0].why_no_weights)
        theirs = ELSEWHERE if elsewhere else ""
        tip = "Show the network as it was after its last epoch, and after those that still come"
        enable(self.look, tip, unless=no_weights)
        enable(self.rename, "Give the run another name", unless=several or theirs)
        enable(self.note, "Write down what you want to remember of it", unless=several or theirs)
        enable(self.pin, "Keep it when room is made for other runs", unless=none or theirs)
        enable(self.tick, "Compare it with other ticked runs", unless=none)
        tip = "Begin a new project with it, as it is shown or else after its last epoch"
        enable(self.open, tip, unless=no_weights or locked)
        enable(self.reveal, "Open the folder of the run", unless=several)
        enable(self.delete, _DELETES, unless=none)
        for kind, action in self.exports.items():
            enable(action, EXPORTS[kind][1], unless=several)
        self.pin.setChecked(bool(chosen) and all(run.pinned for run in chosen))
