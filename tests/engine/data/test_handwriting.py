"""Drawings: centred like MNIST, and found in photographs of light and dark paper."""

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.data.handwriting import centre, find_ink, paper_of, resized
from engine.data.sources import load

Bytes = NDArray[np.uint8]


def centre_of_mass(image: Bytes) -> tuple[float, float]:
    """Work out row and column by a plain loop."""
    mass = row_sum = column_sum = 0.0
    for row in range(image.shape[0]):
        for column in range(image.shape[1]):
            value = float(image[row, column])
            mass += value
            row_sum += value * row
            column_sum += value * column
    return row_sum / mass, column_sum / mass


def extent(image: Bytes) -> tuple[int, int]:
    """Return height and width of what is not zero."""
    rows, columns = np.nonzero(image)
    return int(np.ptp(rows)) + 1, int(np.ptp(columns)) + 1


def lopsided(top: int, left: int) -> Bytes:
    """Draw an L: a long bar with a foot, somewhere on a large canvas."""
    canvas = np.zeros((280, 280), dtype=np.uint8)
    canvas[top : top + 160, left : left + 20] = 255
    canvas[top + 140 : top + 160, left : left + 90] = 255
    return canvas


@pytest.mark.parametrize(("top", "left"), [(3, 5), (60, 90), (110, 180)])
def test_a_drawing_is_centred_wherever_it_is(top: int, left: int) -> None:
    image = centre(lopsided(top, left), (28, 28))
    row, column = centre_of_mass(image)
    assert abs(row - 14) <= 0.5
    assert abs(column - 14) <= 0.5
    assert extent(image) == (20, round(90 * 20 / 160))
    assert image.max() == 255
    assert (image == centre(lopsided(60, 90), (28, 28))).all()


def test_digits_of_mnist_stay_what_they_are() -> None:
    _, test = load("mnist", (), 0)
    for digit in test.images[:50, 0]:
        stretched = (digit * (255 / digit.max())).round().astype(np.uint8)
        assert np.abs(centre(digit, (28, 28)).astype(int) - stretched).max() <= 1


def test_a_new_pixel_is_the_mean_of_the_area_that_it_covers() -> None:
    """Shrink 30 rows to 20: each new one covers one and a half, by a loop over halves."""
    grain = np.random.default_rng(0).integers(1, 256, (30, 30)).astype(np.uint8)
    halves = np.kron(grain, np.ones((2, 2)))
    expected = np.zeros((20, 20))
    for row in range(20):
        for column in range(20):
            expected[row, column] = halves[
                3 * row : 3 * row + 3, 3 * column : 3 * column + 3
            ].mean()
    image = centre(grain, (28, 28))
    rows, columns = np.nonzero(image)
    found = image[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1]
    assert np.abs(found - expected * 255 / expected.max()).max() <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("shape", "size"),
    [((28, 28), (20, 2)), ((14, 14), (10, 1)), ((56, 56), (40, 5)), ((56, 28), (40, 5))],
)
def test_other_sizes_are_in_proportion(shape: tuple[int, int], size: tuple[int, int]) -> None:
    canvas = np.zeros((280, 280), dtype=np.uint8)
    canvas[20:180, 100:120] = 200
    image = centre(canvas, shape)
    assert image.shape == shape
    assert image.dtype == np.uint8
    height, width = extent(image)
    assert (height, width) == size
    row, column = centre_of_mass(image)
    assert abs(row - shape[0] // 2) <= 0.5
    assert abs(column - shape[1] // 2) <= 0.5


def test_nothing_is_cut_off_when_the_mass_is_at_one_end() -> None:
    canvas = np.zeros((200, 200), dtype=np.uint8)
    canvas[0:199, 0:2] = 20
    canvas[150:199, 0:199] = 255
    canvas[180:199, :] = 255
    image = centre(canvas, (28, 28))
    assert extent(image) == (20, 20)


def test_a_dot_is_enlarged_and_nothing_stays_nothing() -> None:
    canvas = np.zeros((280, 280), dtype=np.uint8)
    assert not centre(canvas, (28, 28)).any()
    canvas[7, 11] = 30
    image = centre(canvas, (28, 28))
    assert extent(image) == (20, 20)
    assert (image[image > 0] == 255).all()


def photograph(paper: int, ink: int) -> Bytes:
    """Take a picture of a stroke on grainy paper."""
    grain = np.random.default_rng(1).integers(-6, 7, (60, 60))
    picture = np.full((60, 60), paper) + grain
    picture[20:40, 28:33] = ink
    return picture.clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize(("paper", "ink"), [(215, 60), (40, 230)])
def test_ink_is_found_on_light_and_dark_paper(paper: int, ink: int) -> None:
    found = find_ink(photograph(paper, ink))
    stroke = np.zeros((60, 60), dtype=bool)
    stroke[20:40, 28:33] = True
    assert (found[stroke] > 240).all()
    assert (found[~stroke] == 0).all()


def test_ink_keeps_its_shades() -> None:
    picture = np.full((10, 10), 250, dtype=np.uint8)
    picture[5, 2:6] = [0, 100, 150, 200]
    values = find_ink(picture)[5, 2:6]
    expected = [(share - 0.15) / 0.85 * 255 for share in (1.0, 0.6, 0.4, 0.2)]
    assert values == pytest.approx(expected, abs=0.5)


@pytest.mark.parametrize("paper", [0, 128, 255])
def test_blank_paper_has_no_ink(paper: int) -> None:
    assert not find_ink(np.full((20, 20), paper, dtype=np.uint8)).any()


# Pictures that were drawn in colour, as images of a data set.


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
