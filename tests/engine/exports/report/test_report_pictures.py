"""The pictures of a report: strength for size, blue and orange for what is below and above."""

import numpy as np
import pytest

from engine.exports.report.markup import data_uri, kernels_picture, sample_picture
from tests.engine.exports.report.reports import pixels


def test_samples_are_drawn_as_they_are() -> None:
    rng = np.random.default_rng(0)
    grey, colour = (
        rng.integers(0, 256, (1, 3, 5), np.uint8),
        rng.integers(0, 256, (3, 4, 2), np.uint8),
    )
    assert (pixels(data_uri(sample_picture(grey))) == grey[0]).all()
    assert (pixels(data_uri(sample_picture(colour))) == colour.transpose(1, 2, 0)).all()


def test_each_weight_is_a_pixel_as_strong_as_it_is_large() -> None:
    kernels = np.array([[[[2.0, -1.0], [0.0, 0.5]], [[-2.0, 1.0], [1.0, 1.0]]]])
    png, width, height = kernels_picture(kernels)
    found = pixels(data_uri(png))
    assert found.shape == (2, 5, 4)
    assert (width, height) == (5, 2)
    assert found[:, :, 3].tolist() == [[255, 128, 0, 255, 128], [0, 64, 0, 128, 128]]
    red, blue = found[0, 0, 0] > found[0, 0, 2], found[0, 1, 2] > found[0, 1, 0]
    assert red, "above zero is orange"
    assert blue, "below zero is blue"


@pytest.mark.parametrize(
    ("shape", "size"),
    [((5, 1, 3, 3), (19, 3)), ((40, 1, 2, 2), (47, 8)), ((100, 64, 1, 1), (63, 63))],
)
def test_kernels_stand_side_by_side_and_not_too_many(
    shape: tuple[int, ...], size: tuple[int, int]
) -> None:
    png, width, height = kernels_picture(np.ones(shape))
    assert (width, height) == size
    assert pixels(data_uri(png)).shape == (height, width, 4)


def test_weights_that_are_all_zero_are_drawn_as_nothing() -> None:
    assert not pixels(data_uri(kernels_picture(np.zeros((2, 1, 3, 3)))[0]))[..., 3].any()
