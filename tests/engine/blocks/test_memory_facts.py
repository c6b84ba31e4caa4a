"""What every kind of block says of its memory is true: found by writing over it."""

import numpy as np
import pytest

from engine.array_types import Array
from engine.blocks import KINDS
from engine.blocks.base import Backward
from engine.compute.pass_context import PassContext
from engine.compute.workspace import Workspace
from tests.engine.blocks.cases import Case, cases_of, formed
from tests.engine.marks import deaf_to_openblas

pytestmark = deaf_to_openblas

SAMPLES = 4

each_kind = pytest.mark.parametrize("kind", KINDS)


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
