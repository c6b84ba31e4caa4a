"""Measure what one redraw of each panel costs: storing is done, drawing and painting are not.

Usage: .venv/bin/python benchmarks/redraw_cost.py [ROUNDS] [TEMPLATE]

The window stands at 1280×800. Each round trains some batches and pauses before a panel, and draws
it once, alone. The table has the least, the median and the most of the rounds in ms; the least is
what the panel itself costs where a machine has other work. On a real screen: QT_QPA_PLATFORM=xcb
"""

import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LAYERSCOPE_UNATTENDED"] = "1"
os.environ["LAYERSCOPE_HOME"] = tempfile.mkdtemp(prefix="layerscope-bench-")
os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QApplication

from engine.model.templates import TEMPLATES
from gui.app import create_window
from gui.main_window import MainWindow

ROUNDS, BATCHES, EPOCHS = 20, 3, 3
LIMIT = 60.0  # s that anything may take
# The view that is brought to the front, and what draws the newest values in it.
PANELS: dict[str, tuple[str, Callable[[MainWindow], Callable[[], object]]]] = {
    "loss": ("Loss", lambda window: window.panels.loss.refresh),
    "gradients, histograms": ("Gradients", lambda w: w.panels.gradients.refresh),
    "feature maps": ("Maps", lambda window: window.panels.feature_maps.refresh),
    "living network": ("What it sees", lambda window: window.panels.drawing.refresh),
    "predictions": ("Test image", lambda window: window.panels.predictions.refresh),
    "bars of the outputs": ("Test image", lambda w: w.panels.predictions.pane.refresh),
    "kernels": ("Kernels", lambda window: window.panels.kernels.refresh),
    "confusion matrix": ("Confusion matrix", lambda window: window.panels.confusion.refresh),
    "draw": ("Draw", lambda window: window.panels.draw.refresh),
}


def main(rounds: int, template: str) -> None:
    """Measure and print."""
    app = QApplication(sys.argv[:1])
    window = create_window()
    assert isinstance(window, MainWindow)
    window.document.replace_project(TEMPLATES[template](), None)
    window.resize(1280, 800)
    window.show()
    window.startup.finish()
    wait(app, lambda: window.session.samples is not None)
    for timer in window.panels.redraw.findChildren(QTimer):
        timer.stop()  # it would draw what is to be measured
    for _ in range(EPOCHS):
        _train(app, window, window.session.step_epoch)
    costs: dict[str, list[float]] = {title: [] for title in PANELS}
    for _ in range(rounds):
        for title, (view, draws) in PANELS.items():
            window.stage.show_panel(view)
            _let_pass(app)
            for _ in range(BATCHES):
                _train(app, window, window.session.step_batch)
            costs[title].append(_redraw(app, draws(window)))
    print(f"{app.platformName()}, {template}, {rounds} rounds, ms a redraw")
    print(f"{'panel':24}{'least':>8}{'median':>8}{'most':>8}")
    for title, found in costs.items():
        print(f"{title:24}{min(found):8.1f}{median(found):8.1f}{max(found):8.1f}")
    window.end_threads()
    os._exit(0)


def _redraw(app: QApplication, draw: Callable[[], object]) -> float:
    """Draw a panel and let Qt paint it; return the ms that it took."""
    _let_pass(app)
    started = time.perf_counter()
    draw()
    app.processEvents()
    return (time.perf_counter() - started) * 1000


def _train(app: QApplication, window: MainWindow, step: Callable[[], None]) -> None:
    """Take a step, and wait until it is over and the window has its news."""
    ended, owner, store = list[bool](), QObject(), window.session.store
    store.watch(lambda s: s.run.phase, lambda: ended.append(store.state.run.active), owner)
    step()
    wait(app, lambda: len(ended) > 1)
    _let_pass(app)


def _let_pass(app: QApplication, seconds: float = 0.15) -> None:
    """Let events pass, and what the session polls."""
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        app.processEvents()
        time.sleep(0.005)


def wait(app: QApplication, until: Callable[[], bool], limit: float = LIMIT) -> None:
    """Let the window work until something holds, or end after so many seconds."""
    started = time.perf_counter()
    while not until():
        if time.perf_counter() - started > limit:
            raise SystemExit("The window did not answer in time; is the machine too busy?")
        app.processEvents()
        time.sleep(0.005)


if __name__ == "__main__":
    main(
        int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS,
        sys.argv[2] if len(sys.argv) > 2 else "notebook",
    )
