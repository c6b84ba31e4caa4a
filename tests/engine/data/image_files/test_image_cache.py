"""What was decoded of image files is kept: right or not at all, and no more than is allowed."""

import errno
import logging
import os
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from engine.data.image_files.image_cache import USUAL_LIMIT, ImageCache, Usage
from engine.data.images import StoredImages
from tests.programs import Programs

KEYS = [f"{number:064x}" for number in range(5)]


def images(seed: int, count: int = 10) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (count, 3, 4, 5), dtype=np.uint8)


@pytest.fixture
def cache(tmp_path: Path) -> ImageCache:
    return ImageCache(tmp_path / "cache" / "images")


def only_file(cache: ImageCache) -> Path:
    (path,) = cache.folder.glob("*.images")
    return path


def test_what_was_saved_is_loaded(cache: ImageCache) -> None:
    assert cache.load(KEYS[0]) is None
    cache.save(KEYS[0], images(0), b'{"a":1}')
    found = cache.load(KEYS[0])
    assert found is not None
    assert isinstance(found[0], np.ndarray)
    assert np.array_equal(found[0], images(0))
    assert found[1] == b'{"a":1}'
    assert cache.load(KEYS[1]) is None


def test_very_many_images_stay_in_the_file(
    cache: ImageCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.image_files.image_cache.LARGE", 100)
    cache.save(KEYS[0], images(0), b"[]")
    found = cache.load(KEYS[0])
    assert found is not None
    assert isinstance(found[0], StoredImages)
    assert np.array_equal(found[0][:], images(0))
    assert ImageCache(cache.folder).load(KEYS[0]) is not None  # which is no change of the file
    cache.clear()
    assert np.array_equal(found[0][:], images(0))


def test_every_damage_of_a_file_makes_it_as_if_it_were_not_there(
    cache: ImageCache, caplog: pytest.LogCaptureFixture
) -> None:
    cache.save(KEYS[0], images(0), b"[]")
    path, dice = only_file(cache), np.random.default_rng(3)
    whole = path.read_bytes()
    for _ in range(300):
        content = bytearray(whole)
        match dice.integers(3):
            case 0:
                content[dice.integers(len(content))] ^= int(dice.integers(1, 256))
            case 1:
                del content[dice.integers(len(content)) :]
            case 2:
                content += bytes(dice.integers(1, 50))
        path.write_bytes(content)
        assert cache.load(KEYS[0]) is None
    assert "is not used (it is damaged). The images are decoded anew." in caplog.text
    cache.save(KEYS[0], images(0), b"[]")
    assert cache.load(KEYS[0]) is not None


def test_a_file_of_another_key_is_not_taken(cache: ImageCache) -> None:
    """Its checksum is right."""
    cache.save(KEYS[0], images(0), b"[]")
    only_file(cache).rename(cache.folder / f"{KEYS[1]}.images")
    assert cache.load(KEYS[1]) is None


def test_what_is_in_the_place_of_a_file_is_no_error(cache: ImageCache) -> None:
    (cache.folder / f"{KEYS[0]}.images").mkdir(parents=True)
    assert cache.load(KEYS[0]) is None
    cache.save(KEYS[0], images(0), b"[]")
    assert cache.load(KEYS[0]) is None


def test_the_least_recently_used_goes_first(cache: ImageCache) -> None:
    for place, key in enumerate(KEYS[:3]):
        cache.save(key, images(place), b"[]")
        os.utime(cache.folder / f"{key}.images", (place, place))
    size = cache.usage().size // 3
    assert cache.usage().sets == 3
    assert cache.load(KEYS[0]) is not None  # now KEYS[1] was used least recently
    cache.set_limit(3 * size + 5)
    cache.save(KEYS[3], images(3), b"[]")
    kept = [key for key in KEYS if cache.load(key) is not None]
    assert kept == [KEYS[0], KEYS[2], KEYS[3]]


def test_a_lower_limit_holds_at_once_and_for_other_programs(cache: ImageCache) -> None:
    assert cache.limit == USUAL_LIMIT
    cache.save(KEYS[0], images(0), b"[]")
    cache.set_limit(0)
    assert cache.usage() == Usage(0, 0)
    other = ImageCache(cache.folder)
    assert other.limit == 0
    other.save(KEYS[0], images(0), b"[]")
    assert other.usage() == Usage(0, 0)


@pytest.mark.parametrize("content", [b"", b"many", b"\xff\xfe", b"1" * 5000])
def test_a_limit_that_cannot_be_read_is_the_usual_one(cache: ImageCache, content: bytes) -> None:
    cache.folder.mkdir(parents=True)
    (cache.folder / "limit").write_bytes(content)
    assert cache.limit in (USUAL_LIMIT, int("1" * 20))
    (cache.folder / "limit").write_bytes(b"-5")
    assert cache.limit == 0


def test_clearing_leaves_what_belongs_to_others(cache: ImageCache) -> None:
    cache.save(KEYS[0], images(0), b"[]")
    (cache.folder / "mine.txt").write_text("mine")
    (cache.folder / f"{KEYS[1]}.images.{'0' * 32}").write_bytes(b"left by one that was killed")
    cache.set_limit(12345)
    cache.clear()
    assert {each.name for each in cache.folder.iterdir()} == {"mine.txt", "limit"}
    assert cache.limit == 12345


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
def test_a_disk_that_takes_nothing_costs_a_line_in_the_log(
    cache: ImageCache,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    number: int,
) -> None:
    def fail(*_arguments: object) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(Path, "replace", fail)
    cache.save(KEYS[0], images(0), b"[]")
    assert list(cache.folder.iterdir()) == []
    assert [each.levelno for each in caplog.records] == [logging.WARNING]
    assert f"Decoded images cannot be kept ([Errno {number}]" in caplog.text


_WRITER = """
import sys, warnings
warnings.simplefilter("error")
from pathlib import Path
import numpy as np
from engine.data.image_files.image_cache import ImageCache
cache, keys = ImageCache(Path(sys.argv[1])), [f"{n:064x}" for n in range(5)]
cache.set_limit(7000)
for turn in range(150):
    number = (turn * int(sys.argv[2])) % 5
    images = np.random.default_rng(number).integers(0, 256, (40, 3, 4, 5), dtype=np.uint8)
    found = cache.load(keys[number])
    assert found is None or np.array_equal(found[0], images)
    cache.save(keys[number], images, b"[]")
"""


def test_programs_that_use_it_at_the_same_time_do_not_disturb_each_other(
    cache: ImageCache, programs: Programs
) -> None:
    writers = [programs.start("-c", _WRITER, cache.folder, str(step)) for step in (1, 2, 3)]
    assert [writer.ended() for writer in writers] == [(0, "", "")] * 3
    assert 1 <= cache.usage().sets <= 5
