"""Cautions: warnings about choices that let a network train, but badly.

That pixels arrive as 0 to 255, the notebook's own trap, is no caution here: images are kept as
bytes and every batch is scaled to 0..1 when it is read, so no setting or file can leave it out.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from engine.blocks import BatchNorm, Dropout, ReLU, Sigmoid, Softmax, Tanh
from engine.blocks.base import Fan
from engine.blocks.batch_norm import Normalisation
from engine.model.settings import Settings
from engine.model.stack import Row, Stack
from engine.training.optimizers import make_rule

_BYTES = 4  # of a float32
_LITTLE = 200_000_000  # bytes, less than half of any machine's memory: it need not be asked
_ADAM_LAYERS = 6  # hidden sigmoids that Adam does not get through with scaled initial weights


def cautions(
    stack: Stack, settings: Settings, samples: int | None, memory: int | None = None
) -> tuple[str, ...]:
    """Warn of what a fitting network will suffer from; say nothing of one with a problem.

    Each sentence says what may go wrong, why, and what to do.

    `samples` is the number of loaded training samples, before a validation split; None if no data
    is loaded yet. `memory` is that of the machine in bytes; None asks it.
    """
    report = stack.check(len(settings.classes), settings.loss)
    if report.problem is not None:
        return ()
    train = None if samples is None else settings.trained_samples(samples)
    network = _Network(stack, settings, report.rows, train)
    found = (
        *_everything_locked(network),
        *_sigmoids_that_jump(network),
        *_sigmoids_in_a_row(network),
        *_end_and_loss(network),
        *_batches(network),
        *_memory(network, memory),
    )
    return tuple(text[0].upper() + text[1:] for text in found)


@dataclass(frozen=True)
class _Network:
    """A fitting stack with what it will be trained by. `train` counts the training samples."""

    stack: Stack
    settings: Settings
    rows: tuple[Row, ...]
    train: int | None

    def named(self, position: int) -> str:
        return f"block {position + 1} ({self.stack.slots[position].label})"

    def source(self, position: int) -> int | None:
        """Find the block before a position that decides the range of its inputs; None: pixels."""
        for before in range(position - 1, -1, -1):
            if self.stack.slots[before].block.output_range != "same":
                return before
        return None

    def hidden_sigmoids(self) -> list[int]:
        """Find the Sigmoids that another layer with weights follows."""
        last = max((i for i, row in enumerate(self.rows) if _has_weights(row)), default=0)
        return [i for i in range(last) if isinstance(self.stack.slots[i].block, Sigmoid)]

    @property
    def uses_adam(self) -> bool:
        return self.settings.optimizer != "sgd"

    @property
    def steps(self) -> int | None:
        """How many steps the run will make."""
        if self.train is None:
            return None
        return math.ceil(self.train / self.settings.batch_size) * self.settings.epochs


def _has_weights(row: Row) -> bool:
    """Return whether a block sums its inputs, each times a weight."""
    assert row.input_shape is not None
    arrays = row.slot.known.initial_values(row.input_shape)
    return any(isinstance(values, Fan) for values in arrays.values())


def _everything_locked(network: _Network) -> Iterator[str]:
    """Warn if nothing is left that could learn."""
    learning = [row for row in network.rows if row.parameters]
    if learning and all(_is_locked(row) for row in learning):
        yield (
            "Everything that could learn is locked, so training changes nothing; unlock a block."
        )


def _is_locked(row: Row) -> bool:
    kernels = row.kernel_count
    return row.slot.locked or (kernels > 0 and len(row.slot.locked_kernels) == kernels)


def _sigmoids_that_jump(network: _Network) -> Iterator[str]:
    """Warn if the first steps of Adam throw a hidden Sigmoid to its flat ends.

    Behind a Sigmoid all n inputs of a unit are near 1/2, and Adam moves all their weights by its
    rate, at first in the same direction: the sum jumps by n · rate / 2. Trained with n = 3380, ten
    digits are learned up to 1.7 and stay at 10 % from 2.5 on; 2, 3 and 5 digits are learned up to
    3.4, by some seeds at 5.1, and not from 6.8 on.
    """
    if not network.uses_adam:
        return
    largest, slots = 2.0 if len(network.settings.classes) > 5 else 4.0, network.stack.slots
    for position in network.hidden_sigmoids():
        layer = network.source(position)
        source = None if layer is None else network.source(layer)
        if layer is None or source is None or not isinstance(slots[source].block, Sigmoid):
            continue
        weight = (network.rows[layer].array_shapes or {}).get("weight", ())
        inputs, rate = math.prod(weight[1:]), network.settings.learning_rate
        if len(weight) > 1 and inputs * rate / 2 > largest:
            better = float(f"{largest / inputs:.0e}")
            yield (
                f"{network.named(position)} may never learn: each unit of "
                f"{network.named(layer)} sums {inputs:,} values near 0.5, and Adam at a rate of "
                f"{rate:g} pushes that sum to where a Sigmoid is flat; use a rate of {better:g}, "
                f"or a Tanh instead of {network.named(source)}."
            )


def _sigmoids_in_a_row(network: _Network) -> Iterator[str]:
    """Warn if a run is too short, or its rate too small, to get through the hidden Sigmoids.

    With scaled initial weights each weakens the signal and the gradient by about 4. Measured with
    2 to 10 classes, steps · rate must reach about 25 for 2 hidden Sigmoids and ten classes with
    SGD, 16 times as much for each further one and less for fewer classes (squared); with Adam
    0.08, and twice as much for each, and from six on it got nowhere. Standard normal weights are
    large enough to get through, and BatchNorm makes the signal large again.
    """
    settings, hidden, steps = network.settings, network.hidden_sigmoids(), network.steps
    normalised = any(isinstance(slot.block, Normalisation) for slot in network.stack)
    if not hidden or normalised or settings.initializer == "normal":
        return
    count, share = len(hidden), len(settings.classes) / 10
    hopeless = network.uses_adam and count >= _ADAM_LAYERS
    if network.uses_adam:
        rate, wanted = settings.learning_rate, 0.02 * 2**count * share
    else:
        rate, wanted = settings.learning_rate / (1 - settings.momentum), 25 * 16 ** (count - 2)
        wanted *= share**2
    if not hopeless and (steps is None or steps * rate >= wanted):
        return
    layers = "a hidden Sigmoid weakens" if count == 1 else f"{count} hidden Sigmoids weaken"
    run, cure = "", "put Tanh or ReLU in their place, or a BatchNorm between them"
    if not hopeless:
        run = f" in the {steps:,} steps of this run at a rate of {settings.learning_rate:g}"
        cure = "raise the learning rate or the epochs, or put Tanh or ReLU in their place"
    yield f"{layers} the gradient so much that the network will hardly learn{run}; {cure}."


def _end_and_loss(network: _Network) -> Iterator[str]:
    """Warn if the last blocks give what the loss cannot make good use of."""
    last = network.source(len(network.rows))
    if last is None:
        return
    block, loss = network.stack.slots[last].block, network.settings.loss
    name, before = network.named(last), network.source(last)
    if isinstance(block, Dropout):
        if block.rate > 0:
            yield (
                f"{name} leaves out outputs while training, so right answers count as wrong; "
                "move it before the last Dense."
            )
    elif loss == "mse" and block.output_range == "any" and not isinstance(block, Tanh):
        yield (
            f"{name} gives values of any size, but the targets are 0 and 1, so mean squared error "
            "punishes outputs beyond the target; end with a Sigmoid."
        )
    elif loss == "bce" and isinstance(block, Softmax):
        yield (
            f"{name} gives probabilities that add up to 1, but binary cross-entropy judges each "
            "output alone and learns more slowly; use categorical cross-entropy, or end with a "
            "Sigmoid."
        )
    if isinstance(block, Sigmoid | Softmax) and before is not None:
        giver = network.stack.slots[before].block
        if isinstance(giver, Sigmoid | Softmax | ReLU):
            yield (
                f"{name} follows {network.named(before)}, which gives no negative values, so it "
                f"cannot give low outputs; remove {network.named(before)}."
            )


def _batches(network: _Network) -> Iterator[str]:
    """Warn of batches that are too small or too large."""
    size = network.settings.batch_size
    normal = [i for i, slot in enumerate(network.stack) if isinstance(slot.block, BatchNorm)]
    if normal and size == 1:
        yield (
            f"{network.named(normal[0])} compares the samples of a batch, but a batch has only "
            "one; set the batch size to 16 or more."
        )
    if network.train is not None and size > network.train:
        yield (
            f"A batch of {size:,} is more than the {network.train:,} training samples, so that an "
            "epoch is a single step; make the batch smaller to learn faster."
        )


def _memory(network: _Network, memory: int | None) -> Iterator[str]:
    """Warn if the weights and what training keeps beside them fill half of the memory.

    So may the activations of a batch, all of which BatchNorm needs at the same time.
    """
    arrays = 3 + len(make_rule(network.settings).memories)  # weights, checkpoint, gradient
    largest = max(range(len(network.rows)), key=lambda i: network.rows[i].parameters or 0)
    needed = _BYTES * arrays * sum(row.parameters or 0 for row in network.rows)
    words = _if_it_fills_half(needed, memory)
    if words:
        yield (
            f"training needs {needed / 1e9:.2g} GB for weights, gradients and the optimizer, "
            f"{words}; make {network.named(largest)} smaller."
        )
    size = min(network.settings.batch_size, network.train or math.inf)
    values = sum(math.prod(row.output_shape or ()) for row in network.rows)
    needed = int(_BYTES * size * values)
    normal = [i for i, slot in enumerate(network.stack) if isinstance(slot.block, BatchNorm)]
    words = _if_it_fills_half(needed, memory) if normal else ""
    if words:
        yield (
            f"{network.named(normal[0])} needs all of a batch at the same time, {needed / 1e9:.2g} "
            f"GB for what all blocks make of {size:,} samples, {words}; make the batch smaller."
        )


def _if_it_fills_half(needed: int, memory: int | None) -> str:
    """Say how much memory there is if so many bytes are more than half of it."""
    if memory is None:
        if needed < _LITTLE:
            return ""
        import psutil  # takes 15 ms

        memory = psutil.virtual_memory().total
    return f"much of this machine's {memory / 1e9:.2g} GB" if needed > memory / 2 else ""
