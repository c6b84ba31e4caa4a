"""What was said along a chain of runs: against plain loops over what each run wrote."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.data.dataset import Dataset
from engine.runs import learning_history
from engine.runs.learning_history import NEVER, LearningHistory, Lifetime, parent_of
from engine.runs.prediction_files import EPOCHS, PredictionsWriter, read_predictions
from engine.runs.run_folder import read_run
from tests.engine.runs.folders import describe, write_run
from tests.engine.runs.test_predictions import part

LABELS = [0, 1, 2, 0, 1]
TEST = part(LABELS)
Said = dict[int, list[int]]  # what was said of each sample, by epoch


def keep(
    folder: Path, parent: str, epoch: int, before: int, said: Said, test: Dataset = TEST
) -> Path:
    """Write a run that goes on from an epoch of another, with what it said."""
    write_run(folder, epochs=0)
    begun = {"run": parent, "epoch": epoch} if parent else None
    describe(folder, epochs_before=before, parent=begun)
    if said:
        writer = PredictionsWriter(folder, test)
        for number, row in said.items():
            writer.append([(number, np.eye(3)[row])])
    return folder


def life_of(folder: Path, *listed: Path) -> Lifetime:
    said = read_predictions(folder)
    assert said is not None
    return Lifetime.of(read_run(folder), said, listed=[read_run(each) for each in listed])


def rows(count: int, shift: int = 0) -> Said:
    """Return what was said after each of some epochs, of which no two are alike nearby."""
    return {
        epoch: [(epoch * (place + 1) + shift) % 3 for place in range(len(LABELS))]
        for epoch in range(1, count + 1)
    }


@st.composite
def chains(draw: st.DrawFn) -> list[tuple[int, Said]]:
    """Up to five runs, the oldest first: where each goes on in the one before, and what it said."""
    row = st.lists(st.integers(0, 2), min_size=len(LABELS), max_size=len(LABELS))
    found: list[tuple[int, Said]] = []
    for _ in range(draw(st.integers(1, 5))):
        told = {epoch: draw(row) for epoch in range(1, draw(st.integers(1, 4)) + 1)}
        at = draw(st.integers(0, len(found[-1][1]))) if found else 0
        found.append((at, told))
    return found


@settings(max_examples=20)
@given(chain=chains())
def test_a_life_goes_through_all_runs_up_to_where_each_goes_on(
    chain: list[tuple[int, Said]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    home, before = tmp_path_factory.mktemp("runs"), 0
    expected: dict[int, list[int]] = {}
    for number, (at, said) in enumerate(chain):
        before = before - len(chain[number - 1][1]) + at if number else 0
        folder = keep(home / str(number), str(number - 1) if number else "", at, before, said)
        expected = {age: row for age, row in expected.items() if age <= before}
        for epoch, row in said.items():
            expected[before + epoch] = row
        before += len(said)
    life = life_of(folder)
    assert life.since == 0
    assert life.predictions.epochs.tolist() == list(expected)
    assert life.predictions.said.tolist() == list(expected.values())
    history = LearningHistory.of(life.predictions)
    for sample, label in enumerate(LABELS):
        ages = [age for age, row in expected.items() if row[sample] == label]
        assert history.learned_first[sample] == (ages[0] if ages else NEVER)
    for age in expected:
        run, epoch = life.checkpoint(age)
        assert chain[int(run.id)][1][epoch] == expected[age]
        assert life.age_at(run.key, epoch) == age


def test_an_epoch_of_a_parent_beyond_where_it_goes_on_is_none_of_the_life(tmp_path: Path) -> None:
    keep(tmp_path / "one", "", 0, 0, rows(4))
    life = life_of(keep(tmp_path / "two", "one", 2, 2, rows(1)))
    key = str(tmp_path / "one")
    assert [life.age_at(key, epoch) for epoch in (1, 2, 3, 4)] == [1, 2, None, None]
    assert life.age_at(str(tmp_path / "three"), 1) is None


def other_images() -> Dataset:
    return part([*LABELS[1:], 0])


@pytest.mark.parametrize("fault", ["gone", "damaged", "nothing said", "other images", "other age"])
def test_where_a_run_cannot_be_told_of_it_is_told_since_when(tmp_path: Path, fault: str) -> None:
    keep(tmp_path / "one", "", 0, 0, rows(3))
    test = other_images() if fault == "other images" else TEST
    said = {} if fault == "nothing said" else rows(4)
    age = 2 if fault == "other age" else 3
    two = keep(tmp_path / "two", "one", 3, age, said, test)
    if fault == "gone":
        two.rename(tmp_path / "elsewhere")
    if fault == "damaged":
        content = bytearray((two / EPOCHS).read_bytes())
        content[10] ^= 1
        (two / EPOCHS).write_bytes(content)
    keep(tmp_path / "three", "two", 4, 7, rows(2))
    life = life_of(keep(tmp_path / "four", "three", 1, 8, rows(2, 1)))
    assert life.since == 7
    assert [run.id for run in life.runs] == ["three", "four"]
    assert life.predictions.epochs.tolist() == [8, 9, 10]
    assert life.predictions.said.tolist() == [rows(2)[1], *rows(2, 1).values()]


def test_a_run_that_goes_on_from_one_of_another_folder_finds_it_in_the_list(tmp_path: Path) -> None:
    one = keep(tmp_path / "of another machine" / "one", "", 0, 0, rows(3))
    other = keep(tmp_path / "other", "", 0, 0, rows(3, 1))
    two = keep(tmp_path / "two", "one", 2, 2, rows(2, 1))
    life = life_of(two, other, one)
    assert (life.since, [run.folder for run in life.runs]) == (0, [one, two])
    assert life.predictions.said.tolist() == [*rows(2).values(), *rows(2, 1).values()]
    assert life_of(two, other).since == 2


def test_a_run_that_no_run_trained_before_is_told_since_its_start(tmp_path: Path) -> None:
    assert life_of(keep(tmp_path / "one", "", 0, 50, rows(2))).since == 50


def test_no_more_is_joined_than_one_run_may_keep(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        parent = str(number - 1) if number else ""
        folder = keep(tmp_path / str(number), parent, 2, 2 * number, rows(2))
    assert life_of(folder).since == 0
    epoch = 8 + 5 * len(LABELS)  # bytes, of which those of the samples are in the file too
    monkeypatch.setattr(learning_history, "MOST_BYTES", 7 * epoch)
    assert life_of(folder).since == 4


@pytest.mark.parametrize("epoch", [0, 2])
def test_runs_that_go_on_from_each_other_come_to_an_end(tmp_path: Path, epoch: int) -> None:
    keep(tmp_path / "one", "two", epoch, 4, rows(3))
    life = life_of(keep(tmp_path / "two", "one", epoch, 4, rows(3)))
    assert life.since == 4
    assert life.predictions.epochs.tolist() == [5, 6, 7]


def test_what_two_runs_said_of_one_age_counts_once(tmp_path: Path) -> None:
    keep(tmp_path / "one", "", 0, 0, rows(2))
    life = life_of(keep(tmp_path / "two", "one", 2, 2, {0: rows(2)[2], 1: [0] * 5}))
    assert life.predictions.epochs.tolist() == [1, 2, 3]
    assert life.predictions.said.tolist() == [*rows(2).values(), [0] * 5]


@pytest.mark.parametrize("name", ["missing", "..", "a/b", "/", "x" * 1000, "a\0b"])
def test_a_parent_that_is_no_run_beside_it_is_none(tmp_path: Path, name: str) -> None:
    run = read_run(keep(tmp_path / "runs" / "one", name, 1, 1, {}))
    assert parent_of(run) is None
