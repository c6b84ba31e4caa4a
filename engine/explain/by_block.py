"""Explain a value of a block: the equation of its kind, with its own numbers.

Indices count from 0: (map, row, column) for maps, (n,) or (n, 0) for vectors. To explain an output,
pass the index of the output; to explain a gradient of the input, that of the input.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from engine.blocks import POINTWISE
from engine.explain import conv_and_dense as sums
from engine.explain import normalisation, pointwise, pooling
from engine.explain.explanation import Explanation, Number
from engine.explain.indices import Index, check_index, index_words
from engine.explain.optimizer_step import update_numbers
from engine.explain.training_step import TracedBlock, TrainingStep

Explainer = Callable[[TracedBlock, Index], Explanation]
ParameterExplainer = Callable[[TracedBlock, str, Index], Explanation]


class Explainers(NamedTuple):
    """How the values of one kind of block are explained; None: it has nothing that learns."""

    output: Explainer
    input_gradient: Explainer
    parameter_gradient: ParameterExplainer | None


_activation = Explainers(pointwise.activation_output, pointwise.activation_input_gradient, None)
_pool = Explainers(pooling.pool_output, pooling.pool_input_gradient, None)
EXPLAINERS: dict[str, Explainers] = {
    **dict.fromkeys(POINTWISE, _activation),
    "conv": Explainers(
        sums.conv_output,
        sums.conv_input_gradient,
        sums.conv_parameter_gradient,
    ),
    "dense": Explainers(
        sums.dense_output,
        sums.dense_input_gradient,
        sums.dense_parameter_gradient,
    ),
    "reshape": Explainers(sums.reshape_output, sums.reshape_input_gradient, None),
    "max_pool": _pool,
    "avg_pool": _pool,
    "global_avg_pool": Explainers(pooling.global_output, pooling.global_input_gradient, None),
    "sigmoid": _activation._replace(output=pointwise.sigmoid_output),
    "softmax": Explainers(pointwise.softmax_output, pointwise.softmax_input_gradient, None),
    "dropout": Explainers(pointwise.dropout_output, pointwise.dropout_input_gradient, None),
    "batch_norm": Explainers(
        normalisation.norm_output,
        normalisation.norm_input_gradient,
        normalisation.norm_parameter_gradient,
    ),
}


def explain_output(block: TracedBlock, index: Index) -> Explanation:
    """Explain one value of the block's output.

    Raises IndexError if there is no such index.
    """
    check_index(block.outputs.shape, index)
    found = EXPLAINERS[block.slot.block.kind].output(block, index)
    if not block.class_names:
        return found
    return replace(found, title=f"{found.title}, class {block.class_names[index[0]]}")


def explain_input_gradient(block: TracedBlock, index: Index) -> Explanation:
    """Explain ∂E/∂x at one value of the block's input.

    Raises IndexError if there is no such index.
    """
    check_index(block.inputs.shape, index)
    return EXPLAINERS[block.slot.block.kind].input_gradient(block, index)


def explain_parameter_gradient(block: TracedBlock, name: str, index: Index) -> Explanation:
    """Explain the gradient of one number that learns.

    Raises KeyError if the block has no such array, IndexError if that has no such index.
    """
    check_index(block.parameter(name).before.shape, index)
    explain = EXPLAINERS[block.slot.block.kind].parameter_gradient
    assert explain is not None
    return explain(block, name, index)


def explain_update(step: TrainingStep, position: int, name: str, index: Index) -> Explanation:
    """Explain what the optimizer's rule makes of one number that learns.

    Raises KeyError and IndexError as `explain_parameter_gradient` does.
    """
    block = step.blocks[position]
    changed = block.parameter(name)
    check_index(changed.before.shape, index)
    weight, gradient = float(changed.before[index]), float(changed.gradient[index])
    return Explanation(
        title=f"{block.title}: {name}, {index_words(index)}",
        equation=step.rule,
        numbers=update_numbers(step.settings, step.learning_rate, weight, gradient),
        result=Number("W after", float(changed.after[index])),
        note=_locked(block, index) or step.rule_note,
    )


def _locked(block: TracedBlock, index: Index) -> str:
    if block.slot.locked:
        return "The block is locked: training leaves it as it is."
    if index[0] in block.slot.locked_kernels:
        return "The kernel is locked: training leaves it as it is."
    return ""
