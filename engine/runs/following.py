"""Follow a run that another program writes: look at its folder again and again, read what is new.

The folder may lie on a disk of another machine, which tells nothing of changes and may answer late
or not at all: so a look belongs into a thread of its own, and its lock may not be seen from here.
"""

import contextlib
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from engine.errors import RunError
from engine.files.drawings_form import DRAWINGS, LIMIT
from engine.files.safetensors_reading import is_whole
from engine.files.untrusted_read import open_unwaiting
from engine.runs.file_reading import faults_in_words, read_in
from engine.runs.moment_files import WEIGHTS, epoch_file
from engine.runs.run_folder import (
    INTERRUPTED,
    METRICS,
    METRICS_BYTES,
    TRAINING,
    EpochMetrics,
    MetricsLines,
    Run,
    kept_epochs_in,
    read_described,
    state_in,
    written_in,
)
from engine.runs.run_form import RunDescription, read_description

_PATIENCE = 3  # looks in a row: what is just being written is whole at one of them
_PAUSE = 0.1  # s between two tries at the first look
_RECENT = 3  # of the last weights, which may still be being written
_COMPARED = 1000  # bytes before the place read to, by which the file is known again


@dataclass(frozen=True, eq=False)
class RunNews:
    """What a look at a followed run has found.

    `run` is the one of the look before if nothing is new. `began_anew` says that the folder is of
    another training than then. With a `problem`, a sentence, the folder cannot be read now, and the
    run is as it was last. `quiet` is for how long nothing new has come, in s.
    """

    run: Run
    began_anew: bool = False
    problem: str = ""
    quiet: float = 0.0


class Follower:
    """Looks at the folder of one run. One look at a time, in whatever thread."""

    def __init__(self, folder: Path, clock: Callable[[], float] = time.monotonic) -> None:
        self.folder, self._clock = folder, clock
        self._described = b""
        self._description: RunDescription | None = None
        self._metrics = _MetricsFile(folder)
        self._weights = _WeightsFiles(folder)
        self._run: Run | None = None
        self._changed_at = self._clock()
        self._lock_was_seen = self._grew = False
        self._failures = 0

    def look(self) -> RunNews:
        """Read what is new.

        Raises RunError if there is no run, or its network does not fit, at the first look; later
        what goes wrong is a problem of the look, once it did so several times in a row.
        """
        before = self._run
        if before is None:
            return self._found(self._read_patiently())
        try:
            run = self._read()
        except RunError as fault:
            return self._wait(before, str(fault))
        if _says_the_same(before, run):
            self._failures = 0
            return RunNews(before, quiet=self._quiet())
        if len(run.metrics) < len(before.metrics) and self._failures + 1 < _PATIENCE:
            return self._wait(before)  # its lines may just be written again
        self._grew = True
        if not _is_another(before, run):
            return self._found(run)
        self._weights.forget()
        return self._found(replace(run, kept_epochs=self._weights.epochs()), began_anew=True)

    def _read_patiently(self) -> Run:
        """Read again what cannot be read: a file may just be being written."""
        for _ in range(_PATIENCE - 1):
            with contextlib.suppress(RunError):
                return self._read()
            time.sleep(_PAUSE)
        return self._read()

    def _found(self, run: Run, *, began_anew: bool = False) -> RunNews:
        self._run, self._failures, self._changed_at = run, 0, self._clock()
        return RunNews(run, began_anew)

    def _wait(self, before: Run, problem: str = "") -> RunNews:
        """Say that something is wrong only if it was so at the looks before."""
        self._failures += 1
        return RunNews(before, problem=problem * (self._failures >= _PATIENCE), quiet=self._quiet())

    def _quiet(self) -> float:
        return self._clock() - self._changed_at

    def _read(self) -> Run:
        folder = self.folder
        if not os.path.isdir(folder):
            raise RunError(f"{folder} is not there, or cannot be reached. See where the run is.")
        with faults_in_words(folder):
            description = self._describe()
            metrics, kept = self._metrics.by_epoch(), self._weights.epochs()
            state = self._state(description.state)
            if state == INTERRUPTED and read_described(folder) != self._described:
                return self._read()  # it was not interrupted, but has ended meanwhile
            return Run(folder, description, metrics, kept, state, written_in(folder))

    def _describe(self) -> RunDescription:
        described = read_described(self.folder)
        if self._description is None or described != self._described:
            pixels = None
            if os.path.lexists(self.folder / DRAWINGS):
                pixels = read_in(self.folder, DRAWINGS, LIMIT)
            description = read_description(described, pixels)
            problem = description.project.check().problem
            if problem is not None:
                raise RunError(f"The network of {self.folder} does not fit. {problem.text}")
            self._described, self._description = described, description
        return self._description

    def _state(self, said: str) -> str:
        """Return the state; a lock that was never seen held says nothing of a run that grows."""
        state = state_in(self.folder, said)
        if state != INTERRUPTED:
            self._lock_was_seen = self._lock_was_seen or said == TRAINING
            return state
        return TRAINING if self._grew and not self._lock_was_seen else state


class _MetricsFile:
    """Reads the lines that were appended since; all of them if the file is another."""

    _lines: MetricsLines
    _known: tuple[EpochMetrics, ...]  # what they say
    _place: int  # in bytes, up to which the file was read
    _before: bytes  # the last of them

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._begin()

    def by_epoch(self) -> tuple[EpochMetrics, ...]:
        """Return what all lines say that are there now; raises RunError or DamagedError."""
        path = self._folder / METRICS
        if not os.path.lexists(path):
            self._begin()
            return ()
        content = self._appended(path)
        if content is None:  # it is another file, or the first look
            self._begin()
            content = read_in(self._folder, METRICS, METRICS_BYTES, grows=True)
        if content:
            self._lines.take(content)
            self._place += len(content)
            self._before = (self._before + content)[-_COMPARED:]
            self._known = self._lines.by_epoch()
        return self._known

    def _begin(self) -> None:
        self._lines, self._known = MetricsLines(), ()
        self._place, self._before = 0, b""

    def _appended(self, path: Path) -> bytes | None:
        """Return what follows the place read to; None if what comes before is no longer there."""
        if not self._place or path.is_symlink() or not path.is_file():
            return None
        try:
            with open_unwaiting(path) as file:
                size = os.fstat(file.fileno()).st_size
                file.seek(self._place - len(self._before))
                if size > METRICS_BYTES or file.read(len(self._before)) != self._before:
                    return None
                return file.read(max(0, size - self._place))
        except OSError:
            return None


class _WeightsFiles:
    """Lists the epochs of which there are whole weights; each file is looked into once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._whole: set[int] = set()

    def epochs(self) -> tuple[int, ...]:
        """Return them in order. They are written one after the other: only the last may grow."""
        found = kept_epochs_in(self._folder)
        self._whole.intersection_update(found)
        self._whole.update(found[:-_RECENT])
        self._whole.update(epoch for epoch in found[-_RECENT:] if self._is_whole(epoch))
        return tuple(epoch for epoch in found if epoch in self._whole)

    def forget(self) -> None:
        """Look into all files again: they are of another training."""
        self._whole.clear()

    def _is_whole(self, epoch: int) -> bool:
        if epoch in self._whole:
            return True
        try:
            return is_whole(self._folder / WEIGHTS / epoch_file(epoch))
        except OSError:  # it was taken away meanwhile
            return False


def _says_the_same(before: Run, now: Run) -> bool:
    return (
        before.description is now.description
        and before.metrics == now.metrics
        and before.kept_epochs == now.kept_epochs
        and before.state == now.state
    )


def _is_another(before: Run, now: Run) -> bool:
    """Return whether a folder is of another training than before.

    One that goes on keeps its network, its seed, when it began and its first epoch.
    """
    old, new = before.description, now.description
    first = before.metrics[:1]
    return (
        (bool(first) and first != now.metrics[:1])
        or old.started != new.started
        or old.project.settings.seed != new.project.settings.seed
        or not old.project.stack.is_same_network(new.project.stack)
    )
