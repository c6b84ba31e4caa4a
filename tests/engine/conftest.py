"""What holds for the tests of the engine."""

from collections.abc import Iterator

import pytest

from engine.training import executor

# As they are in the program.
LAYER_WORK, WEIGHT_WORK = executor.LAYER_WORK, executor.WEIGHT_WORK


@pytest.fixture(scope="package", autouse=True)
def shards_of_any_size() -> Iterator[None]:
    """Let each sample be worth a thread: the networks of tests are small, but are to be split."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(executor, "LAYER_WORK", 0)
        patch.setattr(executor, "WEIGHT_WORK", 0)
        yield
