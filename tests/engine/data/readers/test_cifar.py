from pathlib import Path

import numpy as np
import pytest

from engine.data import load
from engine.errors import DataError

FILES = [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]
ROWS = 100  # in the place of 10,000


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a small CIFAR-10 of random pixels; nobody writes to them."""
    folder = tmp_path_factory.mktemp("cifar")
    random = np.random.default_rng(0)
    for name in FILES:
        rows = random.integers(0, 256, (ROWS, 3073), np.uint8)
        rows[:, 0] = random.integers(0, 10, ROWS, np.uint8)
        (folder / name).write_bytes(rows.tobytes())
    return folder


@pytest.fixture
def cifar(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That CIFAR-10 in the place of a download; a test that changes a file replaces it."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path))
    monkeypatch.setattr("engine.data.known.known_sets._ROWS", ROWS)
    folder = tmp_path / "data" / "cifar-10"
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / name).hardlink_to(made / name)
    return folder


def test_the_binary_version_is_read_row_by_row(cifar: Path) -> None:
    training, test = load("cifar-10")
    assert (len(training), len(test)) == (5 * ROWS, ROWS)
    assert training.input_shape == (3, 32, 32)
    assert training.class_names[:3] == ("airplane", "automobile", "bird")
    for part, place, name, row in (
        (training, 0, FILES[0], 0),
        (training, 299, FILES[2], 99),
        (training, 499, FILES[4], 99),
        (test, 4, FILES[5], 4),
    ):
        data = (cifar / name).read_bytes()[row * 3073 : (row + 1) * 3073]
        assert part.labels[place] == data[0]
        for channel, y, x in ((0, 0, 0), (0, 31, 31), (1, 0, 0), (2, 7, 3), (2, 31, 31)):
            value = data[1 + channel * 1024 + y * 32 + x]
            assert part.images[place, channel, y, x] == value


@pytest.mark.parametrize("change", ["short", "long", "label"])
def test_a_damaged_file_is_named(cifar: Path, change: str) -> None:
    path = cifar / FILES[3]
    data = path.read_bytes()
    path.unlink()
    path.write_bytes(
        {"short": data[:-1], "long": data + b"\0", "label": b"\x0a" + data[1:]}[change]
    )
    words = {"label": "data_batch_4.bin has the label 10; 9 is the last"}
    with pytest.raises(DataError, match=words.get(change, "data_batch_4.bin has not the 307,300")):
        load("cifar-10")
