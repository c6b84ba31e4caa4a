import pytest

from engine.training.shares import BATCH, over_processes


@pytest.mark.timing
def test_processes_train_on_their_shares_at_the_same_time() -> None:
    point = over_processes(4, 0.2)
    assert (point.processes, point.share) == (4, BATCH // 4)
    assert point.samples_per_second > 0
    # No more than a processor can do in the time, which each core has once.
    assert 0 < point.processor_seconds < 1
