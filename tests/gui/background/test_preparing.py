"""While the engine's loops are being compiled: the window stays at hand, and closes at once."""

import os
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.data import Dataset, load
from gui.background.loading import Loading
from gui.presenters.run_words import PREPARING, STARTING
from tests.engine.marks import needs_the_compiler
from tests.gui.driving import Driver
from tests.gui.storage.leaving import kept
from tests.gui.waiting import run_events
from tests.programs import Programs

OpenWindow = Callable[[Path | None], Driver]


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[threading.Event]:
    """Let the compiler go on until the gate is opened."""
    opened = threading.Event()
    monkeypatch.setattr("engine.training.warm_up.warm_up", lambda: opened.wait(60))
    yield opened
    opened.set()


@pytest.fixture
def preparing(gate: threading.Event, open_window: OpenWindow) -> Driver:
    """Return a window whose data is there, and whose loops are still being compiled."""
    driver = open_window(None)
    driver.wait(lambda: driver.text("progress_text") == PREPARING)
    driver.wait(lambda: bool(driver.captions()))
    return driver


def test_closing_hides_the_window_and_ends_its_thread(
    preparing: Driver, gate: threading.Event
) -> None:
    started = time.perf_counter()
    assert preparing.window.close()
    assert time.perf_counter() - started < 30
    assert not preparing.window.isVisible()
    preparing.wait(lambda: preparing.window.session.ended)
    assert not gate.is_set()
    gate.set()


def test_train_waits_for_the_engine_says_so_and_begins(
    preparing: Driver, gate: threading.Event
) -> None:
    preparing.click("train")
    preparing.wait_for("Training")
    assert preparing.text("progress_text") == STARTING
    assert preparing.button("train").text() == "Pause"
    gate.set()
    preparing.wait(lambda: len(preparing.curve("loss batch")[0]) > 10)
    assert preparing.text("progress_text").startswith("epoch ")


def test_a_first_run_is_slow_from_its_first_step_on(
    gate: threading.Event, open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gui.window.speed_box.unattended", lambda: False)
    monkeypatch.setattr("gui.window.speed_box.FIRST_SECONDS", {"slow": 0.3, "fast": 0.3})
    driver = open_window(None)
    driver.wait(lambda: driver.text("progress_text") == PREPARING)
    driver.click("train")
    driver.wait_for("Training")
    run_events(700)
    assert driver.window.session.speed == "slow", "nothing was to be watched yet"
    gate.set()
    driver.wait(lambda: driver.window.session.speed == "full")


@pytest.mark.parametrize("button", ["stop", "train"])
def test_a_start_can_be_taken_back(preparing: Driver, gate: threading.Event, button: str) -> None:
    preparing.click("train")
    preparing.wait_for("Training")
    preparing.click(button)
    preparing.wait_for("Ready")
    assert preparing.text("progress_text") == PREPARING
    gate.set()
    preparing.wait_for_first_looks()
    preparing.settle()
    assert preparing.text("status") == "Ready"
    assert preparing.curve("loss batch")[0] == []
    assert preparing.text("progress_text").startswith("Next: 200 images × ")


def test_edits_are_obeyed_meanwhile(preparing: Driver, gate: threading.Event) -> None:
    session = preparing.window.session
    assert session.data is not None
    before = session.data
    preparing.type_into("setting.classes", "3, 5")
    preparing.wait(lambda: session.data is not before)
    assert session.data is not None
    assert session.data.train is not None
    assert session.data.train.classes == (3, 5)
    gate.set()
    preparing.wait_for_first_looks()


def test_what_goes_wrong_is_said_and_the_next_train_tries_again(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_memory() -> None:
        raise MemoryError

    with monkeypatch.context() as patch:
        patch.setattr("engine.training.warm_up.warm_up", no_memory)
        driver = open_window(None)
        driver.wait_for("Error")
        driver.wait(lambda: "There is not enough memory" in driver.message())
        assert driver.text("progress_text") != PREPARING
    driver.click("train")
    driver.wait(lambda: len(driver.curve("loss batch")[0]) > 10)


def test_closing_waits_but_a_moment_for_a_thread_that_does_not_end(
    open_window: OpenWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads_on, begun = threading.Event(), threading.Event()

    def read_for_long(self: Loading, _: object) -> tuple[Dataset, Dataset]:
        begun.set()
        reads_on.wait(60)
        return load(*self.key)

    monkeypatch.setattr("gui.background.project_data.Loading.wait", read_for_long)
    driver = open_window(None)
    assert begun.wait(30)
    started = time.perf_counter()
    assert driver.window.close()
    assert time.perf_counter() - started < 30
    assert not driver.window.isVisible()
    assert not driver.window.session.ended
    reads_on.set()
    driver.wait(lambda: driver.window.session.ended)


PROGRAM = """
import os, time
import gui.app, main
from PySide6.QtCore import QTimer
make = gui.app.create_window
def create(project=None):
    window = make(project)
    def close():
        print(window.session.preparing, window.session.state)
        started = time.perf_counter()
        window.close()
        print(window.isVisible(), time.perf_counter() - started < 1.5, time.time(), flush=True)
    def begin():
        if window.session.preparing:
            window.menus.train.trigger()
            QTimer.singleShot(200, close)
    window.session.preparing_changed.connect(begin)
    if "STUCK" in os.environ:
        from gui.background import project_data
        project_data.Loading.wait = lambda *_: (QTimer.singleShot(0, window, close), time.sleep(60))
    return window
gui.app.create_window = create
main.exit_process(main.main([]))
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
