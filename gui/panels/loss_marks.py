"""Marks on the curves of a run: where a setting was changed, and where an epoch began again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from engine.struct_fields import Field, field_of

if TYPE_CHECKING:
    from engine.model.settings import Settings

# What bears on a run that goes on; the other settings say how a run begins and ends.
_BEARING = (
    "loss",
    "optimizer",
    "learning_rate",
    "batch_size",
    "momentum",
    "nesterov",
    "weight_decay",
    "schedule",
    "step_epochs",
    "step_factor",
    "dataset",
    "limit",
)
_SHORT = {"learning_rate": "rate"}


@dataclass
class _Change:
    at: float
    field: Field
    before: Any
    after: Any

    def text(self) -> str:
        title = _SHORT.get(self.field.name, self.field.title.lower())
        return f"{title} {self.field.in_words(self.before)} → {self.field.in_words(self.after)}"


class Marks:
    """What is marked on the curves of one run, each at a time in epochs."""

    def __init__(self) -> None:
        self._changes: list[_Change] = []
        self._rewinds: list[float] = []

    def add_change(self, at: float, before: "Settings", after: "Settings") -> None:
        """Note which settings changed; of several changes at one time, the first and the last."""
        for name in _BEARING:
            old, new = getattr(before, name), getattr(after, name)
            if old == new:
                continue
            same = [each for each in self._changes if (each.at, each.field.name) == (at, name)]
            if same:
                same[0].after = new
            else:
                self._changes.append(_Change(at, field_of(type(after), name), old, new))
        self._changes = [each for each in self._changes if each.before != each.after]

    def add_rewind(self, at: float) -> None:
        """Note that the run went back to a time, since an epoch was begun again."""
        self._rewinds.append(at)

    def lines(self) -> list[tuple[float, str]]:
        """List the times with what is written there, those of one time in one line."""
        texts: dict[float, list[str]] = {}
        for at in self._rewinds:
            texts[at] = ["begun again"]
        for change in self._changes:
            texts.setdefault(change.at, []).append(change.text())
        return [(at, ", ".join(texts[at])) for at in sorted(texts)]
