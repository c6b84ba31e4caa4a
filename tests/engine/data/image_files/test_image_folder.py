"""Folders and ZIP archives of images: what is read of them, and what is said of the rest."""

import os
from pathlib import Path

import numpy as np
import pytest

from engine.data.image_files.image_folder import (
    read_image_archive,
    read_image_folder,
    why_no_images,
)
from engine.data.image_form import AS_IS, ImageForm
from engine.data.parts import Parts, Samples
from engine.data.reading import unheard
from engine.errors import DataError
from tests.engine.data.pictures import image_bytes, noise, shades, write_archive, write_files

PETS = ("cat/1.png", "cat/2.png", "cat/10.png", "dog/1.png", "dog/b/1.png")


def read(folder: Path, form: ImageForm = AS_IS) -> Parts:
    return read_image_folder(folder, form, unheard)


def read_zip(path: Path) -> Parts:
    return read_image_archive(path, AS_IS, unheard)


def firsts(samples: Samples | None) -> list[int]:
    """The first pixel of each image."""
    assert samples is not None
    return [int(value) for value in samples.images[:, 0, 0, 0]]


def test_the_images_of_class_folders_are_read_in_natural_order(tmp_path: Path) -> None:
    parts = read(write_files(tmp_path, shades(PETS)))
    assert firsts(parts.training) == [0, 1, 2, 3, 4]
    assert parts.training.numbers.tolist() == [0, 0, 0, 1, 1]
    assert parts.training.files == PETS
    assert parts.class_names == ("cat", "dog")
    assert parts.test is None
    assert (parts.refused, parts.turned, parts.transparent) == ((), (), ())


def test_train_and_test_are_two_parts(tmp_path: Path) -> None:
    names = ("train/cat/1.png", "train/dog/2.png", "test/ape/3.png", "test/dog/4.png")
    parts = read(write_files(tmp_path, shades(names)))
    assert (firsts(parts.training), firsts(parts.test)) == ([0, 1], [2, 3])
    assert parts.class_names == ("ape", "cat", "dog")
    assert parts.training.numbers.tolist() == [1, 2]
    assert parts.test is not None
    assert parts.test.numbers.tolist() == [0, 2]
    assert parts.test.files == names[2:]


def test_an_archive_is_read_as_its_folder_is(tmp_path: Path) -> None:
    inside = {f"pets/{name}": content for name, content in shades(PETS).items()}
    extra = {"__MACOSX/pets/cat/._1.png": b"x", "pets/.hidden/1.png": b"x", "pets/.DS_Store": b"x"}
    parts = read_zip(write_archive(tmp_path / "pets.zip", {**inside, **extra}))
    whole = read(write_files(tmp_path / "folder", shades(PETS)))
    assert np.array_equal(parts.training.images, whole.training.images)
    assert parts.training.numbers.tolist() == whole.training.numbers.tolist()
    assert parts.training.files == tuple(f"pets/{name}" for name in PETS)
    assert parts.class_names == whole.class_names
    assert (parts.refused, parts.notes) == ((), ())


def test_folders_called_by_numbers_are_these_numbers(tmp_path: Path) -> None:
    parts = read(write_files(tmp_path, shades(("10/a.png", "2/b.png", "007/c.png"))))
    assert parts.class_names == ()
    assert parts.training.numbers.tolist() == [2, 7, 10]


@pytest.mark.parametrize("others", [("one/c.png",), ("02/c.png",), ("12345678/c.png",)])
def test_other_folders_are_called_by_their_names_in_natural_order(
    tmp_path: Path, others: tuple[str, ...]
) -> None:
    parts = read(write_files(tmp_path, shades(("10/a.png", "2/b.png", *others))))
    names = [parts.class_names[number] for number in parts.training.numbers]
    assert names == [file.split("/")[0] for file in parts.training.files]
    assert parts.class_names.index("2") < parts.class_names.index("10")


def test_a_link_is_what_it_leads_to(tmp_path: Path) -> None:
    write_files(tmp_path, shades(("cat/1.png", "dog/2.png")))
    (tmp_path / "dog" / "3.png").symlink_to(tmp_path / "cat" / "1.png")
    (tmp_path / "kitten").symlink_to("cat")
    (tmp_path / "dog" / "4.png").symlink_to("nowhere.png")
    parts = read(tmp_path)
    assert parts.training.files == ("cat/1.png", "dog/2.png", "dog/3.png", "kitten/1.png")
    assert firsts(parts.training) == [0, 1, 0, 0]
    assert parts.refused == (("dog/4.png", "The link leads to no file."),)


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    write_files(tmp_path, shades(("cat/1.png", "dog/2.png")))
    (tmp_path / "cat" / "up").symlink_to(tmp_path)
    (tmp_path / "dog" / "self").symlink_to(".")
    (tmp_path / "dog" / "loop.png").symlink_to("loop.png")
    parts = read(tmp_path)
    assert [file for file in parts.training.files if "up" not in file] == ["cat/1.png", "dog/2.png"]
    assert parts.refused[0] == ("dog/loop.png", "The link leads to no file.")


def test_other_files_are_said_once(tmp_path: Path) -> None:
    others = {f"cat/{number}.svg": b"<svg/>" for number in range(500)}
    others |= {"README": b"x", "Thumbs.db": b"x", ".hidden.png": b"x", "cat/notes.txt": b"x"}
    parts = read(write_files(tmp_path, shades(PETS) | others))
    assert len(parts.training) == len(PETS)
    assert parts.refused == ()
    assert parts.notes == (
        "Left out, for they are no images that are read: files (500 .svg, 1 without an ending, "
        "1 .txt).",
    )


def test_a_file_that_cannot_be_read_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    whole = image_bytes(noise(40, 40))
    files = shades(PETS) | {"cat/3.png": whole[:-200], "dog/a.jpg": b"", "dog/c.gif": b"GIF"}
    parts = read(write_files(tmp_path, files))
    assert parts.training.files == PETS
    assert firsts(parts.training) == [0, 1, 2, 3, 4]
    assert parts.training.numbers.tolist() == [0, 0, 0, 1, 1]
    assert [file for file, _ in parts.refused] == ["cat/3.png", "dog/a.jpg", "dog/c.gif"]
    said = [reason for _, reason in parts.refused]
    assert "cut off" in said[0]
    assert said[1] == "The file is empty."
    assert said[2] == "It is no PNG, JPEG, BMP, GIF or WebP image, whatever its name says."


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({}, "holds no files"),
        ({"a.svg": b"", "b/c.txt": b""}, "holds no images, but other files (.svg, .txt)"),
        (shades(("1.png", "2.png")), "holds images but no class folders: 1.png is in none"),
    ],
)
def test_a_folder_of_something_else_is_refused_with_what_was_found(
    tmp_path: Path, files: dict[str, bytes], said: str
) -> None:
    folder = write_files(tmp_path, files)
    with pytest.raises(DataError) as caught:
        read(folder)
    assert str(caught.value).startswith(f"{folder} {said}")
    assert "cat/1.png and dog/2.png" in str(caught.value)
    assert why_no_images(folder) == str(caught.value)


@pytest.mark.parametrize("part", ["training", "test"])
def test_a_part_of_damaged_images_only_is_refused(tmp_path: Path, part: str) -> None:
    sound = "test" if part == "training" else "train"
    files = shades((f"{sound}/cat/1.png",))
    damaged = "train" if part == "training" else "test"
    folder = write_files(tmp_path, files | {f"{damaged}/cat/2.png": b""})
    said = rf"has no {part} image that can be read, such as {damaged}/cat/2\.png: The file is empty"
    with pytest.raises(DataError, match=said):
        read(folder)


def test_a_glance_finds_class_folders_behind_many_other_files(tmp_path: Path) -> None:
    names = [f"{number}.png" for number in range(300)] + [f"{number}.txt" for number in range(300)]
    folder = write_files(tmp_path, dict.fromkeys(names, b""))
    assert "holds images but no class folders: " in why_no_images(folder)
    write_files(tmp_path, dict.fromkeys(["cat/1.png", "dog/2.png"], b""))
    assert why_no_images(folder) == ""


def test_more_class_folders_than_are_told_apart_are_refused(tmp_path: Path) -> None:
    folder = write_files(tmp_path, {f"{number}x/1.png": b"" for number in range(1001)})
    with pytest.raises(DataError, match="1,001 class folders; at most 1,000"):
        read(folder)


def test_links_that_lead_to_each_other_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.image_files.listing.MOST_FILES", 15_000)
    names = [f"class{number}" for number in range(12)]
    for name in names:
        (tmp_path / name).mkdir()
    for name in names:
        for other in names:
            (tmp_path / name / f"to-{other}").symlink_to(tmp_path / other)
    with pytest.raises(DataError, match="holds more than the 15,000 files that are looked at"):
        read(tmp_path)
    monkeypatch.setattr("engine.data.image_files.image_folder._GLANCE", 100)
    assert why_no_images(tmp_path) == ""  # a glance ends earlier


def test_the_search_for_files_can_be_ended(tmp_path: Path) -> None:
    folder = write_files(tmp_path, dict.fromkeys([f"a/{n}.txt" for n in range(1100)], b""))

    def cancel(done: int, total: int) -> None:
        assert (done, total) == (0, 0)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        read_image_folder(folder, AS_IS, cancel)


def test_class_names_of_other_encodings_are_shown(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/K\xf6ter"
    os.mkdir(folder)
    Path(os.fsdecode(folder), "1.png").write_bytes(image_bytes(noise()))
    write_files(tmp_path, {"cat/1.png": image_bytes(noise())})
    assert read(tmp_path).class_names == ("cat", "K\ufffdter")
