"""What one sees when one looks into a network: everything it makes of a single sample."""

from dataclasses import dataclass

from engine.arrays import Array
from engine.data.dataset import Dataset
from engine.network import Network


@dataclass(frozen=True, eq=False)
class BlockMaps:
    """The maps (n, h, w) that one block gives, titled as people see it: `Conv 5, 3×3 → Sigmoid`."""

    slot: int
    title: str
    maps: Array


@dataclass(frozen=True, eq=False)
class Look:
    """One sample on its way through a network; the arrays are never written to.

    `image` (h, w) holds 0 for paper to 1 for ink. `label` is the true class, None if nobody knows.
    `classes` name the `outputs` (classes,).
    """

    sample: int
    image: Array
    label: int | None
    classes: tuple[int, ...]
    outputs: Array
    blocks: tuple[BlockMaps, ...]

    @property
    def predicted(self) -> int:
        """The class with the largest output."""
        return self.classes[int(self.outputs.argmax())]

    @property
    def confidence(self) -> float:
        """The largest output, as it is."""
        return float(self.outputs.max())


def take_look(network: Network, samples: Dataset, index: int) -> Look:
    """Run one sample through the network and keep what every convolution makes of it.

    Maps are shown behind the activation that directly follows the convolution, if there is one.
    """
    inputs = samples.batch_inputs(slice(index, index + 1), network.dtype)
    activations = network.activations(inputs)
    blocks = []
    for position, layer in enumerate(network.layers):
        if layer.slot.block.group != "Convolution":
            continue
        title, shown = layer.slot.label, position
        if position + 1 < len(network.layers):
            following = network.layers[position + 1].slot
            if following.block.group == "Activation":
                title, shown = f"{title} → {following.label}", position + 1
        blocks.append(BlockMaps(layer.slot.id, title, _frozen(activations[shown][0])))
    return Look(
        sample=index,
        image=_frozen(inputs[0, 0]),
        label=samples.classes[samples.labels[index]],
        classes=samples.classes,
        outputs=_frozen(activations[-1].reshape(-1)),
        blocks=tuple(blocks),
    )


def _frozen(array: Array) -> Array:
    array.setflags(write=False)
    return array
