"""Gradients of random stacks with skip connections against PyTorch's, in double precision."""

import itertools
import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.peers.check import PLAIN, comparable
from benchmarks.peers.describing import built, describe
from benchmarks.peers.net import CLASSES, Net, draw_arrays, inputs_and_targets
from benchmarks.stacks import random_stack
from engine.array_types import Array
from engine.model.network import Network
from engine.model.weights import Weights
from engine.training.executor import Executor
from tests import peers
from tests.engine.networks import ArrayBatch, summed

STACKS, SAMPLES = 300, 7
_IN_TORCH = f"""
import json
from pathlib import Path
import numpy as np
import torch
from benchmarks.peers.net import draw_arrays, inputs_and_targets
from benchmarks.peers.torch_step import functions_of, loss_of, tensor

torch.set_num_threads(1)
for net in json.loads(Path("nets.json").read_text("utf-8")):
    arrays = [
        {{name: tensor(array.astype(float), name) for name, array in own.items()}}
        for own in draw_arrays(net)
    ]
    samples = [torch.from_numpy(each).double() for each in inputs_and_targets(net, {SAMPLES})]
    loss_of(net, functions_of(net, arrays))(*samples).backward()
    found = {{
        f"{{number}}.{{name}}": each.grad
        for number, own in enumerate(arrays, 1)
        for name, each in own.items()
        if each.requires_grad
    }}
    np.savez(net["name"] + ".npz", **found)
"""


def _nets_with_skips() -> list[Net]:
    """Describe random stacks that add something, without what is random in a step."""
    drawn = (
        random_stack(39, number, most_side=16, most_multiply_adds=300_000)
        for number in itertools.count()
    )
    skipping = (each for each in drawn if any(slot.block.kind == "add" for slot in each.stack))
    nets = (describe(each.name, each.stack, each.settings) for each in skipping)
    return [comparable(net, PLAIN) for net in itertools.islice(nets, STACKS)]


def _gradients(net: Net) -> dict[str, Array]:
    """Differentiate by the Executor, in two threads."""
    stack, settings = built(net)
    weights: Weights = {
        slot.id: {name: array.astype(np.float64) for name, array in own.items()}
        for slot, own in zip(stack, draw_arrays(net), strict=True)
    }
    network = Network(stack.check(CLASSES, settings.loss), weights, np.float64)
    executor = Executor(network, settings.loss, threads=2)
    try:
        result = executor.gradients(ArrayBatch(*inputs_and_targets(net, SAMPLES)))
        return {f"{key.slot_id}.{key.name}": found for key, found in summed(result).items()}
    finally:
        executor.close()


@pytest.mark.peers
def test_gradients_past_blocks_are_those_of_pytorch(tmp_path: Path) -> None:
    nets = _nets_with_skips()
    assert sum(block["kind"] == "add" for net in nets for block in net["blocks"]) > STACKS
    (tmp_path / "nets.json").write_text(json.dumps(nets), "utf-8")
    peers.run_python("-c", _IN_TORCH, cwd=tmp_path)
    for net in nets:
        with np.load(tmp_path / f"{net['name']}.npz") as held:
            wanted = dict(held)
        found = _gradients(net)
        assert found.keys() == wanted.keys()
        largest = max(np.abs(each).max() for each in wanted.values())
        for name, right in wanted.items():
            gap = np.abs(found[name].reshape(right.shape) - right).max()
            # Before a BatchNorm, the gradient of a bias is what rounding leaves of larger ones.
            assert gap <= max(1e-9 * np.abs(right).max(), 1e-11 * largest), (net["words"], name)
