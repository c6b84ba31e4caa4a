"""One start of the program for the tests that kill it: somebody edits, answers and closes.

`python -m tests.soak.start PROJECT|- ACT...` does one act after the other in the real window and
writes what was asked and what the window shows then, a line each. Acts are `add KIND`, `save`,
`keep` (until autosave has written), `show`, `close` and `die`. A question is answered by the button
that LAYERSCOPE_ANSWER names.
"""

import os
import signal
import sys
from pathlib import Path

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication, QMessageBox

from engine.files.project_file import open_project
from gui.app import create_window
from gui.main_window import MainWindow


class Person(QObject):
    """Does what was asked for, some steps a second, and answers questions."""

    def __init__(self, window: MainWindow, acts: list[str]) -> None:
        super().__init__(window)
        self._window, self._acts = window, acts
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._step)
        self._timer.start(25)

    def _step(self) -> None:
        box = QApplication.activeModalWidget()
        if isinstance(box, QMessageBox):
            self._answer(box)
        elif not self._window.startup.ended:
            return  # there may be something to ask first
        elif self._acts and not self._act(self._acts[0]):
            self._acts.pop(0)

    def _answer(self, box: QMessageBox) -> None:
        text = f"{box.text()} {box.informativeText()}".replace("\n", " ")
        print(f"asked {text}", flush=True)
        wanted = os.environ["LAYERSCOPE_ANSWER"]
        next(each for each in box.buttons() if each.text().replace("&", "") == wanted).click()

    def _act(self, act: str) -> bool:
        """Do a step; return whether it is not done yet."""
        verb, _, what = act.partition(" ")
        document = self._window.document
        if verb == "add":
            self._window.edits.add(what)
        elif verb == "save":
            self._window.menus.save.trigger()
        elif verb == "keep":
            kept = (open_project(path).stack for path in _recoveries())
            return document.stack not in kept
        elif verb == "show":
            labels = " | ".join(slot.label for slot in document.stack)
            print(f"shown {self._window.windowTitle()}: {labels}", flush=True)
        elif verb == "close":
            self._window.close()
        elif verb == "die":
            os.kill(os.getpid(), signal.SIGKILL)
        return False


def _recoveries() -> list[Path]:
    return [*Path(os.environ["LAYERSCOPE_HOME"], "recovery").glob("*.layerscope")]


def main() -> None:
    """Open the window and stay until it is closed, or killed."""
    name, *acts = sys.argv[1:]
    app = QApplication([])
    window = create_window(None if name == "-" else Path(name))
    assert isinstance(window, MainWindow)
    window.show()
    Person(window, acts)
    sys.exit(app.exec())


if __name__ == "__main__":
    main()
