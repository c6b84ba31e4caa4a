"""Sets that come in an archive: its members by their exact names and sizes, or no set."""

import io
import re
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data.known.download import download
from engine.data.known.known_sets import Member
from engine.errors import DataError
from tests.engine.data.known.downloads import (
    FILES,
    GivenUpError,
    assert_nothing,
    assert_whole,
    ignore,
)
from tests.engine.data.mirror import (
    NAMES,
    Mirror,
    gives,
    small_set,
)


def test_giving_up_while_it_is_unpacked_leaves_nothing(mirror: Mirror, data: Path) -> None:
    content = packed_zip(FILES)
    mirror.answers["/all.zip"] = gives(content)
    known = small_set(mirror.address, files={"all.zip": content}, members=MEMBERS)

    def give_up(done: int, total: int) -> None:
        if done == total:
            raise GivenUpError

    with pytest.raises(GivenUpError):
        download(known, give_up)
    assert_nothing(data)


MEMBERS = tuple(Member(f"gzip/{name}", name, len(content)) for name, content in FILES.items())


def packed_zip(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("gzip/other.gz", b"not wanted")
        archive.writestr("../outside", b"not wanted")
        for name, content in files.items():
            archive.writestr(f"gzip/{name}", content)
    return out.getvalue()


def packed_tar(files: dict[str, bytes], kind: bytes = tarfile.REGTYPE) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in {"../outside": b"", "gzip/other.gz": b"", **files}.items():
            entry = tarfile.TarInfo(name if "/" in name else f"gzip/{name}")
            regular = kind == tarfile.REGTYPE or "/" in name
            entry.type = tarfile.REGTYPE if regular else kind
            entry.linkname = "" if regular else "/etc/passwd"
            entry.size = len(content) if regular else 0
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(("name", "pack"), [("all.zip", packed_zip), ("all.tar.gz", packed_tar)])
def test_an_archive_gives_its_members_by_their_exact_names(
    mirror: Mirror, data: Path, name: str, pack: Callable[[dict[str, bytes]], bytes]
) -> None:
    content = pack(FILES)
    mirror.answers[f"/{name}"] = gives(content)
    download(small_set(mirror.address, files={name: content}, members=MEMBERS), ignore)
    assert_whole(data / "kmnist")


SHORT = {**FILES, NAMES[1]: FILES[NAMES[1]][:-1]}
LONG = {**FILES, NAMES[1]: FILES[NAMES[1]] + b"\0"}
LACKING = {name: content for name, content in FILES.items() if name != NAMES[1]}


SIZE = len(FILES[NAMES[1]])


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("all.zip", packed_zip(SHORT), f"has not the {SIZE} bytes"),
        ("all.zip", packed_zip(LONG), f"has not the {SIZE} bytes"),
        ("all.zip", packed_zip(LACKING), f"all.zip has no gzip/{NAMES[1]}"),
        ("all.zip", packed_zip(FILES)[:-30], "all.zip is damaged"),
        ("all.tar.gz", packed_tar(SHORT), f"has not the {SIZE} bytes"),
        ("all.tar.gz", packed_tar(LONG), f"has not the {SIZE} bytes"),
        ("all.tar.gz", packed_tar(LACKING), f"all.tar.gz has no gzip/{NAMES[1]}"),
        ("all.tar.gz", packed_tar(FILES, tarfile.SYMTYPE), f"{NAMES[0]} of all.tar.gz is no file"),
        ("all.tar.gz", packed_tar(FILES)[:-30], "all.tar.gz is damaged"),
        ("all.tar.gz", b"no archive at all", "all.tar.gz is damaged"),
    ],
    # Archives hold the time when they were made, so their bytes are no name.
    ids=[
        *("zip short", "zip long", "zip lacking", "zip cut"),
        *("tar short", "tar long", "tar lacking", "tar link", "tar cut", "none"),
    ],
)
def test_an_archive_that_is_not_as_it_must_be_gives_no_set(
    mirror: Mirror, data: Path, name: str, content: bytes, words: str
) -> None:
    mirror.answers[f"/{name}"] = gives(content)
    known = small_set(mirror.address, files={name: content}, members=MEMBERS)
    with pytest.raises(DataError, match=re.escape(words)):
        download(known, ignore)
    assert_nothing(data)
