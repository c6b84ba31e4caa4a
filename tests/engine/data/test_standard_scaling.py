"""Standard scaling: against numpy's mean and deviation in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.data import load
from engine.data.sources import standard_scaling
from engine.model.settings import Settings
from engine.training.samples import data_key, split

shapes = st.tuples(st.integers(1, 6), st.sampled_from([1, 3]), st.integers(1, 5), st.integers(1, 5))


@given(shapes.flatmap(lambda shape: arrays(np.uint8, shape)))
def test_inputs_have_the_mean_0_and_the_deviation_1(images: np.ndarray) -> None:
    scaling, values = standard_scaling(images), images / 255
    np.testing.assert_allclose(scaling.mean, values.mean(axis=(0, 2, 3)), rtol=1e-7)
    deviation = values.std(axis=(0, 2, 3))
    constant = deviation < 1e-9
    np.testing.assert_allclose(
        np.array(scaling.deviation)[~constant], deviation[~constant], rtol=1e-7
    )
    inputs = scaling.inputs(images, np.float64)
    np.testing.assert_allclose(inputs.mean(axis=(0, 2, 3)), 0, atol=1e-4)
    np.testing.assert_allclose(inputs.std(axis=(0, 2, 3)), np.where(constant, 0, 1), atol=1e-6)


def test_validation_samples_do_not_count() -> None:
    settings = Settings(dataset="mnist", classes=(3, 8), limit=40, seed=5).with_changes(
        scaling="standard", validation_split=30.0
    )
    train, test = load(*data_key(settings))
    kept, held = split(train, settings)
    assert held is not None
    assert (len(kept), len(held)) == (56, 24)
    values = np.asarray(kept.images) / 255
    for samples in (train, test, kept, held):
        assert samples.scaling.mean == pytest.approx([values.mean()])
        assert samples.scaling.deviation == pytest.approx([values.std()])
    assert values.mean() != pytest.approx(np.mean(np.asarray(train.images)) / 255, rel=1e-6)
    again, _ = load(*data_key(settings.with_changes(seed=6)))
    assert again.scaling != train.scaling
    whole, _ = load(*data_key(settings.with_changes(limit=1, validation_split=90.0)))
    assert whole.scaling == load("mnist", (3, 8), 1, scaling="standard")[0].scaling
