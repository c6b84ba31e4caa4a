import re
from pathlib import Path

import numpy as np
import pytest

from engine.data import load, sources
from engine.data.known import known_sets
from engine.data.known.known_sets import KNOWN_SETS, megabytes
from engine.errors import DataError
from engine.model.settings import Settings
from engine.struct_fields import fields_of
from tests.engine.data.idx_files import write_idx, write_pair

FOUR = (
    ("train-images-idx3-ubyte.gz", "train-labels-idx1-ubyte.gz"),
    ("t10k-images-idx3-ubyte.gz", "t10k-labels-idx1-ubyte.gz"),
)


@pytest.fixture(autouse=True)
def own_places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path))
    monkeypatch.setattr(known_sets, "PACKAGES", tmp_path / "packages")
    return tmp_path


def write_four(folder: Path, digit: int) -> None:
    folder.mkdir(parents=True)
    for images, labels in FOUR:
        write_pair(folder, [digit, digit, digit], images, labels)


def test_every_set_has_what_is_shown_and_checked() -> None:
    for name, known in KNOWN_SETS.items():
        assert known.name == name
        assert known.licence
        assert known.mirrors
        for address in known.mirrors:  # no plain http, and a folder
            assert re.fullmatch(r"https://[^ ]+/", address)
        for file in known.files:
            assert re.fullmatch("[0-9a-f]{64}", file.sha256)
            assert file.size > 0
        assert len({file.sha256 for file in known.files}) == len(known.files)
        assert len(set(known.file_names)) == len(known.file_names)
        assert all(re.fullmatch(r"[\w.-]+", each) for each in known.file_names)
    assert megabytes(KNOWN_SETS["fashion-mnist"].size) == "30.9 MB"
    assert megabytes(KNOWN_SETS["emnist-digits"].size) == "562 MB"


def test_the_form_of_the_settings_suggests_the_same_sets_by_the_same_names() -> None:
    (field,) = [field for field in fields_of(Settings) if field.name == "dataset"]
    assert tuple(field.suggestions) == sources.NAMES
    for name, known in KNOWN_SETS.items():
        assert dict(field.suggestions)[name] == known.title


@pytest.mark.parametrize("name", sorted(KNOWN_SETS))
def test_a_set_that_is_not_here_says_all_ways_to_get_it(name: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        load(name)
    text = str(caught.value)
    assert text.startswith(f"{KNOWN_SETS[name].title} is not on this machine.")
    assert f"with: data get {name}." in text
    assert "main.py" not in text, "the window says it too"
    assert megabytes(KNOWN_SETS[name].size) in text
    assert ("apt install dataset-fashion-mnist" in text) == (name == "fashion-mnist")
    assert str(tmp_path / "data" / name) in text
    assert sources.why_missing(name) == text


def test_a_package_goes_before_a_download_and_a_download_before_nothing(tmp_path: Path) -> None:
    write_four(tmp_path / "data" / "fashion-mnist", 3)
    assert load("fashion-mnist")[0].class_names == ("Dress",)
    write_four(tmp_path / "packages" / "fashion-mnist", 8)
    assert load("fashion-mnist")[0].class_names == ("Bag",)


def test_the_digits_of_emnist_are_turned_upright(tmp_path: Path) -> None:
    folder = tmp_path / "data" / "emnist-digits"
    folder.mkdir(parents=True)
    lying = np.random.default_rng(0).integers(0, 256, (4, 5, 6), np.uint8)
    for images, labels in FOUR:
        write_idx(folder / images, lying.shape, lying.ravel().tolist())
        write_idx(folder / labels, (4,), [0, 1, 0, 1])
    for part in load("emnist-digits"):
        assert part.input_shape == (1, 6, 5)
        for place in range(4):
            assert part.images[place, 0].tolist() == lying[place].T.tolist()


def test_a_damaged_download_says_how_to_get_it_again_and_a_package_does_not(
    tmp_path: Path,
) -> None:
    for place, name in (("data", "kmnist"), ("packages", "fashion-mnist")):
        folder = tmp_path / place / name
        write_four(folder, 1)
        (folder / FOUR[0][0]).write_bytes(b"damaged")
        with pytest.raises(DataError) as caught:
            load(name)
        text = str(caught.value)
        assert f"{folder / FOUR[0][0]} is no IDX file" in text
        again = text.endswith(f"To download KMNIST again, delete the folder {folder} first.")
        assert again == ("delete" in text) == (place == "data")
