"""ZIP archives of images that are not trusted: names, sizes and contents of every kind."""

import struct
import zipfile
from pathlib import Path

import pytest

from engine.data import reading
from engine.data.image_files.image_folder import read_image_archive
from engine.data.image_files.listing import Listing, list_archive
from engine.data.image_form import AS_IS
from engine.data.parts import Parts
from engine.data.reading import unheard
from engine.errors import DataError
from tests.engine.data.pictures import image_bytes, noise, shades, write_archive

PETS = ("cat/1.png", "cat/2.png", "dog/1.png")
DOT = image_bytes(noise())


def read(path: Path) -> Parts:
    return read_image_archive(path, AS_IS, unheard)


def listed(path: Path) -> Listing:
    with zipfile.ZipFile(path) as archive:
        return list_archive(archive, path)


def names_of(path: Path) -> list[str]:
    return [file.name for file in listed(path).images]


def refusal(path: Path) -> str:
    with pytest.raises(DataError) as caught:
        read(path)
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
    path = write_archive(inside / "pets.zip", shades(PETS) | evil)
    parts = read(path)
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
    inner = write_archive(tmp_path / "inner.zip", shades(PETS)).read_bytes()
    said = refusal(write_archive(tmp_path / "outer.zip", {"inner.zip": inner}))
    assert "holds no images, but other files (.zip). Choose the .npz, .csv or .zip itself" in said


def test_a_damaged_member_is_refused_and_the_others_are_read(tmp_path: Path) -> None:
    path = tmp_path / "pets.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in shades(PETS).items():
            archive.writestr(name, content)
    damaged = bytearray(path.read_bytes())
    damaged[damaged.index(b"cat/2.png") + 9 + 45] ^= 0xFF
    path.write_bytes(damaged)
    parts = read(path)
    assert parts.training.files == ("cat/1.png", "dog/1.png")
    assert parts.refused[0].file == "cat/2.png"
    assert parts.refused[0].reason.startswith("The file is damaged")


def test_a_member_that_unpacks_to_more_than_is_read_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("engine.data.image_files.image_decoding.MOST_BYTES", 1 << 20)
    bomb = {"cat/bomb.png": DOT + bytes(3 << 20), "cat/none.png": bytes(3 << 20)}
    parts = read(write_archive(tmp_path / "pets.zip", shades(PETS) | bomb))
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
    parts = read(path)
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
