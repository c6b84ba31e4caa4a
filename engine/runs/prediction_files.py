"""The predictions of a run in its folder.

`predictions/samples.json` says which samples of the test part are kept. `predictions/epochs.bin`
has a record for each epoch, all of one size, little-endian:

| bytes | of |
|---|---|
| 4 | a checksum: CRC-32 of what follows, begun with that of `samples.json` |
| 4 | the epoch |
| 1 (up to 256 classes) or 2 a sample | the class that the network said |
| 2 a sample | its certainty, a float16; not a number where no class was said, which is 0 then |
| 2 a sample | the output of the true class, a float16 |
"""

import os
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import msgspec
import numpy as np
from msgspec import Meta
from numpy.typing import NDArray

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.data.parts import MOST_CLASSES
from engine.errors import RunError
from engine.files.atomic import in_words, write_file
from engine.files.network_form import Count, Digest
from engine.files.untrusted_read import DamagedError
from engine.model.network import NO_ANSWER
from engine.runs.file_reading import faults_in_words, read_in
from engine.runs.predictions import MOST_SAMPLES, KeptSamples, RunPredictions

SAMPLES, EPOCHS = "predictions/samples.json", "predictions/epochs.bin"
MOST_BYTES = 200_000_000  # of all epochs

_SAMPLES_BYTES = 1_000_000
_CHECKSUM_BYTES = 4
_Records = NDArray[np.void]
_Numbers = Annotated[list[Count], Meta(max_length=MOST_SAMPLES)]


class _SamplesForm(msgspec.Struct, kw_only=True):
    """The kept samples; `places` are left out where they are all places of the test part."""

    digest: Digest
    test_samples: Count
    classes: Annotated[int, Meta(ge=1, le=MOST_CLASSES)]
    labels: _Numbers
    places: _Numbers | None = None
    checksum: Annotated[int, Meta(ge=0, lt=2**32)] = 0

    def checksum_of_the_rest(self) -> int:
        """Return the CRC-32 of what the form says besides."""
        return zlib.crc32(msgspec.json.encode(msgspec.structs.replace(self, checksum=0)))


class PredictionsWriter:
    """Writes the predictions of a run, one epoch after the other, into a folder that has none yet.

    Once all epochs would take more than `most_bytes`, only every second one stays, and the last;
    then every fourth, and so on.
    Raises RunError if something cannot be written; what was written before stays.
    """

    def __init__(self, folder: Path, test: Dataset, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._path = folder, folder / EPOCHS
        self._most_bytes = min(most_bytes, MOST_BYTES)
        self._samples = KeptSamples.of(test)
        self._type = _record_type(len(self._samples), self._samples.classes)
        form = _describe(self._samples)
        self._seal = form.checksum
        self._epochs: list[int] = []
        self._every = 1
        try:
            self._path.parent.mkdir(exist_ok=True)  # a run that was deleted stays so
            self._path.unlink(missing_ok=True)
        except OSError as error:
            raise RunError(in_words(error, self._path)) from error
        write_file(folder / SAMPLES, msgspec.json.encode(form), RunError)

    def append(self, epochs: Sequence[tuple[int, Array]]) -> None:
        """Write what the network said after some epochs: its outputs (test samples, classes)."""
        records = self._records(epochs)
        rows: list[int] = []  # of the records that are to be written
        for row, (epoch, _) in enumerate(epochs):
            if self._epochs and self._epochs[-1] % self._every:
                self._epochs.pop()  # it was there as the last one alone
                del rows[-1:]
            if self._epochs and (len(self._epochs) + 1) * self._type.itemsize > self._most_bytes:
                self._write(records[rows])
                rows.clear()
                self._halve()
            self._epochs.append(epoch)
            rows.append(row)
        self._write(records[rows])

    def _records(self, epochs: Sequence[tuple[int, Array]]) -> _Records:
        records = np.zeros(len(epochs), self._type)
        records["epoch"] = [epoch for epoch, _ in epochs]
        condensed = self._samples.condense(np.stack([outputs for _, outputs in epochs]))
        for name, values in condensed._asdict().items():
            records[name] = np.maximum(values, 0) if name == "said" else values
        records["checksum"] = _checksums(records, self._seal)
        return records

    def _write(self, records: _Records) -> None:
        """Write the records of the last epochs behind the others, in the place of what is there."""
        flags = os.O_CREAT | os.O_WRONLY | getattr(os, "O_BINARY", 0)
        try:
            with os.fdopen(os.open(self._path, flags, 0o666), "wb") as file:
                file.seek((len(self._epochs) - len(records)) * self._type.itemsize)
                file.write(records.tobytes())
                file.truncate()
        except OSError as error:
            raise RunError(in_words(error, self._path)) from error

    def _halve(self) -> None:
        """Leave out every second epoch."""
        self._every *= 2
        content = read_in(self._folder, EPOCHS, MOST_BYTES)
        records = np.frombuffer(content, self._type, len(self._epochs))
        stay = [epoch % self._every == 0 for epoch in self._epochs]
        records = records[np.array(stay, np.bool_)]
        write_file(self._path, records.tobytes(), RunError)
        self._epochs = records["epoch"].tolist()


def read_predictions(folder: Path) -> RunPredictions | None:
    """Read the predictions of a run folder; None if it has none.

    A last record that is not whole is passed over: it is being written.
    Raises RunError if they are damaged.
    """
    if not os.path.lexists(folder / SAMPLES):
        return None
    with faults_in_words(folder):
        form = msgspec.json.decode(read_in(folder, SAMPLES, _SAMPLES_BYTES), type=_SamplesForm)
        samples = _samples_of(form)
        content = b""
        if os.path.lexists(folder / EPOCHS):
            content = read_in(folder, EPOCHS, MOST_BYTES, grows=True)
        records = _whole_records(content, samples, form.checksum)
        epochs = records["epoch"].astype(np.int64)
        kept = _said_in(records), records["certainty"], records["true_output"]
        return RunPredictions(samples, epochs, *kept)


def _describe(samples: KeptSamples) -> _SamplesForm:
    form = _SamplesForm(
        digest=samples.digest,
        test_samples=samples.test_samples,
        classes=samples.classes,
        labels=samples.labels.tolist(),
        places=None if len(samples) == samples.test_samples else samples.places.tolist(),
    )
    return msgspec.structs.replace(form, checksum=form.checksum_of_the_rest())


def _samples_of(form: _SamplesForm) -> KeptSamples:
    """Make the kept samples of their form; raise DamagedError if it contradicts itself."""
    if form.checksum != form.checksum_of_the_rest():
        raise DamagedError(f"{SAMPLES} is not what was written")
    labels, count = np.array(form.labels, np.int64), form.test_samples
    places = np.arange(len(labels)) if form.places is None else np.array(form.places, np.int64)
    if form.places is None and len(labels) != count:
        raise DamagedError(f"{SAMPLES} has not a label for each sample")
    ascending = np.all(np.diff(places, prepend=-1, append=count) > 0)
    if len(places) != len(labels) or not ascending or np.any(labels >= form.classes):
        raise DamagedError(f"{SAMPLES} contradicts itself")
    return KeptSamples(labels, places, count, form.classes, form.digest)


def _record_type(samples: int, classes: int) -> np.dtype[np.void]:
    return np.dtype(
        [
            ("checksum", "<u4"),
            ("epoch", "<u4"),
            ("said", "u1" if classes <= 256 else "<u2", (samples,)),
            ("certainty", "<f2", (samples,)),
            ("true_output", "<f2", (samples,)),
        ]
    )


def _checksums(records: _Records, seal: int) -> list[int]:
    """Return the checksum of each record, which goes with the samples of a seal."""
    rows = records.view(np.uint8).reshape(len(records), records.itemsize)
    return [zlib.crc32(row[_CHECKSUM_BYTES:].data, seal) for row in rows]


def _said_in(records: _Records) -> NDArray[np.integer[Any]]:
    """Return the classes that were said, and `NO_ANSWER` where none was."""
    said: NDArray[np.integer[Any]] = records["said"]
    unanswered = np.isnan(records["certainty"])
    return np.where(unanswered, NO_ANSWER, said.astype(np.int32)) if unanswered.any() else said


def _whole_records(content: bytes, samples: KeptSamples, seal: int) -> _Records:
    """Return the records of a file, by epoch; of several of an epoch the last one."""
    record_type = _record_type(len(samples), samples.classes)
    records: _Records = np.frombuffer(content, record_type, len(content) // record_type.itemsize)
    sound: NDArray[np.bool_] = records["checksum"] == _checksums(records, seal)
    if len(sound) and not sound[-1]:
        sound, records = sound[:-1], records[:-1]
    if not sound.all() or np.any(records["said"] >= samples.classes):
        raise DamagedError(f"the predictions in {EPOCHS} are not those that were written")
    last = {epoch: index for index, epoch in enumerate(records["epoch"].tolist())}
    order = [last[epoch] for epoch in sorted(last)]
    return records if order == list(range(len(records))) else records[order]
