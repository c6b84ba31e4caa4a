"""The page of dreams: an image that a class, a unit or a map wants to see, step by step."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSignalBlocker, Slot

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.explain.class_score import portions, scoring_blocks
from engine.explain.dream import STEPS, DreamStep, dream, excitements
from engine.inspection.snapshot import Sample
from engine.model.network import Network
from engine.model.project import Project
from gui.background.latest_task import Report
from gui.why.page import Again, Explain, Page, Question, Reply, Words, Work, WorkButton
from gui.why.pictures import Picture, SamplesPicture, inputs_of_value, pixels_of
from gui.widgets.buttons import allow, fill_box, text_button
from gui.widgets.colour_scale import GREY
from gui.widgets.csv_table import csv_table, numbered
from gui.widgets.number_words import short
from gui.workspace.context import Context

DREAM = Words(
    ("x ← x + η s / |s| − λ (x − x_0)", "s = C g / |C g| + ½ G ∗ g / |G ∗ g|,   g = ∂a / ∂x"),
    "what the network would like to see: each step changes the image so that the class, the unit "
    "or the mean of the map is more excited.",
    "what it sees in real images. Like test images, a dream is told how these look; like any "
    "image, it is mostly far from all that it was trained with.",
    "Erhan et al., 2009; Olah et al., 2017 (Feature Visualization). C is the covariance of test "
    "images, at last left out; like any image there is none. G is a Gaussian of 1 pixel. The image "
    "is moved by up to 4 pixels, at last by none. Of a unit behind an activation, a is its input.",
)
_MEAN, _NOISE, _IMAGE = "the mean", "noise", "the image"
_STARTS = (_MEAN, "grey", _NOISE, _IMAGE)
_LIKE = ("test images", "any image")
_CLASS = "the class"
_FOUND = 6  # test images beside the dream
_ALIKE, _NUMBERS = 500, 16_000_000  # test images that it is like, and all their values together
_NONE_YET = "Let it dream first"
_KEEP = "Select it like a drawing, so that every view shows what the network makes of it"


class _Strongest(NamedTuple):
    """The test images that excite a unit most, and how much; so many layers lead to the unit.

    A dream is to be like the inputs `alike` (n, channels, h, w).
    """

    layers: int
    unit: int
    samples: Dataset
    places: NDArray[np.intp]
    values: Array
    alike: Array


class DreamPage(Page):
    """A dream that is seen as it grows, beside the test images that excite its unit most."""

    def __init__(self, again: Again, context: Context) -> None:
        super().__init__(DREAM, again, context)
        self.step: DreamStep | None = None  # the newest
        self._of: tuple[object, ...] = ()  # what that is to excite, and from where it begins
        self._units: list[tuple[str, int]] = []  # of each block, and how many units it has
        tip = "What is to be excited"
        self.block = self.choice("why.dream.block", "&excite:", tip, [_CLASS], asks=False)
        self.unit = self.number("why.dream.unit", "&number:", "Which unit or map of the block")
        tip = "What the dream begins with; the mean is that of test images"
        self.start = self.choice("why.dream.start", "&from:", tip, _STARTS)
        tip = "Whether what differs together among test images changes together"
        self.like = self.choice("why.dream.like", "&like:", tip, _LIKE)
        tip = "Change the image step by step so that it excites this more"
        made = tip, context, self._begin, self._show_step, self._show_step
        self.dream = WorkButton("why.dream.begin", "Dream", *made)
        self.keep = text_button("why.dream.keep", "Look at it", _KEEP)
        self.add(self.dream)
        self.add(self.keep)
        self.image = Picture("why.dream.image", GREY)
        self.strongest = SamplesPicture("why.dream.strongest", self.view.pin)
        self.row(self.image, self.strongest)
        self.words = self.text("why.dream.words")
        self.block.activated.connect(self._choose_block)
        self.block.activated.connect(again)
        self.keep.clicked.connect(self._look_at_it)
        allow(self.keep, _KEEP, unless=_NONE_YET)

    def offer(self, project: Project, sample: Sample) -> None:
        """Offer the blocks up to the scores."""
        rows = project.check().rows[: scoring_blocks(project.stack.slots)]
        self._units = [
            (f"{place} {row.slot.label}", (row.output_shape or (0,))[0])
            for place, row in enumerate(rows, 1)
        ]
        fill_box(self.block, [_CLASS, *(name for name, _ in self._units)])
        self._choose_block()

    @Slot()
    def _choose_block(self) -> None:
        place = self.block.currentIndex()
        self.unit.setEnabled(place > 0)
        with QSignalBlocker(self.unit):
            self.unit.setRange(1, self._units[place - 1][1] if place else 1)

    def explanation(self, question: Question) -> Explain | None:
        """Search the test images that excite most what is chosen."""
        samples = self.view.state.samples
        if samples is None:
            return None
        place, number = self.block.currentIndex(), self.unit.value() - 1
        layers = place or len(self._units)

        def explain(network: Network, _: Array, target: int, report: Report) -> _Strongest:
            values = []
            unit = number if place else target
            for part in portions(network, len(samples)):
                report(part.start / len(samples))
                inputs = samples.batch_inputs(part, network.dtype)
                values.append(excitements(network, inputs, layers, unit))
            found = np.concatenate(values)
            places = np.argsort(-found, kind="stable")[:_FOUND]
            some = slice(min(_ALIKE, max(1, _NUMBERS // math.prod(samples.input_shape))))
            alike = samples.batch_inputs(some, network.dtype)
            return _Strongest(layers, unit, samples, places, found[places], alike)

        return explain

    def show_answer(self, answer: Reply) -> None:
        super().show_answer(answer)
        found: _Strongest = answer.found
        places = found.places.tolist()
        self.strongest.show_samples("test images that excite it most", found.samples, places)
        first = self._first(answer)
        what = found.layers, found.unit, self.like.currentIndex(), first.tobytes()
        if what != self._of:
            self.dream.stop()
            self.step, self._of = None, what
            pixels = pixels_of(answer.question.sample, first)
            self.image.show_image(f"begins with {self.start.currentText()}", pixels)
            allow(self.keep, _KEEP, unless=_NONE_YET)
        self._say()

    def as_csv(self) -> bytes:
        """Write the dream, and the values of the test images."""
        rows: list[tuple[object, ...]] = []
        if self.step is not None:
            rows += (("dream", *row) for row in numbered(self.step.image))
            rows.append(("step", self.step.step, "", "", self.step.value))
        if self.answer is not None:
            found: _Strongest = self.answer.found
            for place, value in zip(found.places.tolist(), found.values.tolist(), strict=True):
                rows.append(("test image", place + 1, "", "", value))
        return csv_table(["what", "channel or number", "row", "column", "value"], rows)

    # --- dreaming ------------------------------------------------------------------------------

    def _begin(self) -> Work | None:
        """Return what dreams; each step is kept for the window to show."""
        answer = self.answer
        if answer is None:
            return None
        sample, project = answer.question.sample, answer.question.project
        low, high = inputs_of_value(sample, 0.0), inputs_of_value(sample, 1.0)
        found: _Strongest = answer.found
        of, first = (found.layers, found.unit), self._first(answer)
        like = None if self.like.currentIndex() else found.alike

        def work(report: Report) -> DreamStep:
            network = project.network()
            for step in dream(network, first, *of, like=like, low=low, high=high):
                self.step = step
                report(step.step / STEPS)
            return step

        return work

    def _first(self, answer: Reply) -> Array:
        """Return the inputs (channels, h, w) with which a dream begins."""
        sample, start = answer.question.sample, self.start.currentText()
        if start == _IMAGE:
            return sample.inputs(np.float64)
        if start == _MEAN:
            mean: Array = answer.found.alike.mean(axis=0, dtype=np.float64)
            return mean
        grey = np.full(sample.image.shape, 0.5)
        if start == _NOISE:
            grey += 0.1 * np.random.default_rng(0).standard_normal(grey.shape)
        found: Array = sample.scaling.of_values(np.clip(grey, 0, 1))
        return found

    def _show_step(self, _: object = None) -> None:
        """Show the newest step."""
        if self.step is not None and self.answer is not None:
            pixels = pixels_of(self.answer.question.sample, self.step.image)
            self.image.show_image("the dream", pixels)
            allow(self.keep, _KEEP)
            self._say()

    def _say(self) -> None:
        """Say how much the dream excites, and how much test images do."""
        step, answer = self.step, self.answer
        if answer is not None:
            values = ", ".join(short(float(value), 3) for value in answer.found.values)
            words = f"The test images excite it by {values}."
            if step is not None:
                words = f"Step {step.step} of {STEPS} excites it by {short(step.value)}. {words}"
            self.words.setText(words)

    @Slot()
    def _look_at_it(self) -> None:
        """Select the dream like a drawing."""
        if self.step is not None and self.answer is not None:
            pixels = pixels_of(self.answer.question.sample, self.step.image)
            image = np.clip(pixels * 255, 0, 255).round().astype(np.uint8)
            image.setflags(write=False)
            self.view.pin_drawing(image)
