"""The blocks that fit, on one sample, forward only: what can be shown of a network with a fault."""

from engine.array_types import Array
from engine.compute.pass_context import INFERENCE
from engine.explain.float64_arrays import frozen
from engine.explain.traced_pass import copied_network
from engine.explain.training_step import TracedBlock, TracedParameter
from engine.model.network import run_layers
from engine.model.settings import Settings
from engine.model.stack import ShapeReport
from engine.model.weights import Weights


def trace_front(
    report: ShapeReport, weights: Weights, settings: Settings, image: Array
) -> tuple[TracedBlock, ...]:
    """Run the blocks up to the first that does not fit on an image (channels, H, W), in float64.

    There is no loss, so all gradients are 0 and nothing is updated. Raises TrainingError if no
    block fits.
    """
    network = copied_network(report.front(), weights, settings)
    values, blocks = frozen(image), []
    outputs = run_layers(network.layers, network.workspaces(), values[None], INFERENCE)
    arrays = network.copy_weights()
    for position, (layer, found) in enumerate(zip(network.layers, outputs, strict=True)):
        made = frozen(found[0])
        blocks.append(
            TracedBlock(
                position=position,
                slot=layer.slot,
                inputs=values,
                outputs=made,
                gradient=frozen(0 * made),
                input_gradient=frozen(0 * values),
                parameters=tuple(
                    TracedParameter(name, frozen(array), frozen(0 * array), frozen(array))
                    for name, array in arrays.get(layer.slot.id, {}).items()
                ),
                measured={},
                fused=False,
            )
        )
        values = made
    return tuple(blocks)
