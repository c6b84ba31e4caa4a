"""Drawings: what they keep, and how many."""

import numpy as np
import pytest

from engine.errors import SettingsError
from engine.inputs.drawings import MOST, Drawing
from engine.model.settings import Settings

IMAGE = np.arange(3 * 4 * 5, dtype=np.uint8).reshape(3, 4, 5)


def test_a_drawing_keeps_image_and_class() -> None:
    drawing = Drawing.of(IMAGE, "red circle")
    assert drawing == Drawing.of(IMAGE.copy(), "red circle")
    assert drawing != Drawing.of(IMAGE, "red square")
    np.testing.assert_array_equal(drawing.image, IMAGE)
    assert drawing.shape == (3, 4, 5)


def test_pixels_and_names_that_do_not_suit_are_refused() -> None:
    with pytest.raises(ValueError, match="pixels that its shape says"):
        Drawing("a", (3, 4, 5), bytes(59))
    with pytest.raises(ValueError, match="pixels that its shape says"):
        Drawing("a", (2, 1, 1), bytes(2))  # neither grey nor in colour
    with pytest.raises(ValueError, match="UTF-8"):
        Drawing("\ud800", (1, 1, 1), b"a")


def test_there_are_limits_on_count_and_size() -> None:
    one = Drawing.of(np.zeros((1, 2, 2), np.uint8), "1")
    with pytest.raises(SettingsError, match=f"at most {MOST:,} drawings"):
        Settings().with_changes(drawings=(one,) * (MOST + 1))
    large = Drawing.of(np.zeros((3, 1024, 1024), np.uint8), "1")
    with pytest.raises(SettingsError, match="16 MB at most"):
        Settings().with_changes(drawings=(large,) * 6)
