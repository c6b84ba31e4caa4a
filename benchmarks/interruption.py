"""Measure how long a training works on after it was asked to stop, where that takes longest.

Usage: .venv/bin/python benchmarks/interruption.py [STACKS [SEED [BATCH]]]

For the VGG-like net with and without BatchNorm at several batch sizes, and for so many (30) random
stacks at a batch size (256): the longest time between a request and the end of the work, for which
the window's Stop waits. Exits with 1 if any is above 100 ms.
"""

import sys
from collections.abc import Iterator
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.stacks import RandomStack, make_random_training, random_stack, vgg_stack
from engine.model.settings import Settings
from engine.training.run import Training
from engine.training.warm_up import warm_up
from tests.soak.stops import StopRequest, stop_times

BOUND = 0.1  # seconds
BATCH = 256
VGG_BATCHES = (64, 256, 1024, 4096)
SETTINGS = Settings(
    loss="cross_entropy",
    optimizer="adam",
    learning_rate=1e-6,
    classes=tuple(range(10)),
    limit=0,
)


def main(stacks: int, seed: int, batch: int) -> int:
    """Measure and print."""
    warm_up()
    slowest, longest = "", 0.0
    for net, size in [*_vgg_nets(), *_random_nets(stacks, seed, batch)]:
        times = stop_times(partial(_training, net, size))
        late = times.longest > BOUND
        print(
            f"{net.name:<20} batch {size:>6,}: a step {1000 * times.step:>7,.0f} ms, "
            f"Stop {1000 * times.longest:>5,.0f} ms{f'  <-- outside: {net.words}' if late else ''}",
            flush=True,
        )
        if times.longest > longest:
            slowest, longest = f"{net.name} at batch {size:,}", times.longest
    print(f"longest: {1000 * longest:,.0f} ms, {slowest} (bound {1000 * BOUND:g} ms)")
    return 0 if longest <= BOUND else 1


def _training(net: RandomStack, size: int, request: StopRequest) -> Training:
    return make_random_training(net, size, interrupted=request)


def _vgg_nets() -> Iterator[tuple[RandomStack, int]]:
    for size in VGG_BATCHES:
        yield RandomStack("VGG-like", vgg_stack(batch_norm=False), SETTINGS), size
        yield RandomStack("VGG-like, BatchNorm", vgg_stack(batch_norm=True), SETTINGS), size


def _random_nets(count: int, seed: int, size: int) -> Iterator[tuple[RandomStack, int]]:
    for number in range(count):
        yield random_stack(seed, number), size


if __name__ == "__main__":
    given = [int(each) for each in sys.argv[1:]]
    sys.exit(main(*given, *(30, 0, BATCH)[len(given) :]))
