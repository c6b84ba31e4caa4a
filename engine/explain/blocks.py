"""Why a value of a block is what it is: every kind's own equation with its own numbers.

Places count from 0: (map, row, column) for maps, (n,) or (n, 0) for vectors. Looking forward, a
place is one of the output; looking backward, one of the input.
"""

from collections.abc import Callable
from typing import NamedTuple

from engine.explain import linear, normalisation, pointwise, pooling
from engine.explain.explanation import Explanation, Number
from engine.explain.places import Place, check_place, place_words
from engine.explain.step import BlockStep, TrainingStep
from engine.explain.update import update_numbers

Look = Callable[[BlockStep, Place], Explanation]
ParameterLook = Callable[[BlockStep, str, Place], Explanation]


class Looks(NamedTuple):
    """How the values of one kind of block are explained; None: it has nothing that learns."""

    output: Look
    input_gradient: Look
    parameter_gradient: ParameterLook | None


_activation = Looks(pointwise.activation_output, pointwise.activation_input_gradient, None)
_pool = Looks(pooling.pool_output, pooling.pool_input_gradient, None)
LOOKS: dict[str, Looks] = {
    "conv": Looks(linear.conv_output, linear.conv_input_gradient, linear.conv_parameter_gradient),
    "dense": Looks(
        linear.dense_output, linear.dense_input_gradient, linear.dense_parameter_gradient
    ),
    "reshape": Looks(linear.reshape_output, linear.reshape_input_gradient, None),
    "max_pool": _pool,
    "avg_pool": _pool,
    "global_avg_pool": Looks(pooling.global_output, pooling.global_input_gradient, None),
    "sigmoid": _activation._replace(output=pointwise.sigmoid_output),
    "tanh": _activation,
    "relu": _activation,
    "leaky_relu": _activation,
    "softmax": Looks(pointwise.softmax_output, pointwise.softmax_input_gradient, None),
    "dropout": Looks(pointwise.dropout_output, pointwise.dropout_input_gradient, None),
    "batch_norm": Looks(
        normalisation.norm_output,
        normalisation.norm_input_gradient,
        normalisation.norm_parameter_gradient,
    ),
}


def explain_output(block: BlockStep, place: Place) -> Explanation:
    """Explain one value of the block's output.

    Raises IndexError if there is no such place.
    """
    check_place(block.outputs.shape, place)
    return LOOKS[block.slot.block.kind].output(block, place)


def explain_input_gradient(block: BlockStep, place: Place) -> Explanation:
    """Explain ∂E/∂x at one value of the block's input.

    Raises IndexError if there is no such place.
    """
    check_place(block.inputs.shape, place)
    return LOOKS[block.slot.block.kind].input_gradient(block, place)


def explain_parameter_gradient(block: BlockStep, name: str, place: Place) -> Explanation:
    """Explain the gradient of one number that learns.

    Raises KeyError if the block has no such array, IndexError if that has no such place.
    """
    check_place(block.parameter(name).before.shape, place)
    explain = LOOKS[block.slot.block.kind].parameter_gradient
    assert explain is not None
    return explain(block, name, place)


def explain_update(step: TrainingStep, position: int, name: str, place: Place) -> Explanation:
    """Explain what the optimizer's rule makes of one number that learns.

    Raises KeyError and IndexError as `explain_parameter_gradient` does.
    """
    block = step.blocks[position]
    changed = block.parameter(name)
    check_place(changed.before.shape, place)
    weight, gradient = float(changed.before[place]), float(changed.gradient[place])
    where = place_words(place) if len(place) != 4 else f"kernel {place[0] + 1}, {place[1:]}"
    return Explanation(
        title=f"{block.title}: {name}, {where}",
        equation=step.rule,
        numbers=update_numbers(step.settings, step.learning_rate, weight, gradient),
        result=Number("W after", float(changed.after[place])),
        note=_locked(block, place) or step.rule_note,
    )


def _locked(block: BlockStep, place: Place) -> str:
    if block.slot.locked:
        return "The block is locked: training leaves it as it is."
    if place[0] in block.slot.locked_kernels:
        return "The kernel is locked: training leaves it as it is."
    return ""
