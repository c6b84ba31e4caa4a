"""What many cells come to: how the ratios lie, in all and by kind of block and batch size."""

from collections.abc import Iterator, Sequence
from typing import TypedDict

import numpy as np

WORST = 10


class Cell(TypedDict):
    """A net at one batch size: the rates of the candidates, and Layerscope's over the best peer's.

    `others_percent` is what other programs took of the cores meanwhile.
    """

    net: str
    words: str
    traits: list[str]
    batch_size: int
    samples_per_second: dict[str, float]
    ratio: float
    others_percent: float


def spread(ratios: Sequence[float]) -> str:
    """Say in numbers how ratios lie."""
    values = np.array(ratios)
    return (
        f"{len(values):>6}{values.min():>8.2f}{np.percentile(values, 5):>8.2f}"
        f"{np.median(values):>8.2f}{np.exp(np.log(values).mean()):>8.2f}"
        f"{100 * np.mean(values >= 1):>7.0f} %{100 * np.mean(values >= 0.8):>7.0f} %"
    )


def summary(cells: Sequence[Cell]) -> Iterator[str]:
    """Give the lines of the summary."""
    numbers = f"{'cells':>6}{'worst':>8}{'5 %':>8}{'median':>8}{'mean':>8}{'>= 1':>9}{'>= 0.8':>9}"
    yield f"{'ratio (the mean is geometric)':<30}{numbers}"
    yield _line("all", cells)
    for size in sorted({cell["batch_size"] for cell in cells}):
        yield _line(f"batch {size}", [cell for cell in cells if cell["batch_size"] == size])
    for trait in sorted({trait for cell in cells for trait in cell["traits"]}):
        yield _line(trait, [cell for cell in cells if trait in cell["traits"]])
    yield "\nthe worst:"
    for cell in sorted(cells, key=lambda cell: cell["ratio"])[:WORST]:
        yield f"{cell['ratio']:.2f}  {cell['net']}:{cell['batch_size']}  {cell['words']}"


def _line(name: str, cells: Sequence[Cell]) -> str:
    return f"{name:<30}{spread([cell['ratio'] for cell in cells])}"
