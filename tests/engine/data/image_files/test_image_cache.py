"""Image files are decoded once: the second time, the same comes from the cache, within its cap."""

import errno
import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.data.image_files import image_cache
from engine.data.image_files.image_cache import (
    DecodedImages,
    cache_folder,
    decode_images,
    decode_once,
    enforce_cap,
)
from engine.data.image_files.listing import list_folder
from engine.data.image_form import AS_IS, ImageForm
from engine.data.images import LazyImages
from engine.data.reading import unheard
from engine.paths import home
from tests.engine.data.pictures import image_bytes, noise
from tests.failing import failing, os_error
from tests.programs import Programs

MODULE = "engine.data.image_files.image_cache"


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everything is worth keeping, in a cache of its own."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(f"{MODULE}.WORTH_SECONDS", 0.0)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[ImageForm]:
    """The forms that files were decoded to."""
    forms: list[ImageForm] = []

    def decode(files, form, *rest):  # type: ignore[no-untyped-def]
        forms.append(form)
        return decode_images(files, form, *rest)

    monkeypatch.setattr(f"{MODULE}.decode_images", decode)
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


def once(folder: Path, form: ImageForm = AS_IS) -> DecodedImages:
    return decode_once(list_folder(folder).images, form, "pets", unheard)


def anew(folder: Path, form: ImageForm = AS_IS) -> DecodedImages:
    return decode_images(list_folder(folder).images, form, "pets", unheard)


def kept() -> list[str]:
    """The files of the cache, the least recently used first."""
    paths = sorted(cache_folder().glob("*"), key=lambda path: path.stat().st_atime_ns)
    return [path.name for path in paths]


def choose_cap(megabytes: int) -> None:
    home().mkdir(exist_ok=True)
    (home() / "preferences.json").write_text(json.dumps({"images_megabytes": megabytes}))


def assert_same(one: DecodedImages, other: DecodedImages) -> None:
    assert np.array_equal(one.images[:], other.images[:])
    assert one.places.tolist() == other.places.tolist()
    for field in ("refused", "turned", "transparent", "resized", "notes"):
        assert getattr(one, field) == getattr(other, field)


def test_the_second_time_the_same_comes_from_the_cache(
    folder: Path, tmp_path: Path, counted: list[ImageForm]
) -> None:
    for form in (AS_IS, ImageForm(16, "grey", "crop")):
        counted.clear()
        first, second = once(folder, form), once(folder, form)
        assert counted == [form]
        assert first.refused[0].file == "cat/bad.png"
        assert_same(first, second)
        assert_same(first, anew(folder, form))
    assert len(kept()) == 2
    once(folder.rename(tmp_path / "elsewhere"))
    assert len(counted) == 1, "a folder that was moved is known again"


@pytest.mark.parametrize("change", ["content", "name", "one more", "one less"])
def test_what_changes_is_decoded_anew(folder: Path, counted: list[ImageForm], change: str) -> None:
    path = folder / "cat" / "1.png"
    once(folder)
    before, other = path.stat(), noise(6, 7)
    match change:
        case "content":
            path.write_bytes(path.read_bytes()[:-1] + b"x")
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        case "name":
            path.rename(path.with_name("0.png"))
        case "one more":
            path.with_name("7.png").write_bytes(image_bytes(other))
        case "one less":
            path.unlink()
    found = once(folder)
    assert len(counted) == 2
    assert_same(found, anew(folder))


def test_files_that_change_while_they_are_decoded_are_not_kept(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settle = image_cache._settle

    def change_and_settle(*looked: Any) -> Any:
        (folder / "cat" / "1.png").write_bytes(image_bytes(noise(3, 3)))
        return settle(*looked)

    with monkeypatch.context() as changing:  # after the sizes were looked at
        changing.setattr(image_cache, "_settle", change_and_settle)
        once(folder)
    assert kept() == []
    once(folder)
    assert len(kept()) == 1


def test_a_fault_that_may_pass_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(path: str) -> Any:
        if path.endswith("1.png"):
            raise os_error(errno.EIO)
        return Path(path).open("rb")

    with monkeypatch.context() as failing:
        failing.setattr("engine.data.image_files.listing._open", fail)
        assert len(once(folder).refused) == 2
    assert kept() == []
    assert len(once(folder).refused) == 1


def test_what_is_decoded_soon_is_not_kept(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{MODULE}.WORTH_SECONDS", 60.0)
    once(folder)
    assert kept() == []


def test_another_decoder_knows_nothing_of_what_is_kept(
    folder: Path, counted: list[ImageForm], monkeypatch: pytest.MonkeyPatch
) -> None:
    once(folder)
    monkeypatch.setattr("PIL.__version__", "0.0")
    image_cache._decoder.cache_clear()
    once(folder)
    image_cache._decoder.cache_clear()
    assert len(counted) == 2


def test_damage_of_a_file_costs_time_only(folder: Path) -> None:
    whole_images = once(folder)
    (path,) = cache_folder().iterdir()
    whole, dice = path.read_bytes(), np.random.default_rng(3)
    end = 128 + whole_images.images[:].nbytes
    for _ in range(30):
        content = bytearray(whole)
        match dice.integers(3):
            case 0:
                content[dice.integers(128)] ^= int(dice.integers(1, 256))
            case 1:
                del content[dice.integers(len(content)) :]
            case 2:
                content[end] = int(dice.integers(256))
        path.write_bytes(content)
        assert_same(once(folder), whole_images)
    path.unlink()
    path.mkdir()  # in its place
    assert_same(once(folder), whole_images)


def test_the_least_recently_used_goes_first(folder: Path, counted: list[ImageForm]) -> None:
    forms = [ImageForm(size, "rgb") for size in (220, 221, 222, 223)]  # 0.9 MB each
    choose_cap(3)
    for form in forms[:3]:
        once(folder, form)
    once(folder, forms[0])  # now the second was used least recently
    once(folder, forms[3])
    assert len(kept()) == 3
    counted.clear()
    for form in (forms[0], forms[2], forms[3], forms[1]):
        once(folder, form)
    assert counted == [forms[1]]
    choose_cap(1)
    enforce_cap()
    assert len(kept()) == 1
    choose_cap(0)
    once(folder)
    assert kept() == []


def test_what_killed_programs_and_older_versions_left_goes_when_it_is_old(folder: Path) -> None:
    cache_folder().mkdir(parents=True)
    key = "0" * 64
    for name in (f"{key}.images", f"{key}.images.{'1' * 32}", f"{key}.{'2' * 32}", "limit", "mine"):
        (cache_folder() / name).write_bytes(b"left")
        os.utime(cache_folder() / name, (0, 0))
    (cache_folder() / f"{key}.{'3' * 32}").write_bytes(b"being written")
    once(folder)
    names = set(kept())
    assert {"mine", f"{key}.{'3' * 32}"} < names
    assert len(names) == 3


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES])
def test_a_disk_that_takes_nothing_costs_a_line_in_the_log(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, number: int
) -> None:
    monkeypatch.setattr(Path, "replace", failing(os_error(number)))
    assert_same(once(folder), anew(folder))
    assert kept() == []
    assert f"Decoded images cannot be kept ([Errno {number}]" in caplog.text


_READER = """
import sys, warnings
warnings.simplefilter("error")
from pathlib import Path
import numpy as np
from engine.data.image_files import image_cache
from engine.data.image_files.image_cache import decode_images
from engine.data.image_files.listing import list_folder
from engine.data.image_form import ImageForm
from engine.data.reading import unheard
image_cache.WORTH_SECONDS = 0.0
files = list_folder(Path(sys.argv[1])).images
forms = [ImageForm(size, "rgb") for size in (220, 221, 222, 223)]
wanted = [decode_images(files, form, "pets", unheard).images for form in forms]
for turn in range(16):
    place = turn * int(sys.argv[2]) % 4
    found = image_cache.decode_once(files, forms[place], "pets", unheard)
    assert np.array_equal(found.images, wanted[place])
"""


def test_programs_that_use_it_at_the_same_time_do_not_disturb_each_other(
    folder: Path, programs: Programs
) -> None:
    choose_cap(2)
    readers = [programs.start("-c", _READER, folder, str(step)) for step in (1, 3)]
    assert [reader.ended() for reader in readers] == [(0, "", "")] * 2
    assert 1 <= len(kept()) <= 2


@pytest.fixture
def few_are_many(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(f"{MODULE}.LARGE", 100)
    monkeypatch.setattr("engine.data.image_files.image_cache._TOGETHER", 2)


needs_room = pytest.mark.skipif(
    not hasattr(os, "posix_fallocate"), reason="room on the disk cannot be reserved"
)
FORMS = [AS_IS, ImageForm(16, "rgb"), ImageForm(9, "grey", "crop"), ImageForm(5)]


@needs_room
@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("grey", [False, True])
def test_very_many_images_are_decoded_into_a_file_and_stay_there(
    folder: Path, form: ImageForm, grey: bool
) -> None:
    if grey:  # which only the pixels say
        for path in folder.rglob("[0-9].png"):
            path.write_bytes(image_bytes(np.repeat(noise(5, 7)[..., :1], 3, axis=2)))
    first, second = once(folder, form), once(folder, form)
    expected = anew(folder, form)
    for found in (first, second):
        assert isinstance(found.images, LazyImages)
        assert_same(found, expected)
    if form.colour == "as_is":
        assert first.images.shape[1] == (1 if grey else 3)
    assert [name[-4:] for name in kept()] == [".npy"]
    assert np.array_equal(np.load(next(cache_folder().iterdir())), expected.images)
    choose_cap(0)
    enforce_cap()
    assert np.array_equal(second.images[:], expected.images)


@needs_room
@pytest.mark.usefixtures("few_are_many")
@pytest.mark.parametrize("full", [False, True])
def test_more_than_may_be_kept_is_in_a_file_while_it_is_used_or_in_memory(
    folder: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, full: bool
) -> None:
    choose_cap(0)
    if full:
        monkeypatch.setattr(os, "posix_fallocate", failing(os_error(errno.ENOSPC)))
    found = once(folder)
    assert isinstance(found.images, np.ndarray if full else LazyImages)
    assert_same(found, anew(folder))
    assert ("cannot be kept in a file ([Errno 28]" in caplog.text) == full
    assert kept() == []


@needs_room
@pytest.mark.usefixtures("few_are_many")
def test_reading_that_is_ended_leaves_no_file(folder: Path) -> None:
    def end(done: int, total: int) -> None:
        if done > total // 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        decode_once(list_folder(folder).images, AS_IS, "pets", end)
    assert kept() == []
