"""Take the pictures of Help > First steps from the real program, without a display.

Usage: .venv/bin/python tools/make_help_pictures.py [FOLDER]

What the program keeps meanwhile, such as its runs, goes to a temporary folder.
"""

import os
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LAYERSCOPE_UNATTENDED"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from gui.runs.run_pages import COMPARE, LIFE
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QTabWidget, QWidget

from engine.exports.export import export
from engine.exports.formats import FORMATS
from engine.exports.trained_network import TrainedNetwork
from gui.exchange.export_dialog import ExportDialog
from gui.main_window import MainWindow
from gui.runs.life_words import FORGOTTEN
from tools.screenshots import SEEN, SIZE, open_window, trigger, wait, wait_for

FOLDER = Path("resources/help/pictures")
SMALL = (940, 620)
LIMIT, EPOCHS, RATES = 200, 12, (1.0, 0.3)  # of the runs
WIDEST = 620  # px, so that a page needs no scroll bar below


def main(folder: Path) -> None:
    """Train the ten-digits template, and picture the window and its panels in both themes."""
    app = QApplication(sys.argv[:1])
    window = open_window()
    trigger(window, "new.digits")
    wait(1.5)
    window.document.select(window.document.stack.slots[0].id)
    trigger(window, "train")
    wait_for(lambda: window.document.learned.epochs >= SEEN)
    wait(1)
    trigger(window, "train")  # which is Pause now
    for scheme, ending in (("light", ""), ("dark", "-dark")):
        trigger(window, f"theme.{scheme}")
        _picture(window, folder, ending)
    _train_runs(window)
    for scheme, ending in (("light", ""), ("dark", "-dark")):
        trigger(window, f"theme.{scheme}")
        _picture_runs(window, folder, ending)
    window.close()
    app.quit()


def _picture(window: MainWindow, folder: Path, ending: str) -> None:
    _picture_export(window, folder, ending)
    window.stage.reset()
    wait(2)
    _save(window, folder / f"window{ending}.png")
    _save(window.run_bar, folder / f"run-bar{ending}.png", whole=False)
    for title, name in (
        *(("Network", "network"), ("Maps", "maps"), ("Loss", "loss")),
        ("Test image", "predictions"),
    ):
        window.stage.show_panel(title)
        wait(1)
        _save(window.stage.place_of(title), folder / f"{name}{ending}.png")
    for title, name in (("What it sees", "living"), ("Step by step", "glass")):
        window.stage.show_panel(title)
        window.stage.fill(title, alone=False)
        wait(3)
        while title == "Step by step" and window.panels.glass.specimen is None:
            wait(0.5)
        _save(window.stage.place_of(title), folder / f"{name}{ending}.png")
        window.stage.show_all()


def _picture_export(window: MainWindow, folder: Path, ending: str) -> None:
    """Picture the dialog Export with what an export to ONNX has proved, without a path of here."""
    data = window.session.data
    assert data is not None
    network = TrainedNetwork.of(window.document.project(), data.train, data.test)
    with TemporaryDirectory() as place:
        verdicts = export(network, Path(place) / "digits.onnx", FORMATS["onnx"]).verdicts
    trigger(window, "export")
    dialog = window.findChild(ExportDialog)
    assert dialog is not None
    dialog.choose_format(list(FORMATS).index("onnx"))
    dialog.path.setText("/home/ada/digits.onnx")
    wait(2)  # for the size of the file
    dialog.show_outcome("Exported to /home/ada/digits.onnx.", verdicts)
    table = dialog.proof.table
    table.expand(table.model().index(len(verdicts) - 1, 0))
    wait(0.5)
    _save(dialog, folder / f"export{ending}.png")
    dialog.close()


def _train_runs(window: MainWindow) -> None:
    """Train two runs that differ in their rate, and a third that goes on from the first of them.

    All three are ticked.
    """
    if window.session.run.active:
        trigger(window, "stop")
        wait_for(lambda: not window.session.run.active)
    window.stage.reset()
    window.stage.show_panel("Runs")
    window.edits.change_setting("limit", LIMIT)
    window.edits.change_setting("epochs", EPOCHS)
    for rate in RATES:
        if window.document.trained:
            trigger(window, "reset")
        window.edits.change_setting("learning_rate", rate)
        trigger(window, "train")
        wait_for(lambda: window.session.run.phase == "Finished")
    runs = window.panels.runs.panel.list.runs
    window.stage.show_panel("Runs")
    wait_for(lambda: len(runs.rows) >= len(RATES) and runs.rows[0].run.state == "finished")
    first = runs.rows[len(RATES) - 1].run  # the newest is on top
    window.view.show(first, EPOCHS)
    wait_for(lambda: window.view.state.checkpoint is not None)
    trigger(window, "continue_here")
    wait_for(lambda: window.session.run.phase == "Finished")
    wait_for(lambda: runs.rows[0].run.parent is not None and runs.rows[0].run.state == "finished")
    runs.tick([row.run for row in runs.rows[: len(RATES) + 1]], True)


def _picture_runs(window: MainWindow, folder: Path, ending: str) -> None:
    """Picture the list, a moment of the newest run, and what is said of runs."""
    panel = window.panels.runs.panel
    run = panel.list.runs.rows[len(RATES)].run
    window.resize(*SIZE)
    window.stage.reset()
    window.stage.show_panel("Runs")
    panel.tabs.setCurrentIndex(0)
    panel.list.choose(run.key)
    window.view.show(run, run.kept_epochs[2])
    wait_for(lambda: window.view.state.checkpoint is not None)
    wait(2)
    _save(window.stage.place_of("Runs"), folder / f"runs{ending}.png")
    window.stage.show_panel("Kernels")
    wait(2)
    _save(window, folder / f"moment{ending}.png")
    window.resize(*SMALL)
    window.stage.fill("Runs", alone=False)
    panel.tabs.setCurrentIndex(_tab(panel.tabs, COMPARE))
    wait(3)
    _save(window.stage.place_of("Runs"), folder / f"compare{ending}.png")
    panel.tabs.setCurrentIndex(_tab(panel.tabs, LIFE))
    life = window.panels.runs.life.page
    life.choose_list(FORGOTTEN)
    wait(3)
    life.grid.sample_activated.emit(int(life.grid.in_view()[0]))
    wait(2)
    _save(window.stage.place_of("Runs"), folder / f"life{ending}.png")
    window.stage.show_all()
    trigger(window, "back_to_now")


def _tab(tabs: QTabWidget, title: str) -> int:
    return next(place for place in range(tabs.count()) if tabs.tabText(place) == title)


def _save(part: QWidget, path: Path, *, whole: bool = True) -> None:
    """Save a picture that is as wide as a page at most: made smaller, or the left part of it."""
    image = part.grab().toImage()
    if not whole:
        image = image.copy(0, 0, WIDEST, image.height())
    elif image.width() > WIDEST:
        image = image.scaledToWidth(WIDEST, Qt.TransformationMode.SmoothTransformation)
    assert image.save(str(path), "PNG", 0), path
    print(path, path.stat().st_size)


if __name__ == "__main__":
    with TemporaryDirectory() as home:
        os.environ["LAYERSCOPE_HOME"] = home
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
