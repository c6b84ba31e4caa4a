import numpy as np

from engine.compute.pass_memory import LayerMemory, PassMemory
from engine.compute.workspace import Workspace


def test_a_gradient_that_lasts_has_memory_of_its_own() -> None:
    one, other = (Workspace(np.float64).input_gradient((2, 3)) for _ in range(2))
    assert not np.may_share_memory(one, other)
    workspace = Workspace(np.float64)
    assert np.may_share_memory(workspace.input_gradient((2, 3)), workspace.input_gradient((2, 3)))


def test_outputs_lie_over_the_inputs_only_where_they_may() -> None:
    inputs, workspace = np.ones((2, 3)), Workspace(np.float64)
    assert not np.may_share_memory(workspace.outputs_over(inputs), inputs)
    workspace.in_place = True
    assert workspace.outputs_over(inputs) is inputs
    workspace.given = np.zeros((2, 3))
    assert workspace.outputs_over(inputs) is workspace.given


def test_a_gradient_that_the_layer_behind_passed_on_is_written_over() -> None:
    memory = PassMemory([6, 6], np.float64)
    workspace, behind = (
        Workspace(np.float64, in_pass=LayerMemory(memory, place, False)) for place in (0, 1)
    )
    passed, other = behind.input_gradient((2, 6)), np.ones((2, 6))
    assert workspace.input_gradient_over(passed) is passed
    assert not np.may_share_memory(workspace.input_gradient_over(other), other)
    assert Workspace(np.float64).input_gradient_over(other) is not other
