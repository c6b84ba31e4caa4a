"""Predictions of kept weights: against each layer's own numbers."""

from pathlib import Path

import numpy as np
import pytest

from engine.data import Dataset
from engine.errors import DataError, RunError
from engine.model.network import Network
from engine.runs.predictions import predict_kept
from engine.runs.run_folder import read_run
from tests.engine.runs.folders import REPORT, weights_after, write_run
from tests.engine.runs.test_predictions import part


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
