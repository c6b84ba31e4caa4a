"""A folder for sets, and a mirror that has one."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.engine.data.known.downloads import FILES
from tests.engine.data.mirror import Mirror, gives


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder into which sets go; no proxy is between."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("LAYERSCOPE_MIRROR", raising=False)
    return tmp_path / "data"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    """A mirror whose folder good/ has the small set."""
    with Mirror() as mirror:
        for name, content in FILES.items():
            mirror.answers[f"/good/{name}"] = gives(content)
        mirror.answers["/login"] = gives(b"login")
        yield mirror
