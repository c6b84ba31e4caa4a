"""Read a run folder: whole lines and whole files alone, for it may still be growing.

`run.json` says what was trained and how, `metrics.jsonl` has a line for each epoch, and
`weights/epoch-0012.safetensors` holds the weights after epoch 12; epoch 0 is the start.
"""

import io
import os
import re
import stat
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec

from engine.errors import RunError, WeightsError
from engine.files.untrusted_read import DamagedError
from engine.files.weights_file import load_weights
from engine.model.project import Project
from engine.runs.reading import faults_in_words, read_in
from engine.runs.run_form import RunDescription, after, read_description

DESCRIPTION, METRICS, WEIGHTS = "run.json", "metrics.jsonl", "weights"

_DESCRIPTION_BYTES = 4_000_000
_METRICS_BYTES = 40_000_000  # room for 100,000 epochs
_MOST_LINES = _MOST_FILES = 200_000
_EPOCH_FILE = re.compile(r"epoch-([0-9]{4,9})\.safetensors", re.ASCII)
_TRIED = 3  # of the last weights, if they are not whole


class EpochMetrics(msgspec.Struct, frozen=True):
    """What came of an epoch: the fields of `train --json`."""

    epoch: int
    epochs: int
    loss: float
    accuracy: float
    test_loss: float
    test_accuracy: float
    samples_per_second: float = 0.0
    seconds: float = 0.0
    validation_loss: float | None = None
    validation_accuracy: float | None = None


@dataclass(frozen=True, eq=False)
class Run:
    """A run folder as it was when it was read: its metrics by epoch, and the epochs kept."""

    folder: Path
    description: RunDescription
    metrics: tuple[EpochMetrics, ...]
    kept_epochs: tuple[int, ...]

    def project_after(self, epoch: int) -> Project:
        """Return the project with the weights that were kept after an epoch.

        Raises RunError if its network does not fit, WeightsError if the weights cannot be read.
        """
        project = after(self.description, epoch)
        report = project.check()
        if report.problem is not None:
            raise RunError(f"The network of {self.folder} does not fit. {report.problem.text}")
        path = self.folder / WEIGHTS / epoch_file(epoch)
        return replace(project, weights=load_weights(path, report))


def epoch_file(epoch: int) -> str:
    """Return the name of the file of the weights after an epoch."""
    return f"epoch-{epoch:04}.safetensors"


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
        description = read_description(read_in(folder, DESCRIPTION, _DESCRIPTION_BYTES))
        content = b""
        if os.path.lexists(folder / METRICS):
            content = read_in(folder, METRICS, _METRICS_BYTES)
        return Run(folder, description, _metrics(content), _kept_epochs(folder))


def open_run(folder: Path) -> Project:
    """Return the project of a run with its last weights that are whole.

    Raises RunError if it is no run folder, is damaged, or holds no weights of its network.
    """
    run = read_run(folder)
    refusal = ""
    for epoch in reversed(run.kept_epochs[-_TRIED:]):
        try:
            return run.project_after(epoch)
        except WeightsError as fault:  # one that is just being written, say
            refusal = refusal or str(fault)
    raise RunError(
        refusal or f"{folder} holds no weights yet. Wait for its first epoch, or choose another."
    )


def _metrics(content: bytes) -> tuple[EpochMetrics, ...]:
    """Return the metrics of each epoch by their lines; what is no whole line is passed over.

    Of several lines of an epoch, as where a run was stopped and went on, the last counts.
    """
    decoder, found = msgspec.json.Decoder(EpochMetrics), {}
    for number, line in enumerate(io.BytesIO(content)):
        if number == _MOST_LINES:
            raise DamagedError(f"its {METRICS} has more than {_MOST_LINES:,} lines")
        if not line.endswith(b"\n"):  # it is being written
            break
        try:
            metrics = decoder.decode(line)
        except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
            continue
        if metrics.epoch >= 1:
            found[metrics.epoch] = metrics
    return tuple(found[epoch] for epoch in sorted(found))


def _kept_epochs(folder: Path) -> tuple[int, ...]:
    """Return the epochs of which there are weights, in order."""
    weights = folder / WEIGHTS
    if not os.path.isdir(weights) or os.path.islink(weights):
        return ()
    epochs = []
    with os.scandir(weights) as entries:
        for count, entry in enumerate(entries):
            if count == _MOST_FILES:
                raise DamagedError(f"it holds more than {_MOST_FILES:,} files of weights")
            named = _EPOCH_FILE.fullmatch(entry.name)
            if named and stat.S_ISREG(entry.stat(follow_symlinks=False).st_mode):
                epoch = int(named[1])
                if entry.name == epoch_file(epoch):  # not epoch-00001 beside epoch-0001
                    epochs.append(epoch)
    return tuple(sorted(epochs))
