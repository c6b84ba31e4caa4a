"""Why a value of a block is what it is: every kind's own equation with its own numbers.

Places count from 0: (map, row, column) for maps, (n,) or (n, 0) for vectors. Looking forward, a
place is one of the output; looking backward, one of the input.
"""

from collections.abc import Callable

from engine.explain import linear, normalisation, pointwise, pooling
from engine.explain.explanation import Explanation, Number
from engine.explain.places import Place, check_place, place_words
from engine.explain.step import BlockStep, TrainingStep
from engine.explain.update import update_numbers

Look = Callable[[BlockStep, Place], Explanation]
ParameterLook = Callable[[BlockStep, str, Place], Explanation]

# Forward and backward, by kind.
LOOKS: dict[str, tuple[Look, Look]] = {
    "conv": (linear.conv_output, linear.conv_input_gradient),
    "dense": (linear.dense_output, linear.dense_input_gradient),
    "reshape": (linear.reshape_output, linear.reshape_input_gradient),
    "max_pool": (pooling.pool_output, pooling.pool_input_gradient),
    "avg_pool": (pooling.pool_output, pooling.pool_input_gradient),
    "sigmoid": (pointwise.activation_output, pointwise.activation_input_gradient),
    "tanh": (pointwise.activation_output, pointwise.activation_input_gradient),
    "relu": (pointwise.activation_output, pointwise.activation_input_gradient),
    "leaky_relu": (pointwise.activation_output, pointwise.activation_input_gradient),
    "softmax": (pointwise.softmax_output, pointwise.softmax_input_gradient),
    "dropout": (pointwise.dropout_output, pointwise.dropout_input_gradient),
    "batch_norm": (normalisation.norm_output, normalisation.norm_input_gradient),
}
PARAMETER_LOOKS: dict[str, ParameterLook] = {
    "conv": linear.conv_parameter_gradient,
    "dense": linear.dense_parameter_gradient,
    "batch_norm": normalisation.norm_parameter_gradient,
}


def explain_output(block: BlockStep, place: Place) -> Explanation:
    """Explain one value of the block's output.

    Raises IndexError if there is no such place.
    """
    check_place(block.outputs.shape, place)
    return LOOKS[block.slot.block.kind][0](block, place)


def explain_input_gradient(block: BlockStep, place: Place) -> Explanation:
    """Explain ∂E/∂x at one value of the block's input.

    Raises IndexError if there is no such place.
    """
    check_place(block.inputs.shape, place)
    return LOOKS[block.slot.block.kind][1](block, place)


def explain_parameter_gradient(block: BlockStep, name: str, place: Place) -> Explanation:
    """Explain the gradient of one number that learns.

    Raises KeyError if the block has no such array, IndexError if that has no such place.
    """
    check_place(block.parameter(name).before.shape, place)
    return PARAMETER_LOOKS[block.slot.block.kind](block, name, place)


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
