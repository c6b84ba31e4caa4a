"""What passes between the threads: the newest wish counts, no loss is lost, nothing stale comes."""

from dataclasses import replace

import numpy as np

from engine.data.dataset import Dataset
from engine.model.project import Project
from engine.model.templates import notebook
from gui.background.mailbox import (
    Outbox,
    is_comparable,
)


def dataset() -> Dataset:
    images = np.zeros((2, 1, 4, 4), dtype=np.uint8)
    return Dataset(images, np.array([0, 1]), (0, 1))


def test_losses_that_nobody_fetches_are_thinned_to_means() -> None:
    outbox = Outbox()
    count = Outbox.LIMIT + 1
    for step in range(count):
        outbox.add_losses([float(step)], [float(step % 2)])
    news = outbox.take()
    assert news is not None
    assert len(news.losses) == len(news.positions) == Outbox.LIMIT // 2 + 1
    assert set(news.losses[:-1]) == {0.5}
    assert news.positions[:2] == [1.0, 3.0]
    assert (news.positions[-1], news.losses[-1]) == (float(count - 1), 0.0)


def test_losses_that_come_in_odd_portions_are_thinned_too() -> None:
    outbox = Outbox()
    portion = Outbox.LIMIT // 2 + 1
    for number in range(2):
        steps = [float(number * portion + step) for step in range(portion)]
        outbox.add_losses(steps, [step % 2 for step in steps])
    news = outbox.take()
    assert news is not None
    assert len(news.losses) == len(news.positions) == Outbox.LIMIT // 2 + 1
    assert set(news.losses) == {0.5}
    assert news.positions == [float(step) for step in range(1, 2 * portion, 2)]


def test_epochs_are_comparable_where_the_same_samples_judge_them() -> None:
    project = notebook()

    def with_settings(**changes: object) -> Project:
        return replace(project, settings=project.settings.with_changes(**changes))

    assert is_comparable(project, with_settings(learning_rate=0.5, seed=9))
    assert not is_comparable(project, with_settings(validation_split=20.0))
    halved = with_settings(validation_split=50.0)
    assert is_comparable(halved, with_settings(validation_split=50.0, epochs=3))
    assert not is_comparable(halved, with_settings(validation_split=50.0, seed=9))
