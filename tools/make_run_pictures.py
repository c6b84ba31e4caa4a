"""Take the pictures of docs/runs.md from the real program, without a display.

Usage: .venv/bin/python tools/make_run_pictures.py [FOLDER]

What the program keeps meanwhile goes to temporary folders.
"""

import os
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LAYERSCOPE_UNATTENDED"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPalette, QPixmap
from PySide6.QtWidgets import QApplication

from engine.paths import home
from engine.text import words
from gui.app import create_window
from gui.main_window import MainWindow
from gui.window.stage import OwnWindow
from tests.run_folders import make_runs
from tools.screenshots import trigger, wait, wait_for

FOLDER = Path("docs")
SIZE = (1280, 800)
COUNTS = (1, 12, 100)
LIMIT, EPOCHS, SHOWN = 400, 8, 2  # of the run whose moment is shown
PANELS = (
    "Maps",
    "What it sees",
    "Kernels",
    "Step by step",
    "Test image",
    "Confusion matrix",
    "Gradients",
    "Loss",
    "Runs",
)
SIDE = QSize(620, 420)  # of a panel
IN_A_ROW = 3
GAP, TITLE = 8, 24  # px


def main(folder: Path) -> None:
    """Picture the list of runs, and all panels at a moment of a run, in both themes."""
    app = QApplication(sys.argv[:1])
    lists: dict[str, dict[str, QPixmap]] = {"": {}, "-dark": {}}
    for count in COUNTS:
        with _window() as window:
            make_runs(home() / "runs", count)
            for ending in _themes(window):
                lists[ending][words.count(count, "run")] = _picture_list(window, count)
    with _window() as window:
        _train(window)
        for ending in _themes(window):
            _save(lists[ending], folder / f"runs{ending}.png")
            checkpoints = {title: _picture_panel(window, title) for title in PANELS}
            _save(checkpoints, folder / f"moment{ending}.png")
    app.quit()


@contextmanager
def _window() -> Iterator[MainWindow]:
    with TemporaryDirectory() as place:
        os.environ["LAYERSCOPE_HOME"] = place
        window = create_window()
        assert isinstance(window, MainWindow)
        window.stage.reset()
        window.resize(*SIZE)
        window.show()
        yield window
        window.close()
        wait(0.5)


def _themes(window: MainWindow) -> Iterator[str]:
    for scheme, ending in (("light", ""), ("dark", "-dark")):
        trigger(window, f"theme.{scheme}")
        yield ending


def _picture_list(window: MainWindow, count: int) -> QPixmap:
    window.stage.show_panel("Runs")
    runs = window.panels.runs.panel.list.runs
    wait_for(lambda: len(runs.rows) == count)
    return _picture_panel(window, "Runs")


def _train(window: MainWindow) -> None:
    """Train the template for ten digits for some epochs, and show a moment of that run."""
    trigger(window, "new.digits")
    window.edits.change_setting("limit", LIMIT)
    window.edits.change_setting("epochs", EPOCHS)
    window.stage.show_panel("Runs")
    wait_for(lambda: window.session.run.phase == "Ready")
    trigger(window, "train")
    wait_for(lambda: window.session.run.phase == "Finished")
    runs = window.panels.runs.panel.list.runs
    wait_for(lambda: bool(runs.rows) and runs.rows[0].run.state == "finished")
    run = runs.rows[0].run
    window.view.show(run, run.kept_epochs[SHOWN])
    wait_for(lambda: window.view.state.checkpoint is not None)


def _picture_panel(window: MainWindow, title: str) -> QPixmap:
    """Return a panel as it is in a window of its own of the usual size."""
    window.stage.show_panel(title)
    window.stage.put_into_window(title)
    own = next(each for each in window.findChildren(OwnWindow) if each.isVisible())
    own.resize(SIDE)
    wait(3)
    while title == "Step by step" and window.panels.glass.specimen is None:
        wait(0.5)
    picture = own.grab()
    own.close()
    return picture


def _save(pictures: Mapping[str, QPixmap], path: Path) -> None:
    """Save pictures in rows, each below its name, in one file."""
    rows = -(-len(pictures) // IN_A_ROW)
    width, height = SIDE.width() + GAP, TITLE + SIDE.height() + GAP
    sheet = QPixmap(IN_A_ROW * width - GAP, rows * height - GAP)
    palette = QApplication.palette()
    sheet.fill(palette.color(QPalette.ColorRole.Mid))
    with QPainter(sheet) as painter:
        painter.setPen(palette.color(QPalette.ColorRole.WindowText))
        for place, (name, picture) in enumerate(pictures.items()):
            row, column = divmod(place, IN_A_ROW)
            x, y = column * width, row * height
            room = QRect(x, y, SIDE.width(), TITLE)
            painter.drawText(room, Qt.AlignmentFlag.AlignCenter, name)
            painter.drawPixmap(x, y + TITLE, picture)
    assert sheet.save(str(path), "PNG", 0), path
    print(path, path.stat().st_size)


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
