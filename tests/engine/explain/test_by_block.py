"""Every value of every kind of block is explained, and its numbers make it."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import KINDS, Add, LeakyReLU, MaxPool, Sigmoid
from engine.explain.by_block import (
    ALONE,
    EXPLAINERS,
    RESTING,
    explain_added_gradient,
    explain_input_gradient,
    explain_output,
    explain_parameter_gradient,
    explain_update,
    window_of,
)
from engine.explain.explanation import Explanation, Table, frozen
from engine.explain.training_step import TracedBlock, TracedParameter
from engine.model.stack import BlockSlot
from tests.engine import oracles
from tests.engine.blocks.cases import CASES, Case
from tests.engine.explain.steps import locked, taken
from tests.engine.marks import deaf_to_openblas
from tests.engine.networks import BLOCKS, MODERN

pytestmark = deaf_to_openblas

TESTED = [kind for kind in KINDS if kind not in ("dropout", "batch_norm")]
each_kind = pytest.mark.parametrize("kind", TESTED)
# The other two are explained as they are in training, in a step of a whole network.


def block_step(case: Case) -> TracedBlock:
    """A block as the readable loops see it, in the place of the engine."""
    x, gradient = case.inputs(1)[0], case.output_gradient(1)[0]
    arrays, added = case.parameters(), case.added()
    outputs = oracles.forward(case.block, arrays | added, x)
    back, found = oracles.backward(case.block, arrays | added, x, gradient)
    return TracedBlock(
        position=0,
        slot=BlockSlot(1, case.block),
        inputs=frozen(x),
        outputs=frozen(outputs),
        gradient=frozen(gradient),
        input_gradient=frozen(back),
        parameters=tuple(
            TracedParameter(name, frozen(array), frozen(found[name]), frozen(array))
            for name, array in arrays.items()
        ),
        measured={},
        fused=False,
        added=frozen(added["skip"]) if added else None,
        added_gradient=skip_gradient(case) if added else None,
    )


def skip_gradient(case: Case) -> Array:
    assert isinstance(case.block, Add)
    given = case.parameters() | case.added()
    return frozen(oracles.skip_gradient(case.block, given, case.output_gradient(1)[0]))


def by_label(found: Explanation) -> Mapping[str, float]:
    return {number.label: number.value for number in found.numbers}


def table_of(found: Explanation) -> Table:
    assert found.table is not None
    return found.table


MOST = 12  # places of an array


def some(array: Array) -> list[tuple[int, ...]]:
    """Return places of an array: all of a small one, else some from its first to its last."""
    places = list(np.ndindex(array.shape))
    if len(places) <= MOST:
        return places
    return [places[number] for number in np.linspace(0, len(places) - 1, MOST).astype(int)]


def explained(block: TracedBlock) -> Iterator[tuple[Explanation, float]]:
    """Give explanations of all arrays of a block, and the values that they are about."""
    for place in some(block.outputs):
        yield explain_output(block, place), float(block.outputs[place])
    for place in some(block.inputs):
        yield explain_input_gradient(block, place), float(block.input_gradient[place])
    if block.added_gradient is not None:
        for place in some(block.added_gradient):
            yield explain_added_gradient(block, place), float(block.added_gradient[place])
    for parameter in block.parameters:
        for place in some(parameter.gradient):
            found = explain_parameter_gradient(block, parameter.name, place)
            yield found, float(parameter.gradient[place])


def check_table(block: TracedBlock, found: Explanation) -> None:
    """Its rows are about the places that they name, and what is added up makes a number."""
    table = table_of(found)
    of = {"X": block.inputs, "x": block.inputs, "∂E/∂Y": block.gradient, "∂E/∂y": block.gradient}
    if block.added is not None:
        of["s"] = block.added
    named = next(name for name in table.columns if name in of)
    at = np.array([of[named][tuple(place)] for place in table.indices])
    assert table.values[:, table.columns.index(named)] == pytest.approx(at)
    if table.sums:
        *factors, products = table.values.T
        assert not factors or products == pytest.approx(factors[0] * factors[1])
        numbers = [number.value for number in found.numbers]
        makes = [found.result.value, found.result.value - sum(numbers[:1]), *numbers]  # less a bias
        total = math.fsum(products)
        assert any(value == pytest.approx(total, rel=1e-10, abs=1e-12) for value in makes)


@pytest.mark.parametrize("in_general", [False, True])
@each_kind
def test_every_value_is_what_the_loops_say_and_its_table_adds_up(
    kind: str, in_general: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if in_general:  # as a kind that has no explanation of its own
        monkeypatch.delitem(EXPLAINERS, kind, raising=False)
    for block in map(block_step, CASES[kind]):
        for found, right in explained(block):
            assert found.result.value == pytest.approx(right, rel=1e-10, abs=1e-12)
            assert found.title.startswith(block.title)
            assert found.equation
            if found.table is not None:
                check_table(block, found)
        if kind in ("conv", "dense") and not in_general:
            for place in some(block.outputs):
                found = explain_output(block, place)
                assert sum(by_label(found).values()) == pytest.approx(found.result.value)


ACTIVATIONS: dict[str, tuple[Any, Any]] = {
    "sigmoid": (oracles.sigmoid, oracles.sigmoid_slope),
    "tanh": (math.tanh, oracles.tanh_slope),
    "relu": (lambda x: max(x, 0.0), lambda x: float(x > 0)),
}


@pytest.mark.parametrize("kind", [*ACTIVATIONS, "leaky_relu"])
def test_the_point_lies_on_the_curve(kind: str) -> None:
    for case in CASES[kind]:
        function, slope = ACTIVATIONS.get(kind, (None, None))
        if isinstance(case.block, LeakyReLU):
            a = case.block.slope
            function, slope = (lambda x, a=a: max(x, a * x)), (lambda x, a=a: 1.0 if x > 0 else a)
        assert function is not None
        block = block_step(case)
        for place in some(block.outputs)[::4]:
            x = float(block.inputs[place])
            forward, back = explain_output(block, place), explain_input_gradient(block, place)
            for curve in (forward.curve, back.curve):
                assert curve is not None
                assert curve.point == pytest.approx((x, function(x)))
                assert curve.point_slope == pytest.approx(slope(x))
                assert curve.x[0] <= x <= curve.x[-1]
                assert curve.y == pytest.approx(oracles.each(function, curve.x))
                assert curve.slope == pytest.approx(oracles.each(slope, curve.x))
            numbers = by_label(back)
            assert numbers["x"] == by_label(forward)["x"] == x
            gradient, steepness = numbers["∂E/∂y"], back.numbers[-1].value
            assert steepness == pytest.approx(slope(x))
            assert back.result.value == pytest.approx(gradient * steepness)


def test_a_value_far_out_is_on_the_curve_and_called_flat() -> None:
    far = replace(
        block_step(Case(Sigmoid(), (3,))),
        inputs=frozen([-50.0, 900.0, 0.1]),
        outputs=frozen([oracles.sigmoid(-50), 1.0, oracles.sigmoid(0.1)]),
    )
    for place in ((0,), (1,)):
        found = explain_output(far, place)
        assert found.curve is not None
        assert abs(found.curve.x[0]) > abs(far.inputs[place])
        assert "flat" in found.note
    assert explain_output(far, (2,)).note == ""


def test_the_winner_of_a_window_is_marked() -> None:
    for block in map(block_step, CASES["max_pool"]):
        for place in np.ndindex(block.outputs.shape):
            table = table_of(explain_output(block, place))
            assert table.chosen is not None
            winner = tuple(table.indices[table.chosen])
            assert block.inputs[winner] == block.outputs[place]
            top, left, height, width = window_of(block, place)
            rows, columns = table.indices[:, 1], table.indices[:, 2]
            assert (rows.min(), rows.max()) == (top, top + height - 1)
            assert (columns.min(), columns.max()) == (left, left + width - 1)
            back = table_of(explain_input_gradient(block, winner))
            (row,) = np.flatnonzero((back.indices == place).all(axis=1))
            assert back.values[row, 1] == 1


def test_the_first_of_equals_wins_and_that_is_said() -> None:
    case = CASES["max_pool"][0]
    block = block_step(case)
    ones = frozen(np.ones(block.inputs.shape))
    back, _ = oracles.backward(case.block, {}, ones, block.gradient)
    outputs = frozen(np.ones(block.outputs.shape))
    equal = replace(block, inputs=ones, outputs=outputs, input_gradient=frozen(back))
    found = explain_output(equal, (0, 0, 0))
    assert table_of(found).chosen == 0
    assert "first" in found.note
    for place in np.ndindex(equal.inputs.shape):
        assert explain_input_gradient(equal, place).result.value == equal.input_gradient[place]


def test_a_value_between_windows_has_no_gradient() -> None:
    block = block_step(Case(MaxPool(size=2, stride=3), (1, 5, 9)))
    found = explain_input_gradient(block, (0, 2, 0))
    assert (found.result.value, len(table_of(found).values)) == (0, 0)
    assert "No window covers" in found.note
    assert all(
        "No window" not in explain_input_gradient(block, (0, row, 0)).note for row in (0, 1, 3)
    )


def test_a_mean_tells_its_count() -> None:
    for block in map(block_step, CASES["avg_pool"]):
        for place in np.ndindex(block.outputs.shape):
            found = explain_output(block, place)
            assert by_label(found)["size²"] == len(table_of(found).values)


def test_probabilities_add_up() -> None:
    for block in map(block_step, CASES["softmax"]):
        for place in np.ndindex(block.outputs.shape):
            table = table_of(explain_output(block, place))
            assert table.values[:, 2].sum() == pytest.approx(1.0)
            assert table.chosen == place[0]
            back = explain_input_gradient(block, place)
            y, slope, shared = (number.value for number in back.numbers)
            assert y * (slope - shared) == pytest.approx(block.input_gradient[place])


def of_kind(kind: str) -> list[TracedBlock]:
    return [block for block in taken(MODERN, "bce").blocks if block.slot.block.kind == kind]


def test_batch_norm_by_its_definition() -> None:
    normed, alone = of_kind("batch_norm")
    weight, bias = normed.parameter("weight").before, normed.parameter("bias").before
    for place in np.ndindex(normed.outputs.shape):
        values = normed.inputs[place[0]].ravel().tolist()
        mean = math.fsum(values) / len(values)
        variance = math.fsum((value - mean) ** 2 for value in values) / len(values)
        normal = (normed.inputs[place] - mean) / math.sqrt(variance + 1e-5)
        found = explain_output(normed, place)
        numbers = by_label(found)
        assert numbers["μ"] == pytest.approx(mean)
        assert numbers["σ²"] == pytest.approx(variance)
        assert numbers["z"] == pytest.approx(normal)
        assert found.result.value == pytest.approx(weight[place[0]] * normal + bias[place[0]])
        check_table(normed, found)
    assert explain_output(alone, (0,)).note == ALONE
    assert explain_input_gradient(alone, (0,)).result.value == 0


def test_a_resting_batch_norm_says_so() -> None:
    normed = of_kind("batch_norm")[0]
    shape = normed.inputs.shape[:1]
    statistics = {"running_mean": np.full(shape, 0.5), "running_variance": np.full(shape, 4.0)}
    resting = replace(normed, measured={name: frozen(each) for name, each in statistics.items()})
    place = (1, 2, 3)
    scale, shift = (normed.parameter(name).before[1] for name in ("weight", "bias"))
    found = explain_output(resting, place)
    right = scale * (normed.inputs[place] - 0.5) / math.sqrt(4 + 1e-5) + shift
    assert found.result.value == pytest.approx(right)
    assert found.note == RESTING
    back = explain_input_gradient(resting, place)
    assert back.result.value == pytest.approx(scale / math.sqrt(4 + 1e-5) * normed.gradient[place])


def test_dropout_says_which_values_it_left_out() -> None:
    (block,) = of_kind("dropout")
    outcomes = set()
    for place in np.ndindex(block.outputs.shape):
        found = explain_output(block, place)
        numbers = by_label(found)
        assert numbers["1 − p"] == pytest.approx(0.7)
        assert found.result.value == pytest.approx(numbers["x"] * numbers["m"] / 0.7)
        outcomes.add((numbers["m"], "left out in" in found.note))
        back = by_label(explain_input_gradient(block, place))
        assert back["∂E/∂y"] * back["m"] / 0.7 == pytest.approx(block.input_gradient[place])
    assert outcomes <= {(0.0, True), (1.0, False)}


def test_a_fused_block_says_so() -> None:
    last = taken(BLOCKS, "bce").blocks[-1]
    assert "in one" in explain_input_gradient(last, (0, 0)).note
    assert "in one" in explain_input_gradient(taken(MODERN, "cross_entropy").blocks[-1], (0,)).note


# What the optimizer makes of one weight, by its rule.


RATE, DECAY, MU = 0.3, 0.1, 0.9
RULES: list[tuple[dict[str, Any], str]] = [
    ({}, "W ← W − η ∂E/∂W"),
    ({"weight_decay": DECAY}, "W ← W − η (∂E/∂W + λ W)"),
    ({"momentum": MU}, "v ← μ v + g;  W ← W − η v"),
    ({"momentum": MU, "nesterov": True, "weight_decay": DECAY}, "W ← W − η (g + μ v)"),
    ({"optimizer": "adam"}, "W ← W − η m′ / (√v′ + ε)"),
    ({"optimizer": "adam", "weight_decay": DECAY}, "g = ∂E/∂W + λ W"),
    ({"optimizer": "adamw", "weight_decay": DECAY}, "W ← (1 − η λ) W − η m′ / (√v′ + ε)"),
]


def after(changes: dict[str, Any], numbers: Mapping[str, float]) -> float:
    """The new weight, from the numbers that are shown."""
    w, eta, decay = numbers["W"], numbers["η"], numbers.get("λ", 0.0)
    g = numbers["∂E/∂W"] + (decay * w if changes.get("optimizer") != "adamw" else 0.0)
    if decay and changes.get("optimizer") != "adamw":
        assert numbers["g"] == pytest.approx(g)
    if "optimizer" in changes:
        assert numbers["m"] == pytest.approx(0.1 * g)
        assert numbers["v"] == pytest.approx(0.001 * g * g)
        assert numbers["m′"] == pytest.approx(g)
        assert numbers["√v′"] == pytest.approx(abs(g))
        pulled = w * (1 - eta * decay) if changes["optimizer"] == "adamw" else w
        return pulled - eta * numbers["m′"] / (numbers["√v′"] + 1e-8)
    if changes.get("nesterov"):
        assert numbers["g + μ v"] == pytest.approx(g + MU * numbers["v"])
        return w - eta * numbers["g + μ v"]
    if "momentum" in changes:
        assert numbers["v"] == pytest.approx(g)
    return w - eta * g


@pytest.mark.parametrize(("changes", "rule"), RULES, ids=lambda value: str(value)[:40])
def test_the_numbers_lead_from_the_old_weight_to_the_new(
    changes: dict[str, Any], rule: str
) -> None:
    step = taken(learning_rate=RATE, **changes)
    assert rule in step.rule
    assert bool(step.rule_note) == ("momentum" in changes or "optimizer" in changes)
    for block in step.blocks:
        for parameter in block.parameters:
            for place in np.ndindex(parameter.before.shape):
                found = explain_update(step, block.position, parameter.name, place)
                numbers = by_label(found)
                assert numbers["W"] == parameter.before[place]
                assert numbers["∂E/∂W"] == parameter.gradient[place]
                assert numbers["η"] == RATE
                right = after(changes, numbers)
                assert found.result.value == pytest.approx(right, rel=1e-9, abs=1e-12)
                assert math.isfinite(right)
                assert found.equation == step.rule


def test_what_is_locked_says_so() -> None:
    step = locked(locked=True)
    found = explain_update(step, 0, "weight", (1, 0, 2, 2))
    assert "block is locked" in found.note
    assert found.result.value == step.blocks[0].parameter("weight").before[1, 0, 2, 2]
    step = locked(locked_kernels=(1,))
    assert "kernel is locked" in explain_update(step, 0, "bias", (1, 0, 0)).note
    assert explain_update(step, 0, "bias", (0, 0, 0)).note == ""
