"""What is said of the life of an image, and of which images a run learned how."""

from collections.abc import Sequence

import numpy as np

from engine.model.network import NO_ANSWER
from engine.runs.learning_history import NEVER, LearningHistory, Lifetime
from engine.runs.predictions import RunPredictions
from gui.runs.life_view import Bars
from gui.runs.noted_samples import ImageList
from gui.widgets.number_words import output_text
from gui.widgets.sample_names import NO_ANSWER_TEXT, image_title, one_of, said_name, short_names

LATE, FORGOTTEN = "learned late", "forgotten"
RELEARNED, NEVER_LEARNED = "relearned", "never learned"
_LATE_FROM = 0.5  # of the epochs that are told of


def image_bars(predictions: RunPredictions, index: int, names: Sequence[str]) -> Bars:
    """Return what was said of a sample, a bar an epoch as high as its output."""
    said, true = predictions.said[:, index], int(predictions.samples.labels[index])
    certainty = predictions.certainty[:, index].astype(np.float64)
    true_output = predictions.true_output[:, index].astype(np.float64)
    right, short = predictions.right[:, index], short_names(names)

    def reading(bar: int) -> str:
        checkpoint = f"epoch {int(predictions.epochs[bar]):,}"
        if said[bar] == NO_ANSWER:
            return f"{checkpoint}, {NO_ANSWER_TEXT}"
        told = f"{one_of(names[int(said[bar])])} with {output_text(float(certainty[bar]))}"
        if right[bar]:
            return f"{checkpoint}: {told}, right"
        rest = f"{one_of(names[true])} gets {output_text(float(true_output[bar]))}"
        return f"{checkpoint}: {told}, wrong; {rest}"

    heights = np.clip(np.nan_to_num(certainty), 0.0, 1.0)
    texts = [said_name(short, int(value)) for value in said]
    return Bars(predictions.epochs, heights, ~right, texts, reading)


def run_text(title: str, life: Lifetime) -> str:
    """Return which run all is about, and since when."""
    since = f" since epoch {life.since:,}" if life.since else ""
    return f"in the run “{title}”{since}"


def image_text(life: Lifetime, history: LearningHistory, index: int, names: Sequence[str]) -> str:
    """Return when a sample was learned and forgotten."""
    samples = life.predictions.samples
    title = image_title(int(samples.places[index]), names[int(samples.labels[index])])
    return f"{title}: {_course(life, history, index, names)}"


def _course(life: Lifetime, history: LearningHistory, index: int, names: Sequence[str]) -> str:
    predictions = life.predictions
    first, last = int(history.learned_first[index]), int(history.learned_last[index])
    if first == NEVER:
        end = int(predictions.said[-1, index])
        told = NO_ANSWER_TEXT if end == NO_ANSWER else f"taken for {one_of(names[end])}"
        return f"never learned, at the end {told}"
    forgotten = int(history.times_forgotten[index])
    end_words = "wrong at the end" if last == NEVER else f"right since epoch {last:,}"
    if forgotten:
        return f"right in epoch {first:,}, forgotten {forgotten:,}×, {end_words}"
    return "right in every epoch" if predictions.right[:, index].all() else end_words


def lists_of(life: Lifetime, history: LearningHistory) -> list[ImageList]:
    """Return the images that were learned late, forgotten, relearned or never learned."""
    predictions = life.predictions
    places, last = predictions.samples.places, int(predictions.epochs[-1])
    late = history.learned_after(life.since + _LATE_FROM * (last - life.since))

    def index(sample: int) -> int:
        return int(np.searchsorted(places, sample))

    def course(sample: int, names: list[str]) -> str:
        return _course(life, history, index(sample), names)

    def when(sample: int, _names: list[str]) -> str:
        return f"ep. {int(history.learned_first[index(sample)]):,}"

    def again(sample: int, _names: list[str]) -> str:
        return f"since {int(history.learned_last[index(sample)]):,}"

    def often(sample: int, _names: list[str]) -> str:
        return f"{int(history.times_forgotten[index(sample)]):,}×"

    def taken(sample: int, names: list[str]) -> str:
        return f"→ {said_name(names, int(predictions.said[-1, index(sample)]))}"

    return [
        ImageList(LATE, places[late], when, course, f"ep. {last:,}"),
        ImageList(FORGOTTEN, places[history.most_forgotten], often, course, "99×"),
        ImageList(RELEARNED, places[history.relearned], again, course, f"since {last:,}"),
        ImageList(NEVER_LEARNED, places[history.never_learned], taken, course, "→ 0"),
    ]
