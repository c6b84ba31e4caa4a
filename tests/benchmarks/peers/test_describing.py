"""Nets as plain data: what all candidates of the comparison build their step of."""

import json
import math
import subprocess
import sys
from functools import cache

import pytest

from benchmarks.peers.describing import (
    built,
    conv_nets,
    describe,
    named_nets,
    random_net,
)
from benchmarks.peers.net import Net, draw_arrays, fuses, inputs_and_targets
from engine.blocks import KINDS, Dense, Reshape, Sigmoid
from engine.model.losses import LOSSES
from engine.model.network import Network
from engine.model.settings import Settings
from engine.model.stack import Stack
from tests.paths import ROOT

RANDOM = 12
FIXED = {net["name"]: net for net, _ in (*conv_nets(), *named_nets())}


@cache
def _all_nets() -> list[Net]:
    return [*FIXED.values(), *(random_net(number, 0) for number in range(RANDOM))]


def test_json_can_hold_every_net_and_the_same_stack_is_built_of_it() -> None:
    for net in _all_nets():
        read = json.loads(json.dumps(net))
        assert read == net
        assert describe(net["name"], *built(read)) == net


def test_every_kind_of_block_loss_and_optimizer_is_described() -> None:
    nets = _all_nets()
    assert {block["kind"] for net in nets for block in net["blocks"]} == set(KINDS), (
        "a new kind needs its lines in benchmarks/stacks.py and in the peers"
    )
    assert {net["loss"] for net in nets} == set(LOSSES)
    assert {net["optimizer"]["kind"] for net in nets} == {"sgd", "adam", "adamw"}


def test_the_arrays_are_those_that_the_engine_computes_with() -> None:
    for net in _all_nets():
        stack, settings = built(net)
        ids = [slot.id for slot in stack]
        weights = dict(zip(ids, draw_arrays(net), strict=True))
        network = Network(stack.check(10, settings.loss), weights)
        images, targets = inputs_and_targets(net, 3)
        outputs = network.activations(images)[-1]
        assert outputs.reshape(3, -1).shape == targets.shape
        for layer, block in zip(network.layers, net["blocks"], strict=True):
            assert math.prod(layer.output_shape) == math.prod(block["output_shape"])
            columns = len(layer.output_shape) == 2
            assert columns or list(layer.output_shape) == block["output_shape"]


@pytest.mark.parametrize(("loss", "fused"), [("bce", True), ("mse", False)])
def test_the_last_activation_is_left_out_where_the_loss_does_it(loss: str, fused: bool) -> None:
    stack = Stack().appended(Reshape(), Dense(units=10), Sigmoid())
    assert fuses(describe("net", stack, Settings().with_changes(loss=loss))) == fused


@pytest.mark.peers
def test_the_peers_train_the_same_nets() -> None:
    command = [sys.executable, "benchmarks/peers/check.py", "--random", str(RANDOM)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=280, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
