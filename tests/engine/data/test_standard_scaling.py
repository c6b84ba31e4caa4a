"""Standard scaling: against numpy's mean and deviation in float64."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from engine.data import load
from engine.data.standard_scaling import standard_scaling

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


def test_training_and_test_samples_are_scaled_by_the_training_samples() -> None:
    train, test = load("mnist", (3, 8), 40, scaling="standard")
    values = np.asarray(train.images) / 255
    for samples in (train, test, train.take(np.arange(3)), test.select((8,))):
        assert samples.scaling.mean == pytest.approx([values.mean()])
        assert samples.scaling.deviation == pytest.approx([values.std()])
    inputs = test.batch_inputs(slice(0, 5), np.float64)
    expected = (np.asarray(test.images[:5]) / 255 - values.mean()) / values.std()
    np.testing.assert_allclose(inputs, expected, atol=1e-6)
