"""Observing: statistics at their pace, while they are wanted, and with no effect on learning."""

from pathlib import Path

import numpy as np
import pytest

from engine.data.sources import load
from engine.model.network import Network
from engine.model.templates import notebook
from engine.model.weights import initial_weights
from engine.training.run import BatchDone, Training
from engine.training.step_statistics import BlockStep, Norms, StepStatistics
from gui.background.mailbox import News, Outbox
from gui.background.step_recorder import SHARE, STEP_SECONDS, Observer
from tests.gui.background.headless import assert_same, train_alone
from tests.gui.driving import Driver


class FakeTraining(Training):
    """Counts how often it is asked to observe; it cannot train."""

    def __init__(self) -> None:
        self.asked = 0

    def observe(self) -> None:
        self.asked += 1


def step(seconds: float = 0.0) -> StepStatistics:
    block = BlockStep(0, 1, "Dense 2", "Dense", {"weight": Norms(1.0, 2.0, 0.5)})
    return StepStatistics((block,), seconds)


def done(position: float, statistics: StepStatistics | None) -> BatchDone:
    return BatchDone(1, 1, 10, position, 0.5, 8, statistics)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("gui.background.throttle.time.perf_counter", lambda: now[0])
    return now


def test_steps_are_observed_at_their_pace_and_what_they_cost_puts_off_the_next(
    clock: list[float],
) -> None:
    training, observer = FakeTraining(), Observer(Outbox())
    observer.before_step(training, alone=True)
    assert training.asked == 0, "nobody wants it"
    observer.want(frozenset({"steps"}))
    observer.before_step(training, alone=False)
    assert training.asked == 1
    observer.after_step(done(0.1, step(seconds=0.003)))
    clock[0] += 0.003 / SHARE - 0.01
    observer.before_step(training, alone=False)
    assert training.asked == 1
    observer.before_step(training, alone=True)
    assert training.asked == 2, "a step that stands alone is always observed"
    clock[0] += 0.02
    observer.before_step(training, alone=False)
    assert training.asked == 3
    observer.after_step(done(0.2, step()))
    clock[0] += STEP_SECONDS / 2
    observer.before_step(training, alone=False)
    assert training.asked == 3


def test_what_a_step_tells_comes_with_its_time() -> None:
    outbox = Outbox()
    observer, told = Observer(outbox), step()
    observer.after_step(done(0.1, None))
    assert outbox.take() is None
    observer.after_step(done(0.25, told))
    news = outbox.take()
    assert news is not None
    assert news.steps == [(0.25, told)]
    assert outbox.take() is None


def test_steps_that_nobody_fetches_are_thinned() -> None:
    outbox = Outbox()
    for number in range(5 * Outbox.STEPS):
        outbox.add_step(float(number), step())
    news = outbox.take()
    assert news is not None
    assert Outbox.STEPS / 2 <= len(news.steps) < Outbox.STEPS
    assert news.steps[-1][0] == 5 * Outbox.STEPS - 1
    outbox.add_step(1.0, step())
    outbox.start_run()
    fresh = outbox.take()
    assert fresh is not None
    assert fresh.steps == []


def test_a_probe_is_due_when_it_is_wanted_and_the_network_is_newer() -> None:
    project = notebook()
    settings, report = project.settings, project.check()
    weights = initial_weights(report, settings.seed, settings.initializer)
    network = Network(report, weights)
    _, samples = load(settings.dataset, settings.classes, settings.limit)
    outbox = Outbox()
    observer = Observer(outbox)
    observer.start_at(3.0)
    assert not observer.due
    observer.want(frozenset({"probes"}))
    assert observer.due
    observer.probe(network, samples)
    assert not observer.due
    news = outbox.take()
    assert news is not None
    assert news.probe is not None
    assert news.probe.position == 3.0
    observer.renew()
    assert observer.due
    observer.want(frozenset())
    assert not observer.due
    observer.want(frozenset({"probes"}))
    observer.give_up()
    assert not observer.due
    observer.renew()
    observer.probe(None, samples)
    assert not observer.due, "without a network there is nothing to wait for"
    assert outbox.take() is None


def test_looking_changes_no_bit_of_what_is_learned(driver: Driver, tmp_path: Path) -> None:
    news: list[News] = []
    driver.window.session.news_arrived.connect(news.append)
    driver.window.arrangement.show_panel("Kernels")
    driver.window.arrangement.show_panel("Gradients")
    driver.type_into("setting.epochs", "2")
    driver.train()
    driver.settle()
    assert sum(len(each.steps) for each in news) >= 1
    assert any(each.probe for each in news)
    assert_same(driver.weights(tmp_path), train_alone(epochs=2).weights)


def test_probes_come_while_training(driver: Driver) -> None:
    news: list[News] = []
    driver.window.session.news_arrived.connect(news.append)
    driver.window.arrangement.show_panel("Gradients")
    driver.type_into("setting.epochs", "500")
    driver.click("train")
    driver.wait(lambda: len({each.probe.position for each in news if each.probe}) >= 3)
    driver.wait(lambda: sum(len(each.steps) for each in news) >= 5)
    positions = [position for each in news for position, _ in each.steps]
    assert positions == sorted(positions)
    driver.click("stop")
    driver.wait_for("Stopped")
    sizes = [s.blocks[0].norms.weights for each in news for _, s in each.steps]
    assert np.isfinite(sizes).all()
