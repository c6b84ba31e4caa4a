"""The worker obeys every wish, whatever becomes of the others, and at any time."""

import gc
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PySide6.QtCore import QObject, Slot
from shiboken6 import delete

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.data.image_form import ImageForm
from engine.data.parts import Parts
from engine.data.reading import Report
from engine.data.sources import load, read
from engine.errors import DataError, InterruptedWorkError
from engine.inspection.snapshot import Sample
from engine.model.project import Project
from engine.model.templates import notebook
from engine.training.captured_step import Batch
from engine.training.executor import Executor
from engine.training.samples import DataKey
from gui.background.failures import NO_DATA, NO_MEMORY
from gui.background.mailbox import Inbox, Outbox, Pin, ShownSamples
from gui.background.session import WorkerThread
from gui.background.worker import Worker
from tests.gui.driving import Driver
from tests.gui.finding import not_none
from tests.gui.waiting import run_events

Command = dict[str, object]
REASONS = {
    "there": "",
    "missing": "There is no such data. Choose other data.",
    "huge": NO_MEMORY,
    "broken": NO_DATA,  # once it is asked for: the defect itself goes to the log
}
FAULTS = {
    "missing": DataError(REASONS["missing"]),
    "huge": MemoryError(),
    "broken": IndexError("no such place"),
}


@cache
def parts() -> tuple[Dataset, Dataset]:
    train, test = load("mnist", (0, 1), 20)
    return train, test.take(np.arange(12))


@cache
def others(count: int) -> Dataset:
    return load("mnist", (0, 1), 1)[1].take(np.arange(count))


def fake_load(name: str, *_rest: object) -> tuple[Dataset, Dataset]:
    if name in FAULTS:
        raise FAULTS[name]
    return parts()


class Bench:
    """A worker without a thread; `meanwhile` are wishes that come while it loads data."""

    def __init__(self, patch: pytest.MonkeyPatch, meanwhile: list[Command]) -> None:
        patch.setattr("sys.excepthook", lambda *_: None)
        patch.setattr("gui.background.worker.Loading", self.loading)
        self.meanwhile = meanwhile
        self.inbox = Inbox()
        self.worker = Worker(self.inbox, Outbox())
        self.states: list[str] = []
        self.reasons: list[str] = []
        self.shown: ShownSamples | None = None  # that were wished last
        self.worker.state_changed.connect(self.states.append)
        self.worker.failed.connect(self.reasons.append)

    def loading(self, data_key: DataKey, _parts: object) -> object:
        bench = self

        class FakeLoading:
            key, parts = data_key, None

            def give_up(self) -> None:
                pass

            def wait(self, _interrupted: Callable[[], bool]) -> tuple[Dataset, Dataset]:
                if bench.meanwhile:
                    bench.put(bench.meanwhile.pop(0))
                    raise InterruptedWorkError
                return fake_load(*self.key)

        return FakeLoading()

    def put(self, command: Command) -> None:
        """Put a wish as the session does: samples are shown in place of those of its data."""
        samples = command.get("samples")
        if isinstance(samples, Dataset):
            self.shown = ShownSamples(self.worker._data.used, samples)
            command = {"samples": self.shown}
        self.inbox.put(**command)  # type: ignore[arg-type]

    def obey(self, *commands: Command) -> None:
        for command in commands:
            self.put(command)
        while self.inbox.waiting:
            try:
                self.worker._obey(self.inbox.take(wait=False))
            except InterruptedWorkError:
                continue

    def close(self) -> None:
        self.worker._use_executor(None)


def project_wish(data: str, rate: float) -> Command:
    """Put a project as the session does: it overtakes what was wished of the one before."""
    base = notebook()
    changed = base.settings.with_changes(dataset=data, learning_rate=rate)
    return {
        "project": replace(base, settings=changed),
        "generation": 1,
        "mode": None,
        "learning_rate": None,
        "touched": None,
    }


def pin_wish(samples: Dataset, index: int) -> Command:
    return {"pinned": Pin(samples, Sample.of(samples, index))}


RATES = st.sampled_from([0.125, 0.25, 0.5, 1.0])
PROJECTS = st.builds(project_wish, st.sampled_from(list(REASONS)), RATES)
OTHERS = st.sampled_from([3, 5]).map(others)
STATISTICS = st.sets(st.sampled_from(["steps", "health"])).map(frozenset)
WISHES = st.one_of(
    PROJECTS,
    OTHERS.map(lambda samples: {"samples": samples}),
    st.builds(pin_wish, OTHERS, st.sampled_from([1, 2])),
    st.builds(lambda index: pin_wish(parts()[1], index), st.integers(1, 11)),
    RATES.map(lambda rate: {"learning_rate": rate}),
    STATISTICS.map(lambda wanted: {"statistics": wanted}),
    st.just({"mode": "train"}),
    st.just({"stop": True, "mode": None}),
)


@settings(max_examples=30)
@given(first=PROJECTS, rest=st.lists(WISHES, max_size=6), meanwhile=st.lists(WISHES, max_size=4))
def test_whatever_is_wished_is_obeyed_though_data_fails_or_an_urgent_wish_comes(
    first: Command, rest: list[Command], meanwhile: list[Command]
) -> None:
    wanted: Command = {}
    with pytest.MonkeyPatch.context() as patch:
        bench = Bench(patch, [])
        bench.obey(project_wish("there", 1.0))
        bench.meanwhile.extend(meanwhile)
        bench.obey(first, *rest)
        came = meanwhile[: len(meanwhile) - len(bench.meanwhile)]
        bench.meanwhile.clear()
        for command in (first, *rest, *came):
            wanted.update(command)
        worker, inspector = bench.worker, bench.worker._inspector
        project = wanted["project"]
        assert isinstance(project, Project)
        data = project.settings.dataset
        expected_rate = wanted["learning_rate"] or project.settings.learning_rate
        assert not_none(worker._project).settings.learning_rate == expected_rate
        assert inspector.recorder._wanted == wanted.get("statistics", frozenset())
        samples = None if REASONS[data] else parts()[1]
        if bench.shown is not None and bench.shown.data is worker._data.used:
            samples = bench.shown.samples
        assert inspector._samples is samples
        pin = wanted.get("pinned")
        if isinstance(pin, Pin) and pin.samples is samples:
            assert inspector._pinned is pin.sample
        else:
            assert samples is None or (inspector._pinned and inspector._pinned.index == 0)
        assert inspector.due or samples is None
        if REASONS[data]:
            assert worker._mode == "idle"
            assert bench.states[-1] == "Ready"
        else:
            assert worker._mode == (wanted["mode"] or "idle")
            assert bench.states[-1] == ("Training" if wanted["mode"] else "Ready")
        bench.obey({"mode": "train"})  # what a click on Train comes to
        assert bench.states[-1] == ("Ready" if REASONS[data] else "Training")
        if REASONS[data]:
            assert bench.reasons[-1] == REASONS[data]
        bench.close()


def test_a_wish_to_train_after_data_that_failed_says_the_reason_once() -> None:
    with pytest.MonkeyPatch.context() as patch:
        bench = Bench(patch, [])
        bench.obey(project_wish("there", 1.0))
        bench.obey(project_wish("missing", 1.0), {"mode": "train"})
        assert bench.states == ["Ready", "Ready"]
        assert bench.reasons == [REASONS["missing"]]
        bench.close()


class Gate:
    """Holds up the reading of data until it is opened."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self.read: list[str] = []
        monkeypatch.setattr("gui.background.loading.read", self._read)

    def _read(self, name: str, form: ImageForm, report: Report) -> Parts:
        if name == "slow":
            self.read.append(name)
            self.reached.set()
            assert self.opened.wait(30)
            name = "mnist"
        return read(name, form, report)


@pytest.fixture
def gate(monkeypatch: pytest.MonkeyPatch) -> Iterator[Gate]:
    gate = Gate(monkeypatch)
    yield gate
    gate.opened.set()
    for thread in threading.enumerate():
        if thread.name == "loading":
            thread.join(10)


def test_edits_while_a_slow_disk_is_read_do_not_read_it_anew(gate: Gate, driver: Driver) -> None:
    driver.type_into("setting.epochs", "2")
    driver.window.edits.change_setting("dataset", "slow")
    driver.wait(gate.reached.is_set)
    driver.type_into("setting.seed", "8")
    driver.type_into("setting.seed", "9")
    driver.choose("train")
    run_events(100)
    assert driver.text("status") == "Ready"
    gate.opened.set()
    driver.wait_for("Training", "Finished")
    assert gate.read == ["slow"]
    assert driver.window.document.settings.seed == 9
    driver.wait_for("Finished")


def test_train_does_not_wait_for_predictions_that_are_made_at_rest(
    driver: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun = threading.Event()
    outputs = Executor.outputs

    def slow(executor: Executor, batch: Batch) -> Array:
        if not begun.is_set():
            begun.set()
            end = time.perf_counter() + 20
            while time.perf_counter() < end:  # as a very large network does between two layers
                executor._check_interrupted()
                time.sleep(0.005)
        return outputs(executor, batch)

    monkeypatch.setattr(Executor, "outputs", slow)
    driver.type_into("setting.seed", "8")  # so that all is predicted anew
    driver.wait(begun.is_set)
    driver.wait_for("Ready")
    started = time.perf_counter()
    driver.run("step_batch", "Paused")
    assert time.perf_counter() - started < 10


class _Working(QObject):
    def __init__(self, inbox: Inbox) -> None:
        super().__init__()
        self._inbox, self.begun, self.may_end = inbox, threading.Event(), threading.Event()

    @Slot()
    def work(self) -> None:
        self.begun.set()
        self.may_end.wait(10)
        self._inbox.take(wait=True)


def test_a_worker_lives_while_its_thread_runs_even_if_its_owner_is_gone() -> None:
    inbox, owner = Inbox(), QObject()
    thread, worker = WorkerThread(inbox, owner), _Working(inbox)
    begun, may_end, left = worker.begun, worker.may_end, weakref.ref(worker)
    thread.start(worker, worker.work)
    running = thread.thread
    del worker, thread
    assert begun.wait(10)
    gc.collect()
    assert left() is not None
    may_end.set()
    delete(owner)
    assert not running.isRunning()
