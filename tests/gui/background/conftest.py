"""What tests of several files of this room start from."""

from collections.abc import Iterator

import pytest

from tests.gui.background.inspection import Bench


@pytest.fixture
def bench(monkeypatch: pytest.MonkeyPatch) -> Iterator[Bench]:
    """Return a training of the notebook's network, and what looks into it."""
    bench = Bench(monkeypatch)
    yield bench
    bench.training.close()
