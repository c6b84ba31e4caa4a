"""An executor that is interrupted, or whose threads fail: nothing changes and nothing waits."""

import threading

import numpy as np
import pytest

from engine import blocks as kinds
from engine.array_types import Array
from engine.errors import InterruptedWorkError
from engine.training.executor import Executor
from tests.engine.networks import BLOCKS, MODERN, ArrayBatch, batch, fitting, network, summed
from tests.engine.training_runs import StopAfter


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("asked", [1, 9, 30])
def test_an_interruption_changes_nothing_and_the_work_can_be_done_again(
    asked: int, threads: int
) -> None:
    net, drawn = network(fitting(), np.float32), batch(600)
    whole = Executor(net, "bce", threads=threads)
    before, right = net.copy_weights(), summed(whole.gradients(drawn))
    whole.close()
    executor = Executor(net, "bce", threads=threads, interrupted=StopAfter(asked))
    with pytest.raises(InterruptedWorkError):
        executor.gradients(drawn)
    for slot, arrays in net.copy_weights().items():
        for name, array in arrays.items():
            assert np.array_equal(array, before[slot][name]), "bit for bit"
    for key, gradient in summed(executor.gradients(drawn)).items():
        assert np.array_equal(gradient, right[key])
    executor.close()


class FailingBatch(ArrayBatch):
    """Cannot be read behind its middle."""

    def inputs(self, part: slice, dtype: object, pool: object = None) -> Array:
        if part.start:
            raise OSError("the disk is gone")
        return self.samples[part]


@pytest.mark.parametrize(
    ("blocks", "loss"),
    [
        (BLOCKS, "bce"),
        (MODERN, "cross_entropy"),
    ],
)
def test_a_fault_in_another_thread_reaches_the_caller(
    blocks: tuple[kinds.KnownBlock, ...], loss: str
) -> None:
    executor = Executor(network(fitting(blocks, loss=loss)), loss, threads=2)
    drawn = batch(40)
    with pytest.raises(OSError, match="the disk is gone"):
        executor.gradients(FailingBatch(drawn.samples, drawn.wanted))
    assert executor.gradients(drawn).correct >= 0
    executor.close()


def test_an_executor_that_cannot_be_made_leaves_no_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_memory(executor: Executor, slots: object) -> None:
        raise MemoryError

    before = threading.active_count()
    monkeypatch.setattr(Executor, "lock", no_memory)
    with pytest.raises(MemoryError):
        Executor(network(fitting()), "bce", threads=3)
    assert threading.active_count() == before
