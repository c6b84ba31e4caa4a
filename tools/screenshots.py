"""Take the pictures of the README from the real program, without a display.

Usage: .venv/bin/python tools/screenshots.py [FOLDER]

What the program keeps meanwhile, such as its runs, goes to a temporary folder.
"""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LAYERSCOPE_UNATTENDED"] = "1"
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QEventLoop, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QMainWindow

from gui.app import create_window
from gui.main_window import MainWindow

SIZE = (1280, 800)
SEEN = 6  # epochs, after which there is something to be seen


def main(folder: Path) -> None:
    """Train the ten-digits template in the window and picture it on the way."""
    app = QApplication(sys.argv[:1])
    window = open_window()
    trigger(window, "theme.light")
    trigger(window, "new.digits")
    wait(1.5)
    trigger(window, "train")
    wait_for(lambda: window.document.learned.epochs >= SEEN)
    wait(1)
    _save(window, folder / "window.png")
    trigger(window, "theme.dark")
    wait(0.5)
    _save(window, folder / "window-dark.png")
    for title in ("Kernels", "Gradients", "Confusion matrix"):
        window.stage.show_panel(title)
    wait(3)
    _save(window, folder / "panels.png")
    trigger(window, "theme.light")
    if window.session.run.phase == "Training":
        trigger(window, "train")  # which is Pause now
    window.stage.show_panel("Step by step")
    window.panels.glass.panel.tabs.setFocus()
    window.stage.fill("Step by step", alone=False)
    while window.panels.glass.specimen is None:
        wait(0.5)
    wait(1)
    window.panels.glass.convolution.position.setValue(300)
    wait(0.5)
    _save(window, folder / "glass.png")
    window.panels.glass.panel.tabs.setCurrentWidget(window.panels.glass.step)
    wait(0.5)
    _save(window, folder / "glass-step.png")
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


def _save(window: QMainWindow, path: Path) -> None:
    assert window.grab().save(str(path)), path
    print(path)


if __name__ == "__main__":
    with TemporaryDirectory() as home:
        os.environ["LAYERSCOPE_HOME"] = home
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path("docs"))
