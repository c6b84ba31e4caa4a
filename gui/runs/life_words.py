"""What is said of the life of an image, and of which images a run learned how."""

from collections.abc import Callable, Sequence

import numpy as np

from engine.runs.learning_history import NEVER, CellHistory, LearningHistory, ever_confused
from engine.runs.predictions import RunPredictions
from engine.text import words
from gui.runs.life_strip import Bars
from gui.runs.life_view import ImageList
from gui.widgets.number_words import confidence
from gui.widgets.sample_names import image_title, one_of, short_names

LATE, FORGOTTEN, NEVER_LEARNED = "learned late", "forgotten", "never learned"
_LATE_FROM = 0.5  # of the epochs of the run
Age = Callable[[int], int]  # of the network, after an epoch of the run


def image_bars(predictions: RunPredictions, index: int, age: Age, names: Sequence[str]) -> Bars:
    """Return what was said of a sample, a bar an epoch as high as the network was sure."""
    said, true = predictions.said[:, index], int(predictions.samples.labels[index])
    certainty = predictions.certainty[:, index].astype(np.float64)
    true_output = predictions.true_output[:, index].astype(np.float64)
    right, short = predictions.right[:, index], short_names(names)

    def reading(bar: int) -> str:
        moment = f"epoch {age(int(predictions.epochs[bar])):,}"
        told = f"{one_of(names[int(said[bar])])} with {confidence(float(certainty[bar]))}"
        if right[bar]:
            return f"{moment}: {told}, right"
        rest = f"{one_of(names[true])} gets {confidence(float(true_output[bar]))}"
        return f"{moment}: {told}, wrong; {rest}"

    heights = np.clip(np.nan_to_num(certainty), 0.0, 1.0)
    texts = [short[int(value)] for value in said]
    return Bars(predictions.epochs, predictions.epochs + age(0), heights, ~right, texts, reading)


def cell_bars(cell: CellHistory, age: Age, names: Sequence[str], true: int, said: int) -> Bars:
    """Return how many samples a cell of the confusion matrix held, a bar an epoch."""
    most = max(1, int(cell.counts.max(initial=0)))

    def reading(bar: int) -> str:
        count = words.count(int(cell.counts[bar]), "image")
        moment = f"epoch {age(int(cell.epochs[bar])):,}"
        return f"{moment}: {count} of {_class(names[true])} taken for {one_of(names[said])}"

    heights, wrong = cell.counts / most, cell.counts > 0
    texts = [f"{count:,}" for count in cell.counts.tolist()]
    return Bars(cell.epochs, cell.epochs + age(0), heights, wrong, texts, reading)


def image_texts(
    history: LearningHistory,
    index: int,
    predictions: RunPredictions,
    age: Age,
    names: Sequence[str],
) -> tuple[str, ...]:
    """Say when a sample was learned and forgotten, in fewer words from text to text."""
    samples = predictions.samples
    title = image_title(int(samples.places[index]), names[int(samples.labels[index])])
    first, last = int(history.learned_first[index]), int(history.learned_last[index])
    forgotten = int(history.times_forgotten[index])
    if first == NEVER:
        return f"{title}: never learned", "never learned"
    times = f"forgotten {_times(forgotten)}" if forgotten else ""
    if last == NEVER:
        told = f"learned {_in(age, first)}, {times}, wrong at the end"
        return f"{title}: {told}", told, f"{times}, wrong at the end"
    if not forgotten:
        always = bool(predictions.right[:, index].all())
        told = "right in every epoch" if always else f"right since {_moment(age, last)}"
        return f"{title}: {told}", told
    told = f"learned {_in(age, first)}, {times}, right since {_moment(age, last)}"
    return f"{title}: {told}", told, f"{times}, right since {_moment(age, last)}"


def cell_texts(
    cell: CellHistory, age: Age, names: Sequence[str], true: int, said: int
) -> tuple[str, ...]:
    """Say when a cell of the confusion matrix emptied, in fewer words from text to text."""
    title = f"{_class(names[true])} taken for {one_of(names[said])}"
    if cell.fullest is None:
        return (f"{title}: in no epoch",)
    most, emptied = f"at most {int(cell.counts.max()):,}, {_in(age, cell.fullest)}", cell.emptied
    if emptied is None:
        end = f"{int(cell.counts[-1]):,} at the end"
        return f"{title}: {most}; {end}", end
    end = f"none since {_moment(age, emptied)}"
    return f"{title}: {most}; {end}", end


def lists_of(predictions: RunPredictions, history: LearningHistory, age: Age) -> list[ImageList]:
    """Return the images that were learned late, forgotten or never learned."""
    samples, epochs = predictions.samples, predictions.epochs
    places, last = samples.places, int(epochs[-1]) if len(epochs) else 0
    late = history.late[history.learned_last[history.late] > _LATE_FROM * last]
    at_end = predictions.said[-1] if len(epochs) else np.zeros(len(places), np.int64)

    def index(sample: int) -> int:
        return int(np.searchsorted(places, sample))

    def when(sample: int, _names: list[str]) -> str:
        return f"ep. {age(int(history.learned_last[index(sample)])):,}"

    def since(sample: int, _names: list[str]) -> str:
        return f"right since {_moment(age, int(history.learned_last[index(sample)]))}"

    def often(sample: int, _names: list[str]) -> str:
        mark = "" if history.learned_last[index(sample)] != NEVER else " ✗"
        return f"{int(history.times_forgotten[index(sample)]):,}×{mark}"

    def told(sample: int, _names: list[str]) -> str:
        at = index(sample)
        wrong = history.learned_last[at] == NEVER
        end = "wrong at the end" if wrong else since(sample, _names)
        return f"forgotten {_times(int(history.times_forgotten[at]))}, {end}"

    def taken(sample: int, names: list[str]) -> str:
        return f"→ {names[int(at_end[index(sample)])]}"

    def never(sample: int, names: list[str]) -> str:
        return f"never learned, at the end taken for {one_of(names[int(at_end[index(sample)])])}"

    return [
        ImageList(
            *(LATE, places[late], when, since, f"ep. {age(last):,}"),
            "No image was learned in the second half of the run.",
        ),
        ImageList(
            *(FORGOTTEN, places[history.most_forgotten], often, told, "99× ✗"),
            "No image was forgotten: what was right once stayed right.",
        ),
        ImageList(
            *(NEVER_LEARNED, places[history.never_learned], taken, never, "→ 0"),
            "Every image was right after some epoch.",
        ),
    ]


def cell_list(predictions: RunPredictions, names: Sequence[str], true: int, said: int) -> ImageList:
    """Return the images that were ever in a cell of the confusion matrix."""
    indices = ever_confused(predictions, true, said)
    inside = predictions.said == said

    def count(sample: int) -> int:
        return int(inside[:, int(np.searchsorted(predictions.samples.places, sample))].sum())

    def often(sample: int, _names: list[str]) -> str:
        return f"{count(sample):,} ep."

    def told(sample: int, _names: list[str]) -> str:
        return f"taken for {one_of(names[said])} after {words.count(count(sample), 'epoch')}"

    order = np.argsort(-inside[:, indices].sum(axis=0), kind="stable")
    return ImageList(
        f"{names[true]} taken for {names[said]}",
        *(predictions.samples.places[indices[order]], often, told, "999 ep."),
        f"No image of {_class(names[true])} was ever taken for {one_of(names[said])}.",
    )


def _class(name: str) -> str:
    return f"class {name}" if name.isdecimal() else name


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count:,} times"


def _moment(age: Age, epoch: int) -> str:
    return f"epoch {age(epoch):,}" if age(epoch) else "the start"


def _in(age: Age, epoch: int) -> str:
    return f"in epoch {age(epoch):,}" if age(epoch) else "at the start"
