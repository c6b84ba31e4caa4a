from pathlib import Path

import numpy as np
import pytest

from engine.data import load
from engine.errors import DataError

FILES = [*(f"data_batch_{number}.bin" for number in range(1, 6)), "test_batch.bin"]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of a CIFAR-10 of random pixels; nobody writes to them."""
    folder = tmp_path_factory.mktemp("cifar")
    random = np.random.default_rng(0)
    rows = random.integers(0, 256, (10_000, 3073), np.uint8)
    for name in FILES:
        rows += 37  # those of each file differ: random numbers for all take longer than the test
        rows[:, 0] = random.integers(0, 10, 10_000, np.uint8)
        (folder / name).write_bytes(rows.tobytes())
    return folder


@pytest.fixture
def cifar(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """That CIFAR-10 in the place of a download; a test that changes a file replaces it."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path))
    folder = tmp_path / "data" / "cifar-10"
    folder.mkdir(parents=True)
    for name in FILES:
        (folder / name).hardlink_to(made / name)
    return folder


def test_the_binary_version_is_read_row_by_row(cifar: Path) -> None:
    training, test = load("cifar-10")
    assert (len(training), len(test)) == (50_000, 10_000)
    assert training.input_shape == (3, 32, 32)
    assert training.class_names[:3] == ("airplane", "automobile", "bird")
    for part, place, name, row in (
        (training, 0, FILES[0], 0),
        (training, 29_999, FILES[2], 9_999),
        (training, 49_999, FILES[4], 9_999),
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
    with pytest.raises(DataError, match=words.get(change, "data_batch_4.bin has not the 30,730,0")):
        load("cifar-10")
