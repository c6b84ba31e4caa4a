"""What is said of a pixel that the network gets: its byte, and what is made of it."""

import numpy as np
import pytest
from PySide6.QtWidgets import QWidget

from engine.explain.explanation import Number
from engine.explain.training_step import TrainingStep, take_step
from engine.inputs.scaling import UNIT, Scaling
from engine.model.settings import Settings
from engine.model.stack import Stack
from gui.glass.explanation_card import ExplanationCard
from gui.glass.frame_arrays import arrays_of
from tests.gui.glass.specimens import SMALL

BYTES = np.random.default_rng(2).integers(0, 256, (3, 6, 6), dtype=np.uint8)
IN_COLOUR = Scaling((0.5, 0.25, 0.125), (0.25, 0.5, 0.2))


def step_of(image: np.ndarray, scaling: Scaling) -> TrainingStep:
    report = Stack(input_shape=image.shape).appended(*SMALL).check(2, "bce")
    inputs = scaling.inputs(image, np.float64)
    return take_step(report, {}, Settings(), inputs, 0, scaling=scaling)


@pytest.mark.parametrize(
    ("channels", "scaling", "place", "name", "equation"),
    [
        (1, UNIT, (0, 4, 2), "grey", "x = grey / 255"),
        (1, Scaling((0.5,), (0.25,)), (0, 1, 1), "grey", "x = (grey / 255 − 0.5) / 0.25"),
        (3, UNIT, (2, 0, 5), "blue", "x = blue / 255"),
        (3, IN_COLOUR, (1, 3, 3), "green", "x = (green / 255 − 0.25) / 0.5"),
    ],
)
def test_a_pixel_is_explained_by_its_byte(
    channels: int, scaling: Scaling, place: tuple[int, int, int], name: str, equation: str
) -> None:
    step = step_of(BYTES[:channels], scaling)
    came_in, _ = arrays_of(step, step.frames[0], "", 0)
    found, byte = came_in.explain(place), int(BYTES[place])
    assert found.equation == equation
    assert found.numbers == (Number(name, byte),)
    channel = place[0]
    mean, deviation = (
        (scaling.mean[channel], scaling.deviation[channel]) if scaling.is_standard else (0, 1)
    )
    assert found.result.value == pytest.approx((byte / 255 - mean) / deviation, abs=1e-12)


def test_a_byte_is_written_without_decimals(window: QWidget) -> None:
    step, card = step_of(BYTES, IN_COLOUR), ExplanationCard(window)
    came_in, _ = arrays_of(step, step.frames[0], "", 0)
    card.show_explanation(came_in.explain((1, 3, 3)))
    assert f"green = {BYTES[1, 3, 3]}" in card.words.text().splitlines()
