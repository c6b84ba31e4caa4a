"""Folders and ZIP archives of images: what is read of them, what is refused, what is said."""

import os
import struct
import zipfile
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

import pytest

from engine.data import reading
from engine.data.image_files.image_folder import (
    read_image_archive,
    read_image_folder,
    why_no_images,
)
from engine.data.image_files.listing import Listing, list_archive
from engine.data.image_form import AS_IS
from engine.data.parts import Parts
from engine.data.reading import unheard
from engine.errors import DataError
from tests.approved import assert_approved
from tests.engine.data.pictures import (
    ill_files,
    image_bytes,
    noise,
    shades,
    write_archive,
    write_files,
)
from tests.failing import failing

PETS = ("cat/1.png", "cat/2.png", "cat/10.png", "dog/1.png", "dog/b/1.png")
TWO = ("cat/1.png", "dog/2.png")
CUT = image_bytes(noise(2, 2))[:-20]


def parted(training: str, test: str, around: str = "") -> list[str]:
    """Name images of two classes for training, and of one for the test, in a folder below it."""
    names = (f"{training}/cat/1.png", f"{training}/dog/2.png", f"{test}/dog/deep/1.png")
    return [around + name for name in names]


SCENARIOS: dict[str, Iterable[str] | Mapping[str, bytes]] = {
    "classes in natural order": PETS,
    "a folder around them": [f"pets/{name}" for name in PETS],
    "two folders around them": [f"a/b/{name}" for name in PETS],
    "called by numbers": ("10/a.png", "2/b.png", "007/c.png"),
    "called by numbers and words": ("10/a.png", "2/b.png", "one/c.png"),
    "one number written twice": ("10/a.png", "2/b.png", "02/c.png"),
    "a number beyond all classes": ("10/a.png", "2/b.png", "12345678/c.png"),
    "train and test": parted("train", "test"),
    "a folder around the parts": parted("train", "test", "pets/"),
    "Training and testing": parted("Training", "testing"),
    "TRAIN and val": parted("TRAIN", "val"),
    "train and validation": parted("train", "validation"),
    "a folder around each part's classes": [
        *("train/train/cat/1.png", "train/train/dog/1.png"),
        *("test/test/cat/1.png", "test/test/dog/1.png"),
    ],
    "classes that one part has": (
        *("train/cat/1.png", "train/dog/2.png", "test/ape/3.png", "test/dog/4.png"),
    ),
    "train alone": ("train/cat/1.png", "train/dog/2.png"),
    "val beside test": (*("train/cat/1.png", "val/cat/2.png", "val/dog/3.png", "test/cat/4.png"),),
    "test images in no class": ("train/cat/1.png", "train/dog/2.png", "test/3.png"),
    "val in their place": ("train/cat/1.png", "val/cat/2.png", "test/3.png"),
    "a folder beside the parts": (
        *("train/cat/1.png", "train/dog/2.png", "test/cat/3.png", "more/4.png"),
    ),
    "a train beside a bus": ("bus/1.png", "train/2.png", "train/fast/3.png", "plane/4.png"),
    "images beside the classes": ("cat/1.png", "overview.png", "dog/2.png"),
    "images beside the classes of a part": (
        *("train/cat/1.png", "train/2.png", "test/cat/3.png", "4.png"),
    ),
    "no classes": ("1.png", "2.png"),
    "no classes in train": ("train/1.png", "test/2.png"),
    "nothing": {},
    "other files": {"a.svg": b"", "b/c.txt": b""},
    "a data set in a file": {"pets/pets.npz": b"", "pets/README": b""},
    "other files beside the images": shades(PETS)
    | {f"cat/{number}.svg": b"<svg/>" for number in range(500)}
    | {"README": b"x", "Thumbs.db": b"x", ".hidden.png": b"x", "cat/notes.txt": b"x"},
    "files that cannot be read": shades(PETS) | {"dog/a.jpg": b"", "dog/c.gif": b"GIF"},
    "turned, transparent and wide": shades(["cat/1.png", "cat/2.png", "cat/3.png"]) | ill_files(),
    "damaged images only": {"cat/1.png": b"no", "dog/2.png": b"no"},
    "damaged training images": shades(["test/cat/1.png"]) | {"train/cat/2.png": b""},
    "damaged test images": shades(["train/cat/1.png"]) | {"test/cat/2.png": b""},
    "too many classes": {f"{number}x/1.png": b"" for number in range(1001)},
}


def read(folder: Path) -> Parts:
    return read_image_folder(folder, AS_IS, unheard)


def written(folder: Path) -> str:
    """Write which files of which class are in which part, what is said, and what is refused."""
    why = why_no_images(folder)
    try:
        parts = read(folder)
    except DataError as fault:
        refusal = str(fault)
    else:
        refusal = ""
    assert why in ("", refusal)
    if refusal:
        return f"    refused: {refusal}\n".replace(str(folder), "FOLDER")
    lines = []
    for name, part in (("training", parts.training), ("test", parts.test)):
        for file, number in zip(part.files, part.numbers.tolist(), strict=True) if part else ():
            lines.append(f"{name} {number} ({parts.name_of(number)}): {file}")
    lines += [f"{each.file} refused: {each.reason}" for each in parts.refused]
    for how in ("turned", "transparent", "resized"):
        lines += [f"{file} {how}" for file in getattr(parts, how)]
    return "".join(f"    {line}\n" for line in (*lines, *parts.notes))


def test_what_is_read_of_a_folder_is_approved(tmp_path: Path) -> None:
    text = ""
    for number, (name, files) in enumerate(SCENARIOS.items()):
        content = files if isinstance(files, Mapping) else shades(files)
        folder = write_files(tmp_path / str(number), content)
        folder.mkdir(exist_ok=True)
        text += f"{name}:\n{written(folder)}"
    assert_approved("image_folders.txt", text)


@pytest.mark.parametrize("pack", [write_files, write_archive])
def test_each_image_is_that_of_its_file(
    tmp_path: Path, pack: Callable[[Path, Mapping[str, bytes]], Path]
) -> None:
    damaged = {"cat/3.png": CUT, "dog/a.jpg": b""}
    hidden = {"__MACOSX/cat/._1.png": b"x", ".hidden/1.png": b"x", ".DS_Store": b"x"}
    path = pack(tmp_path / "pets.zip", shades(PETS) | damaged | hidden)
    found = read(path) if path.is_dir() else read_image_archive(path, AS_IS, unheard)
    assert found.training.files == PETS
    assert found.training.images[:, 0, 0, 0].tolist() == [0, 1, 2, 3, 4]
    assert found.training.numbers.tolist() == [0, 0, 0, 1, 1]
    assert [each.file for each in found.refused] == ["cat/3.png", "dog/a.jpg"]
    assert found.notes == ()


def test_a_link_is_what_it_leads_to(tmp_path: Path) -> None:
    write_files(tmp_path, shades(TWO))
    (tmp_path / "dog" / "3.png").symlink_to(tmp_path / "cat" / "1.png")
    (tmp_path / "kitten").symlink_to("cat")
    (tmp_path / "dog" / "4.png").symlink_to("nowhere.png")
    parts = read(tmp_path)
    assert parts.training.files == ("cat/1.png", "dog/2.png", "dog/3.png", "kitten/1.png")
    assert parts.training.images[:, 0, 0, 0].tolist() == [0, 1, 0, 0]
    assert parts.refused == (("dog/4.png", "The link leads to no file."),)


def test_links_in_a_circle_end(tmp_path: Path) -> None:
    write_files(tmp_path, shades(TWO))
    (tmp_path / "cat" / "up").symlink_to(tmp_path)
    (tmp_path / "dog" / "self").symlink_to(".")
    (tmp_path / "dog" / "loop.png").symlink_to("loop.png")
    parts = read(tmp_path)
    assert [file for file in parts.training.files if "up" not in file] == list(TWO)
    assert parts.refused[0] == ("dog/loop.png", "The link leads to no file.")


def test_links_that_lead_to_each_other_without_end_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.image_files.listing.MOST_FILES", 2_000)
    names = [f"class{number}" for number in range(12)]
    for name in names:
        (tmp_path / name).mkdir()
    for name in names:
        for other in names:
            (tmp_path / name / f"to-{other}").symlink_to(tmp_path / other)
    with pytest.raises(DataError, match="holds more than the 2,000 files that are looked at"):
        read(tmp_path)
    monkeypatch.setattr("engine.data.image_files.image_folder._GLANCE", 100)
    assert why_no_images(tmp_path) == ""  # a glance ends earlier


def test_the_search_for_files_can_be_ended(tmp_path: Path) -> None:
    folder = write_files(tmp_path, dict.fromkeys([f"a/{n}.txt" for n in range(1100)], b""))
    with pytest.raises(KeyboardInterrupt):
        read_image_folder(folder, AS_IS, failing(KeyboardInterrupt()))


def test_class_names_of_other_encodings_are_shown(tmp_path: Path) -> None:
    folder = os.fsencode(tmp_path) + b"/K\xf6ter"
    os.mkdir(folder)
    Path(os.fsdecode(folder), "1.png").write_bytes(image_bytes(noise()))
    write_files(tmp_path, {"cat/1.png": image_bytes(noise())})
    assert read(tmp_path).class_names == ("cat", "K\ufffdter")


FOUR = ("cat/1.png", "cat/2.png", "dog/1.png")
DOT = image_bytes(noise())


def parts_of(path: Path) -> Parts:
    return read_image_archive(path, AS_IS, unheard)


def listed(path: Path) -> Listing:
    with zipfile.ZipFile(path) as archive:
        return list_archive(archive, path)


def names_of(path: Path) -> list[str]:
    return [file.name for file in listed(path).images]


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        parts_of(path)
    assert str(caught.value).startswith(str(path))
    assert "\n" not in str(caught.value)
    return str(caught.value)


def rewrite(path: Path, old: bytes, new: bytes) -> Path:
    """Replace bytes of a file by as many others, which must be there."""
    content = path.read_bytes()
    assert old in content
    assert len(old) == len(new)
    path.write_bytes(content.replace(old, new))
    return path


def test_names_that_lead_out_of_the_archive_are_refused_and_nothing_is_written(
    tmp_path: Path,
) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    evil = {"../../cat/evil.png": DOT, "dog/../../evil.png": DOT, "/cat/3.png": DOT}
    path = write_archive(inside / "pets.zip", shades(FOUR) | evil)
    parts = parts_of(path)
    assert parts.training.files == ("cat/1.png", "cat/2.png", "cat/3.png", "dog/1.png")
    assert [each.file for each in parts.refused] == ["../../cat/evil.png", "dog/../../evil.png"]
    assert sorted(tmp_path.rglob("*")) == [inside, path]


def test_folders_may_be_divided_by_backslashes(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "pets.zip", {"cat\\1.png": DOT, "dog\\b\\2.png": DOT})
    assert names_of(path) == ["cat/1.png", "dog/b/2.png"]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("Köter".encode(), "Köter"),
        ("Köter".encode("cp437"), "Köter"),
        ("犬".encode(), "犬"),
        (b"K\x94ter", "Köter"),
        ("Ko\u0308ter".encode(), "Köter"),  # as macOS writes it
    ],
)
def test_names_in_utf8_and_in_the_old_code_page_are_read(
    tmp_path: Path, stored: bytes, shown: str
) -> None:
    placeholder = b"x" * len(stored)
    path = write_archive(tmp_path / "pets.zip", {f"{placeholder.decode()}/1.png": DOT})
    assert names_of(rewrite(path, placeholder, stored)) == [f"{shown}/1.png"]


@pytest.mark.parametrize("name", ["", "/", "\\", "cat/", "cat\\"])
def test_folders_and_names_that_are_empty_are_no_images(tmp_path: Path, name: str) -> None:
    path = tmp_path / "pets.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("placeholder", DOT)
        archive.infolist()[0].filename = name
        archive.writestr("cat/1.png", DOT)
    assert names_of(path) == ["cat/1.png"]


def test_encrypted_members_are_refused(tmp_path: Path) -> None:
    path = write_archive(tmp_path / "pets.zip", shades(("dog/1.png",)))
    content = bytearray(path.read_bytes())
    content[6] |= 1
    content[content.index(b"PK\1\2") + 8] |= 1
    path.write_bytes(content)
    assert listed(path).refused == [("dog/1.png", "It is encrypted with a password.")]
    assert refusal(path).endswith("dog/1.png: It is encrypted with a password.")


def test_what_is_packed_otherwise_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "pets.zip"
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        with zipfile.ZipFile(path, "w", method) as archive:
            archive.writestr("cat/1.png", DOT)
        assert "packed by another method" in listed(path).refused[0].reason
    inner = write_archive(tmp_path / "inner.zip", shades(FOUR)).read_bytes()
    said = refusal(write_archive(tmp_path / "outer.zip", {"inner.zip": inner}))
    assert "holds no images, but other files (.zip). Choose the .npz, .csv or .zip itself" in said


def test_a_damaged_member_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "pets.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in shades(FOUR).items():
            archive.writestr(name, content)
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(b"cat/2.png") + 9 + 45] ^= 0xFF
    path.write_bytes(damaged)
    parts = parts_of(path)
    assert parts.training.files == ("cat/1.png", "dog/1.png")
    assert parts.refused[0].file == "cat/2.png"
    assert parts.refused[0].reason.startswith("The file is damaged")


def test_a_member_that_unpacks_to_more_than_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.image_files.image_decoding.MOST_BYTES", 1 << 20)
    bomb = {"cat/bomb.png": DOT + bytes(3 << 20), "cat/none.png": bytes(3 << 20)}
    parts = parts_of(write_archive(tmp_path / "pets.zip", shades(FOUR) | bomb))
    assert parts.refused == (
        ("cat/bomb.png", "The file is larger than 1 MB."),
        ("cat/none.png", "It is no PNG, JPEG, BMP, GIF or WebP image, whatever its name says."),
    )


@pytest.mark.parametrize("size", [1, 2**31])
def test_what_an_archive_says_of_sizes_is_not_believed(tmp_path: Path, size: int) -> None:
    path = write_archive(tmp_path / "pets.zip", shades(("cat/1.png", "dog/1.png")))
    content = bytearray(path.read_bytes())
    at = content.index(b"PK\1\2")
    content[at + 24 : at + 28] = struct.pack("<I", size)
    path.write_bytes(content)
    parts = parts_of(path)
    assert parts.training.files in (("dog/1.png",), ("cat/1.png", "dog/1.png"))
    assert len(parts.training) + len(parts.refused) == 2


def test_members_that_share_their_bytes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "bomb.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(50):
            archive.writestr(f"cat/{number}.png", DOT)
        first = archive.infolist()[0]
        for member in archive.infolist():
            member.header_offset = first.header_offset
    assert "is damaged (its members overlap)" in refusal(path)


def test_a_table_that_is_too_large_is_not_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_LARGEST_TABLE", 10_000)
    path = write_archive(tmp_path / "pets.zip", {f"cat/{n:0100d}.png": b"" for n in range(100)})
    assert "has too many members to be read" in refusal(path)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is damaged (File is not a zip file)"),
        (b"no archive at all", "is damaged (File is not a zip file)"),
        (b"PK\5\6" + bytes(18), "holds no files"),
    ],
)
def test_what_is_no_archive_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    path = tmp_path / "pets.zip"
    path.write_bytes(content)
    assert said in refusal(path)
