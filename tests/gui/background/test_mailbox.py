"""What passes between the threads: the newest wish counts, no loss is lost, nothing stale comes."""

import threading
import time
from dataclasses import replace

import numpy as np
import pytest

from engine.data.dataset import Dataset
from engine.inspection.snapshot import Sample
from engine.model.project import Project
from engine.model.templates import notebook
from gui.background.mailbox import (
    Commands,
    Inbox,
    Outbox,
    Pin,
    Predictions,
    RunProgress,
    is_comparable,
)


def dataset() -> Dataset:
    images = np.zeros((2, 1, 4, 4), dtype=np.uint8)
    return Dataset(images, np.array([0, 1]), (0, 1))


def test_wishes_gather_until_they_are_taken() -> None:
    inbox, samples = Inbox(), dataset()
    pin = Pin(samples, Sample.of(samples, 1))
    inbox.put(pinned=pin)
    inbox.put(learning_rate=0.5)
    inbox.put(learning_rate=0.25)
    taken = inbox.take(wait=False)
    assert (taken.pinned, taken.learning_rate) == (pin, 0.25)
    assert inbox.take(wait=False) == Commands()


def test_a_later_wish_takes_an_older_one_back() -> None:
    inbox = Inbox()
    inbox.put(mode="train")
    inbox.put(urgent=True, stop=True, mode=None)
    taken = inbox.take(wait=False)
    assert taken.stop
    assert taken.mode is None


def test_an_urgent_wish_is_known_before_it_is_taken() -> None:
    inbox = Inbox()
    inbox.put(mode="train")
    assert not inbox.urgent()
    inbox.put(urgent=True, mode="idle")
    assert inbox.urgent()
    inbox.take(wait=False)
    assert not inbox.urgent()


def test_who_waits_sleeps_until_there_is_a_wish() -> None:
    inbox, taken = Inbox(), list[Commands]()
    thread = threading.Thread(target=lambda: taken.append(inbox.take(wait=True)))
    thread.start()
    time.sleep(0.05)
    assert not taken
    inbox.put(project=Project(), generation=4)
    thread.join(timeout=10)
    assert taken[0].project == Project()
    assert taken[0].generation == 4


def test_losses_come_in_order_and_once() -> None:
    outbox = Outbox()
    assert outbox.take() is None
    outbox.add_losses([0.5], [3.0])
    outbox.add_losses([1.0], [2.0], RunProgress(1, 2, 0.5, 10.0, 1.0, 1.0))
    updates = outbox.take()
    assert updates is not None
    assert (updates.positions, updates.losses) == ([0.5, 1.0], [3.0, 2.0])
    assert updates.progress == RunProgress(1, 2, 0.5, 10.0, 1.0, 1.0)
    assert outbox.take() is None


def test_losses_that_nobody_fetches_are_thinned_to_means() -> None:
    outbox = Outbox()
    count = Outbox.LIMIT + 1
    for step in range(count):
        outbox.add_losses([float(step)], [float(step % 2)])
    updates = outbox.take()
    assert updates is not None
    assert len(updates.losses) == len(updates.positions) == Outbox.LIMIT // 2 + 1
    assert set(updates.losses[:-1]) == {0.5}
    assert updates.positions[:2] == [1.0, 3.0]
    assert (updates.positions[-1], updates.losses[-1]) == (float(count - 1), 0.0)


def test_losses_that_come_in_odd_portions_are_thinned_too() -> None:
    outbox = Outbox()
    portion = Outbox.LIMIT // 2 + 1
    for number in range(2):
        steps = [float(number * portion + step) for step in range(portion)]
        outbox.add_losses(steps, [step % 2 for step in steps])
    updates = outbox.take()
    assert updates is not None
    assert len(updates.losses) == len(updates.positions) == Outbox.LIMIT // 2 + 1
    assert set(updates.losses) == {0.5}
    assert updates.positions == [float(step) for step in range(1, 2 * portion, 2)]


def test_a_wish_is_seen_until_it_is_taken() -> None:
    inbox = Inbox()
    assert not inbox.waiting
    inbox.put(mode="train")
    assert inbox.waiting
    inbox.take(wait=False)
    assert not inbox.waiting


def test_of_pictures_only_the_newest_is_kept() -> None:
    outbox, samples = Outbox(), dataset()
    old, new = (Predictions(samples, np.full((2, 2), value)) for value in (0.0, 1.0))
    outbox.show(predictions=old)
    outbox.show(predictions=new)
    outbox.show()
    updates = outbox.take()
    assert updates is not None
    assert updates.predictions is new


def test_a_new_run_begins_its_losses_anew() -> None:
    outbox = Outbox()
    outbox.add_losses([0.5], [3.0])
    outbox.start_run()
    outbox.add_losses([0.1], [9.0])
    assert outbox.take_start(0)
    assert not outbox.take_start(0), "it is told once"
    updates = outbox.take()
    assert updates is not None
    assert updates.losses == [9.0]
    outbox.add_losses([0.2], [8.0])
    assert outbox.take() is not None
    assert not outbox.take_start(0)


def test_a_run_of_another_project_does_not_start_here() -> None:
    outbox = Outbox()
    outbox.start_generation(2)
    outbox.start_run()
    assert not outbox.take_start(1)
    assert outbox.take_start(2)


def test_nothing_new_overtakes_a_state() -> None:
    outbox = Outbox()
    outbox.count_state()
    outbox.count_state()
    outbox.add_losses([0.1], [9.0])
    assert outbox.take() is None
    assert outbox.take(1) is None
    updates = outbox.take(2)
    assert updates is not None
    assert updates.losses == [9.0]
    assert outbox.take(2) is None


@pytest.mark.parametrize("generation", [1, 7])
def test_another_project_takes_nothing_of_the_last_along(generation: int) -> None:
    outbox = Outbox()
    outbox.start_run()
    outbox.add_losses([0.5], [3.0])
    outbox.start_generation(generation)
    assert outbox.take() is None
    outbox.add_losses([0.1], [1.0])
    updates = outbox.take()
    assert updates is not None
    assert updates.generation == generation
    assert updates.losses == [1.0]


def test_epochs_are_comparable_where_the_same_samples_judge_them() -> None:
    project = notebook()

    def with_settings(**changes: object) -> Project:
        return replace(project, settings=project.settings.with_changes(**changes))

    assert is_comparable(project, with_settings(learning_rate=0.5, seed=9))
    assert not is_comparable(project, with_settings(validation_split=20.0))
    halved = with_settings(validation_split=50.0)
    assert is_comparable(halved, with_settings(validation_split=50.0, epochs=3))
    assert not is_comparable(halved, with_settings(validation_split=50.0, seed=9))
