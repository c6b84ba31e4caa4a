"""The warm-up: what trains afterwards waits for no loop to be loaded or compiled."""

import json

import pytest

from tests.engine.marks import needs_the_compiler
from tests.programs import Programs

# Notes the loops that are still asked for.
NOTED = """
import json
import numpy as np
from engine.compute.native.machine_code import compiled
from benchmarks.stacks import make_random_training, random_stack, vgg_stack
from engine.training.warm_up import warm_up

asked = []
load = compiled._KeptCode.load_overload

def noted(kept, *given):
    asked.append(kept._loop)
    return load(kept, *given)

compiled._KeptCode.load_overload = noted
"""

# Trains random networks and the VGG-like one, at batches of each kind.
TRAINED = """
from engine.cli import bench
from engine.training.dataset_batch import DatasetBatch
from engine.training.events import EpochDone

warm_up()
asked.clear()

def train(training):
    for _, event in zip(range(4), training.run()):  # the fourth step is replayed whole
        assert not isinstance(event, EpochDone)
    training.executor.outputs(DatasetBatch(training.train, np.arange(5)))
    training.close()

for batch in (1, 9):
    train(bench.make_training(vgg_stack(batch_norm=True).check(10, "bce"), batch))
    for number in range(4):
        drawn = random_stack(3, number, most_multiply_adds=100_000)
        train(make_random_training(drawn, batch))
print(json.dumps(asked))
"""

# Explains a step of random networks by each loss.
EXPLAINED = """
from engine.explain.training_step import take_step
from engine.model.losses import LOSSES

warm_up(np.float64)
asked.clear()
for number in range(6):
    drawn = random_stack(3, number, most_multiply_adds=100_000)
    image = np.random.default_rng(number).random(drawn.stack.input_shape)
    for loss in LOSSES:
        report = drawn.stack.check(10, loss)
        if report.problem is None:
            take_step(report, {}, drawn.settings.with_changes(loss=loss), image, 3)
print(json.dumps(asked))
"""


@needs_the_compiler
@pytest.mark.parametrize("done", [TRAINED, EXPLAINED], ids=["trained", "explained"])
def test_networks_of_all_kinds_ask_for_no_other_loop(programs: Programs, done: str) -> None:
    ended = programs.start("-c", NOTED + done).ended(60)
    assert (ended.code, ended.err) == (0, "")
    assert json.loads(ended.out) == []
