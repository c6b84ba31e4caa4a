"""Observing: statistics at their pace, while they are wanted, and with no effect on learning."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.data.sources import load
from engine.inspection.unit_health import UnitHealth
from engine.model.network import Network
from engine.model.templates import notebook
from engine.model.weights import initial_weights
from engine.training.events import BatchDone
from engine.training.run import Training
from engine.training.step_statistics import BlockNorms, Norms, StepStatistics
from gui.background.mailbox import Outbox
from gui.background.step_recorder import SHARE, STEP_SECONDS, StepRecorder
from tests.gui.background.headless import assert_same, train_alone
from tests.gui.driving import Driver


class FakeTraining(Training):
    """Counts how often it is asked to observe, and to count gradients; it cannot train."""

    def __init__(self) -> None:
        self.asked = self.counted = 0

    def observe(self, *, counts: bool = False) -> None:
        self.asked += 1
        self.counted += counts


def step(seconds: float = 0.0) -> StepStatistics:
    block = BlockNorms(0, 1, "Dense 2", "Dense", {"weight": Norms(1.0, 2.0, 0.5)})
    return StepStatistics((block,), seconds)


def done(position: float, statistics: StepStatistics | None) -> BatchDone:
    return BatchDone(1, 1, 10, position, 0.5, 8, statistics)


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    now = [100.0]
    monkeypatch.setattr("engine.machine.throttle.time.perf_counter", lambda: now[0])
    return now


def test_steps_are_observed_at_their_pace_and_what_they_cost_puts_off_the_next(
    clock: list[float],
) -> None:
    training, recorder = FakeTraining(), StepRecorder(Outbox())
    recorder.before_step(training, alone=True)
    assert training.asked == 0, "it is not wanted"
    recorder.want(frozenset({"steps"}))
    recorder.before_step(training, alone=False)
    assert training.asked == 1
    recorder.after_step(done(0.1, step(seconds=0.003)))
    clock[0] += 0.003 / SHARE - 0.01
    recorder.before_step(training, alone=False)
    assert training.asked == 1
    recorder.before_step(training, alone=True)
    assert training.asked == 2, "a step that stands alone is always observed"
    clock[0] += 0.02
    recorder.before_step(training, alone=False)
    assert training.asked == 3
    recorder.after_step(done(0.2, step()))
    clock[0] += STEP_SECONDS / 2
    recorder.before_step(training, alone=False)
    assert training.asked == 3


def test_gradients_are_counted_at_a_pace_of_their_own(clock: list[float]) -> None:
    training, recorder = FakeTraining(), StepRecorder(Outbox())
    recorder.before_step(training, alone=True)
    assert (training.asked, training.counted) == (0, 0), "no step is wanted"
    recorder.want(frozenset({"steps"}))
    recorder.before_step(training, alone=True)
    recorder.before_step(training, alone=False)
    assert (training.asked, training.counted) == (2, 2)
    recorder.after_step(done(0.1, replace(step(), counting_seconds=0.01)))
    clock[0] += STEP_SECONDS
    recorder.before_step(training, alone=False)
    assert (training.asked, training.counted) == (3, 2), "what counting cost puts it off alone"
    recorder.after_step(done(0.2, step()))
    clock[0] += 0.01 / SHARE
    recorder.before_step(training, alone=False)
    assert (training.asked, training.counted) == (4, 3)
    recorder.before_step(training, alone=True)
    assert (training.asked, training.counted) == (5, 4)


def test_the_first_step_of_a_run_is_observed_whatever_the_last_one_cost(clock: list[float]) -> None:
    training, recorder = FakeTraining(), StepRecorder(Outbox())
    recorder.want(frozenset({"steps"}))
    recorder.after_step(done(1.0, step(seconds=10.0)))
    clock[0] += 1
    recorder.before_step(training, alone=False)
    assert training.asked == 0
    recorder.start_at(1.0)
    recorder.before_step(training, alone=False)
    assert training.asked == 1


def test_what_a_step_tells_comes_with_its_time() -> None:
    outbox = Outbox()
    recorder, told = StepRecorder(outbox), step()
    recorder.after_step(done(0.1, None))
    assert outbox.take() is None
    recorder.after_step(done(0.25, told))
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


def test_health_is_due_when_it_is_wanted_and_the_network_is_newer() -> None:
    project = notebook()
    settings, report = project.settings, project.check()
    weights = initial_weights(report, settings.seed, settings.initializer)
    network = Network(report, weights)
    _, samples = load(settings.dataset, settings.classes, settings.limit)
    outbox = Outbox()
    recorder = StepRecorder(outbox)
    recorder.start_at(3.0)
    assert not recorder.due
    recorder.want(frozenset({"health"}))
    assert recorder.due
    recorder.check_health(network, samples)
    assert not recorder.due
    news = outbox.take()
    assert news is not None
    assert news.health is not None
    assert news.health.position == 3.0
    recorder.renew()
    assert recorder.due
    recorder.want(frozenset())
    assert not recorder.due
    recorder.want(frozenset({"health"}))
    recorder.give_up()
    assert not recorder.due
    recorder.renew()
    recorder.check_health(None, samples)
    assert not recorder.due, "without a network there is nothing to wait for"
    assert outbox.take() is None


def listen(driver: Driver) -> tuple[list[UnitHealth], list[tuple[float, StepStatistics]]]:
    """Return lists that take what is told of unit health and of steps from now on."""
    health: list[UnitHealth] = []
    steps: list[tuple[float, StepStatistics]] = []
    driver.window.session.health_checked.connect(health.append)
    driver.window.session.steps_observed.connect(steps.extend)
    return health, steps


def test_inspection_changes_no_bit_of_what_is_learned(new_project: Driver, tmp_path: Path) -> None:
    driver = new_project
    health, steps = listen(driver)
    driver.window.docks.show_panel("Kernels")
    driver.window.docks.show_panel("Gradients")
    driver.type_into("setting.epochs", "2")
    driver.train()
    driver.settle()
    assert len(steps) >= 1
    assert health
    assert_same(driver.weights(tmp_path), train_alone(epochs=2).weights)


def test_health_comes_while_training(new_project: Driver) -> None:
    driver = new_project
    health, steps = listen(driver)
    driver.window.docks.show_panel("Gradients")
    driver.type_into("setting.epochs", "500")
    driver.click("train")
    driver.wait(lambda: len({each.position for each in health}) >= 3)
    driver.wait(lambda: len(steps) >= 5)
    positions = [position for position, _ in steps]
    assert positions == sorted(positions)
    driver.click("stop")
    driver.wait_for("Stopped")
    sizes = [s.blocks[0].norms.weights for _, s in steps]
    assert np.isfinite(sizes).all()


def test_the_last_step_before_training_rests_is_observed_and_its_gradients_are_counted(
    new_project: Driver, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("STEP_SECONDS", "COUNT_SECONDS"):  # only what is not due at any pace
        monkeypatch.setattr(f"gui.background.step_recorder.{name}", 1e6)
    driver = new_project
    _, steps = listen(driver)
    driver.window.docks.show_panel("Gradients")
    driver.type_into("setting.epochs", "3")
    driver.settle()
    driver.run("step_epoch", "Paused")
    driver.wait(lambda: [position for position, _ in steps] == [1 / 200, 1.0])
    driver.train()
    driver.wait(lambda: [position for position, _ in steps] == [1 / 200, 1.0, 3.0])
    counted = [any(block.gradients for block in step.blocks) for _, step in steps]
    assert counted == [True, True, True]
