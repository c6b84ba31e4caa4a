"""Read a run folder: whole lines and whole files alone, for it may still be growing.

`run.json` says what was trained and how, and `drawings.bin` has the pixels of own drawings among
the data. `metrics.jsonl` has a line for each epoch. `weights/epoch-0012.safetensors` holds the
weights after epoch 12, and `states/epoch-0012.safetensors` what else it takes to go on exactly.
Epochs count from the start of the run, which is epoch 0. A program that records a run holds the
lock of `.recording` meanwhile.
"""

import contextlib
import math
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from engine.errors import RunError
from engine.files.network_form import DRAWINGS, DRAWINGS_LIMIT, Count
from engine.files.untrusted_read import DamagedError
from engine.machine.file_lock import is_locked
from engine.model.project import CheckpointRef, Project
from engine.runs.checkpoint_files import WEIGHTS, epoch_file, load_checkpoint
from engine.runs.file_reading import faults_in_words, read_in
from engine.runs.run_form import RunDescription, after, read_description
from engine.text.letters import encodable
from engine.training.best_epoch import ranking_key

DESCRIPTION, METRICS = "run.json", "metrics.jsonl"
RECORDING = ".recording"  # its lock is held by the program that writes the run
TRAINING, INTERRUPTED = "training", "interrupted"  # states

DESCRIPTION_BYTES = 4_000_000
METRICS_BYTES = 40_000_000  # room for 100,000 epochs
_MOST_LINES = _MOST_FILES = 200_000
_EPOCH_FILE = re.compile(r"epoch-([0-9]{4,9})\.safetensors", re.ASCII)
_TRIED = 3  # of the last weights, if they are not whole

_LARGEST = 3.4e38  # that a float32 holds, and so a log of events
_Loss = Annotated[float, Meta(ge=-_LARGEST, le=_LARGEST)]
_Share = Annotated[float, Meta(ge=0.0, le=1.0)]
_Amount = Annotated[float, Meta(ge=0.0, le=1e12)]  # of s, or of samples in one


class EpochMetrics(msgspec.Struct, frozen=True, omit_defaults=True):
    """What came of an epoch: the fields of `train --json`, inside what they can be.

    `learning_rate` is the highest that its steps were made with, without what a schedule makes of
    it; where it is missing, it is that of the run's settings. `lowest_rate` is there where it was
    changed within the epoch.
    """

    epoch: Count
    epochs: Count
    loss: _Loss
    accuracy: _Share
    test_loss: _Loss
    test_accuracy: _Share
    samples_per_second: _Amount = 0.0
    seconds: _Amount = 0.0
    validation_loss: _Loss | None = None
    validation_accuracy: _Share | None = None
    learning_rate: _Amount | None = None
    lowest_rate: _Amount | None = None


@dataclass(frozen=True, eq=False)
class Run:
    """A run folder as it was when it was read: its metrics by epoch, and the epochs kept.

    `state` is that of its description, or interrupted: by a program that was killed. `written` is
    when its metrics were, in s since 1970.
    """

    folder: Path
    description: RunDescription
    metrics: tuple[EpochMetrics, ...]
    kept_epochs: tuple[int, ...]
    state: str
    written: float = -math.inf

    @property
    def id(self) -> str:
        """The name of the folder, which no other run of this machine has."""
        return self.folder.name

    @property
    def key(self) -> str:
        """The path of the folder, which no other run has, of whichever machine."""
        return str(self.folder)

    @property
    def title(self) -> str:
        """What the run is called: its name, or else number, project or network, learning rate."""
        return self.description.title

    @property
    def short_title(self) -> str:
        """Its name, or else its number; its title where it has neither."""
        return self.description.short_title

    @property
    def note(self) -> str:
        """What the user wrote about it."""
        return self.description.note

    @property
    def pinned(self) -> bool:
        """Whether it stays when room is made for others."""
        return self.description.pinned

    @property
    def bookmarks(self) -> tuple[int, ...]:
        """The epochs that were marked."""
        return self.description.bookmarks

    @property
    def started(self) -> datetime | None:
        """When it began, if that is known."""
        return self.description.started

    @property
    def began(self) -> float:
        """When it began, in s since 1970: as it says, or else as its files do."""
        return self.written - self.seconds if self.started is None else self.started.timestamp()

    @property
    def parent(self) -> CheckpointRef | None:
        """The run that it goes on from, and the epoch of it."""
        return self.description.parent

    @property
    def epochs(self) -> int:
        """How many epochs were done."""
        return self.metrics[-1].epoch if self.metrics else 0

    @property
    def why_no_weights(self) -> str:
        """What to do where none are kept: wait while they may come, else look for them."""
        if self.state in (TRAINING, ""):
            return "It has no weights yet. Wait for its first epoch, or choose another."
        return (
            f"It has no weights: there are none in {self.folder / WEIGHTS}, and its training has "
            "ended. Put them back there, or choose another."
        )

    @property
    def best(self) -> EpochMetrics | None:
        """What came of the best epoch, of equal ones the first; None before any is done."""
        return max(self.metrics, key=ranking_key, default=None)

    @property
    def best_epoch(self) -> int | None:
        """Which epoch was the best; None before any is done."""
        return None if self.best is None else self.best.epoch

    @property
    def test_accuracy(self) -> float | None:
        """That after the last epoch, None before any is done."""
        return self.metrics[-1].test_accuracy if self.metrics else None

    @property
    def seconds(self) -> float:
        """How long its epochs were trained, without pauses."""
        return sum(each.seconds for each in self.metrics)

    def rate_of(self, epoch: EpochMetrics) -> float:
        """Return the highest learning rate that the steps of an epoch were made with."""
        begun = self.description.project.settings.learning_rate
        return begun if epoch.learning_rate is None else epoch.learning_rate

    def age(self, epoch: int) -> int:
        """Return for how many epochs the network was trained in all, after an epoch of the run."""
        return self.description.project.trained_epochs + epoch

    def kept_at(self, age: int) -> int:
        """Return the kept epoch after which the network was trained for so many epochs in all.

        Raises RunError if there is none.
        """
        epoch = age - self.age(0)
        if epoch in self.kept_epochs:
            return epoch
        nearest = [
            *[self.age(kept) for kept in self.kept_epochs if kept < epoch][-1:],
            *[self.age(kept) for kept in self.kept_epochs if kept > epoch][:1],
        ]
        near = " and ".join(f"{each:,}" for each in nearest)
        instead = f"The nearest are those after {near}." if near else "It has none."
        raise RunError(f"The run {self.title} has no weights after epoch {age:,}. {instead}")

    @property
    def begun(self) -> str:
        """How long the network was trained before it began: up to `epoch 8`, `within epoch 9`."""
        age = self.age(0)
        is_within = self.description.project.trained_part > 0
        return f"within epoch {age + 1:,}" if is_within else f"epoch {age:,}"

    def aged_metrics(self) -> Iterator[EpochMetrics]:
        """Return the metrics with the age of the network in place of the epoch of the run."""
        for each in self.metrics:
            ages = {"epoch": self.age(each.epoch), "epochs": self.age(each.epochs)}
            yield msgspec.structs.replace(each, **ages)

    def project_after(self, epoch: int) -> Project:
        """Return the project as it was after an epoch that is kept, to go on from exactly.

        Runs of other programs have no state of the training: there it begins without one.
        Raises RunError if its network does not fit, or its files cannot be read.
        """
        project = load_checkpoint(self.folder, epoch, after(self.description, epoch))
        return replace(project, origin=CheckpointRef(encodable(self.id), epoch))


def newest_first(runs: Iterable[Run]) -> tuple[Run, ...]:
    """Return runs by when they began."""
    return tuple(sorted(runs, key=lambda run: run.began, reverse=True))


def is_run_folder(path: Path) -> bool:
    """Return whether a path is that of a folder with a `run.json`."""
    return os.path.isfile(path / DESCRIPTION)


def read_run(folder: Path) -> Run:
    """Read what there is of a run.

    Raises RunError if it is no run folder, or is damaged.
    """
    if not os.path.isdir(folder):
        raise RunError(f"{folder} is no folder. Choose that of a run, with a {DESCRIPTION}.")
    with faults_in_words(folder):
        run, described = _read(folder)
        if run.state == INTERRUPTED and read_described(folder) != described:
            run, _ = _read(folder)  # it was not interrupted, but has ended meanwhile
        return run


def _read(folder: Path) -> tuple[Run, bytes]:
    """Read a run, and return beside it what described it then."""
    described = read_described(folder)
    drawn = (
        read_in(folder, DRAWINGS, DRAWINGS_LIMIT) if os.path.lexists(folder / DRAWINGS) else None
    )
    description = read_description(described, drawn)
    lines = MetricsLines()
    if os.path.lexists(folder / METRICS):
        lines.take(read_in(folder, METRICS, METRICS_BYTES, grows=True))
    kept, state = kept_epochs_in(folder), state_in(folder, description.state)
    run = Run(folder, description, lines.by_epoch(), kept, state, written_in(folder))
    return run, described


def read_described(folder: Path) -> bytes:
    """Read what describes the run of a folder. Raises RunError."""
    if not os.path.lexists(folder / DESCRIPTION):
        raise RunError(
            f"{folder} is no run: it has no {DESCRIPTION}. Choose the folder of one run, whole."
        )
    return read_in(folder, DESCRIPTION, DESCRIPTION_BYTES)


def open_run(folder: Path) -> Project:
    """Return the project of a run with its last weights that are whole.

    Raises RunError if it is no run folder, is damaged, or holds no weights of its network.
    """
    run = read_run(folder)
    refusal = ""
    for epoch in reversed(run.kept_epochs[-_TRIED:]):
        try:
            return run.project_after(epoch)
        except RunError as fault:  # one that is just being written, say
            refusal = refusal or str(fault)
    raise RunError(refusal or f"The run {run.title} cannot be opened. {run.why_no_weights}")


def written_in(folder: Path) -> float:
    """Return when the metrics of a run were written, or else its description: s since 1970."""
    for name in (METRICS, DESCRIPTION):
        with contextlib.suppress(OSError):
            return os.stat(folder / name).st_mtime
    return -math.inf


def state_in(folder: Path, said: str) -> str:
    """Return the state of a run; other programs, which take no lock, are taken at their word."""
    lock = folder / RECORDING
    if said == TRAINING and os.path.isfile(lock) and not is_locked(lock):
        return INTERRUPTED
    return said


class MetricsLines:
    """The metrics of each epoch by the lines that say them, which may come bit by bit.

    What is no whole line yet waits for its rest. Of several lines of an epoch, as where a run was
    stopped and went on, the last counts; lines that say nothing, or what cannot be, do not.
    """

    def __init__(self) -> None:
        self._decoder = msgspec.json.Decoder(EpochMetrics)
        self._found: dict[int, EpochMetrics] = {}
        self._count, self._begun = 0, b""

    def take(self, content: bytes) -> None:
        """Take in what comes next. Raises DamagedError if no run has so many lines."""
        self._count += content.count(b"\n")
        if self._count > _MOST_LINES:
            raise DamagedError(f"its {METRICS} has more than {_MOST_LINES:,} lines")
        *lines, self._begun = (self._begun + content).split(b"\n")
        for line in lines:
            try:
                metrics = self._decoder.decode(line)
            except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
                continue
            if metrics.epoch >= 1:
                self._found[metrics.epoch] = metrics

    def by_epoch(self) -> tuple[EpochMetrics, ...]:
        """Return what was found, in the order of the epochs."""
        return tuple(self._found[epoch] for epoch in sorted(self._found))


def kept_epochs_in(folder: Path) -> tuple[int, ...]:
    """Return the epochs of which there are files of weights, in order."""
    weights = folder / WEIGHTS
    if not os.path.isdir(weights) or os.path.islink(weights):
        return ()
    epochs = []
    with os.scandir(weights) as entries:
        for number, entry in enumerate(entries):
            if number == _MOST_FILES:
                raise DamagedError(f"it holds more than {_MOST_FILES:,} files of weights")
            named = _EPOCH_FILE.fullmatch(entry.name)
            if named and entry.is_file(follow_symlinks=False):
                epoch = int(named[1])
                if entry.name == epoch_file(epoch):  # not epoch-00001 beside epoch-0001
                    epochs.append(epoch)
    return tuple(sorted(epochs))
