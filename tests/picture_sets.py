"""Sets of pictures that are drawn by a few lines: in colour, of two classes, of 47 and of 256."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

Bytes = NDArray[np.uint8]
Pictures = tuple[Bytes, NDArray[np.str_]]  # (n, h, w) or (n, h, w, 3), and the class of each
Drawn = Callable[[np.random.Generator], Bytes]

COLOURS = {"red": (215, 50, 45), "green": (40, 165, 70), "blue": (50, 85, 215)}
FORMS = ("circle", "square", "triangle")
_TILTED = {"line falling to the right": 1.0, "line rising to the right": -1.0}
_LETTERS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabdefghnqrt"  # as EMNIST's balanced set has them


def colour_forms(each: int, side: int = 32, seed: int = 0) -> Pictures:
    """Draw forms in colours on grey paper, three times three classes: `red square` and so on."""
    return _draw(
        {
            f"{colour} {form}": _form(rgb, form, side)
            for colour, rgb in COLOURS.items()
            for form in FORMS
        },
        each,
        seed,
    )


def two_lines(each: int, seed: int = 0) -> Pictures:
    """Draw oblique lines in images that are higher than wide, of two classes with long names."""
    return _draw({name: _line(slope) for name, slope in _TILTED.items()}, each, seed)


def letters(each: int, seed: int = 0) -> Pictures:
    """Draw letters as EMNIST names them, 47 classes of which many have long names."""
    return _draw({_called(letter): _letter(letter) for letter in _LETTERS}, each, seed)


def braille(each: int, seed: int = 0) -> Pictures:
    """Draw the 256 patterns of eight dots that Unicode has for Braille."""
    return _draw({_dots(code): _pattern(code) for code in range(256)}, each, seed)


SETS: dict[str, Callable[[int], Pictures]] = {
    "colour": colour_forms,
    "two": two_lines,
    "letters": letters,
    "braille": braille,
}


def write_set(name: str, path: Path, training: int, test: int) -> Path:
    """Write one of `SETS` as an .npz file, with so many samples of each class in either part."""
    images, labels = SETS[name](training + test)
    part = np.arange(len(labels)) % (training + test) < training
    np.savez(
        path,
        x_train=images[part],
        y_train=labels[part],
        x_test=images[~part],
        y_test=labels[~part],
    )
    return path


def _draw(classes: dict[str, Drawn], each: int, seed: int) -> Pictures:
    dice = np.random.default_rng(seed)
    images = np.stack([drawn(dice) for drawn in classes.values() for _ in range(each)])
    return images, np.repeat(np.array(list(classes)), each)


def _form(rgb: tuple[int, int, int], form: str, side: int) -> Drawn:
    def drawn(dice: np.random.Generator) -> Bytes:
        radius = dice.uniform(0.22, 0.36) * side
        y, x = dice.uniform(radius, side - radius, 2)
        down, across = np.mgrid[:side, :side] + 0.5
        down, across = (down - y) / radius, (across - x) / radius
        inside = {
            "circle": down**2 + across**2 <= 1,
            "square": np.maximum(abs(down), abs(across)) <= 0.85,
            "triangle": (down <= 0.8) & (down >= 2.2 * abs(across) - 1),
        }[form]
        paper = np.full((side, side, 3), dice.uniform(30, 225))
        paper[inside] = np.clip(np.array(rgb) + dice.uniform(-30, 30, 3), 0, 255)
        return _noisy(paper, dice)

    return drawn


def _line(slope: float) -> Drawn:
    def drawn(dice: np.random.Generator) -> Bytes:
        down, across = np.mgrid[:24, :20] - np.array([11.5, 9.5])[:, None, None]
        steep, off = dice.uniform(0.5, 1.6) * slope, dice.uniform(-4, 4)
        far = abs(down - steep * across - off) / np.hypot(1, steep)
        return _noisy(255 * np.clip(2.5 - far, 0, 1), dice)

    return drawn


def _letter(letter: str) -> Drawn:
    from PIL import Image, ImageDraw, ImageFont

    def drawn(dice: np.random.Generator) -> Bytes:
        paper = Image.new("L", (28, 28))
        at = (14 + dice.uniform(-2, 2), 14 + dice.uniform(-2, 2))
        font = ImageFont.load_default(float(dice.uniform(17, 24)))
        ImageDraw.Draw(paper).text(at, letter, fill=255, font=font, anchor="mm")
        turned = paper.rotate(dice.uniform(-12, 12), resample=Image.Resampling.BILINEAR)
        return np.asarray(turned)

    return drawn


def _called(letter: str) -> str:
    if letter.isdecimal():
        return letter
    return f"{'capital' if letter.isupper() else 'small'} letter {letter}"


def _pattern(code: int) -> Drawn:
    def drawn(dice: np.random.Generator) -> Bytes:
        paper = np.zeros((16, 12))
        for dot in range(8):
            if code >> dot & 1:
                y, x = np.array([2 + 3 * (dot % 4), 2 + 5 * (dot // 4)]) + dice.integers(0, 2, 2)
                paper[y : y + 2, x : x + 2] = 235
        return _noisy(paper, dice)

    return drawn


def _dots(code: int) -> str:
    return f"{code:03}: dots {''.join(str(n + 1) for n in range(8) if code >> n & 1) or 'none'}"


def _noisy(values: NDArray[np.float64], dice: np.random.Generator) -> Bytes:
    noisy: Bytes = np.clip(values + dice.normal(0, 8, values.shape), 0, 255).astype(np.uint8)
    return noisy
