"""What holds for every kind of block, and what it says of itself. One without cases fails here."""

import copy
import dataclasses
import json
from collections.abc import Callable

import numpy as np
import pytest

from engine import blocks as kinds
from engine.array_types import Array, Shape, format_shape
from engine.blocks import KINDS, KnownBlock, decode_block, encode_block
from engine.blocks.base import Backward, Fan, Mask, StatefulLayer
from engine.blocks.batch_norm import BatchNormLayer
from engine.compute.numerics import compiles
from engine.compute.pass_context import PassContext
from engine.compute.workspace import Workspace
from engine.errors import ShapeError
from engine.model.stack import BlockSlot, Row
from engine.model.weights import initial_weights
from engine.struct_fields import Field, fields_of
from tests.approved import assert_approved
from tests.engine import oracles
from tests.engine.blocks.cases import CASES, Case, Pass, cases_of, copied, formed, run
from tests.engine.closeness import relative_error
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas

each_kind = pytest.mark.parametrize("kind", KINDS)


def each_case(check: Callable[[Case], None]) -> Callable[[str], None]:
    """Make a test of each kind of a check of one case: of thousands of tests, most is waiting."""

    @each_kind
    def test(kind: str) -> None:
        for case in CASES.get(kind, ()):
            check(case)

    return test


def check_agreement(found: Pass, right: Pass, tolerance: float) -> None:
    assert found.parameters.keys() == right.parameters.keys()
    for (name, array), expected in zip(found.named().items(), right.named().values(), strict=True):
        assert relative_error(array, expected) <= tolerance, name


@each_kind
def test_a_kind_says_what_it_is(kind: str) -> None:
    declaration = KINDS[kind]
    assert declaration.kind == kind == declaration.__struct_config__.tag
    for words in (declaration.name, declaration.group, declaration.equation, declaration.help):
        assert words.strip() == words != ""
    assert declaration.output_range in ("unit", "distribution", "same", "any")
    for field in fields_of(declaration):
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


SHAPES: list[Shape] = [
    *((3,), (4, 1), (1, 4), (2, 3), (1, 1, 1), (1, 2, 40), (2, 5, 5), (2, 2, 2, 2))
]


@each_case
def test_a_shape_is_taken_or_refused_in_words(case: Case) -> None:
    for shape in SHAPES:
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
    layer = case.layer_of({**parameters, **state})
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


@each_case
def test_the_type_of_the_workspace_is_kept(case: Case) -> None:
    for dtype in (np.float32, np.float64):
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
    layer = case.layer_of(arrays)
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
    report = case.report(7)
    first, again, other = (initial_weights(report, seed, "normal")[7] for seed in (5, 5, 6))
    shapes = case.block.parameter_shapes(case.input_shape)
    shapes |= case.block.state_shapes(case.input_shape)
    assert {name: array.shape for name, array in first.items()} == shapes
    for name, array in first.items():
        assert array.dtype == np.float32
        assert np.array_equal(array, again[name])
        if case.block.initial_values(case.input_shape)[name] not in ("zeros", "ones"):
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
    layer = case.layer_of({**parameters, **case.state()})
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
    arrays = {**case.parameters(), **case.state(), **case.added()}
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


@each_case
def test_random_weights_know_how_many_of_them_meet(case: Case) -> None:
    """An output sums no more products than the fan in, and an input is in no more than fan out."""
    values = case.block.initial_values(case.input_shape).values()
    for fan in (value for value in values if isinstance(value, Fan)):
        fields = np.array([field_of(case, place) for place in np.ndindex(case.output_shape)])
        fields = fields.reshape(len(fields), -1)
        assert fields.sum(axis=1).max() <= fan.fan_in
        assert fields.sum(axis=0).max() <= fan.fan_out


@each_kind
def test_what_learns_has_words(kind: str) -> None:
    learns = any(case.block.parameter_shapes(case.input_shape) for case in cases_of(kind))
    assert bool(kinds.KINDS[kind].gradient_words) == learns


@each_case
def test_kernels_are_counted_by_the_first_axis(case: Case) -> None:
    shapes = case.block.parameter_shapes(case.input_shape)
    count = Row(BlockSlot(1, case.block), case.input_shape, array_shapes=shapes).kernel_count
    assert case.block.most_kernels() >= count
    if count:
        assert len(shapes["weight"]) == 4
        assert {shape[0] for shape in shapes.values()} == {count}


def in_training(case: Case, inputs: Array) -> tuple[Array, Workspace]:
    """Run a batch forward as training does."""
    workspace = Workspace(np.float64)
    workspace.run = PassContext(training=True, seed=3, samples=len(inputs))
    return case.layer().forward(inputs, workspace).copy(), workspace


@each_kind
def test_a_kind_depends_on_the_batch_where_it_says_so(kind: str) -> None:
    depends = False
    for case in cases_of(kind):
        inputs = case.inputs(4)
        together, _ = in_training(case, inputs)
        alone = [in_training(case, inputs[i : i + 1])[0][0] for i in range(4)]
        depends |= relative_error(together, np.stack(alone)) > 1e-9
    assert depends == KINDS[kind].depends_on_batch


@each_kind
def test_what_a_kind_measures_is_in_its_workspace(kind: str) -> None:
    measured = KINDS[kind].measured
    found = set()
    for case in cases_of(kind):
        _, workspace = in_training(case, case.inputs(7))
        for name, per_sample, state in measured:
            assert not state or state in case.state()
            try:
                array = workspace.kept(name)
            except KeyError:
                continue
            found.add(name)
            assert (array.shape[0] == 7) == per_sample
    assert found == {array.name for array in measured}


def field_of(case: Case, place: tuple[int, ...], *, training: bool = False) -> Mask:
    """Where the block says that one value of its output comes from."""
    outputs: Mask = np.zeros(case.output_shape, np.bool_)
    outputs[place] = True
    return case.block.receptive_field(outputs, case.input_shape, training=training)


def changed_by(case: Case, inputs: Array, training: bool) -> dict[tuple[int, ...], Mask]:
    """For each value of one sample's output: which inputs change it when they grow much larger."""
    layer, workspace = case.layer(), Workspace(np.float64)
    workspace.run = PassContext(training=training, seed=3)
    before = layer.forward(inputs[np.newaxis], workspace)[0].copy()
    found: dict[tuple[int, ...], Mask] = {
        place: np.zeros(inputs.shape, np.bool_) for place in np.ndindex(before.shape)
    }
    for cell in np.ndindex(inputs.shape):
        moved = inputs[np.newaxis].copy()
        moved[0][cell] += 100.0
        for place in np.argwhere(layer.forward(moved, workspace)[0] != before):
            found[tuple(place.tolist())][cell] = True
    return found


@each_case
def test_a_cell_comes_from_the_inputs_that_change_it(case: Case) -> None:
    for training in (False, True):
        for place, right in changed_by(case, case.inputs(1)[0], training).items():
            field = field_of(case, place, training=training)
            assert field.shape == case.input_shape
            assert not (right & ~field).any(), "it comes from more than the block says"
            if not training and field.size > 1:  # a Dropout may hide some; a lone probability is 1
                assert np.array_equal(field, right), "it comes from less than the block says"


def bend(case: Case, step: float) -> float:
    """Return the largest second difference of the outputs along a straight line of inputs."""
    rng = np.random.default_rng(8)
    start, way = rng.standard_normal((2, *case.input_shape))
    along = np.arange(-1.0, 1.0, step).reshape(-1, *(1,) * start.ndim)
    outputs = case.layer().forward(start + along * way, Workspace(np.float64))
    return float(np.abs(np.diff(outputs, 2, axis=0)).max())


@each_kind
def test_kinks_are_where_a_kind_says_so(kind: str) -> None:
    """A step of a 16th bends a smooth function a 256th as much, and one with a kink a 16th."""
    for case in cases_of(kind):
        coarse, fine = bend(case, 1 / 64), bend(case, 1 / 1024)
        has_kink = coarse > 1e-9 and fine > coarse / 64
        workspace = Workspace(np.float64)
        inputs = case.inputs(3)
        case.layer().forward(inputs, workspace)
        branches = case.block.branches(inputs, workspace)
        if has_kink:
            assert branches is not None, f"{case.name} has a kink that it does not tell of"
        if branches is not None:
            assert len(branches) == 3
            case.layer().forward(-inputs, workspace)
            other = case.block.branches(-inputs, workspace)
            assert other is not None
            assert not np.shares_memory(branches, other)


@pytest.mark.parametrize("kind", kinds.POINTWISE)
def test_a_formula_is_what_the_layer_computes(kind: str) -> None:
    for case in cases_of(kind):
        assert isinstance(case.block, kinds.Pointwise)
        formula, workspace = case.block.formula(), Workspace(np.float64)
        inputs, layer = case.inputs(3), case.layer()
        outputs = layer.forward(inputs, workspace).copy()
        slopes = layer.backward(np.ones(inputs.shape), workspace, wants_inputs=True).inputs
        assert slopes is not None
        assert relative_error(formula.function(inputs), outputs) <= 1e-12
        assert relative_error(formula.slope(inputs), slopes) <= 1e-12
        assert formula.slope_equation.startswith(formula.slope_name)


@pytest.mark.parametrize("kind", kinds.POINTWISE)
def test_saturation_begins_where_a_twenty_fifth_of_the_steepest_slope_is_left(kind: str) -> None:
    block = KINDS[kind]
    assert issubclass(block, kinds.Pointwise)
    formula = block().formula()
    x = np.linspace(-20, 20, 40_001)
    slopes = np.abs(formula.slope(x))
    flat = slopes < 0.04 * slopes.max()
    limits = block.saturation
    assert (limits is not None) == bool(flat[0] and flat[-1])
    if limits is not None:
        ends = formula.function(x[~flat][[0, -1]])
        assert limits == pytest.approx(ends, abs=0.001)


# The equations with their numbers: each number is that of the real layer.


WRITTEN: tuple[tuple[kinds.KnownBlock, Shape], ...] = (
    (kinds.Conv(), (1, 28, 28)),
    (kinds.Conv(depth=8, kernel_size=5, bias="channel", stride=2, padding="same"), (3, 28, 28)),
    (kinds.DepthwiseConv(), (5, 26, 26)),
    (kinds.DepthwiseConv(kernel_size=5, stride=2, padding="same"), (3, 28, 28)),
    (kinds.MaxPool(), (5, 26, 26)),
    (kinds.AvgPool(size=3, stride=1), (5, 9, 9)),
    (kinds.GlobalAvgPool(), (5, 26, 24)),
    (kinds.Dense(), (3380,)),
    (kinds.Reshape(), (5, 26, 25)),
    (kinds.Reshape(target_shape=(4, -1)), (100,)),
    (kinds.LeakyReLU(slope=0.2), (10,)),
    (kinds.Dropout(rate=0.2), (5, 2, 2)),
    (kinds.BatchNorm(), (5, 26, 26)),
    (kinds.BatchNorm(), (100,)),
    (kinds.GroupNorm(), (100,)),
    (kinds.GroupNorm(groups=4), (8, 5, 5)),
    (kinds.Add().joined(2, (5, 26, 26)), (5, 26, 26)),
    (kinds.Add(through="conv", stride=2).joined(3, (5, 26, 25)), (8, 13, 13)),
)


def test_equations_with_their_numbers_are_approved() -> None:
    others = (kind for kind in KINDS if kind not in {block.kind for block, _ in WRITTEN})
    usual = [(case.block, case.input_shape) for kind in others for case in cases_of(kind)[:1]]
    written = (*WRITTEN, *usual)
    said = [f"{block.summary()}: {block.equation_with(shape)}\n" for block, shape in written]
    assert_approved("equations.txt", "".join(said))
    assert f"ε = {BatchNormLayer.EPSILON:.5f}" in kinds.BatchNorm().equation_with((2,))
    assert kinds.UnknownBlock({"kind": "lstm"}, "unknown").equation_with((1, 2, 3)) == ""


# What every kind of block says of its memory is true: found by writing over it.


SAMPLES = 4


def workspace_for(training: bool, *, in_place: bool = False) -> Workspace:
    """Make a workspace for a pass."""
    workspace = Workspace(np.float64)
    workspace.run = PassContext(training=training, seed=3, samples=SAMPLES)
    workspace.in_place = in_place
    return workspace


def gradients(backward: Backward) -> list[Array]:
    """Copy all gradients of a backward pass."""
    assert backward.inputs is not None
    parameters = backward.parameters.values()
    return [backward.inputs.copy(), *(formed(gradient).copy() for gradient in parameters)]


def same(left: list[Array], right: list[Array]) -> bool:
    """Whether two lists of arrays have the same values, bit for bit."""
    return all(np.array_equal(a, b) for a, b in zip(left, right, strict=True))


def differentiate(case: Case, training: bool, *, spoil: bool) -> tuple[Array, list[Array]]:
    """Run forward and backward; return the inputs as they then are, and the gradients.

    `spoil` writes over the outputs between the two.
    """
    inputs, layer, workspace = case.inputs(SAMPLES), case.layer(), workspace_for(training)
    outputs = layer.forward(inputs, workspace)
    if spoil:
        outputs[...] = np.nan
    backward = layer.backward(case.output_gradient(SAMPLES), workspace, wants_inputs=True)
    return inputs, gradients(backward)


@each_kind
def test_a_kind_needs_its_outputs_where_it_says_so(kind: str) -> None:
    needs = False
    for case in cases_of(kind):
        for training in (True, False):
            _, right = differentiate(case, training, spoil=False)
            inputs, found = differentiate(case, training, spoil=True)
            needs |= not same(right, found) or not np.array_equal(inputs, case.inputs(SAMPLES))
    assert needs == KINDS[kind].needs_outputs


def depends_on_other_places(case: Case) -> bool:
    """Whether a change of one value of the inputs changes an output at another place."""
    if case.output_shape != case.input_shape:
        return True
    layer, workspace, inputs = case.layer(), workspace_for(training=True), case.inputs(SAMPLES)
    before = layer.forward(inputs, workspace).copy()
    for place in np.ndindex(inputs.shape):
        moved = inputs.copy()
        moved[place] += 100.0
        changed = layer.forward(moved, workspace) != before
        changed[place] = False
        if changed.any():
            return True
    return False


@each_kind
def test_a_kind_writes_over_its_inputs_value_by_value_where_it_says_so(kind: str) -> None:
    by_value = True
    for case in cases_of(kind):
        inputs, workspace = case.inputs(SAMPLES), workspace_for(training=True, in_place=True)
        outputs = case.layer().forward(inputs, workspace)
        by_value &= np.shares_memory(outputs, inputs) and not depends_on_other_places(case)
    assert by_value == KINDS[kind].by_value


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", [kind for kind, block in KINDS.items() if block.by_value])
def test_a_layer_in_place_gives_the_same_bits(kind: str, training: bool) -> None:
    for case in cases_of(kind):
        layer, gradient = case.layer(), case.output_gradient(SAMPLES)
        passes = []
        for in_place in (False, True):
            workspace = workspace_for(training, in_place=in_place)
            outputs = layer.forward(case.inputs(SAMPLES), workspace).copy()
            backward = layer.backward(gradient, workspace, wants_inputs=True)
            passes.append([outputs, *gradients(backward)])
        assert same(*passes)


@each_kind
def test_a_kind_keeps_the_gradient_of_its_outputs_where_it_says_so(kind: str) -> None:
    keeps = False
    for case in cases_of(kind):
        layer, workspace = case.layer(), workspace_for(training=True)
        layer.forward(case.inputs(SAMPLES), workspace)
        gradient = case.output_gradient(SAMPLES)
        parameters = layer.backward(gradient, workspace, wants_inputs=True).parameters
        before = [formed(each).copy() for each in parameters.values()]
        gradient[...] = np.nan
        keeps |= not same(before, [formed(each) for each in parameters.values()])
    assert keeps == KINDS[kind].keeps_gradient


@each_kind
def test_a_kind_is_a_view_where_it_says_so(kind: str) -> None:
    is_view = True
    for case in cases_of(kind):
        inputs, workspace = case.inputs(SAMPLES), workspace_for(training=True)
        before = inputs.copy()
        outputs = case.layer().forward(inputs, workspace)
        is_view &= np.shares_memory(outputs, inputs) and np.array_equal(inputs, before)
    assert is_view == KINDS[kind].is_view
