"""Pictures: how large their pixels are drawn."""

import pytest

from gui.widgets.pictures import whole_scale


@pytest.mark.parametrize(
    ("size", "ratio", "scale"),
    [(56, 1.0, 2.0), (83, 1.0, 2.0), (20, 1.0, 1.0), (56, 1.5, 2.0), (50, 2.0, 1.5)],
)
def test_a_pixel_takes_whole_px_of_the_screen(size: float, ratio: float, scale: float) -> None:
    assert whole_scale(size, 28, ratio) == scale
