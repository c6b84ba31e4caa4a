"""Predictions in a run folder: what was appended comes back, what was damaged is refused."""

import random
import struct
import zlib
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from engine.array_types import Array
from engine.data import Dataset
from engine.errors import RunError
from engine.runs.prediction_files import (
    EPOCHS,
    SAMPLES,
    PredictionsWriter,
    read_predictions,
)
from engine.runs.predictions import KeptSamples, RunPredictions
from tests.engine.files.mutants import damage
from tests.engine.runs.test_predictions import part

LABELS = [0, 2, 1, 1, 0]
RECORD = 4 + 4 + 5 * (1 + 2 + 2)


def outputs_after(epoch: int, samples: int = 5, classes: int = 3) -> Array:
    """Outputs that are others after each epoch."""
    return np.random.default_rng(epoch).random((samples, classes), np.float32)


def write(folder: Path, epochs: list[int], test: Dataset | None = None, **options: int) -> None:
    folder.mkdir(exist_ok=True)
    writer = PredictionsWriter(folder, test or part(LABELS), **options)
    for epoch in epochs:
        writer.append([(epoch, outputs_after(epoch))])


def read(folder: Path) -> RunPredictions:
    found = read_predictions(folder)
    assert found is not None
    return found


def require_sound(found: RunPredictions, epochs: list[int]) -> None:
    """Every epoch has what was said then."""
    assert found.epochs.tolist() == epochs
    assert found.samples.labels.tolist() == LABELS
    for index, epoch in enumerate(epochs):
        outputs = outputs_after(epoch)
        assert found.said[index].tolist() == [max(range(3), key=row.__getitem__) for row in outputs]
        np.testing.assert_allclose(found.certainty[index], outputs.max(axis=1), rtol=1e-3)
        true_outputs = [row[label] for row, label in zip(outputs, LABELS, strict=True)]
        np.testing.assert_allclose(found.true_output[index], true_outputs, rtol=1e-3)


@pytest.mark.parametrize("classes", [3, 256, 300])
def test_that_there_was_no_answer_is_read_again(tmp_path: Path, classes: int) -> None:
    writer = PredictionsWriter(tmp_path, part(LABELS, classes))
    finite = outputs_after(2, classes=classes)
    broken = finite.copy()
    broken[0], broken[2, 1] = np.nan, np.inf
    writer.append([(1, broken), (2, finite)])
    found, expected = read(tmp_path), finite.argmax(axis=1).tolist()
    assert found.said[1].tolist() == expected
    assert found.said[0].tolist() == [-1, expected[1], -1, *expected[3:]]
    assert not found.right[0, [0, 2]].any()


def test_a_record_is_as_it_is_described(tmp_path: Path) -> None:
    write(tmp_path, [7])
    content = (tmp_path / EPOCHS).read_bytes()
    checksum, epoch, *numbers = struct.unpack("<II5B5e5e", content)
    seal = int((tmp_path / SAMPLES).read_text().rpartition(":")[2].rstrip("}"))
    assert checksum == zlib.crc32(content[4:], seal)
    assert epoch == 7
    assert read(tmp_path).samples.digest == KeptSamples.of(part(LABELS)).digest
    assert numbers[:5] == outputs_after(7).argmax(axis=1).tolist()


def test_a_run_without_predictions_has_none(tmp_path: Path) -> None:
    assert read_predictions(tmp_path) is None
    write(tmp_path, [])
    assert read(tmp_path).said.shape == (0, 5)


@pytest.mark.parametrize("cut", [1, 5, RECORD - 1])
def test_a_last_record_that_was_cut_is_passed_over(tmp_path: Path, cut: int) -> None:
    write(tmp_path, [1, 2, 3])
    content = (tmp_path / EPOCHS).read_bytes()
    (tmp_path / EPOCHS).write_bytes(content[:-cut])
    require_sound(read(tmp_path), [1, 2])
    (tmp_path / EPOCHS).write_bytes(content[:-cut] + bytes(cut))  # as after a power failure
    require_sound(read(tmp_path), [1, 2])


def test_a_record_that_failed_is_written_over(tmp_path: Path) -> None:
    writer = PredictionsWriter(tmp_path, part(LABELS))
    writer.append([(1, outputs_after(1))])
    with (tmp_path / EPOCHS).open("ab") as file:
        file.write(b"the disk was full after this")
    writer.append([(2, outputs_after(2))])
    require_sound(read(tmp_path), [1, 2])


def test_of_an_epoch_that_came_twice_the_last_counts(tmp_path: Path) -> None:
    writer = PredictionsWriter(tmp_path, part(LABELS))
    for epoch, seed in ((1, 1), (3, 9), (2, 2), (3, 3)):
        writer.append([(epoch, outputs_after(seed))])
    require_sound(read(tmp_path), [1, 2, 3])


def test_too_many_epochs_are_thinned_by_halves(tmp_path: Path) -> None:
    writer = PredictionsWriter(tmp_path, part(LABELS), most_bytes=4 * RECORD)
    kept = []
    for epoch in range(18):
        writer.append([(epoch, outputs_after(epoch))])
        found = read(tmp_path)
        require_sound(found, found.epochs.tolist())
        kept.append(found.epochs.tolist())
    assert kept[3:8] == [[0, 1, 2, 3], [0, 2, 4], [0, 2, 4, 5], [0, 2, 4, 6], [0, 4, 7]]
    assert kept[-1] == [0, 8, 16, 17]


@settings(max_examples=12)
@given(
    groups=st.lists(st.integers(1, 7), min_size=1, max_size=8),
    first=st.integers(0, 1),
    room=st.integers(1, 12),
)
@example(groups=[7] * 6, first=0, room=1)  # thinned more often than a record's number has bits
def test_epochs_written_in_one_go_are_those_written_one_by_one(
    groups: list[int], first: int, room: int
) -> None:
    with TemporaryDirectory() as name:
        folder, epoch = Path(name), first
        (folder / "grouped").mkdir()
        writer = PredictionsWriter(folder / "grouped", part(LABELS), most_bytes=room * RECORD)
        for size in groups:
            epochs = range(epoch, epoch + size)
            writer.append([(each, outputs_after(each)) for each in epochs])
            epoch += size
        write(folder / "single", list(range(first, epoch)), most_bytes=room * RECORD)
        grouped, single = (read(folder / each) for each in ("grouped", "single"))
        require_sound(grouped, single.epochs.tolist())


def test_without_room_the_first_and_the_last_epoch_stay(tmp_path: Path) -> None:
    write(tmp_path, [0, 1, 2, 3, 4, 5], most_bytes=1)
    require_sound(read(tmp_path), [0, 5])
    write(tmp_path, [1, 2, 3], most_bytes=1)
    require_sound(read(tmp_path), [3])


def test_no_more_is_written_than_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.runs.prediction_files.MOST_BYTES", 4 * RECORD)
    write(tmp_path, list(range(9)), most_bytes=10**9)
    require_sound(read(tmp_path), [0, 4, 8])


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "predictions").write_text("in the way")
    with pytest.raises(RunError, match="was not written"):
        PredictionsWriter(tmp_path, part(LABELS))
    (tmp_path / "predictions").unlink()
    writer = PredictionsWriter(tmp_path, part(LABELS))
    (tmp_path / EPOCHS).mkdir()
    with pytest.raises(RunError, match="was not written"):
        writer.append([(1, outputs_after(1))])


def test_records_of_other_samples_are_refused(tmp_path: Path) -> None:
    write(tmp_path / "one", [1, 2])
    write(tmp_path / "other", [1, 2], part(LABELS[::-1]))
    (tmp_path / "one" / EPOCHS).replace(tmp_path / "other" / EPOCHS)
    with pytest.raises(RunError, match="not those that were written"):
        read_predictions(tmp_path / "other")


def test_what_is_too_much_is_not_read(tmp_path: Path) -> None:
    write(tmp_path, [1])
    (tmp_path / SAMPLES).write_bytes(b"[" * 900_000)
    with pytest.raises(RunError, match="damaged"):
        read_predictions(tmp_path)
    (tmp_path / SAMPLES).write_bytes(b" " * 1_000_001)
    with pytest.raises(RunError, match="larger than 1 MB"):
        read_predictions(tmp_path)


def check_mutants(folder: Path, count: int) -> int:
    """Damage a file at random, so many times; return how often it was read all the same.

    What is read is what was written, up to the last epoch.
    """
    epochs, read_again = [0, 1, 2, 5], 0
    write(folder, epochs)
    originals = {name: (folder / name).read_bytes() for name in (SAMPLES, EPOCHS)}
    for number in range(count):
        dice = random.Random(number)
        name = dice.choice((SAMPLES, EPOCHS))
        (folder / name).write_bytes(damage(originals[name], dice))
        try:
            found = read(folder)
        except RunError as fault:
            said = str(fault)
        else:
            require_sound(found, epochs[: len(found.epochs)])
            read_again, said = read_again + 1, ""
        assert "\n" not in said
        (folder / name).write_bytes(originals[name])
    return read_again


@pytest.mark.parametrize("count", [150, pytest.param(20_000, marks=pytest.mark.soak)])
def test_mutants_are_refused_in_one_way_or_are_sound(tmp_path: Path, count: int) -> None:
    assert 0 < check_mutants(tmp_path, count) < count
