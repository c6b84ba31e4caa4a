"""`main.py data cache`: what is kept of decoded images is shown, limited and cleared."""

from pathlib import Path

import numpy as np
import pytest

from engine.data.image_files.image_cache import USUAL_LIMIT, ImageCache
from tests.engine.cli.console import Console


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ImageCache:
    """Two sets of images of somewhat more than a megabyte."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path))
    made = ImageCache()
    for number in range(2):
        made.save(f"{number:064x}", np.zeros((1100, 1, 32, 32), np.uint8), b"[]")
    return made


def test_what_is_kept_is_shown(console: Console, cache: ImageCache, tmp_path: Path) -> None:
    answer = console.run("data", "cache")
    assert (answer.code, answer.err) == (0, "")
    folder = tmp_path / "cache" / "images"
    assert answer.out == f"2 sets of decoded images, 2.3 MB of at most 2,000 MB, in {folder}.\n"
    assert console.run("data", "cache", "--json").objects == [
        {"sets": 2, "bytes": cache.usage().size, "limit": USUAL_LIMIT, "folder": str(folder)}
    ]


def test_it_is_limited_and_cleared(console: Console, cache: ImageCache) -> None:
    assert console.run("data", "cache", "--limit", 2).out.startswith("1 set of decoded images, 1.1")
    assert cache.limit == 2_000_000
    assert console.run("data", "cache", "--clear").out.startswith("0 sets of decoded images, 0.0")
    assert cache.usage().sets == 0
    assert cache.limit == 2_000_000


@pytest.mark.parametrize("limit", ["-1", "1.5", "many", ""])
def test_a_limit_that_is_no_number_is_wrong_usage(
    console: Console, cache: ImageCache, limit: str
) -> None:
    answer = console.run("data", "cache", f"--limit={limit}")
    assert answer.code == 2
    assert f"{limit!r} is no" in answer.err
    assert cache.usage().sets == 2


def test_a_folder_that_cannot_be_changed_is_said(console: Console, cache: ImageCache) -> None:
    (cache.folder / "limit").mkdir()
    said = console.refused("data", "cache", "--limit", 5)
    assert f"The decoded images in {cache.folder} cannot be changed: " in said
