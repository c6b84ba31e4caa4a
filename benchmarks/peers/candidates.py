"""What is compared: for each candidate, how it makes one training step.

A step of a peer goes from float32 arrays that lie ready to changed weights, and ends when its loss
is a Python number. Layerscope's is the one that Training does: it also shuffles, scales the images
from bytes, and counts the right answers.
"""

from collections.abc import Callable
from typing import Any

from benchmarks.peers.nets import LEARNING_RATE, NETS, samples, weights

Step = Callable[[], object]  # trains on one batch
Maker = Callable[[str, int, int], Step]  # from the net's name, the batch size and the threads


def layerscope(net: str, batch_size: int, threads: int) -> Step:
    """Pull the events of a training run."""
    from engine.training.benchmark import NETS, conv_stack, make_training
    from engine.training.run import BatchDone

    training = make_training(conv_stack(NETS[net]).check(10, "bce"), batch_size, threads)
    events = training.run()

    def step() -> None:
        while not isinstance(next(events), BatchDone):
            pass

    return step


def torch_eager(net: str, batch_size: int, threads: int) -> Step:
    """Run PyTorch line by line."""
    return _torch(net, batch_size, threads, compiled=False)


def torch_compile(net: str, batch_size: int, threads: int) -> Step:
    """Let torch.compile make one program of the forward pass and one of the backward pass."""
    return _torch(net, batch_size, threads, compiled=True)


def jax_jit(net: str, batch_size: int, threads: int) -> Step:
    """Let JAX compile the whole step; the weights' memory is given away to their successors."""
    import jax
    import jax.numpy as jnp

    def loss(arrays: Any, images: Any, targets: Any) -> Any:
        values = images
        for i in range(0, len(arrays) - 4, 2):
            values = jax.lax.conv_general_dilated(
                values, arrays[i], (1, 1), "VALID", dimension_numbers=("NCHW", "OIHW", "NCHW")
            )
            values = jax.nn.sigmoid(values + arrays[i + 1])
        values = values.reshape(len(values), -1)
        values = jax.nn.sigmoid(values @ arrays[-4].T + arrays[-3])
        values = jax.nn.sigmoid(values @ arrays[-2].T + arrays[-1])
        hit = jnp.maximum(jnp.log(values), -100)
        miss = jnp.maximum(jnp.log1p(-values), -100)
        return -(targets * hit + (1 - targets) * miss).mean()

    def update(arrays: Any, images: Any, targets: Any) -> Any:
        value, gradients = jax.value_and_grad(loss)(arrays, images, targets)
        return value, [a - LEARNING_RATE * g for a, g in zip(arrays, gradients, strict=True)]

    compiled = jax.jit(update, donate_argnums=0)
    held = [jnp.asarray(array) for array in weights(NETS[net])]
    images, targets = map(jnp.asarray, samples(batch_size))

    def step() -> float:
        nonlocal held
        value, held = compiled(held, images, targets)
        return float(value)

    return step


def notebook(net: str, batch_size: int, threads: int) -> Step:
    """Take the samples of a batch one after the other, as the notebook does."""
    from threadpoolctl import threadpool_limits

    from benchmarks.notebook_loop import notebook_net, train_sample

    threadpool_limits(1, "blas")  # two threads of BLAS make it several times slower
    images, targets = (array.astype("float64") for array in samples(batch_size))
    columns = targets[:, :, None]
    network = notebook_net()

    def step() -> None:
        for image, target in zip(images, columns, strict=True):
            train_sample(network, image, target, LEARNING_RATE)

    return step


def _torch(net: str, batch_size: int, threads: int, *, compiled: bool) -> Step:
    import torch
    import torch.nn.functional as functional

    torch.set_num_threads(threads)
    arrays = [torch.nn.Parameter(torch.from_numpy(array)) for array in weights(NETS[net])]
    images, targets = map(torch.from_numpy, samples(batch_size))
    optimizer = torch.optim.SGD(arrays, lr=LEARNING_RATE)

    def loss(images: Any, targets: Any) -> Any:
        values = images
        for i in range(0, len(arrays) - 4, 2):
            values = torch.sigmoid(functional.conv2d(values, arrays[i]) + arrays[i + 1])
        values = values.flatten(1)
        values = torch.sigmoid(functional.linear(values, arrays[-4], arrays[-3]))
        values = torch.sigmoid(functional.linear(values, arrays[-2], arrays[-1]))
        return functional.binary_cross_entropy(values, targets)

    if compiled:
        torch.compiler.reset()  # each cell is compiled for its own shapes
        loss = torch.compile(loss)

    def step() -> float:
        value = loss(images, targets)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        return float(value.item())

    return step


CANDIDATES: dict[str, Maker] = {
    "Layerscope": layerscope,
    "torch": torch_eager,
    "torch.compile": torch_compile,
    "jax.jit": jax_jit,
    "notebook": notebook,
}
