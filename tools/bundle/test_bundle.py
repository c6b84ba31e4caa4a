"""The bundle as a school has it: on a machine without Python, without packages, without a cache.

`make test-bundle` runs this. It takes some minutes: the first start compiles every loop. The tests
are one walk, in their order. LAYERSCOPE_BUNDLE names the folder of another bundle than that in
`dist/`, such as one that is installed.
"""

import json
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

BUNDLE = Path(
    os.environ.get("LAYERSCOPE_BUNDLE", Path(__file__).parents[2] / "dist" / "layerscope")
)
PROGRAM = BUNDLE / ("layerscope.exe" if os.name == "nt" else "layerscope")
SECONDS = 180.0
COMPILING = 1200.0  # s, at the lowest priority


class Machine:
    """A user's machine: a home, an empty folder as the only one with programs, two to work in."""

    def __init__(self, folder: Path) -> None:
        self.home, self.one, self.other = folder / "home", folder / "one", folder / "über zwei"
        for each in (self.one, self.other, folder / "bin"):
            each.mkdir()
        ours = ("PYTHON", "VIRTUAL_ENV", "NUMBA_", "LAYERSCOPE_", "QT_", "LD_")
        kept = {name: value for name, value in os.environ.items() if not name.startswith(ours)}
        self.variables = kept | {
            "PATH": str(folder / "bin"),
            "HOME": str(folder),
            "LAYERSCOPE_HOME": str(self.home),
            "LAYERSCOPE_UNATTENDED": "1",
            "QT_QPA_PLATFORM": "offscreen",
        }

    def run(self, folder: Path, *arguments: str) -> str:
        """Run the program in a folder, to its end; return what it printed."""
        ended = subprocess.run(
            [PROGRAM, *arguments],
            cwd=folder,
            env=self.variables,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            timeout=SECONDS,
        )
        assert ended.returncode == 0, ended.stdout
        return ended.stdout

    def compiled(self) -> dict[str, int]:
        """Say what is compiled, and when each piece was."""
        files = (self.home / "compiled").glob("*/*")
        return {path.name: path.stat().st_mtime_ns for path in files}


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    """Return the machine; at the end the bundle is as it was."""
    held = sorted(BUNDLE.rglob("*"))
    yield Machine(tmp_path_factory.mktemp("machine"))
    assert sorted(BUNDLE.rglob("*")) == held


# By the names of its objects: open, train until there is a loss, close.
WINDOW = """
import time
import numpy as np, psutil, pyqtgraph
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QWidget
from gui.app import create_window

def wait_until(true):
    end = time.monotonic() + 60
    while not true():
        assert time.monotonic() < end
        app.processEvents()
        time.sleep(0.01)

app = QApplication(["layerscope"])
window = create_window()
window.show()
wait_until(lambda: window.windowHandle().isExposed())
window.grab()
print("painted after", round(time.time() - psutil.Process().create_time(), 2), "s")
window.findChild(QAction, "action.view.loss").trigger()
plot = lambda: window.findChild(QWidget, "panel.loss").findChild(pyqtgraph.PlotWidget)
wait_until(plot)  # the panel is filled when it is first seen
curves = plot().listDataItems
train = window.findChild(QAction, "action.train")
wait_until(train.isEnabled)
train.trigger()
wait_until(lambda: any(np.size(curve.getData()[1]) > 1 for curve in curves()))
window.close()
window.end_threads()
print("a loss is drawn")
"""


def test_a_first_start_trains_at_once(machine: Machine) -> None:
    assert machine.run(machine.one, "--version").startswith("Layerscope ")
    assert not machine.compiled()
    said = machine.run(machine.one, "-P", "-c", WINDOW)
    assert said.endswith("a loss is drawn\n")
    print(said)


def test_the_loops_are_compiled_beside_the_open_window(machine: Machine) -> None:
    def wait_until(true: Callable[[], object]) -> None:
        end = time.monotonic() + COMPILING
        while not true():
            assert time.monotonic() < end
            assert window.poll() is None
            time.sleep(0.1)

    window = psutil.Popen([PROGRAM], cwd=machine.one, env=machine.variables)
    try:
        wait_until(window.children)
        (beside,) = window.children()
        wait_until(lambda: beside.nice() in (19, getattr(psutil, "IDLE_PRIORITY_CLASS", 19)))
        assert beside.exe() == str(PROGRAM.resolve())
        kept = machine.home / "compiled"
        wait_until(lambda: any(kept.glob("*/complete-float32-*")))
        wait_until(lambda: any(kept.glob("*/complete-float64-*")))
    finally:
        window.terminate()
        window.wait(SECONDS)
    log = (machine.home / "layerscope.log").read_text("utf-8")
    assert "The window is open" in log
    assert "WARNING" not in log
    assert "CRITICAL" not in log


def test_a_second_start_elsewhere_compiles_nothing(machine: Machine) -> None:
    before = machine.compiled()

    def do(*arguments: str) -> str:
        return machine.run(machine.other, *arguments)

    print(do("-P", "-c", WINDOW))
    do("new", "notebook", "a.layerscope")
    do("train", "a.layerscope", "--epochs", "2", "--run", "first")
    told = [path.read_text("utf-8") for path in (machine.home / "runs").glob("*/run.json")]
    (run,) = (run for run in map(json.loads, told) if run["name"] == "first")
    assert "numba" in run["versions"]["numerics"]
    assert json.loads(do("evaluate", "a.layerscope", "--json"))["accuracy"] > 0.9
    assert machine.compiled() == before


@pytest.mark.parametrize(
    ("name", "format_", "verified"),
    [
        ("a.npz", "npz", "numpy"),
        ("a.safetensors", "safetensors", "numpy"),
        ("a.onnx", "onnx", "numpy"),
        ("a.ipynb", "notebook", "numpy"),
        ("a.html", "report", "read back"),
        ("pytorch", "pytorch", "numpy"),
        ("keras", "keras", "numpy"),
    ],
)
def test_exports_are_proved(machine: Machine, name: str, format_: str, verified: str) -> None:
    command = ("export", "a.layerscope", name, "--format", format_, "--json")
    proved = json.loads(machine.run(machine.other, *command))
    assert proved["verified"] == verified
    assert proved["agree"] == proved["samples"]


def test_imports_read_in_a_process_of_their_own(machine: Machine) -> None:
    machine.run(machine.other, "import", "a.onnx", "b.layerscope")
    assert "All blocks fit." in machine.run(machine.other, "check", "b.layerscope")
