"""The page that fools the network: the least change that turns its answer, and what it bears."""

from collections.abc import Sequence
from typing import Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import Qt, Slot
from PySide6.QtWidgets import QSlider

from engine.array_types import Array
from engine.data.dataset import Dataset
from engine.explain.attack import (
    GRID,
    ITERATIONS,
    MOST_EPSILON,
    Against,
    Attacks,
    Robustness,
    attacks,
    robustness,
)
from engine.model.network import Network, answers
from gui.background.latest_task import Report
from gui.document.checkpoint import checkpoint_words
from gui.theme import GRID as STEP
from gui.why.page import Again, Explain, Page, Question, Reply, Words, Work, WorkButton, fill_table
from gui.why.pictures import Picture, inputs_of_value, pixels_of
from gui.widgets.csv_table import csv_table, numbered
from gui.widgets.labels import plain_label
from gui.widgets.layouts import bring_into_view, named
from gui.widgets.number_words import percent, short
from gui.widgets.output_bars import OutputBars
from gui.widgets.sample_names import said_name
from gui.workspace.context import Context

FOOL = Words(
    ("x* = x + ε · sign(∂E / ∂x)",),
    "how small a change of every pixel, by at most ε of the range from black to white, is enough "
    "to turn the answer away from the class.",
    "that no smaller change would do, nor that such images come up by themselves. “All test "
    "images” counts what these bear, also of shifts, turns, noise and blur.",
    "Fast gradient sign: Goodfellow et al., 2015 (arXiv 1412.6572). In 10 steps: Madry et al., "
    "2018 (arXiv 1706.06083), by 2.5 ε / 10 each.",
)
STEPS = {"1 step": 1, f"{ITERATIONS} steps": ITERATIONS}
# What the test images are put to, with amounts and how these are written.
AGAINST: dict[str, tuple[tuple[float, ...], str]] = {
    "attack": ((0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3), "ε {:g}"),
    "shift": ((0.0, 1.0, 2.0, 3.0, 4.0, 6.0), "{:g} px"),
    "rotation": ((0.0, 10.0, 20.0, 30.0, 45.0, 60.0), "{:g}°"),
    "noise": ((0.0, 0.1, 0.2, 0.3, 0.5), "σ {:g}"),
    "blur": ((0.0, 0.5, 1.0, 1.5, 2.0, 3.0), "{:g} px"),
}


class _Counted(NamedTuple):
    """What test images were put to, with which weights, and how many are right yet."""

    against: str
    samples: Dataset
    when: str
    found: Robustness


class FoolPage(Page):
    """An attack on the pinned image whose ε a slider chooses, and one on all test images."""

    def __init__(self, again: Again, context: Context) -> None:
        super().__init__(FOOL, again, context)
        self.counted: _Counted | None = None
        self.epsilon = named(QSlider(Qt.Orientation.Horizontal), "why.epsilon", "ε, in steps")
        self.epsilon.setRange(0, GRID - 1)
        self.epsilon.setValue(10)
        self.epsilon.setFixedWidth(17 * STEP)
        self.chosen = named(plain_label(), "why.epsilon_words", small=True)
        self.add(self.chosen)
        self.add(self.epsilon)
        tip = "Steps in which the attack goes"
        self.steps = self.choice("why.steps", "s&teps:", tip, list(STEPS))
        tip = "What all test images are put to"
        self.against = self.choice("why.against", "&put to:", tip, list(AGAINST), asks=False)
        tip = "Count how many test images are right yet"
        made = tip, context, self._begin, self._show_counted
        self.all = WorkButton("why.robustness", "All test images", *made)
        self.add(self.all)
        shown = "image", "change", "fooled"
        self.image, self.change, self.fooled = (Picture(f"why.fool.{each}") for each in shown)
        self.row(self.image, self.change, self.fooled)
        self.smallest = self.text("why.smallest")
        self.bars = OutputBars()
        self.row(self.bars, share=0)
        self.words = self.text("why.robustness_words")
        self.robust = self.table("why.robust", "Accuracy at each amount, by class", ["class"])
        self.robust.hide()
        self.epsilon.valueChanged.connect(self._show_epsilon)

    def explanation(self, question: Question) -> Explain:
        """Attack the image with every ε of the slider."""
        iterations, loss = STEPS[self.steps.currentText()], question.project.settings.loss
        low, high = (inputs_of_value(question.sample, end) for end in (0.0, 1.0))

        def explain(network: Network, inputs: Array, target: int, report: Report) -> Attacks:
            return attacks(
                *(network, loss, inputs, target),
                low=low,
                high=high,
                iterations=iterations,
                before=lambda: report(0.0),
            )

        return explain

    def show_answer(self, answer: Reply) -> None:
        super().show_answer(answer)
        found: Attacks = answer.found
        names = answer.question.sample.class_names
        if found.smallest is None:
            words = f"No ε up to {MOST_EPSILON:g} turns the answer away from {answer.class_name}."
        elif found.smallest == 0:
            words = f"It does not say {answer.class_name} of the image as it is."
        else:
            turned = int(answers(found.outputs[found.epsilons >= found.smallest][0]))
            words = (
                f"It says {answer.class_name} up to ε = {short(found.smallest, 3)}, "
                f"then {names[turned]}."
            )
        self.smallest.setText(words)
        self._show_epsilon()

    def as_csv(self) -> bytes:
        """Write the change, the outputs for each ε, and what was counted."""
        rows: list[Sequence[object]] = []
        if self.answer is not None:
            found: Attacks = self.answer.found
            names = self.answer.question.sample.class_names
            rows += numbered(found.images[self.epsilon.value()] - found.images[0], "change")
            rows += _by_class("output", found.epsilons.tolist(), names, found.outputs)
        if self.counted is not None:
            _, samples, _, counted = self.counted
            rows += _by_class("right", counted.amounts, samples.class_names, counted.right)
        return csv_table(["what", "channel or class", "row or amount", "column", "value"], rows)

    @Slot()
    def _show_epsilon(self) -> None:
        """Show what the attack with the chosen ε has made of the image."""
        answer, place = self.answer, self.epsilon.value()
        epsilon = place * MOST_EPSILON / (GRID - 1)
        self.chosen.setText(f"ε = {short(epsilon, 3)}")
        if answer is None:
            return
        found: Attacks = answer.found
        sample = answer.question.sample
        pixels = pixels_of(sample, found.images.astype(np.float64)[[0, place]])
        self.image.show_image("the image", pixels[0])
        change = (pixels[1] - pixels[0]).sum(axis=0)
        title = "the change" if len(pixels[0]) == 1 else "change, Σ of colours"
        self.change.show_values(title, change)
        said = int(answers(found.outputs[place]))
        self.fooled.show_image(f"it says {said_name(sample.class_names, said)}", pixels[1])
        true = sample.name_of(sample.label)
        self.bars.setFixedHeight(min(10, len(sample.class_names)) * 2 * STEP + STEP)
        self.bars.set_outputs(found.outputs[place], sample.class_names, true)

    # --- all test images -----------------------------------------------------------------------

    def _begin(self) -> Work | None:
        """Return what puts all test images to the attack, or what else is chosen."""
        samples, answer = self.view.state.samples, self.answer
        if samples is None or answer is None:
            return None
        project, against = answer.question.project, self.against.currentText()
        steps, (amounts, _) = STEPS[self.steps.currentText()], AGAINST[against]
        loss = project.settings.loss

        def work(report: Report) -> _Counted:
            found = robustness(
                *(project.network(), loss, samples, cast(Against, against), amounts),
                iterations=steps,
                report=report,
            )
            return _Counted(against, samples, checkpoint_words(project), found)

        return work

    def _show_counted(self, counted: _Counted) -> None:
        self.counted = counted
        against, samples, when, found = counted
        form = AGAINST[against][1]
        weights = f"weights {when}" if when else "initial weights"
        self.words.setText(f"Right under {against}, of {len(samples):,}, with the {weights}:")
        self.robust.setHeaderLabels(["class", *(form.format(amount) for amount in found.amounts)])
        shares = found.right / np.maximum(found.of_class, 1)
        columns = [found.accuracies, *shares.T]
        rows = zip(["all", *samples.class_names], columns, strict=True)
        fill_table(self.robust, [(name, *map(percent, column)) for name, column in rows])
        self.robust.show()
        bring_into_view(self.robust)


def _by_class(
    what: str, amounts: Sequence[float], names: Sequence[str], values: NDArray[Any]
) -> list[tuple[object, ...]]:
    """Return a row for each amount and class, of values (amounts, classes)."""
    return [
        (what, name, amount, "", value)
        for amount, of_amount in zip(amounts, values.tolist(), strict=True)
        for name, value in zip(names, of_amount, strict=True)
    ]
