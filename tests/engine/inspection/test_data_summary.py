"""The summary of data against a second count of it with plain loops."""

import numpy as np

from engine.data.dataset import Dataset
from engine.data.parts import Parts, Samples
from engine.data.sources import choose
from engine.inputs.drawings import Drawing
from engine.inspection.data_summary import DataSummary, summarise

DICE = np.random.default_rng(3)


def samples(count: int, classes: int, channels: int = 1) -> Samples:
    images = DICE.integers(0, 256, (count, channels, 4, 5), dtype=np.uint8)
    return Samples(images, DICE.integers(0, classes, count))


def summary_of(
    parts: Parts, classes: tuple[int, ...] | None = None, limit: int = 0
) -> tuple[DataSummary, Dataset, Dataset]:
    train, test = choose(parts, "own", classes, limit)
    return summarise(parts, train, test, 0, (), lambda _: None), train, test


def test_counts_and_mean_pictures_are_those_of_a_plain_loop() -> None:
    parts = Parts(samples(300, 5, channels=3), samples(80, 5, channels=3), tuple("abcde"))
    summary, train, test = summary_of(parts, (1, 3), limit=7)
    assert [one.number for one in summary.classes] == [0, 1, 2, 3, 4]
    assert [one.name for one in summary.classes] == list("abcde")
    assert summary.shape == (3, 4, 5)
    for one in summary.classes:
        chosen = one.number in (1, 3)
        places = [i for i, number in enumerate(parts.training.numbers) if number == one.number]
        found = [parts.training.images[place] for place in places]
        assert parts.test is not None
        tested = sum(number == one.number for number in parts.test.numbers)
        assert (one.training, one.test) == ((7, tested) if chosen else (0, 0))
        assert one.total == len(found) + tested
        assert one.used == chosen
        exact = sum(image.astype(float) for image in found) / len(found)
        np.testing.assert_allclose(one.mean, exact, atol=0.51)
    assert sum(one.training for one in summary.classes) == len(train)
    assert sum(one.test for one in summary.classes) == len(test)


def test_a_class_with_test_images_alone_has_their_mean() -> None:
    bright = Samples(np.full((2, 1, 2, 2), 200, np.uint8), np.array([0, 1]))
    dark = Samples(np.full((3, 1, 2, 2), 10, np.uint8), np.array([0, 1, 7]))
    summary = summarise(Parts(bright, dark), None, None, 0, (), lambda _: None)
    assert [(one.number, int(one.mean[0, 0, 0])) for one in summary.classes] == [
        (0, 200),
        (1, 200),
        (7, 10),
    ]


def test_own_drawings_count_as_training_samples_beside_those_that_were_read() -> None:
    parts = Parts(samples(30, 2), samples(20, 2), ("a", "b"))
    drawings = [Drawing.of(np.zeros((1, 4, 5), np.uint8), "b") for _ in range(3)]
    train, test = choose(parts, "own", limit=5, drawings=drawings)
    summary = summarise(parts, train, test, 0, ["b"] * 3, lambda _: None)
    assert [one.training for one in summary.classes] == [5, 8]
    read = (parts.training.numbers == 1).sum()
    assert summary.classes[1].unused == read - 5
