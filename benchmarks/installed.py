"""Measure the program that uv installs from a wheel: install, window, first loss of a training.

Usage: .venv/bin/python benchmarks/installed.py dist/layerscope-0.1.0-py3-none-any.whl

Installs it twice into an environment of its own, first with nothing in the cache of uv, which must
be on the PATH. After each it starts the window with a new home, clicks Train as soon as that can be
done, and closes it. Then the loops are compiled, and the window starts once more. Without a display
it runs offscreen.
"""

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

WINDOW = """
import sys, time
import layerscope
from PySide6.QtCore import QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication
from gui.app import create_window

app = QApplication(sys.argv)
window = create_window()
window.show()
while not window.windowHandle().isExposed():
    app.processEvents()
window.grab()
print("painted", flush=True)
train = window.findChild(QAction, "action.train")

def begin():
    if train.isEnabled():
        timer.stop()
        train.trigger()

def learned(positions, losses):
    print("loss", flush=True)
    app.quit()

timer = QTimer(interval=10, timeout=begin)
timer.start()
window.session.losses_added.connect(learned)
app.exec()
window.close()
window.end_threads()
"""
COMPILE = "import layerscope; layerscope.warm_up()"


def main(wheel: Path) -> None:
    """Print a line for each way."""
    os.environ |= {"LAYERSCOPE_UNATTENDED": "1", "UV_PYTHON": sys.executable}
    if not os.environ.get("DISPLAY"):
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    with tempfile.TemporaryDirectory(prefix="layerscope-installed-") as made:
        folder = Path(made)
        os.environ["UV_CACHE_DIR"] = str(folder / "cache")
        for number, cached in enumerate(("nothing cached", "packages cached")):
            python = folder / f"venv{number}" / "bin" / "python"
            begun = time.perf_counter()
            _run("uv", "venv", "--quiet", str(python.parents[1]))
            _run("uv", "pip", "install", "--quiet", "--python", str(python), str(wheel))
            installed = time.perf_counter() - begun
            os.environ["LAYERSCOPE_HOME"] = str(folder / f"home{number}")
            print(f"{cached}: installed in {installed:.1f} s, {_first_loss(python)}", flush=True)
        begun = time.perf_counter()
        _run(str(python), "-P", "-c", COMPILE)
        compiled = time.perf_counter() - begun
        print(f"loops compiled in {compiled:.0f} s, then {_first_loss(python)}", flush=True)


def _first_loss(python: Path) -> str:
    begun = time.perf_counter()
    with subprocess.Popen(
        [python, "-P", "-c", WINDOW], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    ) as window:
        assert window.stdout is not None
        times = [time.perf_counter() - begun for _ in window.stdout]
    painted, loss = times
    return f"painted {painted:.2f} s and first loss {loss:.2f} s after the start"


def _run(*command: str) -> None:
    subprocess.run(command, check=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve())
