"""Measure the memory after each of many trainings of networks of different sizes.

Usage: .venv/bin/python benchmarks/resets.py [COUNT [engine | window]]

Each network is trained for some steps: by the engine alone, and then in the window with all panels
open, where it is reset before the next is opened. Prints the memory after each in MB. What
the first ten take is not counted: caches and buffers of fixed size fill up. Exits with 1 if the
least of the last ten is more than 20 MB above the least of the second ten.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["LAYERSCOPE_UNATTENDED"] = "1"
os.environ["LAYERSCOPE_HOME"] = tempfile.mkdtemp(prefix="layerscope-bench-")
os.environ.setdefault("QT_LOGGING_RULES", "default.warning=false")
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from PySide6.QtWidgets import QApplication

from engine.training.warm_up import warm_up
from gui.app import create_window
from gui.main_window import MainWindow
from tests.soak.growth import show_all_panels
from tests.soak.resident import MEGABYTE, growth_after
from tests.soak.runs import resident_over_nets
from tests.soak.trainings import resident_over_trainings

BOUND = 20.0  # MB


def main(count: int, where: str) -> int:
    """Measure and print."""
    warm_up()
    grown = 0.0
    if where != "window":
        grown = _growth("engine", resident_over_trainings(count))
    if where != "engine":
        grown = max(grown, _growth_of_window(count))
    return 0 if grown <= BOUND else 1


def _growth_of_window(count: int) -> float:
    app = QApplication(sys.argv[:1])
    window = create_window()
    assert isinstance(window, MainWindow)
    window.resize(1280, 800)
    window.show()
    show_all_panels(window)
    grown = _growth("window", resident_over_nets(window, count))
    window.close()
    app.quit()
    return grown


def _growth(name: str, resident: Iterator[int]) -> float:
    """Print the memory after each training; return by how much it has grown."""
    sizes = []
    for size in resident:
        sizes.append(size)
        print(f"{size / MEGABYTE:.0f}", end=" ", flush=True)
    grown = growth_after(sizes)
    print(f"\n{name}: {grown:+.1f} MB after {len(sizes)} trainings (bound {BOUND:g} MB)")
    return grown


if __name__ == "__main__":
    given = sys.argv[1:]
    sys.exit(main(int(given[0]) if given else 50, given[1] if len(given) > 1 else "both"))
