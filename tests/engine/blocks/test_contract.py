"""What holds for every kind of block. A kind without cases fails here."""

import copy
import dataclasses
import json
from collections.abc import Callable

import numpy as np
import pytest

from engine.array_types import Array, Shape, format_shape
from engine.blocks import KINDS, KnownBlock, decode_block, encode_block
from engine.blocks.base import StatefulLayer
from engine.compute.numerics import compiles
from engine.compute.workspace import Workspace
from engine.errors import ShapeError
from engine.model.stack import BlockSlot, Stack
from engine.model.weights import initial_weights
from engine.struct_fields import Field, fields_of
from tests.engine import oracles
from tests.engine.blocks.cases import CASES, Case, Pass, cases_of, copied, run
from tests.engine.closeness import relative_error
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas

ALL_CASES = [case for cases in CASES.values() for case in cases]
each_case = pytest.mark.parametrize("case", ALL_CASES, ids=lambda case: case.name)
each_kind = pytest.mark.parametrize("kind", KINDS)


def check_agreement(found: Pass, right: Pass, tolerance: float) -> None:
    assert found.parameters.keys() == right.parameters.keys()
    for (name, array), expected in zip(found.named().items(), right.named().values(), strict=True):
        assert relative_error(array, expected) <= tolerance, name


@each_kind
def test_every_kind_has_cases(kind: str) -> None:
    assert all(type(case.block) is KINDS[kind] for case in cases_of(kind))


@each_kind
def test_a_kind_says_what_it_is(kind: str) -> None:
    declaration = KINDS[kind]
    assert declaration.kind == kind == declaration.__struct_config__.tag
    for words in (declaration.name, declaration.group, declaration.equation, declaration.help):
        assert words.strip() == words != ""
    assert declaration.output_range in ("unit", "distribution", "same", "any")


DECLARED = [
    pytest.param(field, id=f"{kind}.{field.name}")
    for kind, declaration in KINDS.items()
    for field in fields_of(declaration)
]


@pytest.mark.parametrize("field", DECLARED)
def test_every_option_can_be_shown_in_a_form(field: Field) -> None:
    check_form_field(field)


def check_form_field(field: Field) -> None:
    assert field.title.strip()
    assert len(field.help) > 10
    if field.kind in ("int", "float"):
        assert field.minimum is not None
        assert field.maximum is not None
        assert field.minimum <= field.default <= field.maximum
    if field.kind == "ints":
        assert field.minimum is not None
        assert field.maximum is not None
        assert field.shortest is not None
        assert field.longest is not None
        assert field.shortest <= len(field.default) <= field.longest
    if field.kind == "choice":
        assert set(field.labels) == set(field.choices)
        assert all(field.labels.values())
        assert field.default in field.choices


@each_case
def test_json_round_trip(case: Case) -> None:
    text = json.dumps(encode_block(case.block))
    assert decode_block(json.loads(text)) == case.block
    assert json.loads(text)["kind"] == case.block.kind


@each_case
def test_a_block_is_frozen_and_has_a_summary(case: Case) -> None:
    assert case.block.summary().startswith(case.block.name)
    assert hash(case.block) == hash(copy.copy(case.block))
    for name in case.block.__struct_fields__:
        with pytest.raises(AttributeError):
            setattr(case.block, name, None)


@each_kind
@pytest.mark.parametrize(
    "shape", [(3,), (4, 1), (1, 4), (2, 3), (1, 1, 1), (1, 2, 40), (2, 5, 5), (2, 2, 2, 2)]
)
def test_a_shape_is_taken_or_refused_in_words(kind: str, shape: Shape) -> None:
    for case in CASES.get(kind, []):
        output_shape = taken(case.block, shape)
        if output_shape is not None:
            assert all(size >= 1 for size in output_shape)
            assert case.block.multiply_adds(shape) >= 0
            layer = dataclasses.replace(case, input_shape=shape).layer()
            outputs = layer.forward(np.ones((2, *shape)), Workspace(np.float64))
            assert outputs.shape == (2, *output_shape)


def taken(block: KnownBlock, shape: Shape) -> Shape | None:
    """Return the shape behind the block, or None where it refuses, having checked its words."""
    try:
        return block.output_shape(shape)
    except ShapeError as error:
        refusal = error
    assert refusal.shape == shape
    assert format_shape(shape) in str(refusal)
    assert refusal.needs in str(refusal)
    assert refusal.remedy.endswith(".")
    return None


@each_case
def test_declared_shapes_are_the_real_ones(case: Case) -> None:
    parameters, state = case.parameters(), case.state()
    layer = case.block.layer(case.input_shape, {**parameters, **state})
    assert {name: array.shape for name, array in layer.parameters.items()} == (
        case.block.parameter_shapes(case.input_shape)
    )
    for name, array in parameters.items():
        assert np.shares_memory(layer.parameters[name], array), "a layer shares its parameters"
    assert isinstance(layer, StatefulLayer) == bool(state)
    if isinstance(layer, StatefulLayer):
        assert layer.state.keys() == state.keys()
        for name, array in state.items():
            assert np.shares_memory(layer.state[name], array), "and what it remembers"
    found = run(layer, case.inputs(3), case.output_gradient(3))
    assert found.outputs.shape == (3, *case.output_shape)
    assert found.inputs.shape == (3, *case.input_shape)
    assert {name: array.shape for name, array in found.parameters.items()} == (
        case.block.parameter_shapes(case.input_shape)
    )


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@each_case
def test_the_type_of_the_workspace_is_kept(case: Case, dtype: type[np.floating]) -> None:
    found = run(case.layer(dtype), case.inputs(2).astype(dtype), case.output_gradient(2))
    assert {array.dtype for array in found.named().values()} == {np.dtype(dtype)}


@each_case
def test_a_batch_is_its_samples_stacked(case: Case) -> None:
    layer, inputs, gradient = case.layer(), case.inputs(5), case.output_gradient(5)
    batch = run(layer, inputs, gradient)
    singles = [run(layer, inputs[i : i + 1], gradient[i : i + 1]) for i in range(5)]
    stacked = Pass(
        np.concatenate([single.outputs for single in singles]),
        np.concatenate([single.inputs for single in singles]),
        {
            name: np.sum([single.parameters[name] for single in singles], axis=0)
            for name in batch.parameters
        },
    )
    check_agreement(batch, stacked, 1e-12)


@each_case
def test_nothing_that_was_handed_over_is_written_to(case: Case) -> None:
    arrays, inputs = {**case.parameters(), **case.state()}, case.inputs(4)
    before = {name: array.copy() for name, array in arrays.items()}
    for array in (inputs, *arrays.values()):
        array.setflags(write=compiles())  # for read-only ones, loops would be compiled anew
    layer = case.block.layer(case.input_shape, arrays)
    found = run(layer, inputs, case.output_gradient(4))
    assert np.array_equal(inputs, case.inputs(4))
    assert all(np.array_equal(arrays[name], before[name]) for name in before)
    check_agreement(found, run(case.layer(), case.inputs(4), case.output_gradient(4)), 0.0)


@each_case
def test_the_memory_layout_of_the_inputs_does_not_matter(case: Case) -> None:
    inputs, gradient = case.inputs(4), case.output_gradient(4)
    right = run(case.layer(), inputs, gradient)
    for scattered in (np.asfortranarray(inputs), np.repeat(inputs, 2, axis=-1)[..., ::2]):
        assert np.array_equal(scattered, inputs)
        check_agreement(run(case.layer(), scattered, gradient), right, 1e-12)
    check_agreement(run(case.layer(), inputs, np.asfortranarray(gradient)), right, 1e-12)


@each_case
def test_same_seed_same_weights(case: Case) -> None:
    report = Stack((BlockSlot(7, case.block),), case.input_shape).check(2, "mse")
    first, again, other = (initial_weights(report, seed, "normal")[7] for seed in (5, 5, 6))
    shapes = case.block.parameter_shapes(case.input_shape)
    shapes |= case.block.state_shapes(case.input_shape)
    assert {name: array.shape for name, array in first.items()} == shapes
    for name, array in first.items():
        assert array.dtype == np.float32
        assert np.array_equal(array, again[name])
        if case.block.kind != "batch_norm" or name == "bias":  # the others start at 0 or 1
            assert not np.array_equal(array, other[name])


@each_case
def test_a_layer_keeps_nothing_between_passes(case: Case) -> None:
    layer = case.layer()
    inputs, gradients = [
        [make(samples, seed) for samples, seed in ((3, 10), (4, 11))]
        for make in (case.inputs, case.output_gradient)
    ]
    right = [run(layer, *pair) for pair in zip(inputs, gradients, strict=True)]
    workspaces = [Workspace(np.float64), Workspace(np.float64)]
    outputs = [layer.forward(x, w) for x, w in zip(inputs, workspaces, strict=True)]
    for i in (0, 1):
        backward = layer.backward(gradients[i].copy(), workspaces[i], wants_inputs=True)
        check_agreement(copied(outputs[i], backward), right[i], 0.0)


@each_case
def test_scratch_memory_is_good_within_one_call_only(case: Case) -> None:
    layer, inputs, gradient = case.layer(), case.inputs(3), case.output_gradient(3)
    scratch: dict[str, Array] = {}
    workspace = Workspace(np.float64, scratch)

    def use_as_another_layer_does() -> None:
        for array in scratch.values():
            array.fill(np.nan)

    for _ in range(2):
        use_as_another_layer_does()
        outputs = layer.forward(inputs, workspace).copy()
        use_as_another_layer_does()
        found = copied(outputs, layer.backward(gradient.copy(), workspace, wants_inputs=True))
        check_agreement(found, run(layer, inputs, gradient), 0.0)


@each_case
def test_batches_of_any_size_share_a_workspace(case: Case) -> None:
    layer, workspace = case.layer(), Workspace(np.float64)
    for step, samples in enumerate((5, 2, 5, 1, 8, 3)):
        inputs, gradient = case.inputs(samples, 20 + step), case.output_gradient(samples, 30 + step)
        found = run(layer, inputs, gradient, workspace)
        check_agreement(found, run(layer, inputs, gradient), 1e-13)


@each_case
def test_the_input_gradient_is_left_out_when_nobody_wants_it(case: Case) -> None:
    layer, inputs, gradient = case.layer(), case.inputs(3), case.output_gradient(3)
    workspace = Workspace(np.float64)
    layer.forward(inputs, workspace)
    backward = layer.backward(gradient.copy(), workspace, wants_inputs=False)
    assert backward.inputs is None or not layer.parameters
    right = run(layer, inputs, gradient)
    found = copied(right.outputs, backward._replace(inputs=right.inputs))
    check_agreement(found, right, 0.0)


@each_case
def test_float32_agrees_with_float64(case: Case) -> None:
    inputs, gradient = case.inputs(6), case.output_gradient(6)
    found = run(case.layer(np.float32), inputs.astype(np.float32), gradient)
    check_agreement(found, run(case.layer(), inputs, gradient), 1e-5)


@each_case
def test_backward_agrees_with_central_differences(case: Case) -> None:
    parameters, inputs, gradient = case.parameters(), case.inputs(2), case.output_gradient(2)
    layer = case.block.layer(case.input_shape, {**parameters, **case.state()})
    workspace = Workspace(np.float64)

    def error() -> float:
        """E = Σ g·y, so that ∂E/∂y is the gradient given."""
        return float((layer.forward(inputs, workspace) * gradient).sum())

    found = run(layer, inputs, gradient)
    assert relative_error(found.inputs, central_differences(error, inputs)) <= 1e-6
    for name, array in parameters.items():
        right = central_differences(error, array)
        assert relative_error(found.parameters[name], right) <= 1e-6, name


def central_differences(error: Callable[[], float], values: Array, step: float = 1e-5) -> Array:
    """(E(v + h) - E(v - h)) / 2h for every single value, changed in place and put back."""
    slopes = np.empty_like(values)
    for place in np.ndindex(values.shape):
        kept = values[place]
        values[place] = kept + step
        above = error()
        values[place] = kept - step
        below = error()
        values[place] = kept
        slopes[place] = (above - below) / (2 * step)
    return slopes


@each_case
def test_forward_and_backward_agree_with_the_loops(case: Case) -> None:
    inputs, gradient = case.inputs(3), case.output_gradient(3)
    arrays = {**case.parameters(), **case.state()}
    found = run(case.layer(), inputs, gradient)
    for x, g, y, dx in zip(inputs, gradient, found.outputs, found.inputs, strict=True):
        assert relative_error(y, oracles.forward(case.block, arrays, x)) <= 1e-12
        if case.block.kind not in ("batch_norm", "dropout"):  # the loops know them only as tested
            right, _ = oracles.backward(case.block, arrays, x, g)
            assert relative_error(dx, right) <= 1e-12


@each_case
def test_the_declared_range_of_the_outputs_is_true(case: Case) -> None:
    spread = np.linspace(-1e4, 1e4, 4 * int(np.prod(case.input_shape)))
    for inputs in (case.inputs(4), spread.reshape(4, *case.input_shape)):
        outputs = case.layer().forward(inputs, Workspace(np.float64))
        assert np.isfinite(outputs).all()
        if case.block.output_range in ("unit", "distribution"):
            assert outputs.min() >= 0
            assert outputs.max() <= 1
        if case.block.output_range == "distribution":
            assert outputs.reshape(4, -1).sum(axis=1) == pytest.approx(1, rel=1e-12)
        if case.block.output_range == "same":
            assert outputs.min() >= inputs.min()
            assert outputs.max() <= inputs.max()
