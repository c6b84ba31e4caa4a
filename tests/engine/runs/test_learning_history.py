"""When samples were learned and forgotten: against plain loops."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from engine.runs.learning_history import NEVER, LearningHistory, cell_history, ever_confused
from engine.runs.predictions import KeptSamples, RunPredictions
from tests.engine.runs.test_predictions import part


@st.composite
def some_predictions(draw: st.DrawFn) -> RunPredictions:
    """Up to 8 epochs, some left out, of up to 6 samples of 3 classes."""
    labels = draw(st.lists(st.integers(0, 2), min_size=1, max_size=6))
    epochs = sorted(draw(st.sets(st.integers(0, 12), max_size=8)))
    row = st.lists(st.integers(0, 2), min_size=len(labels), max_size=len(labels))
    said = [draw(row) for _ in epochs]
    return predictions(labels, epochs, said)


def predictions(labels: list[int], epochs: list[int], said: list[list[int]]) -> RunPredictions:
    outputs = [np.eye(3)[np.array(row, np.int64)] for row in said]
    return RunPredictions.of(KeptSamples.of(part(labels)), zip(epochs, outputs, strict=True))


@given(some_predictions())
def test_each_sample_has_the_history_of_a_plain_loop(found: RunPredictions) -> None:
    history = LearningHistory.of(found)
    epochs, said = found.epochs.tolist(), found.said.tolist()
    relearned = dict[int, int]()
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
        if forgotten and last != NEVER:
            relearned[sample] = last
    assert history.relearned.tolist() == sorted(relearned, key=lambda sample: -relearned[sample])


@given(some_predictions(), st.integers(0, 2), st.integers(0, 2))
def test_a_cell_has_the_history_of_a_plain_loop(
    found: RunPredictions, true: int, said: int
) -> None:
    history = cell_history(found, true, said)
    labels = found.samples.labels.tolist()
    counts, emptied, filled = [], None, False
    confused = set()
    for epoch, row in zip(found.epochs.tolist(), found.said.tolist(), strict=True):
        taken = [i for i, label in enumerate(labels) if (label, row[i]) == (true, said)]
        counts.append(len(taken))
        confused |= set(taken)
        if taken:
            emptied, filled = None, True
        elif filled and emptied is None:
            emptied = epoch
    assert history.counts.tolist() == counts
    assert history.emptied == emptied
    assert ever_confused(found, true, said).tolist() == sorted(confused)
    if filled:
        assert history.fullest == found.epochs[counts.index(max(counts))]
    else:
        assert history.fullest is None


def test_samples_are_listed_by_what_became_of_them() -> None:
    found = predictions(
        [0, 1, 2, 0],
        [0, 1, 2, 4],
        [
            [0, 0, 0, 0],
            [0, 1, 0, 1],
            [0, 0, 0, 0],
            [0, 1, 0, 0],
        ],
    )
    history = LearningHistory.of(found)
    assert history.never_learned.tolist() == [2]
    assert history.learned_after(0).tolist() == [1]  # in epoch 1
    assert history.learned_after(-1).tolist() == [1, 0, 3]
    assert history.learned_after(1).tolist() == []
    assert history.most_forgotten.tolist() == [1, 3]
    assert history.relearned.tolist() == [1, 3]  # in the epochs 4 and 2


def test_without_an_epoch_nothing_was_learned() -> None:
    history = LearningHistory.of(predictions([0, 1], [], []))
    assert history.never_learned.tolist() == [0, 1]
    assert history.relearned.tolist() == []
