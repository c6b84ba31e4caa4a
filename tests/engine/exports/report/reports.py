"""Small networks to report on, and reports taken apart again."""

import base64
import io
from collections.abc import Sequence
from html.parser import HTMLParser

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.blocks import Conv, Dense, KnownBlock, ReLU, Reshape, Softmax
from engine.data import Dataset
from engine.exports.report.report_format import REPORT
from engine.exports.trained_network import TrainedNetwork
from engine.files.atomic import no_report
from engine.inputs.scaling import UNIT
from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.stack import Stack
from engine.model.weights import initial_weights

_VOID = {"meta", "br", "img", "link", "input", "hr"}


def trained(
    names: Sequence[str] = ("ant", "bee", "cat"),
    shape: tuple[int, int, int] = (1, 6, 6),
    samples: int = 40,
    blocks: Sequence[KnownBlock] = (Conv(depth=2, kernel_size=3), ReLU()),
) -> TrainedNetwork:
    """Make a network as it begins, with random images to test it on."""
    classes = len(names)
    settings = Settings(classes=tuple(range(classes)), loss="cross_entropy")
    ending = (Reshape(), Dense(units=classes), Softmax())
    stack = Stack(input_shape=shape).appended(*blocks, *ending)
    report = stack.check(classes, settings.loss)
    assert report.problem is None, report.problem
    weights = initial_weights(report, 3, "normal")
    rng = np.random.default_rng(1)
    images = rng.integers(0, 256, (samples, *shape), np.uint8)
    data = Dataset.from_numbers(images, np.arange(samples) % classes, "random", names)
    project = Project(stack, settings, weights, 2, class_names=tuple(names))
    return TrainedNetwork(project, report, weights, UNIT, tuple(names), data, data)


def html_of(network: TrainedNetwork) -> str:
    """Write the report of a network."""
    return REPORT.files(network, no_report)[""].decode()


class Page(HTMLParser):
    """A report as a person or a screen reader meets it: texts, rows of tables, pictures.

    `unclosed` names the elements that were not ended in their turn.
    """

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.rows: list[list[str]] = []
        self.unclosed: list[str] = []
        self.text, self.lines = "", list[str]()
        self._open: list[str] = []
        self.feed(html)
        self.close()
        self.unclosed += self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "tr":
            self.rows.append([])
        elif tag in ("th", "td"):
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()
        else:
            self.unclosed.append(tag)

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in ("style", "script"):
            return
        self.text += data
        self.lines += [line.strip() for line in data.splitlines() if line.strip()]
        if "th" in self._open or "td" in self._open:
            self.rows[-1][-1] += data

    def all(self, tag: str, kind: str = "") -> list[dict[str, str]]:
        """Return the attributes of all elements of a name, and of a class if it is given."""
        found = (attributes for name, attributes in self.tags if name == tag)
        return [each for each in found if not kind or kind in each.get("class", "").split()]


def pixels(uri: str) -> NDArray[np.uint8]:
    """Decode a picture that stands in a page."""
    head, data = uri.split(",", 1)
    assert head == "data:image/png;base64"
    decoded: NDArray[np.uint8] = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))))
    return decoded
