"""Measure how soon what the view Why computes can be cancelled, where that takes longest.

Usage: .venv/bin/python benchmarks/why_cancel.py [TEMPLATE …]

For each template (all) in turn: an epoch is trained, then each long work of the view is done as the
window does it, but asking a clock where that asks whether to go on. The longest time between two
such questions, or after the last, is the longest that Stop waits: as the processor counts it, which
other work of the machine does not spoil, and as the clock does. With LAYERSCOPE_COMPUTE=numpy it is
that of plain numpy. Exits with 1 if the processor may work on for more than 200 ms.
"""

import os
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["OPENBLAS_NUM_THREADS"] = "1"  # each that waits works, too
os.environ["LAYERSCOPE_UNATTENDED"] = "1"
os.environ["LAYERSCOPE_HOME"] = tempfile.mkdtemp(prefix="layerscope-bench-")
os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

import msgspec
from PySide6.QtWidgets import QApplication, QComboBox

from benchmarks.redraw_cost import wait
from engine.model.templates import TEMPLATES
from gui.app import create_window
from gui.main_window import MainWindow
from gui.why.page import Page, Work, WorkButton

BOUND, LIMIT = 0.2, 900.0  # s: of a question after the other; that anything may take
# The choices in whose place long work differs, and how many steps are enough to know its longest.
CHOICES = {"why.robustness": "why.against", "why.plane.draw": "why.plane"}
ENOUGH = 20.0  # s, of one work
SAMPLES = 100  # of each class; more make no question wait longer


class EnoughError(Exception):
    """The work has gone on for as long as it is measured."""


class Clock:
    """Is asked whether to go on, and knows the longest that it was not, in s.

    `busy` counts the time that the processor worked for this process; so other work of the machine
    does not spoil it. `longest` counts all.
    """

    def __init__(self) -> None:
        self._begun = time.perf_counter()
        self._last = self._begun, time.process_time()
        self.longest = self.busy = 0.0

    def __call__(self, _fraction: float = 0.0) -> None:
        """Note how long ago the last question was."""
        now, busy = time.perf_counter(), time.process_time()
        self.longest = max(self.longest, now - self._last[0])
        self.busy = max(self.busy, busy - self._last[1])
        self._last = now, busy
        if now - self._begun > ENOUGH:
            raise EnoughError

    def show(self, template: str, title: str) -> None:
        """Print it."""
        figures = f"{1000 * self.busy:7,.0f} ms{1000 * self.longest:9,.0f} ms"
        late = "  <-- late" if self.busy > BOUND else ""
        print(f"{template:14}{title:30}{figures}{late}", flush=True)


def main(templates: list[str]) -> int:
    """Measure and print."""
    app = QApplication(sys.argv[:1])
    window = create_window()
    assert isinstance(window, MainWindow)
    window.resize(1280, 800)
    window.show()
    longest = 0.0
    print(f"{'':44}{'processor':>10}{'clock':>12}")
    for template in templates:
        project = TEMPLATES[template]()
        settings = msgspec.structs.replace(project.settings, limit=SAMPLES)
        window.document.replace_project(replace(project, settings=settings), None)
        wait(app, lambda: window.session.samples is not None, LIMIT)
        window.session.step_epoch()
        wait(app, lambda: window.view.project().origin is not None, LIMIT)
        longest = max(longest, _measure(app, window, template))
    print(f"longest: {1000 * longest:,.0f} ms (bound {1000 * BOUND:g} ms)")
    window.end_threads()
    sys.stdout.flush()
    os._exit(0 if longest <= BOUND else 1)


def _measure(app: QApplication, window: MainWindow, template: str) -> float:
    """Print the longest time between two questions in each work; return the longest of all."""
    why, longest = window.panels.why, 0.0
    window.stage.show_panel("Why")
    for place in range(why.method.count()):
        why.method.setCurrentIndex(place)
        wait(app, lambda: why._answer is not None and not why.dirty, LIMIT)
        for button in why.page.findChildren(WorkButton):
            for choice in _choices(why.page, button):
                clock = Clock()
                work = button._begin()
                assert work is not None
                _do(work, clock)
                longest = max(longest, clock.busy)
                clock.show(template, f"{button.objectName()[len('why.') :]} {choice}")
    why.method.setCurrentIndex(0)
    return longest


def _do(work: Work, clock: Clock) -> None:
    """Do long work to its end, or for as long as is enough."""
    try:
        work(clock)
    except EnoughError:
        return
    clock()


def _choices(page: Page, button: WorkButton) -> Iterator[str]:
    """Choose one after the other what the long work of a button differs by."""
    box = page.findChild(QComboBox, CHOICES.get(button.objectName(), "none"))
    if box is None:
        yield ""
        return
    for place in range(box.count()):
        box.setCurrentIndex(place)
        yield box.currentText()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or [name for name in TEMPLATES if name != "blank"]))
