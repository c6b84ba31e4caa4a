"""Pictures that were drawn in colour, as images of a data set."""

import numpy as np

from engine.data.handwriting import paper_of, resized

DICE = np.random.default_rng(2)


def test_a_pixel_is_the_mean_of_what_it_covers() -> None:
    picture = DICE.integers(0, 256, (3, 12, 12), dtype=np.uint8)
    blocks = picture.reshape(3, 4, 3, 4, 3).mean(axis=(2, 4))
    np.testing.assert_array_equal(resized(picture, (4, 4)), np.rint(blocks).astype(np.uint8))


def test_in_an_oblong_image_the_paper_goes_on() -> None:
    picture = np.full((3, 8, 8), 40, np.uint8)
    picture[:, 2:6, 2:6] = 200
    image = resized(picture, (4, 7))
    assert image.shape == (3, 4, 7)
    np.testing.assert_array_equal(image[0, 1], [40, 40, 200, 200, 40, 40, 40])


def test_the_paper_is_what_the_borders_show() -> None:
    images = DICE.integers(0, 256, (5, 3, 6, 8), dtype=np.uint8)
    for image in images[:3]:  # most of them
        for channel, value in zip(image, (10, 20, 30), strict=True):
            channel[[0, -1]] = value
            channel[:, [0, -1]] = value
    assert paper_of(images) == (10, 20, 30)
