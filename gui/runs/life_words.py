"""What is said of the life of an image, and of which images a run learned how."""

from collections.abc import Sequence

import numpy as np

from engine.model.network import NO_ANSWER
from engine.runs.learning_history import (
    NEVER,
    LearningHistory,
    Lifetime,
)
from engine.runs.predictions import RunPredictions
from gui.runs.life_view import Bars, ImageList
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
    return f"in the run “{title}”{_since(life)}"


def image_text(life: Lifetime, history: LearningHistory, index: int, names: Sequence[str]) -> str:
    """Return when a sample was learned and forgotten."""
    samples = life.predictions.samples
    title = image_title(int(samples.places[index]), names[int(samples.labels[index])])
    since = f",{_since(life)}" if life.since else ""
    return f"{title}{since}: {_course(life, history, index)}"


def _course(life: Lifetime, history: LearningHistory, index: int) -> str:
    predictions = life.predictions
    first, last = int(history.learned_first[index]), int(history.learned_last[index])
    if first == NEVER:
        return "never learned"
    forgotten = int(history.times_forgotten[index])
    if not forgotten:
        always = bool(predictions.right[:, index].all())
        return "right in every epoch" if always else f"right since {_checkpoint(last)}"
    end = "wrong at the end" if last == NEVER else f"right since {_checkpoint(last)}"
    began_right = life.since > 0 and first == predictions.epochs[0]
    learned = "right at first" if began_right else f"learned {_in(first)}"
    return f"{learned}, forgotten {_times(forgotten)}, {end}"


def lists_of(life: Lifetime, history: LearningHistory) -> list[ImageList]:
    """Return the images that were learned late, forgotten, relearned or never learned."""
    predictions = life.predictions
    samples, epochs = predictions.samples, predictions.epochs
    places, last = samples.places, int(epochs[-1]) if len(epochs) else 0
    late = history.learned_after(_late_after(life))
    at_end = predictions.said[-1] if len(epochs) else np.zeros(len(places), np.int64)
    since = _since(life)

    def index(sample: int) -> int:
        return int(np.searchsorted(places, sample))

    def is_lost(sample: int) -> bool:
        return bool(history.learned_last[index(sample)] == NEVER)

    def mark(sample: int) -> str:
        return " ✗" if is_lost(sample) else ""

    def when(sample: int, _names: list[str]) -> str:
        return f"ep. {int(history.learned_first[index(sample)]):,}{mark(sample)}"

    def learned(sample: int, names: list[str]) -> str:
        at = index(sample)
        rest = f", {told(sample, names)}" if history.times_forgotten[at] else ""
        return f"learned {_in(int(history.learned_first[at]))}{rest}"

    def again(sample: int, _names: list[str]) -> str:
        return f"since {int(history.learned_last[index(sample)]):,}"

    def often(sample: int, _names: list[str]) -> str:
        return f"{int(history.times_forgotten[index(sample)]):,}×{mark(sample)}"

    def told(sample: int, _names: list[str]) -> str:
        at = index(sample)
        right = f"right since {_checkpoint(int(history.learned_last[at]))}"
        end = "wrong at the end" if is_lost(sample) else right
        return f"forgotten {_times(int(history.times_forgotten[at]))}, {end}"

    def taken(sample: int, names: list[str]) -> str:
        return f"→ {said_name(names, int(at_end[index(sample)]))}"

    def never(sample: int, names: list[str]) -> str:
        end = int(at_end[index(sample)])
        told = NO_ANSWER_TEXT if end == NO_ANSWER else f"taken for {one_of(names[end])}"
        return f"never learned, at the end {told}"

    return [
        ImageList(
            *(LATE, places[late], when, learned, f"ep. {last:,} ✗"),
            "No image was learned in the second half of the epochs.",
        ),
        ImageList(
            *(FORGOTTEN, places[history.most_forgotten], often, told, "99× ✗"),
            f"No image was forgotten{since}: what was right once stayed right.",
        ),
        ImageList(
            *(RELEARNED, places[history.relearned], again, told, f"since {last:,}"),
            f"No image that was forgotten{since} is right again.",
        ),
        ImageList(
            *(NEVER_LEARNED, places[history.never_learned], taken, never, "→ 0"),
            f"Every image was right after some epoch{since}.",
        ),
    ]


def _late_after(life: Lifetime) -> float:
    """Return the epoch after which images were learned late; when before `since` is not known."""
    epochs = life.predictions.epochs
    if not len(epochs):
        return 0.0
    middle = life.since + _LATE_FROM * float(epochs[-1] - life.since)
    return max(middle, float(epochs[0])) if life.since else middle


def _times(count: int) -> str:
    return "once" if count == 1 else "twice" if count == 2 else f"{count:,} times"


def _checkpoint(epoch: int) -> str:
    return f"epoch {epoch:,}" if epoch else "the start"


def _in(epoch: int) -> str:
    return f"in epoch {epoch:,}" if epoch else "at the start"


def _since(life: Lifetime) -> str:
    """Say from when on is told what is told; empty if that is all."""
    return f" since epoch {life.since:,}" if life.since else ""
