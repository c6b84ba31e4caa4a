"""Take the pictures of the manual from the real program, without a display, in both themes.

Usage: .venv/bin/python tools/screenshots.py [FOLDER]

What the program keeps meanwhile, such as its runs, goes to a temporary folder.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LAYERSCOPE_UNATTENDED"] = "1"
os.environ.setdefault("LAYERSCOPE_COMPUTE", "numpy")  # nothing is compiled beside the pictures
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QEventLoop, QPointF, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from engine.blocks import Add, Conv, Dense, GlobalAvgPool, KnownBlock, ReLU, Softmax
from engine.exports.export import export
from engine.exports.formats import FORMATS
from engine.exports.trained_network import TrainedNetwork
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from gui.app import create_window
from gui.draw.panel import DrawPanel
from gui.exchange.export_dialog import ExportDialog
from gui.main_window import MainWindow
from gui.runs.life_words import FORGOTTEN

FOLDER = Path("docs/pictures")
SIZE, SMALL = (1280, 800), (980, 680)
SCALE = 2  # pixels of a picture for one of the screen
SCREEN = {"name": "large", "x": 0, "y": 0, "width": 3200, "height": 2200, "dpr": 1}
WIDEST = 1400  # px of a picture, so that the whole manual stays small
SEEN, TRAINED = 4, 6  # epochs, after which there is something to be seen, and of the whole training
LIMIT, EPOCHS, RATES = 200, 12, (1.0, 0.3)  # of the runs
THEMES = {"light": "", "dark": "-dark"}  # and what the names of their pictures end with
PLACES = {
    "Network": "network",
    "What it sees": "what-it-sees",
    "Maps": "maps",
    "Why": "why",
    "Kernels": "kernels",
    "Gradients": "gradients",
    "Data": "data",
    "Test image": "test-image",
    "Confusion matrix": "confusion",
    "Loss": "loss",
}


def main(folder: Path) -> None:
    """Train the ten-digits template in the window, then some runs, and picture them."""
    app = QApplication(sys.argv[:1])
    window = open_window()
    trigger(window, "theme.light")
    trigger(window, "new.digits")
    window.edits.change_setting("epochs", TRAINED)
    wait(1.5)
    trigger(window, "train")
    wait_for(lambda: window.document.learned.epochs >= SEEN)
    wait(1)
    for scheme, ending in THEMES.items():
        trigger(window, f"theme.{scheme}")
        wait(0.5)
        _save(window, folder / f"window{ending}.webp")
    wait_for(lambda: window.session.run.phase == "Finished")
    window.document.select(window.document.stack.slots[0].id)
    for scheme, ending in THEMES.items():
        trigger(window, f"theme.{scheme}")
        _picture_places(window, folder, ending)
        _picture_step(window, folder, ending)
        _picture_settings(window, folder, ending)
        _picture_export(window, folder, ending)
    draw_seven(window, lambda: wait(0.1))
    for scheme, ending in THEMES.items():
        trigger(window, f"theme.{scheme}")
        wait(1)
        _save(window.stage.place_of("Draw"), folder / f"draw{ending}.webp")
    _train_runs(window)
    for scheme, ending in THEMES.items():
        trigger(window, f"theme.{scheme}")
        _picture_runs(window, folder, ending)
    window.resize(*SIZE)
    window.stage.reset()
    for skips in (False, True):
        _picture_depth(window, folder, skips=skips)
    window.close()
    app.quit()


def open_window() -> MainWindow:
    """Show a window as at the first start."""
    window = create_window()
    assert isinstance(window, MainWindow)
    window.stage.reset()
    window.resize(*SIZE)
    window.show()
    return window


def trigger(window: QMainWindow, name: str) -> None:
    """Choose a menu entry of the window."""
    action = window.findChild(QAction, f"action.{name}")
    assert isinstance(action, QAction)
    assert action.isEnabled(), action.toolTip()
    action.trigger()


def wait(seconds: float) -> None:
    """Let the window work for so long."""
    loop = QEventLoop()
    QTimer.singleShot(round(seconds * 1000), loop.quit)
    loop.exec()


def wait_for(happened: Callable[[], bool]) -> None:
    """Let the window work until something has happened."""
    while not happened():
        wait(0.2)


def draw_seven(window: MainWindow, after_each: Callable[[], object]) -> None:
    """Draw a seven under Draw, stroke by stroke."""
    window.stage.show_panel("Draw")
    wait(1)
    panel = window.findChild(DrawPanel, "panel.draw")
    assert isinstance(panel, DrawPanel)
    square = panel.canvas.square()
    strokes = [((0.28, 0.25), (0.72, 0.25)), ((0.72, 0.25), (0.45, 0.8))]
    places = [
        QPointF(x + (z - x) * part, y + (w - y) * part) * square.width() + square.topLeft()
        for (x, y), (z, w) in strokes
        for part in (0.0, 0.25, 0.5, 0.75, 1.0)
    ]
    left = Qt.MouseButton.LeftButton
    QTest.mousePress(panel.canvas, left, pos=places[0].toPoint())
    for place in places[1:]:
        QTest.mouseMove(panel.canvas, place.toPoint())
        after_each()
    QTest.mouseRelease(panel.canvas, left, pos=places[-1].toPoint())


def _picture_places(window: MainWindow, folder: Path, ending: str) -> None:
    window.stage.reset()
    for title, name in PLACES.items():
        window.stage.show_panel(title)
        wait(3)
        _save(window.stage.place_of(title), folder / f"{name}{ending}.webp")
    window.stage.show_panel("Test image")


def _picture_step(window: MainWindow, folder: Path, ending: str) -> None:
    """Picture a cell of the convolution, and a step, each in a smaller window of its own size."""
    window.resize(*SMALL)
    window.stage.show_panel("Step by step")
    window.stage.fill("Step by step", alone=False)
    glass = window.panels.glass
    wait_for(lambda: glass.panel.specimen is not None)
    glass.panel.tabs.setFocus()
    glass.panel.tabs.setCurrentIndex(0)
    wait(1)
    glass.convolution.position.setValue(300)
    wait(1)
    _save(window.stage.place_of("Step by step"), folder / f"convolution{ending}.webp")
    glass.panel.tabs.setCurrentWidget(glass.step)
    wait(1)
    _save(window.stage.place_of("Step by step"), folder / f"training-step{ending}.webp")
    window.stage.show_all()
    window.resize(*SIZE)
    wait(0.5)


def _picture_settings(window: MainWindow, folder: Path, ending: str) -> None:
    window.stage.show_panel("Training settings")
    wait(1)
    _save(window.stage.drawer, folder / f"settings{ending}.webp")
    window.stage.drawer.hide()
    window.stage.reset()


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
    dialog.formats.setCurrentRow(list(FORMATS).index("onnx"))
    dialog.path.setText("/home/ada/digits.onnx")
    wait(2)  # for the size of the file
    dialog.show_outcome("Exported to /home/ada/digits.onnx.", verdicts)
    table = dialog.proof.table
    table.expand(table.model().index(len(verdicts) - 1, 0))
    wait(0.5)
    _save(dialog, folder / f"export{ending}.webp")
    dialog.close()


def deep(*, skips: bool) -> Project:
    """Return a network of 20 blocks with weights for ten digits, with or without skip connections.

    Nine pairs of Conv come between the first Conv and the Dense.
    """
    blocks: list[KnownBlock] = [_conv(stride=2), ReLU()]
    for _ in range(9):
        source = len(blocks)
        blocks += [_conv(), ReLU(), _conv(), *([Add(source=source)] if skips else []), ReLU()]
    settings = Settings(
        loss="cross_entropy",
        optimizer="adam",
        learning_rate=0.001,
        batch_size=32,
        epochs=1,
        classes=tuple(range(10)),
        limit=1000,
    )
    stack = Stack().appended(*blocks, GlobalAvgPool(), Dense(units=10), Softmax())
    return Project(stack, settings)


def _conv(stride: int = 1) -> Conv:
    return Conv(depth=8, kernel_size=3, padding="same", bias="channel", stride=stride)


def _picture_depth(window: MainWindow, folder: Path, *, skips: bool) -> None:
    """Train a deep network, and picture its gradients."""
    window.document.replace_project(deep(skips=skips), None)
    _train(window, "train")
    window.stage.show_panel("Gradients")
    for scheme, ending in THEMES.items():
        trigger(window, f"theme.{scheme}")
        wait(3)
        name = "deep-skips" if skips else "deep-plain"
        _save(window.stage.place_of("Gradients"), folder / f"{name}{ending}.webp")


def _train_runs(window: MainWindow) -> None:
    """Train two runs that differ in their rate, and a third that goes on from the first of them.

    All three are ticked.
    """
    window.stage.show_panel("Runs")
    window.edits.change_setting("limit", LIMIT)
    window.edits.change_setting("epochs", EPOCHS)
    for rate in RATES:
        if window.document.trained:
            trigger(window, "reset")
        window.edits.change_setting("learning_rate", rate)
        _train(window, "train")
    runs = window.panels.runs.panel.list.runs
    window.stage.show_panel("Runs")
    wait_for(lambda: len(runs.rows) >= len(RATES) and runs.rows[0].run.state == "finished")
    first = runs.rows[len(RATES) - 1].run  # the newest is on top
    window.view.show(first, EPOCHS)
    wait_for(lambda: window.view.state.checkpoint is not None)
    _train(window, "continue_here")
    wait_for(lambda: runs.rows[0].run.parent is not None and runs.rows[0].run.state == "finished")
    runs.tick([row.run for row in runs.rows[: len(RATES) + 1]], True)


def _train(window: MainWindow, action: str) -> None:
    trigger(window, action)
    wait_for(lambda: window.session.run.phase == "Training")
    wait_for(lambda: window.session.run.phase == "Finished")


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
    _save(window.stage.place_of("Runs"), folder / f"runs{ending}.webp")
    window.stage.show_panel("Kernels")
    wait(2)
    _save(window, folder / f"moment{ending}.webp")
    window.resize(*SMALL)
    window.stage.fill("Runs", alone=False)
    panel.tabs.setCurrentWidget(window.panels.runs.comparison.page)
    wait(3)
    _save(window.stage.place_of("Runs"), folder / f"compare{ending}.webp")
    life = window.panels.runs.life.page
    panel.tabs.setCurrentWidget(life)
    life.lists.setCurrentIndex(life.lists.findText(FORGOTTEN, Qt.MatchFlag.MatchStartsWith))
    wait(3)
    life.grid.sample_activated.emit(int(life.grid.in_view()[0]))
    wait(2)
    _save(window.stage.place_of("Runs"), folder / f"life{ending}.webp")
    window.stage.show_all()
    trigger(window, "back_to_now")


def _save(part: QWidget, path: Path) -> None:
    """Save a picture of a part of the window, made smaller if it is wider than a page."""
    image = part.grab().toImage()
    if image.width() > WIDEST:
        image = image.scaledToWidth(WIDEST, Qt.TransformationMode.SmoothTransformation)
    assert image.save(str(path), quality=80), path
    print(path, image.width(), path.stat().st_size)


if __name__ == "__main__":
    with TemporaryDirectory() as home:
        screen = Path(home) / "screen.json"
        screen.write_text(json.dumps({"screens": [SCREEN]}))
        os.environ["QT_QPA_PLATFORM"] = f"offscreen:configfile={screen}"
        os.environ["QT_SCALE_FACTOR"] = str(SCALE)
        os.environ["LAYERSCOPE_HOME"] = home
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
