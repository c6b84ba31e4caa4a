"""How images and classes are called, and what a network says of them, in words."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from engine.array_types import Array
from engine.inspection.snapshot import SamplePart
from engine.model.network import NO_ANSWER, answers
from engine.text.words import percent
from gui.widgets.labels import CROSS
from gui.widgets.number_words import short

PREDICTED, TRUE = "▸", "✓"
LEGEND = f"{PREDICTED} predicted   {CROSS} wrong   {TRUE} true"
NO_ANSWER_TEXT = "no answer: outputs not finite"
NOT_FINITE = "The outputs are not finite: nothing is predicted."
LONGEST_NAME = 10  # letters of a class where there is little room


@dataclass(frozen=True)
class ClassOutput:
    """What a network says for one class, and whether it is the true one or the predicted one.

    It is `wrong` if it is predicted, and another is true.
    """

    name: str
    value: float
    predicted: bool
    true: bool
    wrong: bool = False

    def number(self) -> str:
        """Write the value so that rows line up: three decimals while it is small."""
        if not np.isfinite(self.value) or abs(self.value) >= 100:
            return short(self.value)
        return f"{self.value:.3f}".replace("-", "−")

    def marks(self) -> str:
        """Write what it is before the name of the class, with a space if that is anything."""
        said = CROSS if self.wrong else PREDICTED if self.predicted else ""
        marks = f"{said}{TRUE if self.true else ''}"
        return f"{marks} " if marks else ""

    def caption(self) -> str:
        """Write the name of the class after its marks."""
        return self.marks() + self.name

    def sentence(self) -> str:
        """Return it for a screen reader."""
        what = {
            (True, True): ", the predicted class, which is true",
            (True, False): ", the predicted class",
            (False, True): ", the true class",
        }.get((self.predicted, self.true), "")
        return f"class {self.name}: output {short(self.value)}{what}"


def outputs_of(
    outputs: Array | None, classes: tuple[str, ...], true: str | None
) -> list[ClassOutput]:
    """List the outputs (classes,) with the names of the classes, and the true one if known."""
    if outputs is None:
        return []
    best = int(answers(outputs)) if len(outputs) else NO_ANSWER
    others = true in classes and best != NO_ANSWER and classes[best] != true
    return [
        ClassOutput(name, float(value), place == best, name == true, place == best and others)
        for place, (name, value) in enumerate(zip(classes, outputs, strict=False))
    ]


def right_of(right: int, samples: int, unanswered: int) -> str:
    """Write `1,500 of 2,000 right (75.00 %)`; in the brackets too how many have no answer."""
    if samples and unanswered == samples:
        return "nothing predicted (outputs not finite)"
    share = percent(right / samples)
    return f"{right:,} of {samples:,} right ({share}{and_not_finite(unanswered)})"


def and_not_finite(unanswered: int) -> str:
    """Return what goes on in the brackets, if the outputs of some images are not finite."""
    return f", {unanswered:,} not finite" if unanswered else ""


def image_name(index: int | None, part: SamplePart = "test") -> str:
    """Return how an image is called: `Test image 1,227`, counted from 1; None: a drawing."""
    return "Your drawing" if index is None else f"{part.capitalize()} image {index + 1:,}"


def image_title(index: int | None, class_name: str | None, part: SamplePart = "test") -> str:
    """Return its name and its class, if that is known: `Test image 2 · a 0`."""
    name = image_name(index, part)
    return name if class_name is None else f"{name} · {one_of(class_name)}"


def short_name(class_name: str, most: int = LONGEST_NAME) -> str:
    """Return the name of a class in `most` letters, where there is little room: `T-shi…/top`."""
    if len(class_name) <= most:
        return class_name
    end = (most - 1) // 2  # which tells names apart that begin alike
    return f"{class_name[: most - 1 - end]}…{class_name[-end:]}"


def short_names(class_names: Sequence[str], letters: int = LONGEST_NAME) -> list[str]:
    """Return the names of classes with so many letters at most."""
    return [short_name(name, letters) for name in class_names]


def one_of(class_name: str) -> str:
    """Return how one image of a class is called: `a 0`, `an 8`, `T-shirt/top`."""
    if not class_name.isdecimal():
        return class_name
    sounds_open = class_name in ("11", "18") or class_name.startswith("8")
    return f"{'an' if sounds_open else 'a'} {class_name}"


def said_name(names: Sequence[str], said: int) -> str:
    """Return the name of the class that a network said, `?` where it gave no answer."""
    return "?" if said == NO_ANSWER else names[said]
