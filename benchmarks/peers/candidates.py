"""What is compared: for each candidate, how it makes one training step.

A step of a peer goes from float32 arrays that lie ready to changed weights, and ends when its loss
is a Python number. Layerscope's is the one that Training does: it also shuffles, scales the images
from bytes, counts the right answers, and tests a few samples after each epoch.
"""

from functools import partial

from benchmarks.peers.net import Net, inputs_and_targets
from benchmarks.peers.step import Maker, Step

OURS = "Layerscope"
PEERS = ("torch", "channels_last", "torch.compile", "jax.jit")
COMPILED = "torch.compile"  # takes minutes for a net
NOTEBOOK = "notebook"
ONE_BATCH = "one batch"  # Layerscope, of which every step can be foretold
PIECES = (  # of the native twin, and what stands in the place of each
    "nothing / the same again",
    "captured steps / calls from Python",
    "threads that watch / that sleep at once",
    "own threads, no replay / Python's threads",
    "Winograd / direct",
)
EPOCH_SAMPLES, EPOCH_BATCHES = 1024, 16  # an epoch of Layerscope has at least so many of both


def layerscope(net: Net, batch_size: int, threads: int, *, batches: int = 0) -> Step:
    """Pull the events of a training run, whose epochs have so many batches if it is said."""
    from benchmarks.peers.layerscope_step import LayerscopeStep

    batches = batches or max(EPOCH_BATCHES, EPOCH_SAMPLES // batch_size)
    return LayerscopeStep(net, batch_size, threads, batches=batches)


def without(net: Net, batch_size: int, threads: int, *, piece: str) -> Step:
    """Train with what is plain in the place of a hand-written piece; the process is left so."""
    from benchmarks.peers.plain_pieces import replace_piece

    replace_piece(piece)
    return layerscope(net, batch_size, threads)


def torch(
    net: Net,
    batch_size: int,
    threads: int,
    *,
    channels_last: bool = False,
    compiled: bool = False,
) -> Step:
    """Run PyTorch line by line, or let torch.compile make programs of it."""
    from benchmarks.peers.torch_step import TorchStep

    return TorchStep(net, batch_size, threads, channels_last=channels_last, compiled=compiled)


def jax_jit(net: Net, batch_size: int, threads: int) -> Step:
    """Let JAX compile the whole step."""
    from benchmarks.peers.jax_step import JaxStep

    return JaxStep(net, batch_size, threads)


def notebook(net: Net, batch_size: int, threads: int) -> Step:
    """Take the samples of a batch one after the other, as the notebook does with conv5."""
    from threadpoolctl import threadpool_limits

    from benchmarks.notebook_loop import notebook_net, train_sample

    threadpool_limits(1, "blas")  # two threads of BLAS make it several times slower
    images, targets = (array.astype("float64") for array in inputs_and_targets(net, batch_size))
    columns = targets[:, :, None]
    network, rate = notebook_net(), net["optimizer"]["learning_rate"]

    def step() -> float:
        pairs = zip(images, columns, strict=True)
        return sum(train_sample(network, *pair, rate) for pair in pairs) / batch_size

    return step


CANDIDATES: dict[str, Maker] = {
    OURS: layerscope,
    "torch": torch,
    "channels_last": partial(torch, channels_last=True),
    COMPILED: partial(torch, compiled=True),
    "jax.jit": jax_jit,
    NOTEBOOK: notebook,
    ONE_BATCH: partial(layerscope, batches=1),
    **{piece: partial(without, piece=piece) for piece in PIECES},
}
