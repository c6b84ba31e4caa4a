"""What the optimizers do to the weights, against their formulas written out number by number."""

import math
from collections.abc import Iterator

import numpy as np
import pytest

from engine.array_types import Array, Shape
from engine.blocks.base import Gradient, Outer
from engine.compute.numerics import numerics
from engine.compute.thread_pool import Pool
from engine.model.network import ParameterKey
from engine.model.settings import Settings
from engine.training import optimizers
from engine.training.optimizers import (
    MOST_CAPTURED,
    CapturedUpdates,
    Given,
    Optimizer,
    learning_rate_factor,
    make_rule,
)
from tests.engine.closeness import relative_error

KEY, OTHER = ParameterKey(1, "weight"), ParameterKey(2, "bias")
SHAPE = (23, 2301)  # two blocks of rows

RULES = [
    Settings(),
    Settings(weight_decay=0.1),
    Settings(momentum=0.9),
    Settings(momentum=0.9, nesterov=True),
    Settings(momentum=0.5, nesterov=True, weight_decay=0.05),
    Settings(nesterov=True),
    Settings(optimizer="adam"),
    Settings(optimizer="adam", weight_decay=0.1),
    Settings(optimizer="adamw"),
    Settings(optimizer="adamw", weight_decay=0.1, momentum=0.9, nesterov=True),
]


def named(settings: Settings) -> str:
    text = settings.optimizer + (f" momentum {settings.momentum}" if settings.momentum else "")
    text += " nesterov" if settings.nesterov else ""
    return text + (f" decay {settings.weight_decay}" if settings.weight_decay else "")


each_rule = pytest.mark.parametrize("settings", RULES, ids=named)


def sgd(settings: Settings, weight: float, gradients: list[float], rates: list[float]) -> float:
    """One weight by SGD: the velocity is kept as a sum over all steps gone."""
    seen: list[float] = []
    for gradient, rate in zip(gradients, rates, strict=True):
        seen.append(gradient + settings.weight_decay * weight)
        age = len(seen) - 1
        velocity = math.fsum(g * settings.momentum ** (age - k) for k, g in enumerate(seen))
        if settings.nesterov:
            weight = weight - rate * (seen[-1] + settings.momentum * velocity)
        else:
            weight = weight - rate * velocity
    return weight


def adam(settings: Settings, weight: float, gradients: list[float], rates: list[float]) -> float:
    """One weight by Adam or AdamW: the moments are means over all steps gone."""
    decay, decoupled = settings.weight_decay, settings.optimizer == "adamw"
    seen: list[float] = []
    for gradient, rate in zip(gradients, rates, strict=True):
        seen.append(gradient + (0.0 if decoupled else decay * weight))
        shares = [[b ** (len(seen) - 1 - k) for k in range(len(seen))] for b in (0.9, 0.999)]
        mean = math.fsum(s * g for s, g in zip(shares[0], seen, strict=True)) / sum(shares[0])
        square = math.fsum(s * g * g for s, g in zip(shares[1], seen, strict=True)) / sum(shares[1])
        pull = rate * decay * weight if decoupled else 0.0
        weight = weight - pull - rate * mean / (math.sqrt(square) + 1e-8)
    return weight


def draws(shape: Shape = (2, 3), steps: int = 6) -> Iterator[Array]:
    rng = np.random.default_rng(7)
    return (rng.standard_normal(shape) for _ in range(steps + 1))


@each_rule
def test_several_steps_are_those_of_the_formulas(settings: Settings) -> None:
    weights, *gradients = draws()
    rates = [0.1, 0.1, 0.02, 0.3, 0.3, 0.01]  # the learning rate may change at every step
    one = sgd if settings.optimizer == "sgd" else adam
    expected = [
        one(settings, w, [float(g.flat[i]) for g in gradients], rates)
        for i, w in enumerate(weights.ravel().tolist())
    ]
    for dtype, tolerance in ((np.float32, 1e-5), (np.float64, 1e-12)):
        parameters: dict[ParameterKey, Array] = {KEY: weights.astype(dtype)}
        optimizer = Optimizer(make_rule(settings), parameters)
        for gradient, rate in zip(gradients, rates, strict=True):
            own: Array = gradient.astype(dtype)
            optimizer.update({KEY: [own]}, rate)
            assert np.array_equal(own, gradient.astype(dtype)), "a gradient is not written to"
        assert parameters[KEY].dtype == dtype
        assert relative_error(parameters[KEY].ravel(), np.array(expected)) <= tolerance


@each_rule
def test_parts_and_factors_are_worth_the_same_as_the_formed_gradient(settings: Settings) -> None:
    rng = np.random.default_rng(8)
    weights = rng.standard_normal(SHAPE)
    found, right = {KEY: weights.copy()}, {KEY: weights.copy()}
    by_parts, formed = (Optimizer(make_rule(settings), each) for each in (found, right))
    for samples in (1, 5, 2):
        left, other = (rng.standard_normal((samples, size)) for size in SHAPE)
        plain = rng.standard_normal(SHAPE)
        factors, product = Outer(left.copy(), other.copy()), np.einsum("nr,nc->rc", left, other)
        given = plain.copy()
        by_parts.update({KEY: [given, factors, factors, 2 * plain]}, 0.01)
        formed.update({KEY: [3 * plain + 2 * product]}, 0.01)
        by_parts.update({KEY: [factors]}, 0.01)
        formed.update({KEY: [product]}, 0.01)
        assert np.array_equal(given, plain), "neither parts"
        assert np.array_equal(factors.left, left), "nor factors are written to"
    assert relative_error(found[KEY], right[KEY]) <= 1e-9
    assert (found[KEY] != weights).all(), "no row is left out"


def gradients_of(shapes: dict[ParameterKey, Shape]) -> dict[ParameterKey, list[Gradient]]:
    """For each parameter one of every kind in turn: as it is, factored, a sum of both."""
    found: dict[ParameterKey, list[Gradient]] = {}
    for place, (key, shape) in enumerate(shapes.items()):
        factors = [
            Outer(np.empty((n, shape[0]), np.float32), np.empty((n, shape[-1]), np.float32))
            for n in (1, 3)
        ]
        kinds: list[list[Gradient]] = [
            [np.empty(shape, np.float32)],
            [factors[0]],
            [factors[1]],
            [np.empty(shape, np.float32), *factors],
            [*factors, np.empty(shape, np.float32)],
        ]
        found[key] = kinds[place % 5 if len(shape) == 2 else 0]
    return found


def redraw(gradients: dict[ParameterKey, list[Gradient]], dice: np.random.Generator) -> None:
    for part in (part for parts in gradients.values() for part in parts):
        for array in (part.left, part.right) if isinstance(part, Outer) else (part,):
            array[...] = dice.standard_normal(array.shape)


@pytest.mark.parametrize(
    ("settings", "threads"),
    list(zip(RULES, (1, 2) * 5, strict=True)),
    ids=lambda each: named(each) if isinstance(each, Settings) else each,
)
def test_steady_updates_are_the_others_bit_for_bit(
    settings: Settings, threads: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With parameters of which some are shared between threads and some are not."""
    for name in ("SHARED_WORK", "ROW_BYTES"):  # a tenth, as the parameters are of a tenth
        monkeypatch.setattr(optimizers, name, getattr(optimizers, name) // 10)
    shapes: dict[ParameterKey, Shape] = {ParameterKey(0, "bias"): (7,)}
    for slot_id, shape in enumerate([(7, 30), (105, 191)] * 5):
        shapes[ParameterKey(slot_id, "weight")] = shape
    dice, pool = np.random.default_rng(9), numerics().thread_pool(threads)
    weights = {key: dice.standard_normal(shape, np.float32) for key, shape in shapes.items()}
    both = [{key: array.copy() for key, array in weights.items()} for _ in range(2)]
    one, other = (Optimizer(make_rule(settings), each, pool) for each in both)
    batches = gradients_of(shapes), gradients_of(shapes)
    for step, rate in enumerate([0.1, 0.1, 0.02, 0.3, 0.3, 0.01, 0.02, 0.1]):
        gradients = batches[step == 3 or step > 5]  # the last batch of an epoch is smaller
        redraw(gradients, dice)
        one.update(gradients, rate, steady=True)
        other.update(gradients, rate)
        if step == 4:  # a state is recalled into the memories that are there
            for optimizer in (one, other):
                optimizer.recall(2, {key: 2 * a for key, a in optimizer.memories().items()})
    pool.close()
    for key in shapes:
        assert np.array_equal(both[0][key], both[1][key]), key
        assert not np.array_equal(both[0][key], weights[key])
    found, expected = one.memories(), other.memories()
    assert all(np.array_equal(found[key], expected[key]) for key in expected)


@pytest.mark.parametrize(
    ("changes", "gone", "factor"),
    [
        ({}, 0.0, 1.0),
        ({}, 1e6, 1.0),
        ({"schedule": "step"}, 0.0, 1.0),
        ({"schedule": "step"}, 9.999, 1.0),
        ({"schedule": "step"}, 10.0, 0.5),
        ({"schedule": "step"}, 19.999, 0.5),
        ({"schedule": "step"}, 40.0, 0.0625),
        ({"schedule": "step", "step_epochs": 3, "step_factor": 0.1}, 6.5, 0.01),
        ({"schedule": "step", "step_factor": 1.0}, 50.0, 1.0),
        ({"schedule": "cosine", "epochs": 6}, 0.0, 1.0),
        ({"schedule": "cosine", "epochs": 6}, 1.0, 0.9330127018922193),  # (1 + √3/2) / 2
        ({"schedule": "cosine", "epochs": 6}, 2.0, 0.75),
        ({"schedule": "cosine", "epochs": 6}, 3.0, 0.5),
        ({"schedule": "cosine", "epochs": 6}, 4.5, 0.14644660940672624),  # (1 - √2/2) / 2
        ({"schedule": "cosine", "epochs": 6}, 6.0, 0.0),
        ({"schedule": "cosine", "epochs": 6}, 9.0, 0.0),
    ],
)
def test_schedules_at_points_worked_out_by_hand(
    changes: dict[str, object], gone: float, factor: float
) -> None:
    settings = Settings().with_changes(**changes)
    found = learning_rate_factor(settings, gone, settings.epochs)
    assert found == pytest.approx(factor, rel=1e-12, abs=1e-15)


@pytest.fixture
def pool() -> Iterator[Pool]:
    pool = numerics().thread_pool(1)
    yield pool
    pool.close()


class Adding:
    """Work that adds one to a number, and counts how often Python did it."""

    def __init__(self) -> None:
        self.number, self.calls, self.given = np.zeros(1), 0, {"one": np.ones(1)}

    def __call__(self, given: Given) -> None:
        self.calls += 1
        numerics().add_scaled(self.number, given["one"], np.ones(2))


def test_what_comes_a_third_time_is_replayed(pool: Pool) -> None:
    updates, work = CapturedUpdates(pool, numerics()), Adding()
    for _ in range(5):
        updates.update(work.given, work)
    assert work.number == [5]
    assert work.calls == (5 if numerics().capture(pool) is None else 2)


def test_the_oldest_are_forgotten(pool: Pool) -> None:
    updates, works = CapturedUpdates(pool, numerics()), [Adding() for _ in range(MOST_CAPTURED + 1)]
    for _ in range(3):
        for work in works:
            updates.update(work.given, work)
    assert [work.number.tolist() for work in works] == [[3]] * len(works)
    assert works[0].calls == 3


def test_work_that_fails_is_not_replayed(pool: Pool) -> None:
    updates, work = CapturedUpdates(pool, numerics()), Adding()

    def failing(given: Given) -> None:
        work(given)
        raise MemoryError

    for job in (work, failing, work, work):
        if job is failing:
            with pytest.raises(MemoryError):
                updates.update(work.given, job)
        else:
            updates.update(work.given, job)
    assert work.number == [4]
