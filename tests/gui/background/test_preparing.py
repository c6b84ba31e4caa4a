"""While the engine's loops are being compiled: training begins at once, and the window closes."""

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel

from engine.compute import numerics as choice
from engine.compute.numerics import best_numerics
from engine.runs.run_form import NUMERICS
from engine.runs.store import RunStore
from engine.training import preparation
from tests.engine.marks import needs_the_compiler
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.storage.leaving import kept
from tests.programs import Programs

OpenWindow = Callable[[Path | None], Driver]
# What stands for the process that compiles: it goes on when a file is there.
COMPILES = """
import pathlib, pickle, sys, time
pickle.load(sys.stdin.buffer)
print("loops 12", flush=True)
while not pathlib.Path(sys.argv[1]).exists():
    time.sleep(0.01)
print("float32", flush=True)
"""


@pytest.fixture
def gate(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Let this be a first start, whose loops are compiled when the file exists."""
    opened = tmp_path / "opened"
    monkeypatch.setattr(choice, "_compiled", {"float32": False, "float64": False})
    monkeypatch.setattr(choice, "are_kept", lambda loops: False)
    command = [sys.executable, "-c", COMPILES, str(opened)]
    monkeypatch.setattr(preparation, "_command", lambda dtype: command)
    return opened


@pytest.fixture
def preparing(gate: Path, open_window: OpenWindow) -> Driver:
    """Return a window whose loops are still being compiled."""
    driver = open_window(None)
    driver.wait(lambda: line(driver) != "")
    return driver


def line(driver: Driver) -> str:
    """Return what the window says of the compiler; nothing where it is not seen."""
    label = not_none(driver.window.findChild(QLabel, "run.preparation"))
    return label.text() if label.isVisible() else ""


def trained_by() -> list[str]:
    """Return by which twin the kept runs were computed, newest first."""
    return [run.description.versions[NUMERICS] for run in RunStore().runs()]


@needs_the_compiler
def test_train_begins_at_once_and_the_next_run_is_compiled(preparing: Driver, gate: Path) -> None:
    driver = preparing
    start = "Preparing the fast engine, once, about a minute:"
    driver.wait(lambda: line(driver) == f"{start} 12 of {preparation.LOOPS}")
    driver.type_into("setting.epochs", "2")
    driver.type_into("setting.limit", "20")
    driver.click("train")
    driver.wait(lambda: len(driver.curve("loss batch")[0]) > 10)
    gate.touch()
    driver.wait(lambda: line(driver) == "")
    driver.wait_for("Finished")
    driver.run("step_epoch", "Paused")
    assert "So far this network was trained in plain numpy" in driver.message()
    driver.click("reset")
    driver.run("step_epoch", "Paused")
    driver.click("stop", until="Stopped")
    driver.wait(lambda: trained_by() == [*[best_numerics().TITLE] * 2, "plain numpy"])


@needs_the_compiler
def test_closing_ends_the_process_that_compiles(preparing: Driver, gate: Path) -> None:
    process = not_none(not_none(preparing.window.session._preparation)._process)
    assert preparing.window.close()
    assert process.wait(30) != 0
    preparing.wait(preparing.window.session._thread.thread.isFinished)


PROGRAM = """
import os, sys, time
import gui.app, main
from PySide6.QtCore import QTimer
make = gui.app.create_window
def create(project=None):
    window = make(project)
    def close():
        if not window.isVisible():
            return  # two threads wait for data
        print(window.session.preparation != "", window.session.run.phase)
        started = time.perf_counter()
        window.close()
        print(window.isVisible(), time.perf_counter() - started < 1.5, time.time(), flush=True)
    def begin():
        if window.session.preparation and window.session.run.phase == "Ready":
            window.menus.train.trigger()
    soon = lambda: QTimer.singleShot(0, window, close)
    window.session.store.watch(lambda s: s.run.phase == "Training", soon)
    window.session.preparation_changed.connect(begin)
    if "STUCK" in os.environ:
        from gui.background import worker
        worker.Loading.wait = lambda *_: (soon(), time.sleep(60))
    return window
gui.app.create_window = create
sys.exit(main.main([]))
"""


@pytest.mark.timing
@pytest.mark.parametrize(
    ("states", "more"),
    [pytest.param("True Training", {}, marks=needs_the_compiler), ("False Ready", {"STUCK": "1"})],
    ids=["it compiles", "it hangs"],
)
def test_the_program_ends_though_a_thread_does_not(
    programs: Programs, tmp_path: Path, states: str, more: dict[str, str]
) -> None:
    """With an empty cache the compiler takes a quarter of a minute or more."""
    home = tmp_path / "home"
    places = {"LAYERSCOPE_HOME": str(home), "NUMBA_CACHE_DIR": str(tmp_path / "cold")}
    program = programs.start("-c", PROGRAM, environment=os.environ | places | more)
    said = program.ended()
    ended = time.time()
    errors = [line for line in said.err.splitlines() if "This plugin does not" not in line]
    assert (said.code, errors) == (0, [])
    before, after = said.out.splitlines()
    assert before == states
    visible, soon, closed = after.split()
    assert (visible, soon) == ("False", "True")
    assert ended - float(closed) < 2
    assert kept(home / "recovery") == []
