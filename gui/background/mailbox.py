"""Mailboxes between window and worker, each under a mutex: commands one way, updates the other."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray

from engine.data.dataset import Dataset
from engine.inspection.snapshot import Sample, Snapshot
from engine.model.project import Project
from engine.training.samples import data_key
from gui.state import LoadedData, Mode, Predictions, RunProgress, Speed
from gui.widgets.growing_curve import joined_in_pairs

if TYPE_CHECKING:
    from engine.inspection.unit_health import UnitHealth
    from engine.training.events import EpochDone
    from engine.training.step_statistics import StepStatistics

Statistics = frozenset[Literal["steps", "health"]]  # what the window wants to be told besides


def is_comparable(one: Project, other: Project) -> bool:
    """Return whether the test and validation losses of two projects measure the same."""
    a, b = one.settings, other.settings
    return (
        one.stack.is_same_network(other.stack)
        and data_key(a) == data_key(b)
        and a.loss == b.loss
        and a.validation_split == b.validation_split
        and (a.seed == b.seed or not a.validation_split)  # it decides which samples these are
    )


@dataclass(frozen=True)
class Pin:
    """What is pinned while some samples are shown: one of them, or a drawing.

    A pin that was made while other samples were shown is void.
    """

    samples: Dataset
    sample: Sample


@dataclass(frozen=True, eq=False)
class VisibleSamples:
    """Which of some samples are in view. It is void once other samples are shown."""

    samples: Dataset
    indices: NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class ShownSamples:
    """Samples that are shown in place of the test samples of some data. Void with other data."""

    data: LoadedData | None
    samples: Dataset


@dataclass
class Commands:
    """What the window wants of the worker; every field is taken when it is read."""

    mode: Mode | None = None
    project: Project | None = None
    generation: int = 0
    file_name: str | None = None  # of the open project, without folder and ending
    unread: frozenset[str] | None = None  # data that is not read till the user wants it
    read_again: bool = False  # the data, as it is on the disk now
    touched: Project | None = None  # the same network, with edited kernels or other locks
    samples: ShownSamples | None = None
    pinned: Pin | None = None
    watched: VisibleSamples | None = None
    learning_rate: float | None = None
    speed: Speed | None = None
    is_throttled: bool | None = None  # a run leaves most of the time to what the window waits for
    statistics: Statistics | None = None
    weights: bool = False  # a copy of them now, and not only when it is due
    stop: bool = False
    quit: bool = False


MayRead = Callable[[str, Path | None], bool]  # takes data, and the file of a project that names it


def read_all(_data: str, _project: Path | None) -> bool:
    """Let any data be read without asking the user."""
    return True


class Inbox:
    """Holds the window's commands until the worker takes them."""

    def __init__(self) -> None:
        self._ready = threading.Condition()
        self._commands = Commands()
        self._put: set[str] = set()  # what was wished or taken back since the worker last took
        self._urgent = threading.Event()
        self.waiting = False  # whether there may be commands to take

    def put(self, *, urgent: bool = False, **commands: object) -> None:
        """Add commands; None takes an older one back that the new ones have overtaken.

        An urgent one makes the worker give up the step it is in.
        """
        with self._ready:
            for name, value in commands.items():
                setattr(self._commands, name, value)
            self._put.update(commands)
            self.waiting = True
            if urgent:
                self._urgent.set()
            self._ready.notify()

    def urgent(self) -> bool:
        """Return whether the worker should look at its commands at once."""
        return self._urgent.is_set()

    def wait(self, seconds: float) -> bool:
        """Sleep until there is a command, but no longer than so; return whether there is one."""
        with self._ready:
            return self._ready.wait_for(lambda: self.waiting, seconds)

    def take(self, *, wait: bool) -> Commands:
        """Take all commands; with `wait`, sleep until there is one."""
        with self._ready:
            while wait and self._commands == Commands():
                self._ready.wait()
            commands, self._commands = self._commands, Commands()
            self._put.clear()
            self.waiting = False
            self._urgent.clear()
            return commands

    def put_back(self, commands: Commands) -> None:
        """Put back what was taken and is not obeyed, but for what was overtaken meanwhile."""
        with self._ready:
            for name, value in vars(commands).items():
                if name not in self._put:
                    setattr(self._commands, name, value)
            self.waiting = True


@dataclass
class Updates:
    """What the worker has to show since the window last asked; None: nothing new.

    It is about the project of one generation. `run_started` says that the losses begin anew.
    """

    generation: int = 0
    run_started: bool = False
    positions: list[float] = field(default_factory=list)
    losses: list[float] = field(default_factory=list)
    progress: RunProgress | None = None
    snapshot: Snapshot | None = None
    predictions: Predictions | None = None
    health: "UnitHealth | None" = None
    steps: "list[tuple[float, StepStatistics]]" = field(default_factory=list)
    epochs: "list[EpochDone]" = field(default_factory=list)


class Outbox:
    """Holds the worker's newest pictures and all its losses and epochs until the window takes them.

    Losses that are not fetched are thinned: of two neighbours, the mean stays. Nothing new is given
    out before a state that was told before it: the signal may still be on its way.
    """

    LIMIT = 20_000

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._updates = Updates()
        self._states = 0  # that were told by signal

    def add_losses(
        self,
        positions: Sequence[float],
        losses: Sequence[float],
        progress: RunProgress | None = None,
    ) -> None:
        """Add the losses of batches, and where the run stands after them."""
        with self._lock:
            updates = self._updates
            updates.positions.extend(positions)
            updates.losses.extend(losses)
            while len(updates.losses) >= self.LIMIT:
                rows = joined_in_pairs(np.column_stack((updates.positions, updates.losses)))
                updates.positions, updates.losses = rows.T.tolist()
            if progress is not None:
                updates.progress = progress

    def add_epoch(self, epoch: "EpochDone") -> None:
        """Add an epoch that is over: of a small network, dozens are in a second."""
        with self._lock:
            self._updates.epochs.append(epoch)

    def add_step(self, position: float, statistics: "StepStatistics") -> None:
        """Add what a step told, at a time in epochs: a few are observed in a second."""
        with self._lock:
            self._updates.steps.append((position, statistics))

    def show(self, **newest: "Snapshot | Predictions | UnitHealth") -> None:
        """Put newer pictures in the place of the last."""
        with self._lock:
            for name, picture in newest.items():
                setattr(self._updates, name, picture)

    def count_state(self) -> None:
        """Note that a state, or data, is told by signal: what is new from now on comes after it."""
        with self._lock:
            self._states += 1

    def take_start(self, generation: int) -> bool:
        """Return whether a run has started since this was asked last, on a project."""
        with self._lock:
            updates = self._updates
            started = updates.run_started and updates.generation == generation
            updates.run_started = updates.run_started and not started
            return started

    def take(self, states: int = 0) -> Updates | None:
        """Take all that is new, if anything is, and if the window has heard of all states by now.

        `states` is of how many it has heard.
        """
        with self._lock:
            empty = Updates(self._updates.generation)
            if self._states > states or self._updates == empty:
                return None
            updates, self._updates = self._updates, empty
            return updates

    def start_run(self) -> None:
        """Begin the losses of a new run; what is left of the last one goes."""
        with self._lock:
            updates = self._updates
            updates.positions, updates.losses, updates.steps, updates.epochs = [], [], [], []
            self._updates.run_started = True

    def start_generation(self, generation: int) -> None:
        """Throw away what belongs to a project that is no more."""
        with self._lock:
            self._updates = Updates(generation)
