"""When samples were learned and forgotten: against plain loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.learning_history import NEVER, LearningHistory
from engine.runs.predictions import KeptSamples, RunPredictions
from tests.engine.runs.test_predictions import part


@st.composite
def some_predictions(draw: st.DrawFn) -> RunPredictions:
    """Up to 8 epochs, some left out, of up to 6 samples of 3 classes."""
    labels = draw(st.lists(st.integers(0, 2), min_size=1, max_size=6))
    epochs = sorted(draw(st.sets(st.integers(0, 12), max_size=8)))
    row = st.lists(st.integers(0, 2), min_size=len(labels), max_size=len(labels))
    outputs = [np.eye(3)[draw(row)] for _ in epochs]
    return RunPredictions.of(KeptSamples.of(part(labels)), zip(epochs, outputs, strict=True))


@given(some_predictions(), st.integers(-1, 12))
def test_each_sample_has_the_history_of_a_plain_loop(found: RunPredictions, after: int) -> None:
    history = LearningHistory.of(found)
    epochs, said = found.epochs.tolist(), found.said.tolist()
    learned, lost, relearned = dict[int, int](), dict[int, int](), dict[int, int]()
    for sample, label in enumerate(found.samples.labels.tolist()):
        first = last = NEVER
        forgotten = 0
        was_right = False
        for epoch, row in zip(epochs, said, strict=True):
            is_right = row[sample] == label
            if is_right and not was_right:
                last = epoch
                first = epoch if first == NEVER else first
            if was_right and not is_right:
                forgotten, last = forgotten + 1, NEVER
            was_right = is_right
        assert history.learned_first[sample] == first
        assert history.learned_last[sample] == last
        assert history.times_forgotten[sample] == forgotten
        if first != NEVER:
            learned[sample] = first
        if forgotten:
            lost[sample] = forgotten
        if forgotten and last != NEVER:
            relearned[sample] = last
    never = [sample for sample in range(len(found.samples)) if sample not in learned]
    assert history.never_learned.tolist() == never
    late = {sample: epoch for sample, epoch in learned.items() if epoch > after}
    assert history.learned_after(after).tolist() == largest_first(late)
    assert history.most_forgotten.tolist() == largest_first(lost)
    assert history.relearned.tolist() == largest_first(relearned)


def largest_first(numbers: dict[int, int]) -> list[int]:
    return sorted(numbers, key=lambda sample: -numbers[sample])
