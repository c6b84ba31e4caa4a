"""What a specimen's step must show: the notebook's loops and scipy.signal, and the fast engine."""

import numpy as np

from engine.array_types import Array
from engine.blocks import UnknownBlock
from engine.explain.convolution import Equation
from engine.model.network import ParameterKey
from engine.training.executor import Executor
from gui.glass.specimen import Specimen
from tests.engine import oracles
from tests.engine.networks import ArrayBatch, summed

Results = dict[Equation, Array]


def results_of(specimen: Specimen, position: int) -> Results:
    """Work out the four results of a Conv block by readable loops: all maps of each."""
    slots = specimen.project.stack.slots
    blocks = [slot.block for slot in slots if not isinstance(slot.block, UnknownBlock)]
    ids = [slot.id for slot in slots]
    weights = specimen.project.weights
    own = [{n: a.astype(float) for n, a in weights.get(slot, {}).items()} for slot in ids]
    values = [image_of(specimen)]
    for block, parameters in zip(blocks, own, strict=True):
        values.append(oracles.forward(block, parameters, values[-1]))
    _, slope = oracles.LOSSES[specimen.project.settings.loss]
    gradient = slope(values[-1].ravel(), target_of(specimen)).reshape(values[-1].shape)
    for k in reversed(range(position + 1, len(blocks))):
        gradient, _ = oracles.backward(blocks[k], own[k], values[k], gradient)
    inputs, found = oracles.backward(blocks[position], own[position], values[position], gradient)
    bias = found["bias"]
    return {
        "Y": values[position + 1],
        "∂E/∂K": found["weight"],
        "∂E/∂B": bias if bias.ndim == 3 else bias[:, None, None],
        "∂E/∂X": inputs,
    }


def fast_results_of(specimen: Specimen, position: int) -> Results:
    """Let the engine that trains work them out, in float32; it keeps no gradients of inputs."""
    network = specimen.project.network()
    slot = specimen.project.stack.slots[position].id
    image = image_of(specimen)[None].astype(np.float32)
    executor = Executor(network, specimen.project.settings.loss, threads=1)
    found = summed(executor.gradients(ArrayBatch(image, target_of(specimen)[None])))
    executor.close()
    kernels, bias = (found[ParameterKey(slot, name)] for name in ("weight", "bias"))
    return {
        "Y": network.activations(image)[position][0],
        "∂E/∂K": kernels,
        "∂E/∂B": bias if bias.ndim == 3 else bias[:, None, None],
    }


def image_of(specimen: Specimen) -> Array:
    return specimen.sample.image.astype(float) / 255


def target_of(specimen: Specimen) -> Array:
    sample = specimen.sample
    assert sample.label is not None
    target: Array = np.eye(len(sample.classes))[sample.classes.index(sample.label)]
    return target
