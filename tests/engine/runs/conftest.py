"""What all tests of runs begin with."""

import pytest


@pytest.fixture(autouse=True)
def time_to_copy(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no test depend on how long its epochs take: there is time to copy each of them."""
    monkeypatch.setattr("engine.runs.recorder.KEPT_SHARE", 1e9)
