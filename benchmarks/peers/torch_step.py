"""The training step in PyTorch: plain functions over the arrays, fused optimizers."""

import time
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from benchmarks.peers.net import (
    Arrays,
    Block,
    Net,
    draw_arrays,
    fuses,
    inputs_and_targets,
    sources,
)
from benchmarks.peers.step import LayerSeconds

Function = Callable[..., Tensor]  # of what the block before gives, and what an Add adds
Own = Mapping[str, Tensor]  # the arrays of a block


class TorchStep:
    """A step on one batch, line by line or compiled, with maps in one of two layouts.

    With `channels_last` the channels of a pixel lie side by side.
    """

    def __init__(
        self,
        net: Net,
        batch_size: int,
        threads: int,
        *,
        channels_last: bool = False,
        compiled: bool = False,
    ) -> None:
        torch.set_num_threads(threads)
        layout = torch.channels_last if channels_last else torch.contiguous_format
        self._net = net
        self._arrays = [
            {name: tensor(array, name, layout) for name, array in own.items()}
            for own in draw_arrays(net)
        ]
        images, targets = map(torch.from_numpy, inputs_and_targets(net, batch_size))
        self._samples = images.contiguous(memory_format=layout), targets
        self._functions = functions_of(net, self._arrays)
        self._loss = loss_of(net, self._functions)
        if compiled:
            torch.compiler.reset()  # each cell is compiled for its own shapes
            self._loss = torch.compile(self._loss, dynamic=False)
        learning = [each for own in self._arrays for each in own.values() if each.requires_grad]
        self._optimizer = _optimizer(net, learning)

    def __call__(self) -> float:
        value = self._loss(*self._samples)
        self._optimizer.zero_grad()
        value.backward()
        self._optimizer.step()
        return float(value.item())

    def arrays(self) -> Arrays:
        """Copy the arrays of each block as they are now."""
        return [
            {
                name: tensor.detach().contiguous().numpy().reshape(block["arrays"][name]).copy()
                for name, tensor in own.items()
            }
            for block, own in zip(self._net["blocks"], self._arrays, strict=True)
        ]

    def layer_seconds(self) -> LayerSeconds:
        """Do a whole step, then one layer by layer; what these do not take is the rest."""
        self()  # awake, with all in its cache
        started = time.perf_counter()
        self()
        whole = time.perf_counter() - started
        found: LayerSeconds = []
        passes: list[tuple[Tensor, list[Tensor]]] = []
        values, taken = self._samples[0], sources(self._net)
        for function, own, source in zip(self._functions, self._arrays, taken, strict=False):
            inputs = [values.detach().requires_grad_(any(each for _, each in passes))]
            if source:
                learns = any(each for _, each in passes[:source])
                inputs.append(passes[source - 1][0].detach().requires_grad_(learns))
            started = time.perf_counter()
            values = function(*inputs)
            found.append((time.perf_counter() - started, 0.0))
            wanted = [each for each in (*inputs, *own.values()) if each.requires_grad]
            passes.append((values, wanted))
        gradient = torch.ones_like(values)
        joining: dict[int, list[Tensor]] = {}  # gradients that ways past other blocks bring
        for i, (outputs, wanted) in reversed(list(enumerate(passes))):
            if not wanted:
                break
            started = time.perf_counter()
            gradient = sum(joining.get(i + 1, []), gradient)
            gradients = torch.autograd.grad(outputs, wanted, gradient)
            found[i] = found[i][0], time.perf_counter() - started
            gradient = gradients[0]
            if any(each for _, each in passes[: taken[i]]):  # that it adds depends on weights
                joining.setdefault(taken[i], []).append(gradients[1])
        found += [(0.0, 0.0)] * (len(self._arrays) - len(found))
        return [*found, (whole - sum(map(sum, found)), 0.0)]


def tensor(array: Any, name: str, layout: torch.memory_format = torch.contiguous_format) -> Tensor:
    """Make a tensor of an array of a block, which learns unless it is only remembered."""
    made = torch.from_numpy(array)
    if made.ndim == 3:  # a bias for each position
        made = made[None]
    if made.ndim == 4:
        made = made.contiguous(memory_format=layout)
    return made if name.startswith("running_") else torch.nn.Parameter(made)


def functions_of(net: Net, arrays: list[dict[str, Tensor]]) -> list[Function]:
    """Return what the blocks do in training, without the activation that the loss does."""
    pairs = list(zip(net["blocks"], arrays, strict=True))
    return [
        _BLOCKS[block["kind"]](block, own) for block, own in pairs[: -1 if fuses(net) else None]
    ]


def loss_of(net: Net, functions: list[Function]) -> Callable[[Tensor, Tensor], Tensor]:
    """Return the function of images and targets that training makes smaller."""
    compare = _LOSSES[net["loss"], fuses(net)]
    taken = sources(net)
    steps = list(enumerate(zip(functions, taken, strict=False), 1))

    def loss(images: Tensor, targets: Tensor) -> Tensor:
        values = images
        kept: dict[int, Tensor] = {}
        for number, (function, source) in steps:
            values = function(values, kept[source]) if source else function(values)
            if number in taken:
                kept[number] = values
        return compare(values, targets)

    return loss


def _cross_entropy(outputs: Tensor, targets: Tensor) -> Tensor:
    return -(targets * outputs.log().clamp(min=-100)).sum(1).mean()


def _optimizer(net: Net, learning: list[Tensor]) -> torch.optim.Optimizer:
    """Make the optimizer; the fused ones are several times faster than the usual ones."""
    numbers = net["optimizer"]
    options: dict[str, Any] = {
        "lr": numbers["learning_rate"],
        "weight_decay": numbers["weight_decay"],
        "fused": True,
    }
    if numbers["kind"] == "sgd":
        momentum = numbers["momentum"]
        nesterov = bool(momentum and numbers["nesterov"])
        return torch.optim.SGD(learning, momentum=momentum, nesterov=nesterov, **options)
    adam = torch.optim.AdamW if numbers["kind"] == "adamw" else torch.optim.Adam
    return adam(learning, **options)


def _conv(block: Block, own: Own) -> Function:
    """Add the zeros that there are on both sides in the convolution, the others before it."""
    rows, columns = block["border"]
    extra = (0, columns[1] - columns[0], 0, rows[1] - rows[0])
    weight, bias, stride = own["weight"], own["bias"], block["options"]["stride"]
    groups = block["input_shape"][0] // weight.shape[1]

    def conv(maps: Tensor) -> Tensor:
        if any(extra):
            maps = functional.pad(maps, extra)
        padding = (rows[0], columns[0])
        if bias.ndim == 1:
            return functional.conv2d(maps, weight, bias, stride, padding, 1, groups)
        return functional.conv2d(maps, weight, None, stride, padding) + bias

    return conv


def _add(block: Block, own: Own) -> Function:
    if not own:
        return lambda values, added: values + added
    weight, bias, stride = own["weight"], own["bias"], block["options"]["stride"]
    return lambda values, added: values + functional.conv2d(added, weight, bias, stride)


def _pool(pool: Callable[..., Tensor], block: Block, own: Own) -> Function:
    size = block["options"]["size"]
    return lambda maps: pool(maps, size, block["options"]["stride"] or size)


def _dense(block: Block, own: Own) -> Function:
    return lambda vectors: functional.linear(vectors, own["weight"], own["bias"])


def _reshape(block: Block, own: Own) -> Function:
    shape = block["output_shape"]
    return lambda values: values.reshape(len(values), *shape)


def _batch_norm(block: Block, own: Own) -> Function:
    """Normalise; the function of torch itself also takes a batch of one vector."""
    arrays = own["weight"], own["bias"], own["running_mean"], own["running_variance"]
    return lambda values: torch.batch_norm(values, *arrays, True, 0.1, 1e-5, False)


def _group_norm(block: Block, own: Own) -> Function:
    groups, arrays = block["options"]["groups"], (own["weight"], own["bias"])

    def norm(values: Tensor) -> Tensor:
        # PyTorch 2.13 crashes in the backward pass of channels_last images that need no gradient.
        given = values if values.requires_grad else values.contiguous()
        return functional.group_norm(given, groups, *arrays, 1e-5)

    return norm


def _dropout(block: Block, own: Own) -> Function:
    return lambda values: functional.dropout(values, block["options"]["rate"], training=True)


def _leaky_relu(block: Block, own: Own) -> Function:
    return lambda values: functional.leaky_relu(values, block["options"]["slope"])


_BLOCKS: dict[str, Callable[[Block, Own], Function]] = {
    "conv": _conv,
    "depthwise_conv": _conv,
    "add": _add,
    "max_pool": partial(_pool, functional.max_pool2d),
    "avg_pool": partial(_pool, functional.avg_pool2d),
    "global_avg_pool": lambda block, own: lambda maps: maps.mean((2, 3)),
    "dense": _dense,
    "reshape": _reshape,
    "batch_norm": _batch_norm,
    "group_norm": _group_norm,
    "dropout": _dropout,
    "sigmoid": lambda block, own: torch.sigmoid,
    "tanh": lambda block, own: torch.tanh,
    "relu": lambda block, own: functional.relu,
    "leaky_relu": _leaky_relu,
    "elu": lambda block, own: functional.elu,
    "silu": lambda block, own: functional.silu,
    "gelu": lambda block, own: functional.gelu,
    "softmax": lambda block, own: partial(functional.softmax, dim=1),
}

# By the loss, and whether the activation before it is left out.
_LOSSES: dict[tuple[str, bool], Callable[[Tensor, Tensor], Tensor]] = {
    ("bce", True): functional.binary_cross_entropy_with_logits,
    ("bce", False): functional.binary_cross_entropy,
    ("cross_entropy", True): functional.cross_entropy,
    ("cross_entropy", False): _cross_entropy,
    ("mse", False): functional.mse_loss,
}
