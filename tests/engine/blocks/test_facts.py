"""What every kind of block says of itself is all there, and true. The cases are in cases.py."""

import numpy as np
import pytest

from engine import blocks as kinds
from engine.array_types import Array, Shape
from engine.blocks.base import Backward, Fan, Mask
from engine.blocks.batch_norm import BatchNormLayer
from engine.compute.pass_context import PassContext
from engine.compute.workspace import Workspace
from engine.explain.by_block import EXPLAINERS
from tests.approved import assert_approved
from tests.engine.blocks.cases import CASES, Case, cases_of, formed
from tests.engine.closeness import relative_error
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas

each_case = pytest.mark.parametrize(
    "case", [case for cases in CASES.values() for case in cases], ids=lambda case: case.name
)
each_kind = pytest.mark.parametrize("kind", kinds.KINDS)


@each_kind
def test_a_kind_is_explained_under_glass(kind: str) -> None:
    name = kinds.KINDS[kind].name
    assert kind in EXPLAINERS, (
        f"explain {name} in engine/explain, and list it in EXPLAINERS of by_block.py"
    )
    learns = any(case.block.parameter_shapes(case.input_shape) for case in cases_of(kind))
    explained = EXPLAINERS[kind].parameter_gradient is not None
    assert explained == learns, f"explain the gradients of {name} if and only if something learns"


@each_case
def test_random_weights_know_how_many_of_them_meet(case: Case) -> None:
    """An output sums no more products than the fan in, and an input is in no more than fan out."""
    values = case.block.initial_values(case.input_shape).values()
    for fan in (value for value in values if isinstance(value, Fan)):
        fields = np.array([field_of(case, place) for place in np.ndindex(case.output_shape)])
        fields = fields.reshape(len(fields), -1)
        assert fields.sum(axis=1).max() <= fan.fan_in
        assert fields.sum(axis=0).max() <= fan.fan_out


@each_case
def test_what_learns_has_words(case: Case) -> None:
    assert bool(case.block.gradient_words) == bool(case.block.parameter_shapes(case.input_shape))


@each_case
def test_kernels_are_counted_by_the_first_axis(case: Case) -> None:
    count = case.block.kernel_count()
    shapes = case.block.parameter_shapes(case.input_shape)
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
    assert depends == kinds.KINDS[kind].depends_on_batch


@each_kind
def test_what_a_kind_measures_is_in_its_workspace(kind: str) -> None:
    measured = kinds.KINDS[kind].measured
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


@pytest.mark.parametrize("training", [False, True])
@each_case
def test_a_cell_comes_from_the_inputs_that_change_it(case: Case, training: bool) -> None:
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
    block = kinds.KINDS[kind]
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
    (kinds.MaxPool(), (5, 26, 26)),
    (kinds.AvgPool(size=3, stride=1), (5, 9, 9)),
    (kinds.GlobalAvgPool(), (5, 26, 24)),
    (kinds.Dense(), (3380,)),
    (kinds.Reshape(), (5, 26, 25)),
    (kinds.Reshape(target_shape=(4, -1)), (100,)),
    (kinds.Sigmoid(), (5, 26, 26)),
    *((each(), (2, 8, 8)) for each in (kinds.Tanh, kinds.ReLU, kinds.ELU, kinds.SiLU, kinds.GELU)),
    (kinds.LeakyReLU(slope=0.2), (10,)),
    (kinds.Softmax(), (10,)),
    (kinds.Dropout(rate=0.2), (5, 2, 2)),
    (kinds.BatchNorm(), (5, 26, 26)),
    (kinds.BatchNorm(), (100,)),
)


def test_equations_with_their_numbers_are_approved() -> None:
    assert {block.kind for block, _ in WRITTEN} == kinds.KINDS.keys()
    said = [f"{block.summary()}: {block.equation_with(shape)}\n" for block, shape in WRITTEN]
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
    assert needs == kinds.KINDS[kind].needs_outputs


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
    assert by_value == kinds.KINDS[kind].by_value


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize("kind", [kind for kind, block in kinds.KINDS.items() if block.by_value])
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
    assert keeps == kinds.KINDS[kind].keeps_gradient


@each_kind
def test_a_kind_is_a_view_where_it_says_so(kind: str) -> None:
    is_view = True
    for case in cases_of(kind):
        inputs, workspace = case.inputs(SAMPLES), workspace_for(training=True)
        before = inputs.copy()
        outputs = case.layer().forward(inputs, workspace)
        is_view &= np.shares_memory(outputs, inputs) and np.array_equal(inputs, before)
    assert is_view == kinds.KINDS[kind].is_view
