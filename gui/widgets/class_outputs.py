"""What a network says for each class, in words."""

from dataclasses import dataclass

import numpy as np

from engine.array_types import Array
from engine.model.network import NO_ANSWER, answers
from gui.widgets.number_words import short

PREDICTED, TRUE = "▸", "✓"
LEGEND = f"{PREDICTED} predicted   {TRUE} true"


@dataclass(frozen=True)
class ClassOutput:
    """What a network says for one class, and whether it is the true one or the predicted one."""

    name: str
    value: float
    predicted: bool
    true: bool

    def number(self) -> str:
        """Write the value so that rows line up: three decimals while it is small."""
        if not np.isfinite(self.value) or abs(self.value) >= 100:
            return short(self.value)
        return f"{self.value:.3f}".replace("-", "−")

    def marks(self) -> str:
        """Write what it is before the name of the class, with a space if that is anything."""
        marks = f"{PREDICTED if self.predicted else ''}{TRUE if self.true else ''}"
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
    return [
        ClassOutput(name, float(value), place == best, name == true)
        for place, (name, value) in enumerate(zip(classes, outputs, strict=False))
    ]
