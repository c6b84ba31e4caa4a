"""The program that the kill test kills: edits, trains and saves in the real window at random.

`python -m tests.soak.victim FOLDER SEED` writes a line for each state that the document comes to:
the time and the state's print.
"""

import hashlib
import random
import sys
import time
from pathlib import Path

import msgspec
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from engine.blocks import KINDS, encode_block
from engine.model.project import Project
from gui.app import create_window
from gui.main_window import MainWindow

ACTS = (
    *("seed", "seed", "add", "rename", "delete", "move", "undo", "redo"),
    *("save", "save_as", "train", "batch", "epoch", "stop"),
)


def print_of(project: Project) -> str:
    """Return a short name of all that a user edits or trains, but the weights themselves."""
    blocks = [(slot.id, slot.title, encode_block(slot.block)) for slot in project.stack]
    content = (blocks, project.settings, project.trained_epochs)
    return hashlib.sha256(msgspec.json.encode(content)).hexdigest()[:16]


class Victim:
    """Acts on a window under a seed, and logs what state each act leads to."""

    def __init__(self, window: MainWindow, folder: Path, dice: random.Random) -> None:
        self.window, self.folder, self.dice = window, folder, dice
        self.document = window.document
        self.last = ""
        self.document.store.watch(
            lambda s: (s.document.stack, s.document.settings, s.document.learned), self.log
        )

    def log(self) -> None:
        """Write the time and the state, if it is another."""
        name = print_of(self.document.project())
        if name != self.last:
            self.last = name
            print(time.monotonic(), name, flush=True)

    def act(self) -> None:
        """Do one thing, then wait for the next."""
        QTimer.singleShot(self.dice.randint(5, 250), self.act)
        document, edits, menus = self.document, self.window.edits, self.window.menus
        ids = [slot.id for slot in document.stack]
        match self.dice.choice(ACTS):
            case "seed":
                edits.change_setting("seed", self.dice.randrange(10**6))
            case "add" if len(ids) < 12:
                edits.add(self.dice.choice(list(KINDS)))
            case "rename" if ids:
                edits.rename(self.dice.choice(ids), str(self.dice.random()))
            case "delete" if len(ids) > 8:
                document.select(self.dice.choice(ids))
                edits.delete()
            case "move" if ids:
                document.select(self.dice.choice(ids))
                edits.move(self.dice.choice((-1, 1)))
            case "undo":
                edits.undo()
            case "redo":
                edits.redo()
            case "save" if document.path is not None:
                menus.save.trigger()
            case "save_as":
                self.window.files.save_path(self.folder / f"{self.dice.choice('ab')}.layerscope")
            case "train":
                menus.train.trigger()
            case "batch":
                menus.step_batch.trigger()
            case "epoch":
                menus.step_epoch.trigger()
            case "stop":
                menus.stop.trigger()


def main() -> None:
    """Run until killed."""
    folder, seed = Path(sys.argv[1]), int(sys.argv[2])
    app = QApplication([])
    window = create_window(None)
    assert isinstance(window, MainWindow)
    window.show()
    victim = Victim(window, folder, random.Random(seed))
    victim.log()
    if seed % 4:
        window.files.save_path(folder / "a.layerscope")
    QTimer.singleShot(0, victim.act)
    app.exec()


if __name__ == "__main__":
    main()
