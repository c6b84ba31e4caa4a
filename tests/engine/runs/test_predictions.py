"""What is kept of outputs, and what kept weights predict: against plain loops and layers."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.data import Dataset
from engine.errors import DataError, RunError
from engine.model.network import Network
from engine.runs.predictions import (
    MOST_SAMPLES,
    KeptSamples,
    RunPredictions,
    kept_places,
    predict_kept,
)
from engine.runs.run_folder import read_run
from tests.engine.runs.folders import REPORT, weights_after, write_run


def part(labels: list[int], classes: int = 3) -> Dataset:
    """Test samples of 2×2 pixels with such labels."""
    images = np.arange(len(labels) * 4, dtype=np.uint8).reshape(-1, 1, 2, 2)
    return Dataset(images, np.array(labels, np.int64), tuple(range(classes)))


@given(st.integers(0, 400), st.integers(1, 60))
def test_one_place_of_each_stretch_is_kept(count: int, most: int) -> None:
    places = kept_places(count, most).tolist()
    if count <= most:
        assert places == list(range(count))
        return
    assert len(places) == most
    for number, place in enumerate(places):
        assert number * count // most <= place < (number + 1) * count // most


def test_classes_that_take_turns_are_all_kept() -> None:
    labels = kept_places(300_000) % 10
    counts = np.bincount(labels, minlength=10)
    assert len(labels) == MOST_SAMPLES
    assert counts.min() > 900


def test_what_the_network_said_is_kept() -> None:
    samples = KeptSamples.of(part([0, 2, 1]))
    outputs = {
        0: np.array([[0.5, 0.25, 0.125], [0.5, 1.0, 0.75], [-1e9, -2.0, 1e9]]),
        3: np.array([[0.25, 0.5, 0.125], [0.5, 0.0, 0.75], [0.0, 2.0, 1.0]]),
    }
    kept = RunPredictions.of(samples, outputs.items())
    assert kept.epochs.tolist() == [0, 3]
    assert kept.said.tolist() == [[0, 1, 2], [1, 2, 1]]
    assert kept.certainty.tolist() == [[0.5, 1.0, 65504.0], [0.5, 0.75, 2.0]]
    assert kept.true_output.tolist() == [[0.5, 0.75, -2.0], [0.25, 0.75, 2.0]]
    assert kept.right.tolist() == [[True, False, False], [False, True, True]]
    assert samples.note == ""


def test_no_class_is_said_where_the_largest_output_is_not_finite() -> None:
    samples = KeptSamples.of(part([0, 0, 2, 1]))
    outputs = [[np.nan] * 3, [0.5, np.nan, 1.0], [1.0, 0.5, np.inf], [-np.inf, 0.25, -np.inf]]
    kept = RunPredictions.of(samples, [(1, np.array(outputs))])
    assert kept.said.tolist() == [[-1, -1, -1, 1]]
    assert np.isnan(kept.certainty).tolist() == [[True, True, True, False]]
    assert kept.right.tolist() == [[False, False, False, True]]


def test_of_very_many_samples_some_are_kept() -> None:
    count = MOST_SAMPLES + 5_000
    samples = KeptSamples.of(part([number % 3 for number in range(count)]))
    assert len(samples) == MOST_SAMPLES
    assert samples.note == (
        "Predictions are kept of 10,000 of the 15,000 test images, evenly chosen."
    )
    outputs = np.zeros((count, 3))
    outputs[np.arange(count), np.arange(count) % 2] = np.arange(count) / count
    kept = samples.condense(outputs)
    for index, place in enumerate(samples.places.tolist()):
        assert samples.labels[index] == place % 3
        assert kept.said[index] == place % 2
        assert kept.certainty[index] == pytest.approx(place / count, rel=1e-3)
        assert samples.index_of_place(place) == index
    left_out = next(place for place in range(count) if place not in samples.places)
    assert samples.index_of_place(left_out) is None
    assert samples.index_of_place(count) is None


def test_the_digest_tells_other_samples() -> None:
    digest = KeptSamples.of(part([0, 1])).digest
    assert digest == KeptSamples.of(part([0, 1])).digest
    assert digest != KeptSamples.of(part([1, 0])).digest
    assert digest != KeptSamples.of(part([0, 1, 2])).digest


# Predictions of kept weights: against each layer's own numbers.


@pytest.fixture
def samples() -> Dataset:
    images = np.random.default_rng(0).integers(0, 256, (6, 1, 5, 5), np.uint8)
    return Dataset(images, np.array([0, 1, 0, 1, 1, 0]), (0, 1))


def test_the_kept_weights_predict(tmp_path: Path, samples: Dataset) -> None:
    write_run(tmp_path / "run", epochs=3)
    fractions: list[float] = []
    found = predict_kept(read_run(tmp_path / "run"), samples, [3, 1], fractions.append)
    assert found.epochs.tolist() == [1, 3]
    inputs = np.asarray(samples.images, np.float32) / 255
    for index, epoch in enumerate((1, 3)):
        *_, outputs = Network(REPORT, weights_after(epoch)).activations(inputs)
        assert found.said[index].tolist() == outputs.argmax(axis=1).tolist()
        np.testing.assert_allclose(found.certainty[index], outputs.max(axis=1), rtol=2e-3)
    assert fractions == [0.0, 0.5, 1.0]


def test_what_was_not_kept_or_does_not_fit_is_refused(tmp_path: Path, samples: Dataset) -> None:
    write_run(tmp_path / "run")
    run = read_run(tmp_path / "run")
    with pytest.raises(RunError, match="no weights of epoch 7"):
        predict_kept(run, samples, [1, 7])
    with pytest.raises(DataError, match="takes images of 1×5×5"):
        predict_kept(run, part([0, 1]), [1])
