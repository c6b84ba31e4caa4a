"""Trainings that are recorded, for the tests."""

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from dataclasses import replace as changed
from pathlib import Path

from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.runs import Run, read_run
from engine.runs.recorder import UNNAMED, RunNames, RunRecorder
from engine.runs.run_writer import Listener
from engine.runs.store import RunStore
from engine.training.events import BatchDone, EpochDone, Event, Finished
from engine.training.run import Training
from tests.engine.networks import fitting
from tests.engine.runs.own_runs import learned, project_of, training_on
from tests.engine.training_runs import SETTINGS

PATIENCE = 60.0  # s


@dataclass
class Heard:
    """What the listener of a recorder was told."""

    changed: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)
    written: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))

    def listener(self) -> Listener:
        return Listener(self._on_change, self.said.append)

    def _on_change(self, run: str) -> None:
        self.changed.append(run)
        self.written.release()


@dataclass
class Recording:
    """A training, its recorder, and its project: at first as it began, then with what it learned.

    The run ends as `state` and `reason` say.
    """

    training: Training
    project: Project
    recorder: RunRecorder
    heard: Heard
    store: RunStore
    state: str = "finished"
    reason: str = ""

    @property
    def run_id(self) -> str:
        return self.recorder.run_id

    @property
    def kept(self) -> Run:
        """Read what is in the folder."""
        return read_run(self.store.folder / self.run_id)

    def events(self, accuracies: Mapping[int, float] | None = None) -> Iterator[Event]:
        """Train, and record each epoch; with made-up accuracies, 0 is that of the others."""
        for event in self.training.run():
            if isinstance(event, EpochDone):
                told = event
                if accuracies is not None:
                    share = accuracies.get(event.epoch, 0.0)
                    told = changed(event, test_loss=1.0, test_accuracy=share)
                self.recorder.after_epoch(told)
            yield event

    def epochs(self, accuracies: Mapping[int, float] | None = None) -> Iterator[EpochDone]:
        """Train, and tell the ends of the epochs alone."""
        return (event for event in self.events(accuracies) if isinstance(event, EpochDone))


class SlowStore(RunStore):
    """The runs on a disk that answers, when a run gets its folder, no sooner than it is let."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.answers, self.asked = threading.Event(), threading.Event()

    def new_folder(self, wished_id: str) -> Path:
        self.asked.set()
        assert self.answers.wait(PATIENCE)
        return super().new_folder(wished_id)


def untrained(settings: Settings = SETTINGS, report: ShapeReport | None = None) -> Project:
    """Return a project that has learned nothing, with the made-up samples' classes."""
    return project_of(report or fitting(loss=settings.loss), settings)


@contextmanager
def recording(
    store: RunStore, project: Project | None = None, names: RunNames = UNNAMED
) -> Iterator[Recording]:
    """Begin to train a project and to record it; both are ended, and written, behind the block."""
    project, heard = project or untrained(), Heard()
    run = training_on(project)
    try:
        recorder = RunRecorder(store, project, run, names, heard.listener())
        made = Recording(run, project, recorder, heard, store)
        yield made
        recorder.end(made.state, made.reason)
        assert recorder.wait(PATIENCE)
        made.project = changed(learned(project, run), origin=recorder.checkpoint)
    finally:
        run.close()


def record(
    folder: Path,
    project: Project,
    *,
    stop_after: float | None = None,
    names: RunNames = UNNAMED,
    store: RunStore | None = None,
) -> Recording:
    """Train a project and record it, to its end or up to a position in epochs."""
    with recording(store or RunStore(folder), project, names) as made:
        made.state = "stopped"
        for event in made.events():
            if isinstance(event, Finished):
                made.state, made.reason = "finished", event.reason
            if is_at(event, stop_after):
                break
    return made


def is_at(event: Event, position: float | None) -> bool:
    """Whether a training has just come to a position, in epochs; to a whole one with its test."""
    if isinstance(event, EpochDone):
        return event.epoch == position
    return isinstance(event, BatchDone) and event.step < event.steps and event.position == position
