"""The fingerprint of data: it is another one where anything of the data is."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from engine.data import images
from engine.data.dataset import Dataset, fingerprint
from engine.data.images import ImageFile, LazyImages
from engine.inputs.scaling import Scaling

PIXELS = np.random.default_rng(5).integers(0, 256, (40, 1, 5, 5), dtype=np.uint8)
LABELS = np.arange(40) % 2
DATA = Dataset(PIXELS, LABELS, (3, 8), class_names=("cat", "dog"))


def with_pixel(value: int) -> Dataset:
    changed = PIXELS.copy()
    changed[39, 0, 4, 4] = value
    return replace(DATA, images=changed)


def test_the_same_content_has_the_same_fingerprint() -> None:
    again = Dataset(PIXELS.copy(), LABELS.astype(np.int64), (3, 8), "other", ("cat", "dog"))
    assert fingerprint(again, DATA) == fingerprint(DATA, DATA)
    assert fingerprint(replace(DATA, scaling=Scaling((0.5,), (0.1,)))) == fingerprint(DATA)
    assert len(fingerprint(DATA)) == 64


@pytest.mark.parametrize(
    "other",
    [
        with_pixel((int(PIXELS[39, 0, 4, 4]) + 1) % 256),
        replace(DATA, labels=LABELS[::-1]),
        replace(DATA, classes=(3, 9)),
        replace(DATA, class_names=("cat", "cow")),
        DATA.take(np.arange(39)),
        replace(DATA, images=PIXELS.reshape(40, 1, 1, 25)),
        replace(DATA, images=PIXELS[::-1], labels=LABELS),
    ],
)
def test_other_pixels_labels_classes_names_or_shapes_have_another(other: Dataset) -> None:
    assert fingerprint(DATA, other) != fingerprint(DATA, DATA)
    assert fingerprint(other, DATA) != fingerprint(DATA, DATA)


def test_images_in_a_file_have_the_fingerprint_of_those_in_memory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = fingerprint(DATA)
    (tmp_path / "pixels").write_bytes(PIXELS.tobytes())
    stored = LazyImages(ImageFile(tmp_path / "pixels", 0, (40, 5, 5)))
    assert fingerprint(replace(DATA, images=stored)) == expected
    monkeypatch.setattr(images.blocks, "__defaults__", (75,))  # three images at a time
    assert fingerprint(replace(DATA, images=stored)) == expected == fingerprint(DATA)


def test_of_very_many_images_some_all_over_them_are_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.data.dataset.LARGE", 500)
    monkeypatch.setattr(images.blocks, "__defaults__", (50,))  # of two images, every second one
    last = with_pixel((int(PIXELS[39, 0, 4, 4]) + 1) % 256)
    assert fingerprint(last) == fingerprint(DATA)
    changed = PIXELS.copy()
    changed[37] ^= 1
    assert fingerprint(replace(DATA, images=changed)) != fingerprint(DATA)
