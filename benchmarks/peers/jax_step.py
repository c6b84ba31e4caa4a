"""The training step in JAX: the whole of it is compiled, with its state given away."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

from benchmarks.peers.net import (
    Arrays,
    Block,
    Net,
    draw_arrays,
    fuses,
    inputs_and_targets,
    sources,
)

Array = Any  # of jax
Own = Mapping[str, Array]  # the arrays of a block
State = dict[str, Any]  # of the training


class JaxStep:
    """A step on one batch; the memory of the state is given away to its successor."""

    def __init__(self, net: Net, batch_size: int, threads: int) -> None:
        self._update = jax.jit(partial(_update, net), donate_argnums=0)
        self._samples = [jnp.asarray(each) for each in inputs_and_targets(net, batch_size)]
        arrays = draw_arrays(net)
        learning, running = (
            [
                {
                    name: jnp.asarray(array)
                    for name, array in own.items()
                    if name.startswith("running_") == remembered
                }
                for own in arrays
            ]
            for remembered in (False, True)
        )
        self._state: State = {
            "learning": learning,
            "running": running,
            "memories": [jax.tree.map(jnp.zeros_like, learning) for _ in range(_memories(net))],
            "step": jnp.zeros((), jnp.int32),
        }

    def __call__(self) -> float:
        loss, self._state = self._update(self._state, *self._samples)
        return float(loss)

    def arrays(self) -> Arrays:
        """Copy the arrays of each block as they are now."""
        pairs = zip(self._state["learning"], self._state["running"], strict=True)
        return [{name: np.array(each) for name, each in {**a, **b}.items()} for a, b in pairs]


def _update(net: Net, state: State, images: Array, targets: Array) -> tuple[Array, State]:
    """Do a step: the loss before it, and the state after it."""
    step = state["step"] + 1
    key = jax.random.fold_in(jax.random.key(0), step)

    def loss(learning: Any) -> tuple[Array, Any]:
        return _loss(net, learning, state["running"], key, images, targets)

    (value, running), gradients = jax.value_and_grad(loss, has_aux=True)(state["learning"])
    learning, memories = _optimized(net, state["learning"], gradients, state["memories"], step)
    return value, {"learning": learning, "running": running, "memories": memories, "step": step}


def _loss(
    net: Net, learning: Any, running: Any, key: Array, images: Array, targets: Array
) -> tuple[Array, Any]:
    """Return the loss of a batch, and the running statistics after it."""
    values, after, outputs = images, list(running), list[Array]()
    for i, (block, source) in enumerate(zip(net["blocks"], sources(net), strict=True)):
        if block["kind"] == "batch_norm":
            values, after[i] = _batch_norm(values, learning[i], running[i])
        elif block["kind"] == "dropout":
            values = _dropout(values, block["options"]["rate"], jax.random.fold_in(key, i))
        elif source:
            values = _add(block, learning[i], values, outputs[source - 1])
        elif i < len(net["blocks"]) - 1 or not fuses(net):
            values = _BLOCKS[block["kind"]](block, learning[i], values)
        outputs.append(values)
    return _LOSSES[net["loss"], fuses(net)](values, targets), after


def _memories(net: Net) -> int:
    """Count the arrays, as large as the weights, that the optimizer keeps from step to step."""
    numbers = net["optimizer"]
    return int(numbers["momentum"] > 0) if numbers["kind"] == "sgd" else 2


def _optimized(
    net: Net, weights: Any, gradients: Any, memories: list[Any], step: Array
) -> tuple[Any, list[Any]]:
    """Return the weights and the optimizer's memories after a step."""
    numbers = net["optimizer"]
    rate, decay, momentum = (numbers[n] for n in ("learning_rate", "weight_decay", "momentum"))
    both = jax.tree.map
    if decay and numbers["kind"] != "adamw":
        gradients = both(lambda g, w: g + decay * w, gradients, weights)
    if numbers["kind"] == "sgd":
        if not momentum:
            return both(lambda w, g: w - rate * g, weights, gradients), memories
        velocity = both(lambda v, g: momentum * v + g, memories[0], gradients)
        change = velocity
        if numbers["nesterov"]:
            change = both(lambda g, v: g + momentum * v, gradients, velocity)
        return both(lambda w, c: w - rate * c, weights, change), [velocity]
    if numbers["kind"] == "adamw":
        weights = both(lambda w: w * (1 - rate * decay), weights)
    means = both(lambda m, g: 0.9 * m + 0.1 * g, memories[0], gradients)
    squares = both(lambda s, g: 0.999 * s + 0.001 * g * g, memories[1], gradients)
    mean_scale = rate / (1 - 0.9 ** step.astype(jnp.float32))
    square_scale = 1 / (1 - 0.999 ** step.astype(jnp.float32))

    def changed(w: Array, m: Array, s: Array) -> Array:
        return w - mean_scale * m / (jnp.sqrt(s * square_scale) + 1e-8)

    return both(changed, weights, means, squares), [means, squares]


def _conv(block: Block, own: Own, maps: Array) -> Array:
    outputs = _convolved(block, own, maps, block["border"])
    bias = own["bias"]
    return outputs + (bias if bias.ndim == 3 else bias[:, None, None])


def _convolved(block: Block, own: Own, maps: Array, border: Any) -> Array:
    stride = (block["options"]["stride"],) * 2
    axes = ("NCHW", "OIHW", "NCHW")
    groups = maps.shape[1] // own["weight"].shape[1]
    return lax.conv_general_dilated(
        *(maps, own["weight"], stride, border),
        dimension_numbers=axes,
        feature_group_count=groups,
    )


def _add(block: Block, own: Own, values: Array, added: Array) -> Array:
    if not own:
        return values + added
    return values + _convolved(block, own, added, "VALID") + own["bias"][:, None, None]


def _pool(start: float, join: Callable[..., Array], block: Block, own: Own, maps: Array) -> Array:
    size = block["options"]["size"]
    step = block["options"]["stride"] or size
    return lax.reduce_window(maps, start, join, (1, 1, size, size), (1, 1, step, step), "VALID")


def _avg_pool(block: Block, own: Own, maps: Array) -> Array:
    return _pool(0.0, lax.add, block, own, maps) / block["options"]["size"] ** 2


def _batch_norm(values: Array, own: Own, running: Own) -> tuple[Array, Own]:
    axes = (0, *range(2, values.ndim))
    shape = (-1, *(1,) * (values.ndim - 2))
    mean, variance = values.mean(axes), values.var(axes)
    inverse = lax.rsqrt(variance + 1e-5)
    normal = (values - mean.reshape(shape)) * (inverse * own["weight"]).reshape(shape)
    count = values.size // values.shape[1]
    after = {"running_mean": mean, "running_variance": variance * (count / max(count - 1, 1))}
    after = {name: 0.9 * running[name] + 0.1 * newest for name, newest in after.items()}
    return normal + own["bias"].reshape(shape), after


def _group_norm(block: Block, own: Own, values: Array) -> Array:
    groups = values.reshape(len(values), block["options"]["groups"], -1)
    mean, variance = groups.mean(2, keepdims=True), groups.var(2, keepdims=True)
    normal = ((groups - mean) * lax.rsqrt(variance + 1e-5)).reshape(values.shape)
    shape = (-1, *(1,) * (values.ndim - 2))
    return normal * own["weight"].reshape(shape) + own["bias"].reshape(shape)


def _dropout(values: Array, rate: float, key: Array) -> Array:
    kept = jax.random.bernoulli(key, 1 - rate, values.shape)
    return jnp.where(kept, values / (1 - rate), 0)


def _binary_cross_entropy(outputs: Array, targets: Array) -> Array:
    hit, miss = jnp.log(outputs), jnp.log1p(-outputs)
    return -(targets * jnp.maximum(hit, -100) + (1 - targets) * jnp.maximum(miss, -100)).mean()


def _binary_cross_entropy_of_logits(logits: Array, targets: Array) -> Array:
    hit, miss = jax.nn.log_sigmoid(logits), jax.nn.log_sigmoid(-logits)
    return -(targets * hit + (1 - targets) * miss).mean()


_BLOCKS: dict[str, Callable[[Block, Own, Array], Array]] = {
    "group_norm": _group_norm,
    "conv": _conv,
    "depthwise_conv": _conv,
    "max_pool": partial(_pool, -jnp.inf, lax.max),
    "avg_pool": _avg_pool,
    "global_avg_pool": lambda block, own, maps: maps.mean((2, 3)),
    "dense": lambda block, own, vectors: vectors @ own["weight"].T + own["bias"],
    "reshape": lambda block, own, values: values.reshape(len(values), *block["output_shape"]),
    "sigmoid": lambda block, own, values: jax.nn.sigmoid(values),
    "tanh": lambda block, own, values: jnp.tanh(values),
    "relu": lambda block, own, values: jax.nn.relu(values),
    "leaky_relu": lambda block, own, values: jax.nn.leaky_relu(values, block["options"]["slope"]),
    "elu": lambda block, own, values: jax.nn.elu(values),
    "silu": lambda block, own, values: jax.nn.silu(values),
    "gelu": lambda block, own, values: jax.nn.gelu(values, approximate=False),
    "softmax": lambda block, own, values: jax.nn.softmax(values),
}

# By the loss, and whether the activation before it is left out.
_LOSSES: dict[tuple[str, bool], Callable[[Array, Array], Array]] = {
    ("bce", True): _binary_cross_entropy_of_logits,
    ("bce", False): _binary_cross_entropy,
    ("cross_entropy", True): lambda x, t: -(t * jax.nn.log_softmax(x)).sum(1).mean(),
    ("cross_entropy", False): lambda y, t: -(t * jnp.maximum(jnp.log(y), -100)).sum(1).mean(),
    ("mse", False): lambda y, t: jnp.square(y - t).mean(),
}
