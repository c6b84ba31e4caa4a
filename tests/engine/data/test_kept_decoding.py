"""Image files are decoded once: the second time, the same comes from the cache."""

import os
from pathlib import Path

import numpy as np
import pytest

from engine.data import kept_decoding
from engine.data.image_cache import ImageCache
from engine.data.image_files import list_folder
from engine.data.image_form import AS_IS, ImageForm
from engine.data.image_reading import DecodedImages, decode_images
from engine.data.images import StoredImages
from engine.data.kept_decoding import decode_once
from engine.data.reading import unheard
from tests.engine.data.pictures import image_bytes, noise


@pytest.fixture(autouse=True)
def everything_is_worth_keeping(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.kept_decoding.WORTH_SECONDS", 0.0)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[ImageForm]:
    """The forms that files were decoded to."""
    forms: list[ImageForm] = []

    def decode(files, form, source, report):  # type: ignore[no-untyped-def]
        forms.append(form)
        return decode_images(files, form, source, report)

    monkeypatch.setattr("engine.data.kept_decoding.decode_images", decode)
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
    cache = ImageCache(tmp_path / "cache")

    def change_and_decode(files, form, source, report):  # type: ignore[no-untyped-def]
        (folder / "cat" / "1.png").write_bytes(image_bytes(noise(3, 3)))
        return decode_images(files, form, source, report)

    monkeypatch.setattr("engine.data.kept_decoding.decode_images", change_and_decode)
    once(folder, AS_IS, cache)
    assert cache.usage().sets == 0


def test_what_is_decoded_soon_is_not_kept(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.kept_decoding.WORTH_SECONDS", 60.0)
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


def test_very_many_images_do_not_stay_in_memory(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("image_cache", "kept_decoding"):
        monkeypatch.setattr(f"engine.data.{module}.LARGE", 100)
    found = once(folder, AS_IS, ImageCache(tmp_path / "cache"))
    assert isinstance(found.images, StoredImages)
    assert_same(found, decode_images(list_folder(folder).images, AS_IS, "pets", unheard))
