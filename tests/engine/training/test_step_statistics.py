"""Statistics of a step: true to the real step, and without any effect on it."""

import dataclasses
import math

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import Conv, Dense, Reshape, Sigmoid
from engine.blocks.base import Outer
from engine.explain.traced_pass import TracedPass, copied_network, first_step
from engine.model.network import ParameterKey
from engine.model.stack import ShapeReport, Stack
from engine.model.weights import Weights
from engine.random_streams import stream
from engine.training.events import BatchDone
from engine.training.run import Training
from engine.training.step_statistics import StepStatistics, count_gradient, gradient_norm
from tests.engine.networks import BLOCKS, CLASSES, MODERN, dataset, fitting, summed
from tests.engine.training_runs import SETTINGS, StopAfter, same, trained, training

CHANGES: list[dict[str, object]] = [
    {"batch_size": 1, "epochs": 1},
    {"batch_size": 8, "momentum": 0.9, "weight_decay": 0.01},
    {"batch_size": 1, "optimizer": "adam", "learning_rate": 0.01, "epochs": 1},
    {"batch_size": 50},
]
each_change = pytest.mark.parametrize(
    ("changes", "threads"), list(zip(CHANGES, (1, 2, 2, 1), strict=True)), ids=str
)


def first_of(run: Training, *, counts: bool = False) -> StepStatistics:
    """Train one step, and return its statistics."""
    run.observe(counts=counts)
    event = next(event for event in run.run() if isinstance(event, BatchDone))
    assert event.statistics is not None
    return event.statistics


def factors(samples: int, rows: int, columns: int) -> list[Outer]:
    """Draw two gradients as factors of so many samples."""
    rng = np.random.default_rng(0)
    shapes = (samples, rows), (samples, columns)
    return [
        Outer(*(rng.normal(size=shape).astype(np.float32) for shape in shapes)) for _ in range(2)
    ]


def product(parts: list[Outer]) -> Array:
    found: Array = sum(part.left.astype(float).T @ part.right.astype(float) for part in parts)
    return found


def observed(report: ShapeReport, threads: int, **changes: object) -> Weights:
    with training(SETTINGS.with_changes(**changes), report=report, threads=threads) as run:
        run.observe(counts=True)
        for event in run.run():
            if isinstance(event, BatchDone):
                assert event.statistics is not None
                run.observe(counts=True)
        return run.weights()


@each_change
def test_observing_changes_no_bit_of_the_training(changes: dict[str, object], threads: int) -> None:
    report = fitting(MODERN if threads == 2 and changes["batch_size"] == 8 else BLOCKS)
    plain = trained(SETTINGS.with_changes(**changes), report=report, threads=threads)
    assert same(plain, observed(report, threads, **changes))


@each_change
def test_the_norms_are_those_of_the_real_step(changes: dict[str, object], threads: int) -> None:
    settings = SETTINGS.with_changes(**changes)
    with training(settings, threads=threads) as run:
        gradients = []
        compute = run.executor.gradients

        def remember(*arguments: object) -> object:
            result = compute(*arguments)  # type: ignore[arg-type]
            gradients.append(summed(result))
            return result

        run.executor.gradients = remember  # type: ignore[assignment,method-assign]
        events = (event for event in run.run() if isinstance(event, BatchDone))
        before = run.weights()
        for _ in range(3):
            run.observe()
            event = next(events)
            assert event.statistics is not None
            after = run.weights()
            for key, gradient in gradients[-1].items():
                block = next(b for b in event.statistics.blocks if b.slot_id == key.slot_id)
                norms = block.parameters[key.name]
                old, new = before[key.slot_id][key.name], after[key.slot_id][key.name]
                moved = np.linalg.norm(new.astype(float) - old.astype(float))
                assert norms.gradient == pytest.approx(np.linalg.norm(gradient), rel=1e-4)
                assert norms.weights == pytest.approx(np.linalg.norm(old.astype(float)), rel=1e-5)
                assert norms.update == pytest.approx(float(moved), rel=1e-4)
                if settings.optimizer == "sgd" and not settings.momentum:
                    wanted = settings.learning_rate * norms.gradient
                    assert norms.update == pytest.approx(wanted, rel=1e-3)
            before = after


def test_a_block_has_the_norms_of_all_its_parameters_together() -> None:
    with training() as run:
        found = first_of(run)
    blocks = found.blocks
    assert [block.number for block in blocks] == [1, 3, 6, 8]
    assert [block.group for block in blocks] == ["Convolution"] * 2 + ["Dense"] * 2
    assert blocks[0].label == "Conv 3, 2×2"
    assert found.seconds > 0
    for block in blocks:
        own = block.parameters
        both = math.sqrt(own["weight"].update ** 2 + own["bias"].update ** 2)
        assert block.norms.update == pytest.approx(both)
        share = block.norms.relative_update
        assert share == pytest.approx(block.norms.update / block.norms.weights)


@pytest.mark.parametrize("batch_size", [1, 8])
def test_gradients_are_counted_as_another_pass_finds_them(batch_size: int) -> None:
    settings = SETTINGS.with_changes(batch_size=batch_size)
    report = fitting(loss=settings.loss)
    with training(settings, report=report, threads=2) as run:
        weights = run.weights()
        statistics = first_of(run, counts=True)
    samples = dataset(50)
    order = stream(settings.seed, "shuffle", epoch=1).permutation(50)[:batch_size]
    network = copied_network(report, weights, settings)
    targets = np.eye(CLASSES)[samples.labels[order]]
    run_of_step = first_step(settings, samples=batch_size)
    traced = TracedPass(
        network, settings.loss, samples.batch_inputs(order, np.float64), targets, run_of_step
    )
    for block in statistics.blocks:
        found = block.gradients
        assert found is not None
        sizes = np.abs(traced.parameter_gradients[ParameterKey(block.slot_id, "weight")]).ravel()
        some = sizes[sizes > 1e-8 * sizes.max()]
        assert found.zeros == len(sizes) - len(some)
        assert found.mean == pytest.approx(sizes.mean(), rel=1e-3)
        ends = np.log10(found.low), np.log10(found.high)
        counts, _ = np.histogram(np.log10(some), bins=len(found.counts), range=ends)
        assert np.abs(found.counts - counts).sum() <= 3, "but for values on an edge"


def test_of_large_factors_some_products_are_counted() -> None:
    parts = factors(4, 300, 700)
    sizes = np.abs(product(parts)).ravel()
    found = count_gradient(parts)
    assert 10_000 < found.counts.sum() + found.zeros <= 50_000
    assert found.mean == pytest.approx(sizes.mean(), rel=0.02)
    shares, _ = np.histogram(
        np.log10(sizes), bins=len(found.counts), range=(np.log10(found.low), np.log10(found.high))
    )
    np.testing.assert_allclose(
        found.counts / found.counts.sum(), shares / shares.sum(), atol=0.01, rtol=0
    )


def test_a_step_that_was_given_up_is_observed_when_it_is_done_again() -> None:
    stop = StopAfter(3)
    with training(interrupted=stop) as run:
        assert first_of(run).blocks
        assert stop.left < 0, "it was asked, and done again"


def test_a_locked_block_has_no_gradient_and_is_not_moved() -> None:
    stack = Stack(input_shape=(1, 6, 6)).appended(
        Conv(depth=2, kernel_size=3), Sigmoid(), Reshape(), Dense(units=CLASSES), Sigmoid()
    )
    slots = stack.slots
    with training(report=stack.check(CLASSES, "bce")) as run:
        run.lock([dataclasses.replace(slots[0], locked=True), *slots[1:]])
        blocks = first_of(run, counts=True).blocks
    assert [block.gradients is None for block in blocks] == [True, False]
    conv, dense = (block.norms for block in blocks)
    assert math.isnan(conv.gradient)
    assert conv.update == 0.0
    assert dense.update > 0.0


@pytest.mark.parametrize("samples", [1, 3, 40])
def test_the_norm_of_factors_is_that_of_their_product(samples: int) -> None:
    parts = factors(samples, 12, 30)
    assert gradient_norm(parts) == pytest.approx(float(np.linalg.norm(product(parts))), rel=1e-5)


@pytest.mark.parametrize("size", [1e30, 1e-30, 0.0])
def test_values_whose_squares_float32_cannot_hold_still_have_a_norm(size: float) -> None:
    assert gradient_norm([np.full(4, size, np.float32)]) == pytest.approx(2 * size, rel=1e-6)
