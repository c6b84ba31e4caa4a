"""Image files are decoded once: the second time, the same comes from the cache."""

import errno
import os
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
import pytest

from engine.data.image_files import bulk_decoding, kept_decoding
from engine.data.image_files.bulk_decoding import DecodedImages, decode_images
from engine.data.image_files.image_cache import ImageCache
from engine.data.image_files.kept_decoding import decode_once
from engine.data.image_files.listing import ImageEntry, list_folder
from engine.data.image_form import AS_IS, ImageForm
from engine.data.images import StoredImages
from engine.data.reading import unheard
from tests.engine.data.pictures import image_bytes, noise


@pytest.fixture(autouse=True)
def everything_is_worth_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.image_files.kept_decoding.WORTH_SECONDS", 0.0)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[ImageForm]:
    """The forms that files were decoded to."""
    forms: list[ImageForm] = []

    def decode(files, form, source, report, room):  # type: ignore[no-untyped-def]
        forms.append(form)
        return decode_images(files, form, source, report, room)

    monkeypatch.setattr("engine.data.image_files.kept_decoding.decode_images", decode)
    return forms


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    place = tmp_path / "pets"
    for number in range(6):
        path = place / ("cat" if number % 2 else "dog") / f"{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(image_bytes(noise(5 + number, 7)))
    (place / "cat" / "bad.png").write_bytes(b"no image")
    return place


def once(folder: Path, form: ImageForm, cache: ImageCache) -> DecodedImages:
    return decode_once(list_folder(folder).images, form, "pets", unheard, cache)


def assert_same(one: DecodedImages, other: DecodedImages) -> None:
    assert np.array_equal(one.images[:], other.images[:])
    assert one.places.tolist() == other.places.tolist()
    for field in ("refused", "turned", "transparent", "resized", "notes"):
        assert getattr(one, field) == getattr(other, field)


def test_the_second_time_the_same_comes_from_the_cache(
    folder: Path, tmp_path: Path, counted: list[ImageForm]
) -> None:
    cache = ImageCache(tmp_path / "cache")
    for form in (AS_IS, ImageForm(16, "grey", "crop")):
        counted.clear()
        first, second = once(folder, form, cache), once(folder, form, cache)
        assert counted == [form]
        assert_same(first, second)
        assert first.refused[0].file == "cat/bad.png"
        assert_same(first, decode_images(list_folder(folder).images, form, "pets", unheard))
    assert cache.usage().sets == 2


def test_a_folder_that_was_moved_is_known_again(
    folder: Path, tmp_path: Path, counted: list[ImageForm]
) -> None:
    cache = ImageCache(tmp_path / "cache")
    first = once(folder, AS_IS, cache)
    assert_same(first, once(folder.rename(tmp_path / "elsewhere"), AS_IS, cache))
    assert len(counted) == 1


@pytest.mark.parametrize("change", ["content", "name", "one more", "one less"])
def test_what_changes_is_decoded_anew(
    folder: Path, tmp_path: Path, counted: list[ImageForm], change: str
) -> None:
    cache, path = ImageCache(tmp_path / "cache"), folder / "cat" / "1.png"
    once(folder, AS_IS, cache)
    before = path.stat()
    other = noise(6, 7)
    match change:
        case "content":
            path.write_bytes(image_bytes(255 - other))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))  # only the content tells
        case "name":
            path.rename(path.with_name("0.png"))
        case "one more":
            path.with_name("7.png").write_bytes(image_bytes(other))
        case "one less":
            path.unlink()
    found = once(folder, AS_IS, cache)
    assert len(counted) == 2
    assert_same(found, decode_images(list_folder(folder).images, AS_IS, "pets", unheard))


def test_files_that_change_while_they_are_decoded_are_not_kept(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, settle = ImageCache(tmp_path / "cache"), bulk_decoding._settle

    def change_and_settle(*looked: Any) -> Any:
        (folder / "cat" / "1.png").write_bytes(image_bytes(noise(3, 3)))
        return settle(*looked)

    with monkeypatch.context() as changing:  # after the sizes were looked at
        changing.setattr(bulk_decoding, "_settle", change_and_settle)
        once(folder, AS_IS, cache)
    assert cache.usage().sets == 0
    once(folder, AS_IS, cache)
    assert cache.usage().sets == 1


def test_what_the_cache_cannot_have_is_read_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, opened = ImageCache(tmp_path / "cache"), []

    def noted(file: ImageEntry) -> ImageEntry:
        def note() -> BinaryIO:
            opened.append(file.name)
            return file.open()

        return ImageEntry(file.name, note)

    form = ImageForm(9, "grey")  # of which nothing has to be looked up beforehand
    files = [noted(file) for file in list_folder(folder).images]
    for times in (1, 2):  # then for the key alone
        decode_once(files, form, "pets", unheard, cache)
        assert sorted(opened) == sorted([file.name for file in files] * times)


def test_what_is_decoded_soon_is_not_kept(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.image_files.kept_decoding.WORTH_SECONDS", 60.0)
    cache = ImageCache(tmp_path / "cache")
    once(folder, AS_IS, cache)
    assert cache.usage().sets == 0


def test_another_decoder_knows_nothing_of_what_is_kept(
    folder: Path, tmp_path: Path, counted: list[ImageForm], monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = ImageCache(tmp_path / "cache")
    once(folder, AS_IS, cache)
    monkeypatch.setattr("PIL.__version__", "0.0")
    kept_decoding._decoder.cache_clear()
    once(folder, AS_IS, cache)
    kept_decoding._decoder.cache_clear()
    assert len(counted) == 2


def test_damage_of_the_cache_gives_the_images_all_the_same(
    folder: Path, tmp_path: Path, counted: list[ImageForm]
) -> None:
    cache = ImageCache(tmp_path / "cache")
    first = once(folder, AS_IS, cache)
    (path,) = cache.folder.glob("*.images")
    path.write_bytes(path.read_bytes()[:-1])
    assert_same(first, once(folder, AS_IS, cache))
    assert_same(first, once(folder, AS_IS, cache))
    assert len(counted) == 2  # the damaged file was made anew


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("image_cache", "kept_decoding"):
        monkeypatch.setattr(f"engine.data.image_files.{module}.LARGE", 100)
    monkeypatch.setattr("engine.data.image_files.kept_decoding._HELD_BYTES", 1)
    monkeypatch.setattr("engine.data.image_files.bulk_decoding._TOGETHER", 2)


needs_rooms = pytest.mark.skipif(
    not hasattr(os, "posix_fallocate"), reason="room on the disk cannot be reserved"
)
FORMS = [AS_IS, ImageForm(16, "rgb"), ImageForm(9, "grey", "crop"), ImageForm(5)]


@needs_rooms
@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("grey", [False, True])
def test_very_many_images_are_decoded_into_a_file(
    folder: Path, tmp_path: Path, form: ImageForm, grey: bool
) -> None:
    if grey:  # which only the pixels say
        for path in folder.rglob("[0-9].png"):
            path.write_bytes(image_bytes(np.repeat(noise(5, 7)[..., :1], 3, axis=2)))
    cache = ImageCache(tmp_path / "cache")
    first, second = once(folder, form, cache), once(folder, form, cache)
    expected = decode_images(list_folder(folder).images, form, "pets", unheard)
    for found in (first, second):
        assert isinstance(found.images, StoredImages)
        assert_same(found, expected)
    if form.colour == "as_is":
        assert first.images.shape[1] == (1 if grey else 3)
    assert [path.suffix for path in cache.folder.iterdir()] == [".images"]


@needs_rooms
@pytest.mark.usefixtures("few_are_many")
def test_more_than_may_be_kept_is_in_a_file_as_long_as_it_is_used(
    folder: Path, tmp_path: Path
) -> None:
    cache = ImageCache(tmp_path / "cache")
    cache.set_limit(10)
    found = once(folder, AS_IS, cache)
    assert isinstance(found.images, StoredImages)
    assert [path.name for path in cache.folder.iterdir()] == ["limit"]
    assert_same(found, decode_images(list_folder(folder).images, AS_IS, "pets", unheard))


@needs_rooms
@pytest.mark.usefixtures("few_are_many")
def test_a_disk_without_room_costs_memory(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    cache = ImageCache(tmp_path / "cache")
    cache.set_limit(10)
    monkeypatch.setattr(os, "posix_fallocate", full)
    found = once(folder, AS_IS, cache)
    assert isinstance(found.images, np.ndarray)
    assert_same(found, decode_images(list_folder(folder).images, AS_IS, "pets", unheard))
    assert "cannot be kept ([Errno 28]" in caplog.text
    assert [path.name for path in cache.folder.iterdir()] == ["limit"]


@needs_rooms
@pytest.mark.usefixtures("few_are_many")
def test_reading_that_is_ended_leaves_no_file(folder: Path, tmp_path: Path) -> None:
    cache, files = ImageCache(tmp_path / "cache"), list_folder(folder).images

    def end(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decode_once(files, AS_IS, "pets", end, cache)
    assert list(cache.folder.iterdir()) == []
