"""How tests read and drive the convolution under glass, and the stacks they put there."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QComboBox, QLabel, QSlider

from engine.blocks import AvgPool, Conv, Dense, KnownBlock, MaxPool, ReLU, Reshape, Sigmoid, Tanh
from gui.glass.convolution_view import ConvolutionView
from gui.widgets.number_grid import NumberGrid
from tests.gui.finding import named

END: tuple[KnownBlock, ...] = (Reshape(), Dense(units=2), Sigmoid())
STACKS: dict[str, tuple[int, tuple[KnownBlock, ...]]] = {
    "notebook": (8, (Conv(depth=3, kernel_size=3), Sigmoid())),
    "same, stride 2": (
        9,
        (
            Conv(depth=2, kernel_size=5, padding="same", stride=2),
            Tanh(),
            Conv(depth=3, kernel_size=3, padding="same", stride=2, bias="channel"),
        ),
    ),
    "7×7": (10, (Conv(depth=2, kernel_size=7, bias="channel"), ReLU(), Conv(depth=2))),
    "stride 3, leaves a rest": (
        11,
        (Conv(depth=2, kernel_size=4, stride=3), Sigmoid(), Conv(depth=4, kernel_size=2)),
    ),
    "pooled": (
        12,
        (Conv(depth=3, kernel_size=1), MaxPool(), Conv(depth=2, padding="same"), AvgPool()),
    ),
    "wide": (7, (Conv(depth=12, kernel_size=2), Tanh(), Conv(depth=2, kernel_size=6))),
}


def grid(view: ConvolutionView, name: str) -> NumberGrid:
    return named(view, NumberGrid, f"glass.{name}")


def combo(view: ConvolutionView, name: str) -> QComboBox:
    return named(view, QComboBox, f"glass.{name}")


def slider(view: ConvolutionView) -> QSlider:
    return named(view, QSlider, "glass.position")


def text(view: ConvolutionView, name: str) -> str:
    return named(view, QLabel, f"glass.{name}").text()


def total(view: ConvolutionView) -> float:
    return float(text(view, "sum").replace("−", "-").replace(",", ""))


def read(text: str) -> float:
    """Read a number as it is written; one that is `≈0` counts as 0."""
    return float(text.replace("−", "-").replace(",", "").replace("≈", "") or 0)


def ten_to_the(words: str) -> float:
    """Read the power of ten that a title ends with; 1 if there is none."""
    power = words.partition("·10")[2].translate(str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-"))
    return 10.0 ** int(power or 0)


def decimals(text: str) -> int:
    return len(text.partition(".")[2])


def choose(box: QComboBox, place: int) -> None:
    """Choose an entry by the arrow keys."""
    box.setFocus()
    while box.currentIndex() != place:
        QTest.keyClick(box, Qt.Key.Key_Down if box.currentIndex() < place else Qt.Key.Key_Up)


def cell(view: ConvolutionView) -> tuple[int, int]:
    """Read where the result is framed; slider and words must say the same."""
    (frame,) = grid(view, "result").frames()
    columns = grid(view, "result").values().shape[1]
    assert slider(view).value() == frame.top * columns + frame.left
    assert text(view, "cell") == f"row {frame.top + 1}, column {frame.left + 1}"
    return frame.top, frame.left
