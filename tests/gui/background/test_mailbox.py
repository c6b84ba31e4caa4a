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
from engine.training.step_statistics import StepStatistics
from gui.background.mailbox import Commands, Inbox, Outbox, Pin, is_comparable
from gui.state import Predictions, RunProgress
from tests.gui.finding import not_none


def dataset() -> Dataset:
    images = np.zeros((2, 1, 4, 4), dtype=np.uint8)
    return Dataset(images, np.array([0, 1]), (0, 1))


def test_wishes_gather_until_they_are_taken_and_a_later_one_takes_an_older_one_back() -> None:
    inbox, samples = Inbox(), dataset()
    pin = Pin(samples, Sample.of(samples, 1))
    assert not inbox.waiting
    inbox.put(pinned=pin)
    inbox.put(learning_rate=0.5, mode="train")
    assert (inbox.waiting, inbox.urgent()) == (True, False)
    inbox.put(urgent=True, learning_rate=0.25, stop=True, mode=None)
    assert inbox.urgent()
    assert inbox.take(wait=False) == Commands(pinned=pin, learning_rate=0.25, stop=True)
    assert inbox.take(wait=False) == Commands()
    assert (inbox.waiting, inbox.urgent()) == (False, False)


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
    updates = not_none(outbox.take())
    assert (updates.positions, updates.losses) == ([0.5, 1.0], [3.0, 2.0])
    assert updates.progress == RunProgress(1, 2, 0.5, 10.0, 1.0, 1.0)
    assert outbox.take() is None


@pytest.mark.parametrize("portion", [1, Outbox.LIMIT // 2 + 1])
def test_losses_that_nobody_fetches_are_thinned(portion: int) -> None:
    outbox, count = Outbox(), 0
    while count <= Outbox.LIMIT:
        steps = [float(step) for step in range(count, count + portion)]
        outbox.add_losses(steps, [step % 2 for step in steps])
        count += portion
    updates = not_none(outbox.take())
    assert len(updates.losses) == len(updates.positions) == Outbox.LIMIT // 2 + 1
    means = Outbox.LIMIT // 2
    assert set(updates.losses[:means]) == {0.5}
    assert updates.positions[:means] == [float(step) for step in range(1, Outbox.LIMIT, 2)]
    assert updates.positions[-1] == count - 1


def test_of_pictures_only_the_newest_is_kept() -> None:
    outbox, samples = Outbox(), dataset()
    old, new = (Predictions(samples, np.full((2, 2), value)) for value in (0.0, 1.0))
    outbox.show(predictions=old)
    outbox.show(predictions=new)
    outbox.show()
    assert not_none(outbox.take()).predictions is new


def test_a_new_run_begins_its_losses_and_steps_anew_in_its_own_project() -> None:
    outbox = Outbox()
    outbox.start_generation(2)
    outbox.add_losses([0.5], [3.0])
    outbox.add_step(1.0, StepStatistics((), 0.0))
    outbox.start_run()
    outbox.add_losses([0.1], [9.0])
    assert not outbox.take_start(1)
    assert outbox.take_start(2)
    assert not outbox.take_start(2), "it is told once"
    updates = not_none(outbox.take())
    assert (updates.losses, updates.steps) == ([9.0], [])
    outbox.add_losses([0.2], [8.0])
    assert outbox.take() is not None
    assert not outbox.take_start(2)


def test_nothing_new_overtakes_a_state() -> None:
    outbox = Outbox()
    outbox.count_state()
    outbox.count_state()
    outbox.add_losses([0.1], [9.0])
    assert outbox.take() is None
    assert outbox.take(1) is None
    assert not_none(outbox.take(2)).losses == [9.0]
    assert outbox.take(2) is None


def test_another_project_takes_nothing_of_the_last_along() -> None:
    outbox = Outbox()
    outbox.start_run()
    outbox.add_losses([0.5], [3.0])
    outbox.start_generation(7)
    assert outbox.take() is None
    outbox.add_losses([0.1], [1.0])
    updates = not_none(outbox.take())
    assert (updates.generation, updates.losses) == (7, [1.0])


def test_epochs_are_comparable_where_the_same_samples_judge_them() -> None:
    project = notebook()

    def with_settings(**changes: object) -> Project:
        return replace(project, settings=project.settings.with_changes(**changes))

    assert is_comparable(project, with_settings(learning_rate=0.5, seed=9))
    assert not is_comparable(project, with_settings(validation_split=20.0))
    halved = with_settings(validation_split=50.0)
    assert is_comparable(halved, with_settings(validation_split=50.0, epochs=3))
    assert not is_comparable(halved, with_settings(validation_split=50.0, seed=9))
