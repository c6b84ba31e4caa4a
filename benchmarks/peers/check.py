"""Check that the candidates train the same nets, so that it is the same work that is timed.

Usage: .venv/bin/python benchmarks/peers/check.py [--help]

From the same weights and samples, and with no Dropout, every peer takes one step of plain gradient
descent: its loss and all arrays after it must be those of Layerscope. Then it takes three steps
with the net's own optimizer, and the losses must be the same.
"""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from benchmarks.peers.candidates import COMPILED, ONE_BATCH, PEERS
from benchmarks.peers.describing import named_nets, random_nets
from benchmarks.peers.net import Block, Net, Optimizer, Values, draw_arrays
from benchmarks.peers.process import Candidate

OWN_RATE, OWN_STEPS = 0.001, 3
# Of the losses, and of the largest change in an array. Most agree to 1e-5; where a BatchNorm over a
# few samples leaves little of the sums before it, rounding is what one sees.
TOLERANCE = 1e-2
PATIENCE = 300.0  # seconds
PLAIN: Optimizer = {
    "kind": "sgd",
    "learning_rate": 1.0,
    "momentum": 0.0,
    "nesterov": False,
    "weight_decay": 0.0,
}


class Outcome(NamedTuple):
    """What some steps came to: the loss of each, and the arrays after them by block and name."""

    losses: list[float]
    arrays: dict[str, Values]


def main() -> None:
    """Print a line per net and peer; end with 1 if one of them computes something else."""
    options = _options()
    names = [name for name in PEERS if name != COMPILED or options.compiled]
    ours, *peers = (Candidate(each, options.threads, PATIENCE) for each in (ONE_BATCH, *names))
    worst = 0.0
    try:
        for net in _nets(options):
            wanted = _outcomes(ours, net, options.batch)
            for peer in peers:
                gap = _difference(net, _outcomes(peer, net, options.batch), wanted)
                worst = max(worst, gap)
                print(f"{net['name']:<12}{peer.name:<16}{gap:>9.1e}", flush=True)
    finally:
        for candidate in (ours, *peers):
            candidate.close()
    print(f"largest difference {worst:.1e}, at most {TOLERANCE:g} is rounding")
    sys.exit(not worst <= TOLERANCE)


def comparable(net: Net, optimizer: Optimizer) -> Net:
    """Return the net with another optimizer, and with nothing in it that is random."""
    calm: list[Block] = [
        {**block, "options": {"rate": 0.0}} if block["kind"] == "dropout" else block
        for block in net["blocks"]
    ]
    return {**net, "blocks": calm, "optimizer": optimizer}


def _outcomes(candidate: Candidate, net: Net, batch_size: int) -> tuple[Outcome, Outcome]:
    """Return what a plain step, and what some of the net's own, come to."""
    plain = _outcome(candidate, comparable(net, PLAIN), batch_size, 1)
    own: Optimizer = {**net["optimizer"], "learning_rate": OWN_RATE}
    return plain, _outcome(candidate, comparable(net, own), batch_size, OWN_STEPS)


def _outcome(candidate: Candidate, net: Net, batch_size: int, steps: int) -> Outcome:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "arrays.npz"
        candidate.begin(net, batch_size, steps=steps, path=str(path))
        losses = candidate.losses()
        with np.load(path) as held:
            return Outcome(losses, dict(held))


def _difference(net: Net, found: tuple[Outcome, Outcome], wanted: tuple[Outcome, Outcome]) -> float:
    """Return the largest difference of any loss, and of any array after the plain step."""
    both = zip(found, wanted, strict=True)
    losses = ((a, b) for one, other in both for a, b in zip(one.losses, other.losses, strict=True))
    gaps = [abs(a - b) / abs(b) for a, b in losses]
    for i, own in enumerate(draw_arrays(net)):
        for name, start in own.items():
            one, other = (each[0].arrays[f"{i}.{name}"] for each in (found, wanted))
            scale = np.abs(other - start).max() + np.abs(other).max() / 100
            gaps.append(float(np.abs(one - other).max() / scale))
    return max(gaps)


def _nets(options: argparse.Namespace) -> Iterator[Net]:
    """List each net once."""
    cells = [*named_nets(), *random_nets(options.random, options.seed)]
    yield from {net["name"]: net for net, _ in cells}.values()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Check that the peers train the same nets.")
    parser.add_argument("--random", metavar="N", type=int, default=20, help="so many random stacks")
    parser.add_argument("--seed", metavar="S", type=int, default=0, help="which ones")
    parser.add_argument("--batch", metavar="N", type=int, default=8)
    parser.add_argument("--threads", metavar="N", type=int, default=2)
    parser.add_argument("--compiled", action="store_true", help="check torch.compile, too: slow")
    return parser.parse_args()


if __name__ == "__main__":
    main()
