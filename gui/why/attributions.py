"""The pages of attribution: which parts of the image speak for a class, by four methods."""

from abc import abstractmethod
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np
from PySide6.QtCore import QSignalBlocker, Slot
from PySide6.QtWidgets import QCheckBox, QTreeWidgetItem

from engine.array_types import Array
from engine.explain.attribution import (
    POINTS,
    ClassGradient,
    GradCam,
    IntegratedGradients,
    Occlusion,
    class_gradient,
    enlarged,
    grad_cam,
    integrated_gradients,
    occlusion,
)
from engine.inspection.snapshot import Sample
from engine.model.network import Network
from engine.model.project import Project
from gui.background.latest_task import Report
from gui.theme import GRID
from gui.why.page import Again, Explain, Page, Question, Reply, Words, fill_table
from gui.why.pictures import SIGNED, Picture, inputs_of_value, pixels_of
from gui.widgets.buttons import BlockBox
from gui.widgets.colour_scale import ColourMap
from gui.widgets.csv_table import csv_table, numbered
from gui.widgets.labels import plain_label
from gui.widgets.layouts import named
from gui.widgets.number_grid import GridFrame
from gui.widgets.number_words import short
from gui.widgets.play_controls import PlayControls
from gui.widgets.vector_bars import VectorBars
from gui.workspace.context import Context

VALUES = {"black": 0.0, "grey": 0.5, "white": 1.0}
COLOURS = "red", "green", "blue"
_FRAME = "#D55E00"
_BEHIND = "Activation", "Regularisation", "Skip connection"  # of a Conv, with its maps
_FEW = 7  # cells across; maps of no more say little of where

OCCLUSION = Words(
    ("m_ij = mean over all S ∋ (i, j) of z(x) − z(x \\ S)",),
    "how much of the class's score is lost where a square hides the image. "
    "Red parts speak for the class; without the blue ones it would have more.",
    "which pixel below a square matters, nor what two parts do together. The value of the "
    "square is new to the network, too.",
    "Zeiler and Fergus, 2014 (arXiv 1311.2901). x \\ S: a square S hides a part of the image x.",
)
_GRADIENT_SOURCE = "Simonyan et al., 2014 (arXiv 1312.6034). z is the score before the last "
_GRADIENT_NOT = (
    "how much of the score a pixel is to thank for: a pixel that is as it should be may have no "
    "slope at all."
)
GRADIENT = Words(
    ("m_ij = Σ_c ∂z / ∂x_cij",),
    "where a small change of a pixel changes the class's score most: red where lighter means "
    "more, blue where lighter means less.",
    _GRADIENT_NOT,
    f"Gradient: {_GRADIENT_SOURCE}Softmax or Sigmoid. Colours are added up.",
)
ABSOLUTE = Words(
    ("m_ij = max_c |∂z / ∂x_cij|",),
    "where a small change of a pixel changes the class's score most, up or down.",
    _GRADIENT_NOT,
    f"Saliency: {_GRADIENT_SOURCE}Softmax or Sigmoid. Of colours the largest counts.",
)
TIMES_INPUT = Words(
    ("m_ij = Σ_c x_cij · ∂z / ∂x_cij",),
    "what each pixel adds to the score, if the score grew in a straight line from black.",
    "anything of black pixels, which always get 0; and the score grows in no straight line.",
    "Gradient × input: Shrikumar et al., 2016 (arXiv 1605.01713).",
)
GRAD_CAM = Words(
    ("α_k = 1/(h w) Σ_ij ∂z / ∂A_kij", "m_ij = max(0, Σ_k α_k A_kij)"),
    "which maps A of a block speak for the class (α above 0), and where these are strong.",
    "what speaks against the class, nor anything finer than a cell of the maps.",
    "Grad-CAM: Selvaraju et al., 2017 (arXiv 1610.02391), with the ReLU of the paper; laid over "
    "the image bilinearly.",
)
INTEGRATED = Words(
    ("m_ij = Σ_c (x_cij − x′_cij) ∫₀¹ ∂z / ∂x_cij (x′ + t (x − x′)) dt",),
    "what each pixel adds to the score on the straight way from the baseline x′ to the image: "
    "all together they are the difference z(x) − z(x′), not z(x): black alone may score high.",
    "what would be with another baseline: pixels that are as in the baseline get 0.",
    f"Integrated gradients: Sundararajan et al., 2017 (arXiv 1703.01365). {POINTS} points by "
    "Gauss-Legendre.",
)


class AttributionPage(Page):
    """Shows the image, a map of the same size, and one over the other; the first weights' below."""

    def __init__(self, key: str, words: Words, again: Again, context: Context) -> None:
        super().__init__(words, again, context)
        self._place = 0, 0  # that is read
        name = partial("why.{0}.{1}".format, key)
        shown = "image", "map", "overlay", "first_map", "first_overlay"
        self.image, self.map, self.overlay, *first = (Picture(name(each)) for each in shown)
        self.first_map, self.first_overlay = first
        self.alike = named(plain_label(wraps=True), name("alike"), small=True)
        self.row(self.image, self.map, self.overlay)
        self._below = self.row(self.alike, *first)
        self._below.hide()
        self.readout = self.text(name("readout"))
        self.first.toggled.connect(again)
        for picture in (self.image, self.overlay):
            picture.grid.hovered.connect(self._read_pixel)
            picture.grid.clicked.connect(self._read_pixel)
        self.map.grid.hovered.connect(self.read)
        self.map.grid.clicked.connect(self.read)

    @abstractmethod
    def map_of(self, found: Any) -> Array:
        """Return what is shown of something that was found: (h, w), of its own size."""

    @abstractmethod
    def map_title(self, found: Any) -> str:
        """Say what is shown."""

    @abstractmethod
    def arrays_of(self, found: Any) -> Mapping[str, Array]:
        """Return all that was found by name, each (n, h, w), for a table."""

    def colours(self) -> ColourMap:
        """Return the colours of the map."""
        return SIGNED

    @Slot(int, int)
    def _read_pixel(self, row: int, column: int) -> None:
        """Read the cell of the map over a pixel of the image."""
        map_, image = self.map.grid.values().shape, self.overlay.grid.values().shape[1:3]
        self.read(row * map_[0] // image[0], column * map_[1] // image[1])

    @Slot(int, int)
    def read(self, row: int, column: int) -> None:
        """Say what is at a cell of the map, and mark it."""
        if self.answer is None:
            return
        self._place = row, column
        words = self.words_at(self.answer.found, row, column)
        self.readout.setText(f"row {row + 1}, column {column + 1}: {words}")
        ink = self.palette().highlight().color().name()
        self.map.grid.set_frames((GridFrame(row, column, 1, 1, ink),))

    def words_at(self, found: Any, row: int, column: int) -> str:
        """Say what was found at a pixel."""
        return short(float(self.map_of(found)[row, column]))

    def show_answer(self, answer: Reply) -> None:
        before, sample = self.answer, answer.question.sample
        super().show_answer(answer)
        self.image.show_image("the image", pixels_of(sample))
        self._show_map(answer.found, self.map, self.overlay)
        values = self.map_of(answer.found)
        same = before is not None and before.question.sample is sample
        if not (same and all(np.less(self._place, values.shape))):
            row, column = np.unravel_index(np.abs(values).argmax(), values.shape)
            self._place = int(row), int(column)
        self.read(*self._place)
        self._below.setVisible(answer.first is not None)
        if answer.first is not None:
            self._show_map(answer.first, self.first_map, self.first_overlay)
            self.first_map.name("the same with epoch 0")
            self.alike.setText(alike(self.map_of(answer.found), self.map_of(answer.first)))

    def _show_map(self, found: Any, shown: Picture, overlay: Picture) -> None:
        assert self.answer is not None
        pixels = pixels_of(self.answer.question.sample)
        values, colours = self.map_of(found), self.colours()
        shown.grid.colour_map = colours
        shown.show_values(self.map_title(found), values)
        scaled = enlarged(values, (pixels.shape[1], pixels.shape[2]))
        overlay.show_over("over the image", pixels, scaled, colours, shown.grid.levels())

    def as_csv(self) -> bytes:
        """Write all that was found as CSV, a row a number."""
        rows: list[Any] = []
        if self.answer is not None:
            for found, when in ((self.answer.found, ""), (self.answer.first, " (epoch 0)")):
                for name, values in self.arrays_of(found).items() if found is not None else ():
                    rows += numbered(values, name + when)
        return csv_table(["what", "channel or map", "row", "column", "value"], rows)


def alike(one: Array, first: Array) -> str:
    """Say how far two maps are alike."""
    if not (one.std() and first.std()):
        return "With the weights of epoch 0. One of both maps is the same everywhere."
    correlation = float(np.corrcoef(one.ravel(), first.ravel())[0, 1])
    return (
        f"With the weights of epoch 0. The correlation of both maps is {short(correlation, 2)}: "
        "the nearer to 1, the less the map tells of what was learned."
    )


class OcclusionPage(AttributionPage):
    """A square slides over the image; the map grows while it plays."""

    def __init__(self, again: Again, context: Context) -> None:
        super().__init__("occlusion", OCCLUSION, again, context)
        self.side = self.number("why.size", "s&ize:", "Side of the square in pixels")
        self.stride = self.number("why.stride", "st&ride:", "Pixels from one square to the next")
        self.value = self.choice("why.value", "v&alue:", "Value of the square", list(VALUES))
        self.add(self.first)
        self.play = PlayControls("why.play", self._on, self._back)
        self.play.speed.setCurrentText("very fast")
        self.row(self.play, share=0)
        self._at: int | None = None  # the square that is shown; None: all are
        self._side = 0  # px, of the image that the square was fitted to
        self.image.grid.clicked.connect(self._cover)

    def offer(self, project: Project, sample: Sample) -> None:
        """Fit the square to the size of the image."""
        most = min(sample.image.shape[1:])
        if most == self._side:
            return
        self._side = most
        for box, value in ((self.side, round(most / 5)), (self.stride, round(most / 14))):
            with QSignalBlocker(box):
                box.setRange(1, most)
                box.setValue(max(1, value))

    def explanation(self, question: Question) -> Explain:
        """Slide the square that is chosen."""
        value = inputs_of_value(question.sample, VALUES[self.value.currentText()]).reshape(-1)
        chosen = {"size": self.side.value(), "stride": self.stride.value()}

        def explain(network: Network, inputs: Array, target: int, report: Report) -> Occlusion:
            return occlusion(network, inputs, target, value=value, report=report, **chosen)

        return explain

    def show_answer(self, answer: Reply) -> None:
        super().show_answer(answer)
        count = answer.found.scores.size
        self._go(None if self._at is None or self._at >= count else self._at)

    def map_of(self, found: Occlusion) -> Array:
        return found.lost

    def map_title(self, found: Occlusion) -> str:
        return "what the score loses"

    def arrays_of(self, found: Occlusion) -> Mapping[str, Array]:
        return {"lost": found.lost[np.newaxis], "score with it": found.scores[np.newaxis]}

    def stop(self) -> None:
        super().stop()
        self.play.stop()

    @Slot()
    def _on(self) -> None:
        if self.answer is None:
            return
        last = self.answer.found.scores.size - 1
        if self._at is not None and self._at >= last and self.play.playing:
            self.play.stop()
            self._go(None)
        else:
            self._go(0 if self._at is None or self._at >= last else self._at + 1)

    @Slot()
    def _back(self) -> None:
        self._go(None if not self._at else self._at - 1)

    @Slot(int, int)
    def _cover(self, row: int, column: int) -> None:
        """Show the square that lies best over a pixel."""
        self.play.stop()
        found = None if self.answer is None else self.answer.found
        if found is not None:
            at = [
                min(range(len(starts)), key=lambda n: abs(starts[n] + found.size / 2 - place - 0.5))
                for starts, place in zip(found.corners, (row, column), strict=True)
            ]
            self._go(at[0] * len(found.corners[1]) + at[1])

    def _go(self, at: int | None) -> None:
        """Show one square, and the map of those up to it; or all of them."""
        answer, self._at = self.answer, at
        if answer is None:
            return
        found: Occlusion = answer.found
        pixels, lost = pixels_of(answer.question.sample), found.lost
        if at is None:
            self.play.show_place(f"z = {short(found.score)} without a square")
            self.image.grid.set_frames(())
        else:
            row, column = divmod(at, len(found.corners[1]))
            top, left = found.corners[0][row], found.corners[1][column]
            height, width = (
                min(found.size, side - start)
                for side, start in zip(lost.shape, (top, left), strict=True)
            )
            pixels[:, top : top + height, left : left + width] = VALUES[self.value.currentText()]
            self.image.grid.set_frames((GridFrame(top, left, height, width, _FRAME),))
            score = float(found.scores[row, column])
            self.play.show_place(
                f"square {at + 1} of {found.scores.size}: z = {short(score)}, "
                f"lost {short(found.score - score)}"
            )
            lost = lost_up_to(found, at)
        self.image.show_image("the image", pixels)
        most = float(np.abs(found.lost).max())
        self.map.show_values(self.map_title(found), lost, (-most, most))


def lost_up_to(found: Occlusion, last: int) -> Array:
    """Return what the score loses under the squares up to one; not a number where none was."""
    lost, times = np.zeros((2, *found.lost.shape))
    for place, score in enumerate(found.scores.ravel()[: last + 1]):
        row, column = divmod(place, len(found.corners[1]))
        top, left = found.corners[0][row], found.corners[1][column]
        part = slice(top, top + found.size), slice(left, left + found.size)
        lost[part] += found.score - score
        times[part] += 1
    mean: Array = np.divide(lost, times, out=np.full_like(lost, np.nan), where=times > 0)
    return mean


class GradientPage(AttributionPage):
    """The slope of the score at each pixel, and its way back through the blocks."""

    def __init__(self, again: Again, context: Context, show_block: Callable[[int], object]) -> None:
        super().__init__("gradient", GRADIENT, again, context)
        self._show_block = show_block
        self._slots: list[int] = []  # of the rows of the table
        self.absolute = named(QCheckBox("&absolute"), "why.absolute", small=True)
        self.times_input = named(QCheckBox("&× input"), "why.times_input", small=True)
        columns = "block", "norm of ∂z/∂A", "largest"
        self.way = self.table("why.way", "The way of the slope back", columns)
        for switch in (self.absolute, self.times_input):
            self.add(switch)
            switch.toggled.connect(self._switch)
        self.add(self.first)
        self.way.itemActivated.connect(self._follow)

    def explanation(self, question: Question) -> Explain:
        """Differentiate the score."""
        return lambda network, inputs, target, _: class_gradient(network, inputs, target)

    def map_of(self, found: ClassGradient) -> Array:
        values = found.times_input if self.times_input.isChecked() else found.gradient
        summed: Array = values.sum(axis=0)
        return np.abs(values).max(axis=0) if self.absolute.isChecked() else summed

    def map_title(self, found: ClassGradient) -> str:
        slope = "x · ∂z/∂x" if self.times_input.isChecked() else "∂z/∂x"
        if self.absolute.isChecked():
            return f"|{slope}|" if len(found.gradient) == 1 else f"largest |{slope}| of the colours"
        return slope if len(found.gradient) == 1 else f"{slope}, Σ of colours"

    def colours(self) -> ColourMap:
        return "viridis" if self.absolute.isChecked() else SIGNED

    def arrays_of(self, found: ClassGradient) -> Mapping[str, Array]:
        return {"x": found.inputs, "∂z/∂x": found.gradient, "x · ∂z/∂x": found.times_input}

    def show_answer(self, answer: Reply) -> None:
        super().show_answer(answer)
        found: ClassGradient = answer.found
        rows = answer.question.project.check().rows[: len(found.slopes)]
        self._slots = [row.slot.id for row in rows][::-1]
        names = [f"{number} {row.slot.label}" for number, row in enumerate(rows, 1)]
        way = zip(["the image", *names], [found.gradient, *found.slopes], strict=True)
        fill_table(self.way, [_way_row(name, slope) for name, slope in way][::-1])

    def words_at(self, found: ClassGradient, row: int, column: int) -> str:
        """Say value and slope of a pixel, of a colour in each channel."""
        said = []
        for channel, name in enumerate(COLOURS if len(found.inputs) == len(COLOURS) else ("",)):
            x, slope = (float(a[channel, row, column]) for a in (found.inputs, found.gradient))
            product = f"x · ∂z/∂x = {short(x * slope, 3)}"
            words = f"x = {short(x, 3)}, ∂z/∂x = {short(slope)}, {product}"
            said.append(f"{name} {words}".strip())
        return "; ".join(said)

    @Slot(QTreeWidgetItem)
    def _follow(self, item: QTreeWidgetItem) -> None:
        """Show a block step by step."""
        place = self.way.indexOfTopLevelItem(item)
        if place < len(self._slots):
            self._show_block(self._slots[place])

    @Slot()
    def _switch(self) -> None:
        plain = TIMES_INPUT if self.times_input.isChecked() else GRADIENT
        self.show_words(ABSOLUTE if self.absolute.isChecked() else plain)
        if self.answer is not None:
            self.show_answer(self.answer)


class GradCamPage(AttributionPage):
    """The maps of a block, weighed by the mean slope of the score there."""

    def __init__(self, again: Again, context: Context) -> None:
        super().__init__("grad_cam", GRAD_CAM, again, context)
        self.block = named(BlockBox(), "why.block", "Block whose maps are weighed", small=True)
        self.block.setMaximumWidth(13 * GRID)
        self.add(self.block, "&block:")
        self.add(self.first)
        self.alphas = VectorBars()
        self.weighted, self.total = (Picture(f"why.grad_cam.{each}") for each in ("maps", "total"))
        self.coarse = self.text("why.coarse")
        self.row(self.alphas, share=0)
        self.row(self.weighted, self.total)
        self.block.activated.connect(again)
        self._positions: dict[int, int] = {}

    def offer(self, project: Project, sample: Sample) -> None:
        """Offer the blocks with maps; the last Conv, or its activation, is chosen at first."""
        before = self._positions
        with_maps = [
            (position, row)
            for position, row in enumerate(project.check().rows)
            if len(row.output_shape or ()) == 3 and row.slot.block.group != "Shape"
        ]
        self._positions = {row.slot.id: position for position, row in with_maps}
        self.block.offer(
            [(row.slot.id, f"{place + 1} {row.slot.label}") for place, row in with_maps]
        )
        if self._positions != before and with_maps:
            groups = [row.slot.block.group for _, row in with_maps]
            convolved = [place for place, group in enumerate(groups) if group == "Convolution"]
            last = convolved[-1] if convolved else 0
            while groups[last + 1 : last + 2] and groups[last + 1] in _BEHIND:
                last += 1
            self.block.choose(with_maps[last][1].slot.id)

    def explanation(self, question: Question) -> Explain | None:
        """Weigh the maps of the block that is chosen."""
        slot = self.block.slot_id()
        if slot is None:
            return None
        position = self._positions[slot]
        return lambda network, inputs, target, _: grad_cam(network, inputs, target, position)

    def map_of(self, found: GradCam) -> Array:
        return found.positive

    def map_title(self, found: GradCam) -> str:
        rows, columns = found.positive.shape
        return f"max(0, Σ α A), {rows} × {columns}"

    def colours(self) -> ColourMap:
        return "viridis"

    def arrays_of(self, found: GradCam) -> Mapping[str, Array]:
        return {
            "α": found.alphas[:, np.newaxis, np.newaxis],
            "A": found.maps,
            "∂z/∂A": found.slopes,
            "α A": found.weighted,
            "Σ α A": found.total[np.newaxis],
            "max(0, Σ α A)": found.positive[np.newaxis],
        }

    def show_answer(self, answer: Reply) -> None:
        super().show_answer(answer)
        found: GradCam = answer.found
        rows, columns = found.total.shape
        self.total.show_values(f"Σ α A, {rows} × {columns}", found.total)
        self.alphas.set_title("α of each map: its mean slope")
        self.alphas.set_values(found.alphas)
        self.weighted.show_values("each map × its α", found.weighted)
        few = min(rows, columns) <= _FEW
        self.coarse.setText(
            f"These maps have {rows} × {columns} cells. That is too few to say where: what lies "
            "over the image is blurred from them."
            if few
            else ""
        )
        self.coarse.setVisible(few)


class IntegratedPage(AttributionPage):
    """The slope on the way from a baseline to the image, and whether it all adds up."""

    def __init__(self, again: Again, context: Context) -> None:
        super().__init__("integrated", INTEGRATED, again, context)
        tip = "Baseline from which the way begins"
        self.baseline = self.choice("why.baseline", "b&aseline:", tip, list(VALUES))
        self.sum = self.text("why.completeness")
        self.add(self.first)

    def explanation(self, question: Question) -> Explain:
        """Integrate from the baseline that is chosen."""
        baseline = inputs_of_value(question.sample, VALUES[self.baseline.currentText()])

        def explain(network: Network, inputs: Array, target: int, _: Report) -> IntegratedGradients:
            start = np.broadcast_to(baseline, inputs.shape).astype(inputs.dtype)
            return integrated_gradients(network, inputs, target, start)

        return explain

    def map_of(self, found: IntegratedGradients) -> Array:
        summed: Array = found.attributions.sum(axis=0)
        return summed

    def map_title(self, found: IntegratedGradients) -> str:
        return "what each pixel adds"

    def arrays_of(self, found: IntegratedGradients) -> Mapping[str, Array]:
        return {"attribution": found.attributions}

    def show_answer(self, answer: Reply) -> None:
        super().show_answer(answer)
        found: IntegratedGradients = answer.found
        difference = found.score - found.baseline_score
        total = float(found.attributions.sum())
        start = short(found.baseline_score, 6)
        start = f"({start})" if found.baseline_score < 0 else start
        self.sum.setText(
            f"Σ of all pixels = {short(total, 6)};  z(x) − z(x′) = {short(found.score, 6)} − "
            f"{start} = {short(difference, 6)};  "
            f"error {short(found.error, 2)}"
        )


def _way_row(name: str, slope: Array) -> tuple[str, str, str]:
    """Write the norm of the slopes at a block, and the largest of them."""
    norm = float(np.linalg.norm(slope.astype(np.float64)))
    return name, short(norm, 3), short(float(slope.flat[np.abs(slope).argmax()]), 3)
