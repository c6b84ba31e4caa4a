"""Many image files at once: the form that is settled for all, in one array, whatever fails."""

import io
import threading
import warnings
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from engine.data.image_files.image_cache import (
    THREAD,
    DecodedImages,
    decode_images,
    each_by_all_cores,
)
from engine.data.image_files.listing import ImageEntry
from engine.data.image_form import AS_IS, ImageForm
from engine.data.reading import unheard
from engine.errors import DataError
from tests.engine.data.pictures import image_bytes, noise


def entries(*contents: bytes) -> list[ImageEntry]:
    return [
        ImageEntry(f"{place}.png", lambda content=content: io.BytesIO(content))  # type: ignore[misc]
        for place, content in enumerate(contents)
    ]


def decoded(*contents: bytes, form: ImageForm = AS_IS) -> DecodedImages:
    return decode_images(entries(*contents), form, "pets", unheard)


def test_a_chosen_size_is_taken_without_a_note() -> None:
    found = decoded(image_bytes(noise(20, 30)), image_bytes(noise(8, 8)), form=ImageForm(8))
    assert found.images.shape == (2, 3, 8, 8)
    assert np.array_equal(found.images[0, :, 0], np.zeros((3, 8)))  # a bar
    assert (found.resized, found.notes) == (("0.png",), ())


def test_images_without_any_colour_are_grey_however_they_are_stored() -> None:
    grey = [noise(4, 4, 1) for _ in range(3)]
    stored = [image_bytes(np.dstack([each] * 3)) for each in grey[:2]] + [image_bytes(grey[2])]
    found = decoded(*stored)
    assert found.images.shape == (3, 1, 4, 4)
    assert found.images[:].flags.c_contiguous
    assert np.array_equal(found.images[:, 0], grey)
    assert decoded(*stored, form=ImageForm(0, "rgb")).images.shape == (3, 3, 4, 4)


def test_refused_files_leave_no_gap() -> None:
    pixels = [noise(12, 12) for _ in range(30)]
    contents = list(map(image_bytes, pixels))
    contents[0] = contents[0][:-60]  # its head is sound
    contents[7] = b"no image"
    contents[29] = b""
    found = decoded(*contents)
    kept = [place for place in range(30) if place not in (0, 7, 29)]
    assert found.places.tolist() == kept
    assert np.array_equal(found.images[:].transpose(0, 2, 3, 1), [pixels[place] for place in kept])
    assert [each.file for each in found.refused] == ["0.png", "7.png", "29.png"]


def test_more_memory_than_the_limit_is_refused_before_it_is_taken() -> None:
    files = entries(image_bytes(noise())) * 3000
    with pytest.raises(DataError, match="pets: 3,000 images of 3×1000×1000 would take more"):
        decode_images(files, ImageForm(1000, "rgb"), "pets", unheard)


def test_damaged_exif_data_writes_nothing_to_stderr() -> None:
    content = image_bytes(
        noise(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01" + b"\x09" * 8
    )
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        decoded(content)
        assert caught == []
        Image.open(io.BytesIO(content)).getexif().get(1)
        assert caught, "Pillow says nothing of this file, so nothing was tested"


def test_the_cores_share_the_work_and_no_thread_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("engine.data.image_files.image_cache.usable_cores", lambda: 2)
    content, both = image_bytes(noise()), threading.Barrier(2, timeout=10)

    def opened_at_the_same_time() -> io.BytesIO:
        both.wait()
        return io.BytesIO(content)

    files = entries(*[content] * 64)
    for place in (0, 40):
        files[place] = ImageEntry("b.png", opened_at_the_same_time)
    before = threading.active_count()
    assert decode_images(files, ImageForm(4, "rgb"), "pets", unheard).refused == ()
    assert threading.active_count() == before


def test_a_file_that_cannot_be_read_to_its_end_holds_up_nobody_who_gives_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("engine.data.image_files.image_cache._GLANCE", 0.001)
    monkeypatch.setattr("engine.data.image_files.image_cache._LAST_SECONDS", 0.01)
    answers, begun = threading.Event(), threading.Event()

    def hang(_item: int) -> None:
        begun.set()
        answers.wait()

    def give_up(_done: int) -> None:
        if begun.is_set():
            raise InterruptedError

    with pytest.raises(InterruptedError):
        list(each_by_all_cores(hang, range(40), give_up))
    stuck = [thread for thread in threading.enumerate() if thread.name == THREAD]
    assert stuck
    assert all(thread.daemon for thread in stuck)
    answers.set()
    for thread in stuck:
        thread.join(10)


def test_a_file_that_is_gone_is_refused(tmp_path: Path) -> None:
    gone = ImageEntry("a.png", lambda: (tmp_path / "a.png").open("rb"))
    files = [*entries(image_bytes(noise())), gone]
    found = decode_images(files, AS_IS, "pets", unheard)
    assert found.refused == (("a.png", "The file is gone, or its link leads nowhere."),)


def test_what_goes_wrong_with_one_is_raised() -> None:
    def work(item: int) -> int:
        if item == 30:
            raise KeyError(item)
        return item

    with pytest.raises(KeyError, match="30"):
        list(each_by_all_cores(work, range(100), lambda _done: None))


def test_photos_of_one_size_are_made_small_and_it_is_said() -> None:
    found = decoded(image_bytes(noise(257, 100), "JPEG"))
    assert found.images.shape == (1, 3, 32, 32)
    assert found.notes[0].startswith("The images have 100×257 pixels, so all were brought to 32×32")


def test_one_image_in_colour_makes_all_of_them_colour() -> None:
    grey, colour = noise(4, 4, 1), noise(4, 4)
    found = decoded(image_bytes(grey), image_bytes(colour))
    assert found.images.shape == (2, 3, 4, 4)
    assert np.array_equal(found.images[0], [grey] * 3)
