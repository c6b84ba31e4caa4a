"""Draw the bundled pictures in colour: balloons, boats, flowers and houses, as resources/scenes.

`.venv/bin/python tools/make_scenes.py` writes the same file each time, with the same version of
Pillow: all that varies follows from the seed.
"""

import colorsys
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter

PLACE = Path(__file__).parents[1] / "resources" / "scenes" / "scenes.npz"
SEED = 2026
TRAINING, TEST = 100, 25  # of each class
SIDE, FINE = 32, 4  # px of an image; times as large it is drawn
NOISE, LEVELS = 6.0, 8  # of 255: the deviation of a pixel, and the step of its values

Dice = np.random.Generator
Point = tuple[float, float]
Colour = tuple[int, int, int]


class Pen:
    """Draws in the units of a thing whose middle is (0, 0) and whose height is about 2."""

    def __init__(self, image: Image.Image, dice: Dice) -> None:
        self._draw, side = ImageDraw.Draw(image), SIDE * FINE
        self._size = dice.uniform(0.34, 0.46) * side
        low, high = 0.95 * self._size, side - 0.95 * self._size
        self._middle = dice.uniform(low, high), dice.uniform(low, high)
        self._angle = math.radians(dice.normal(0, 8))
        self._width = dice.uniform(0.8, 1.25)

    def at(self, point: Point) -> Point:
        """Return where a point of the thing is in the picture."""
        x, y = point[0] * self._width * self._size, point[1] * self._size
        cos, sin = math.cos(self._angle), math.sin(self._angle)
        return self._middle[0] + cos * x - sin * y, self._middle[1] + sin * x + cos * y

    def polygon(self, colour: Colour, *corners: Point) -> None:
        """Fill a polygon."""
        self._draw.polygon([self.at(corner) for corner in corners], fill=colour)

    def oval(self, colour: Colour, middle: Point, half: Point) -> None:
        """Fill an ellipse, half as wide and as high as said."""
        turns = np.linspace(0, 2 * math.pi, 40)
        corners = (
            (middle[0] + half[0] * math.cos(t), middle[1] + half[1] * math.sin(t)) for t in turns
        )
        self.polygon(colour, *corners)

    def box(self, colour: Colour, left: float, top: float, right: float, bottom: float) -> None:
        """Fill a rectangle."""
        self.polygon(colour, (left, top), (right, top), (right, bottom), (left, bottom))


def colour(
    dice: Dice, light: float, *, vivid: float = 0.85, hues: tuple[float, float] = (0, 1)
) -> Colour:
    """Choose a colour of some hues, about as light and as vivid as said."""
    hue, value = dice.uniform(*hues), np.clip(dice.normal(light, 0.12), 0.1, 1)
    rgb = colorsys.hsv_to_rgb(hue, float(np.clip(dice.normal(vivid, 0.15), 0, 1)), float(value))
    red, green, blue = (round(255 * each) for each in rgb)
    return red, green, blue


def balloon(pen: Pen, dice: Dice) -> None:
    """Draw a hot-air balloon: an envelope with a stripe, ropes and a basket."""
    cloth, stripe, basket = colour(dice, 0.85), colour(dice, 0.85), colour(dice, 0.4, vivid=0.5)
    pen.polygon(basket, (-0.5, 0.1), (-0.14, 0.75), (0.14, 0.75), (0.5, 0.1))
    pen.oval(cloth, (0, -0.3), (0.68, 0.7))
    pen.oval(stripe, (0, -0.3), (dice.uniform(0.15, 0.35), 0.7))
    pen.box(basket, -0.18, 0.72, 0.18, 1.0)


def boat(pen: Pen, dice: Dice) -> None:
    """Draw a sailing boat: a hull, a mast, one sail or two."""
    hull, sail, mast = colour(dice, 0.55), colour(dice, 0.95, vivid=0.3), colour(dice, 0.3)
    pen.polygon(hull, (-0.85, 0.45), (0.85, 0.45), (0.5, 0.9), (-0.55, 0.9))
    pen.box(mast, -0.04, -1.0, 0.04, 0.45)
    pen.polygon(sail, (0.08, -0.95), (0.08, 0.35), (dice.uniform(0.5, 0.8), 0.35))
    if dice.uniform() < 0.6:
        pen.polygon(sail, (-0.08, -0.8), (-0.08, 0.35), (dice.uniform(-0.6, -0.4), 0.35))


def flower(pen: Pen, dice: Dice) -> None:
    """Draw a flower: a stem with a leaf, petals around a heart."""
    petal, heart, count = colour(dice, 0.9), colour(dice, 0.7), int(dice.integers(5, 9))
    green, far = (40, int(dice.integers(90, 150)), 50), dice.uniform(0.34, 0.44)
    pen.box(green, -0.05, 0, 0.05, 1.0)
    pen.oval(green, (0.22, 0.62), (0.22, 0.09))
    for turn in np.arange(count) * 2 * math.pi / count + dice.uniform(0, 1):
        middle = far * math.cos(turn), -0.35 + far * math.sin(turn)
        pen.oval(petal, middle, (0.24, 0.24))
    pen.oval(heart, (0, -0.35), (0.22, 0.22))


def house(pen: Pen, dice: Dice) -> None:
    """Draw a house: a wall, a roof, a door, a window or two."""
    wall, roof, wood = colour(dice, 0.85, vivid=0.4), colour(dice, 0.55), colour(dice, 0.3)
    eaves = dice.uniform(-0.3, 0.0)
    pen.box(wall, -0.7, eaves, 0.7, 0.9)
    pen.polygon(roof, (-0.9, eaves), (dice.uniform(-0.2, 0.2), eaves - 0.75), (0.9, eaves))
    pen.box(wood, -0.15, 0.4, 0.15, 0.9)
    for left in (-0.55, 0.3)[: int(dice.integers(1, 3))]:
        pen.box(colour(dice, 0.9, vivid=0.3), left, 0.1, left + 0.25, 0.35)


THINGS: dict[str, Callable[[Pen, Dice], None]] = {
    "balloon": balloon,
    "boat": boat,
    "flower": flower,
    "house": house,
}


def scene(thing: Callable[[Pen, Dice], None], dice: Dice) -> NDArray[np.uint8]:
    """Draw a thing before sky and ground, (32, 32, 3)."""
    side = SIDE * FINE
    sea = thing is boat or dice.uniform() < 0.2
    above = colour(dice, 0.85, vivid=0.3, hues=(0.5, 0.7))
    below = colour(dice, 0.95, vivid=0.15)
    ground = colour(dice, 0.55, vivid=0.5, hues=(0.48, 0.65) if sea else (0.08, 0.4))
    down = np.linspace(0, 1, side)[:, np.newaxis, np.newaxis]
    rows = (1 - down) * np.array(above) + down * np.array(below)
    image = Image.fromarray(np.broadcast_to(rows, (side, side, 3)).astype(np.uint8))
    draw, horizon = ImageDraw.Draw(image), dice.uniform(0.5, 0.95, 2) * side
    draw.polygon([(0, horizon[0]), (side, horizon[1]), (side, side), (0, side)], fill=ground)
    for _ in range(int(dice.integers(0, 3))):  # clouds, hills and stones
        x, y, r = dice.uniform(0, side), dice.uniform(0, side), dice.uniform(0.04, 0.16) * side
        draw.ellipse([x - 1.5 * r, y - r, x + 1.5 * r, y + r], fill=colour(dice, 0.7, vivid=0.3))
    thing(Pen(image, dice), dice)
    small = image.filter(ImageFilter.BoxBlur(1)).resize((SIDE, SIDE), Image.Resampling.BOX)
    values = np.asarray(small) * dice.uniform(0.7, 1.1) + dice.normal(0, NOISE, (SIDE, SIDE, 3))
    return (np.clip(values, 0, 255) // LEVELS * LEVELS + LEVELS // 2).astype(np.uint8)


def main() -> None:
    """Draw all pictures and write them, each part shuffled."""
    dice = np.random.default_rng(SEED)
    arrays = {}
    for part, count in (("train", TRAINING), ("test", TEST)):
        names = dice.permutation(np.repeat(list(THINGS), count))
        arrays[f"x_{part}"] = np.stack([scene(THINGS[str(name)], dice) for name in names])
        arrays[f"y_{part}"] = names
    PLACE.parent.mkdir(exist_ok=True)
    np.savez_compressed(PLACE, **arrays)
    print(f"{PLACE}: {PLACE.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
