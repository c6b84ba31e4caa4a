"""A folder of images with one of every fault that the doctor knows."""

from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

SIDE = 24


class Ill(NamedTuple):
    """What is to be found in the folder, by the names of its files."""

    folder: Path
    refused: set[str]
    turned: set[str]
    transparent: set[str]
    resized: set[str]
    duplicates: int
    leaks: int


def write_ill_pictures(folder: Path) -> Ill:
    """Write classes of 60, 20, 20 and 2 training images, each in its colour, full of faults."""
    for part, counts in (
        ("train", {"apple": 60, "pear": 20, "plum": 2, "quince": 20}),
        ("test", {"apple": 12, "pear": 8, "plum": 2}),
    ):
        for place, (name, count) in enumerate(counts.items()):
            (folder / part / name).mkdir(parents=True)
            for number in range(count):
                seed = number + 1_000 * place + 10_000 * (part == "test")
                _save(_picture(place, seed), folder / part / name / f"{number:02}.png")
    train = folder / "train"
    cut = (train / "apple" / "00.png").read_bytes()
    (train / "apple" / "cut.png").write_bytes(cut[: len(cut) // 2])
    (train / "pear" / "words.jpg").write_text("This is no picture.")
    (train / "pear" / "empty.png").write_bytes(b"")
    exif = Image.Exif()
    exif[0x0112] = 6  # it lies on its right side
    Image.fromarray(_picture(0, 77)).save(train / "apple" / "turned.jpg", exif=exif)
    clear = np.dstack([_picture(1, 78), np.full((SIDE, SIDE), 255, np.uint8)])
    clear[:8, :8, 3] = 0
    Image.fromarray(clear).save(train / "pear" / "clear.png")
    wide = np.repeat(_picture(3, 79), 2, axis=1)
    _save(wide, train / "quince" / "wide.png")
    _save(np.full((SIDE, SIDE, 3), 128, np.uint8), train / "apple" / "blank.png")
    for name in ("copy.png", "again.png"):
        _copy(train / "apple" / "03.png", train / "apple" / name)
    for number in range(3):
        _copy(
            train / "apple" / f"{number + 5:02}.png",
            folder / "test" / "apple" / f"leak{number}.png",
        )
    _copy(train / "quince" / "07.png", train / "pear" / "doubtful.png")
    return Ill(
        folder,
        {"train/apple/cut.png", "train/pear/words.jpg", "train/pear/empty.png"},
        {"train/apple/turned.jpg"},
        {"train/pear/clear.png"},
        {"train/quince/wide.png"},
        duplicates=3,
        leaks=3,
    )


def _picture(kind: int, seed: int) -> NDArray[np.uint8]:
    """Draw a disc of the colour of a class on a dark ground, with noise."""
    dice = np.random.default_rng(seed)
    colour = np.array([[200, 40, 30], [180, 200, 40], [90, 40, 150], [230, 180, 30]][kind])
    y, x = np.mgrid[:SIDE, :SIDE]
    middle, radius = dice.uniform(9, 14, 2), dice.uniform(5, 9)
    inside = (y - middle[0]) ** 2 + (x - middle[1]) ** 2 < radius**2
    pixels = np.where(inside[..., np.newaxis], colour, 20) + dice.integers(0, 25, (SIDE, SIDE, 3))
    return pixels.astype(np.uint8)


def _save(pixels: NDArray[np.uint8], path: Path) -> None:
    Image.fromarray(pixels).save(path)


def _copy(source: Path, target: Path) -> None:
    """Save the same pixels anew, so that the files differ."""
    with Image.open(source) as image:
        image.save(target, compress_level=1)
