import numpy as np

from engine.compute.workspace import PassedOn, Workspace


def test_gradients_that_are_passed_on_take_turns_in_two_pieces_of_memory() -> None:
    passed_on = PassedOn(np.dtype(np.float64))
    layers = [Workspace(np.float64, passed_on=passed_on) for _ in range(3)]
    shapes = (2, 3), (3, 1), (2, 2)
    first, second, third = (
        layer.input_gradient(shape) for layer, shape in zip(layers, shapes, strict=True)
    )
    assert [each.shape for each in (first, second, third)] == list(shapes)
    assert not np.may_share_memory(first, second)
    assert not np.may_share_memory(second, third)
    assert np.may_share_memory(first, third)


def test_a_piece_grows_with_what_is_asked_for() -> None:
    passed_on = PassedOn(np.dtype(np.float32))
    assert [passed_on.next((size,)).size for size in (1, 1, 100, 2, 50)] == [1, 1, 100, 2, 50]


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
