"""A training that is asked to stop ends soon, whatever the network is made of."""

from functools import partial

import pytest

from benchmarks.stacks import RandomStack, make_random_training, random_stack
from engine.training.run import Training
from engine.training.warm_up import warm_up
from tests.soak.stops import StopRequest, stop_times

MOST = 0.1  # seconds; as long as the window's Stop may take
BATCH = 256


@pytest.mark.soak
@pytest.mark.timing
@pytest.mark.parametrize("number", range(40))
def test_random_stacks_stop_within_a_tenth_of_a_second(number: int) -> None:
    warm_up()
    assert stop_times(partial(_training, random_stack(17, number))).longest < MOST


def _training(net: RandomStack, request: StopRequest) -> Training:
    return make_random_training(net, BATCH, interrupted=request)
