"""What differs between runs: their projects, and learning rates that came while they trained."""

from collections.abc import Sequence
from itertools import takewhile

from engine.model.settings import Settings
from engine.runs.differences import Difference, changes, differences, setting_text
from engine.runs.rate_changes import with_rate_changes
from engine.runs.run_folder import Run
from engine.struct_fields import field_of, fields_of

_RATE = "learning_rate"
_EDITED = "weights edited"


def run_changes(before: Run, run: Run) -> list[str]:
    """Say what differs between a run and one before it, as `changes` does.

    Of its parent it is said, too, if the run began with other weights.
    """
    said = changes(before.description.project, run.description.project)
    is_parent = run.parent is not None and run.parent.run == before.id
    return [_EDITED, *said] if is_parent and run.description.edited else said


def run_differences(runs: Sequence[Run]) -> list[Difference]:
    """Return what `differences` does, and what differs in the learning rates of later epochs.

    A rate that was changed is told in words, also in the values.
    """
    found = differences([run.description.project for run in runs])
    rates = _rates(runs)
    if rates is None:
        return found
    names = [field.name for field in fields_of(Settings)]
    before = set(names[: names.index(_RATE)])
    place = len(list(takewhile(lambda each: each.key in before, found)))
    return [*found[:place], rates, *(each for each in found[place:] if each.key != _RATE)]


def _rates(runs: Sequence[Run]) -> Difference | None:
    """Return how the rates differ, if some was changed and not the same in all."""
    field = field_of(Settings, _RATE)
    first = [setting_text(field, run.description.project) for run in runs]
    texts = tuple(with_rate_changes(text, run) for text, run in zip(first, runs, strict=True))
    if texts == tuple(first) or len(set(texts)) == 1:
        return None
    values = tuple(
        run.description.project.settings.learning_rate if text == told else told
        for run, text, told in zip(runs, first, texts, strict=True)
    )
    return Difference(_RATE, field.title, field.title.lower(), texts, values)
