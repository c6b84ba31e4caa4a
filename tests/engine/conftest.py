"""What holds for the tests of the engine."""

import pytest

from engine.training import batch_splitting

LAYER_WORK = batch_splitting.LAYER_WORK  # as it is in the program


@pytest.fixture(autouse=True)
def shards_of_any_size(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let each sample be worth a thread: the networks of tests are small, but are to be split."""
    monkeypatch.setattr(batch_splitting, "LAYER_WORK", 0)
