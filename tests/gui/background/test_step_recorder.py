"""Observing: statistics at their pace, while they are wanted, and with no effect on learning."""

from engine.data.sources import load
from engine.model.network import Network
from engine.model.templates import notebook
from engine.model.weights import initial_weights
from engine.training.step_statistics import BlockNorms, Norms, StepStatistics
from gui.background.mailbox import Outbox
from gui.background.network_inspector import StepRecorder


def step(seconds: float = 0.0) -> StepStatistics:
    block = BlockNorms(0, 1, "Dense 2", "Dense", {"weight": Norms(1.0, 2.0, 0.5)})
    return StepStatistics((block,), seconds)


def test_steps_that_nobody_fetches_are_thinned() -> None:
    outbox = Outbox()
    for number in range(5 * Outbox.STEPS):
        outbox.add_step(float(number), step())
    updates = outbox.take()
    assert updates is not None
    assert Outbox.STEPS / 2 <= len(updates.steps) < Outbox.STEPS
    assert updates.steps[-1][0] == 5 * Outbox.STEPS - 1
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
    updates = outbox.take()
    assert updates is not None
    assert updates.health is not None
    assert updates.health.position == 3.0
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
