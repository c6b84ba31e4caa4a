import errno
import gzip
import io
import os
import re
import signal
import stat
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from engine.data import load
from engine.data.known.download import addresses_of, download, shown
from engine.data.known.known_sets import KNOWN_SETS, Member
from engine.errors import DataError
from tests.engine.data.mirror import (
    NAMES,
    Answer,
    Mirror,
    closed_address,
    cut,
    endless,
    gives,
    redirect,
    silent,
    small_files,
    small_set,
    status,
)
from tests.failing import failing, os_error
from tests.programs import Programs

FILES = small_files()
MEMBERS = tuple(Member(f"gzip/{name}", name) for name in FILES)


class GivenUpError(Exception):
    """The one who waits does so no longer."""


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder into which sets go; no proxy is between."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path))
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.delenv("LAYERSCOPE_MIRROR", raising=False)
    return tmp_path / "data"


@pytest.fixture
def mirror() -> Iterator[Mirror]:
    """A mirror whose folder good/ has the small set."""
    with Mirror() as mirror:
        for name, content in FILES.items():
            mirror.answers[f"/good/{name}"] = gives(content)
        mirror.answers["/login"] = gives(b"login")
        yield mirror


def ignore(_done: int, _total: int) -> None:
    pass


def assert_whole(folder: Path) -> None:
    """Assert that a folder holds the small set and nothing more, and nothing is beside it."""
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == FILES
    assert [path.name for path in folder.parent.iterdir()] == [folder.name]


def assert_nothing(data: Path) -> None:
    assert not data.exists() or list(data.iterdir()) == []


BAD: dict[str, tuple[Callable[[Mirror, bytes], Answer], str]] = {
    "busy": (lambda _, data: status(503), "it answered 503"),
    "cut": (lambda _, data: cut(data), "the connection broke off"),
    "wrong hash": (lambda _, data: gives(bytes(len(data))), "it gave another file"),
    "empty": (lambda _, data: gives(b""), "its answer is not understood"),
    "longer": (lambda _, data: gives(data + b"\0"), "it gave another file"),
    "promises less": (lambda _, data: gives(data, Content_Length=9), "it gave another file"),
    "no length, cut": (lambda _, data: gives(data[:9], Content_Length=None), "it gave another"),
    "packed again": (lambda _, data: gives(gzip.compress(data)), "it gave another file"),
    "in a circle": (lambda _, data: redirect("?again"), "its answer is not understood"),
    "to a file": (lambda _, data: redirect("file:///etc/passwd"), "its answer is not understood"),
    "to no host": (lambda _, data: redirect("http://a..b/"), "its answer is not understood"),
    "to a login": (lambda mirror, _: redirect(f"{mirror.address}login"), "it gave another file"),
    "to nothing": (lambda _, data: redirect(f"{closed_address()}x"), "there is no connection"),
    "silent": (lambda mirror, _: silent(mirror), "it did not answer within 0.5 seconds"),
    "endless": (lambda mirror, _: endless(mirror, seconds=0.0), "it gave another file"),
}


@pytest.mark.parametrize(("what", "place"), [*((each, 0) for each in BAD), ("cut", 3)])
def test_a_mirror_that_fails_is_left_for_the_next(
    mirror: Mirror, data: Path, what: str, place: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, words = BAD[what]
    if what == "silent":  # a busy machine may take its time to answer
        monkeypatch.setattr("engine.data.known.download._SECONDS", 0.5)
    for name, content in FILES.items():
        mirror.answers[f"/bad/{name}"] = gives(content)
    path = f"/bad/{NAMES[place]}"
    mirror.answers[path] = mirror.answers[f"{path}?again"] = bad(mirror, FILES[NAMES[place]])
    with pytest.raises(DataError) as caught:
        download(small_set(closed_address(), f"{mirror.address}bad/"), ignore)
    text = str(caught.value)
    assert text.startswith("Small set could not be downloaded. ")
    assert re.search(rf"127\.0\.0\.1:{mirror.server_port}: [^;]*{re.escape(words)}", text)
    assert re.search(r"127\.0\.0\.1:\d+: there is no connection", text)
    assert text.endswith(
        "Check that this computer is online and try again later, or name a mirror of your own in "
        "LAYERSCOPE_MIRROR."
    )
    assert_nothing(data)
    known = small_set(f"{mirror.address}bad/", f"{mirror.address}good/")
    assert download(known, ignore) == data / "kmnist"
    assert_whole(data / "kmnist")
    # What the first mirror has given is not asked for again.
    assert [path for path in mirror.asked if "good" in path] == [
        f"/good/{name}" for name in NAMES[place:]
    ]


def test_a_redirect_to_another_server_is_followed_and_the_hash_decides(
    mirror: Mirror, data: Path
) -> None:
    with Mirror() as other:
        for name in FILES:
            other.answers[f"/{name}"] = redirect(f"{mirror.address}good/{name}")
        download(small_set(other.address), ignore)
    assert_whole(data / "kmnist")


@pytest.mark.parametrize("fields", [{"Content_Length": None}, {"Content_Encoding": "x-gzip"}])
def test_what_servers_say_of_a_file_does_not_matter(
    mirror: Mirror, data: Path, fields: dict[str, object]
) -> None:
    for name, content in FILES.items():
        mirror.answers[f"/good/{name}"] = gives(content, **fields)
    download(small_set(f"{mirror.address}good/"), ignore)
    assert_whole(data / "kmnist")


def test_what_was_downloaded_is_loaded_under_its_name_and_not_asked_for_again(
    mirror: Mirror, data: Path
) -> None:
    known = small_set(f"{mirror.address}good/")
    told: list[tuple[int, int]] = []
    folder = download(known, lambda done, total: told.append((done, total)))
    assert told[-1] == (known.size, known.size)
    assert {total for _, total in told} == {known.size}
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    training, test = load("kmnist")
    assert (len(training), len(test)) == (5, 5)
    assert training.class_names == ("tsu", "ha", "re")
    assert training.images[0, 0, 0, 0] == 60
    assert download(known, ignore) == folder
    assert len(mirror.asked) == 4
    assert {stat.S_IMODE(path.stat().st_mode) for path in folder.iterdir()} == {0o644}
    (folder / NAMES[2]).unlink()
    assert not known.is_here
    download(known, ignore)
    assert_whole(folder)


@pytest.mark.parametrize("place", [0, 2])
def test_giving_up_at_any_moment_leaves_nothing(mirror: Mirror, data: Path, place: int) -> None:
    mirror.answers[f"/good/{NAMES[place]}"] = endless(mirror)
    known = small_set(f"{mirror.address}good/", files={**FILES, NAMES[place]: bytes(10**7)})
    before = sum(len(FILES[name]) for name in NAMES[:place])

    def give_up(done: int, _total: int) -> None:
        if done > before:
            raise GivenUpError

    with pytest.raises(GivenUpError):
        download(known, give_up)
    assert_nothing(data)


def test_a_mirror_of_ones_own_takes_the_place_of_all(
    mirror: Mirror, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, content in FILES.items():
        mirror.answers[f"/school/sets/kmnist/{name}"] = gives(content)
    known = small_set(closed_address())
    for ending in ("", "/"):
        monkeypatch.setenv("LAYERSCOPE_MIRROR", f"{mirror.address}school/sets{ending}")
        assert addresses_of(known) == (f"{mirror.address}school/sets/kmnist/",)
    download(known, ignore)
    assert_whole(data / "kmnist")


@pytest.mark.parametrize(
    ("own", "words"),
    [
        *((each, "no address of a mirror") for each in ("ftp://server/x", "server/x", "http://")),
        *((f"http://{each}/", "could not be downloaded") for each in ("[::1", "a:99999", "\u2100")),
    ],
)
def test_a_mirror_of_ones_own_that_is_no_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, data: Path, own: str, words: str
) -> None:
    monkeypatch.setenv("LAYERSCOPE_MIRROR", own)
    with pytest.raises(DataError, match=words):
        download(KNOWN_SETS["kmnist"], ignore)
    assert_nothing(data)


def test_a_password_in_an_address_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAYERSCOPE_MIRROR", "ftp://me:secret@server/")
    with pytest.raises(DataError, match="is 'ftp://server/', which"):
        download(small_set(), ignore)
    assert shown("http://me:secret@server:8000/a@b/") == "http://server:8000/a@b/"
    monkeypatch.setenv("LAYERSCOPE_MIRROR", closed_address().replace("//", "//me:secret@"))
    with pytest.raises(DataError) as caught:
        download(small_set(), ignore)
    assert str(caught.value).endswith("or check LAYERSCOPE_MIRROR.")
    assert "secret" not in str(caught.value)
    assert "me" not in str(caught.value).split("downloaded. ")[1].split(":")[0]


def test_what_a_killed_program_has_left_is_swept_when_it_is_old(mirror: Mirror, data: Path) -> None:
    old, running, own = (data / name for name in (".download-old", ".download-now", "own"))
    for folder in (old, running, own):
        (folder / "set").mkdir(parents=True)
        os.utime(folder, (0, 0))
    os.utime(running)
    download(small_set(f"{mirror.address}good/"), ignore)
    assert sorted(path.name for path in data.iterdir()) == [running.name, "kmnist", "own"]


def test_another_program_may_bring_the_same_set_meanwhile(mirror: Mirror, data: Path) -> None:
    known = small_set(f"{mirror.address}good/")

    def bring(done: int, total: int) -> None:
        if done == total and not known.is_downloaded:
            (data / "kmnist").mkdir()
            for name, content in FILES.items():
                (data / "kmnist" / name).write_bytes(content)

    download(known, bring)
    assert_whole(data / "kmnist")


def test_a_place_that_cannot_be_written_to_is_said(
    mirror: Mirror, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = small_set(f"{mirror.address}good/", f"{mirror.address}other/")
    data.write_text("a file where the folder must be")
    with pytest.raises(DataError, match=r"was not downloaded: .*data cannot be written to \("):
        download(known, ignore)
    data.unlink()
    monkeypatch.setattr("shutil.move", failing(os_error(errno.ENOSPC)))
    with pytest.raises(DataError, match=r"\(No space left on device\)\. Check its rights and the"):
        download(known, ignore)
    assert_nothing(data)
    assert mirror.asked == [f"/good/{NAMES[0]}"]  # no other mirror is asked then


def test_a_program_that_is_killed_meanwhile_leaves_no_set(
    programs: Programs, mirror: Mirror, data: Path
) -> None:
    mirror.answers[f"/good/{NAMES[3]}"] = endless(mirror, b"x", 0.1)
    script = (
        "from engine.data.known.download import download\n"
        "from tests.engine.data.mirror import small_set\n"
        f"known = small_set({mirror.address + 'good/'!r})\n"
        "download(known, lambda done, of: print(done, flush=True))"
    )
    with programs.start("-c", script, read=True) as program:
        until = sum(len(FILES[name]) for name in NAMES[:3])
        assert any(int(line) >= until for line in program.lines())
        program.send(signal.SIGKILL)
    assert not small_set().is_here
    assert not (data / "kmnist").exists()


def packed_zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in {"../outside": b"", "gzip/other.gz": b""}.items():
            archive.writestr(name, content)
        for name, content in FILES.items():
            archive.writestr(f"gzip/{name}", content)
    return out.getvalue()


def packed_tar() -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in {"../outside": b"", "other.gz": b"", **FILES}.items():
            entry = tarfile.TarInfo(f"gzip/{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return out.getvalue()


@pytest.mark.parametrize(("name", "pack"), [("all.zip", packed_zip), ("all.tar.gz", packed_tar)])
def test_an_archive_gives_its_members_by_their_exact_names(
    mirror: Mirror, data: Path, name: str, pack: Callable[[], bytes]
) -> None:
    content = pack()
    mirror.answers[f"/bad/{name}"] = cut(content)
    mirror.answers[f"/good/{name}"] = gives(content)
    addresses = f"{mirror.address}bad/", f"{mirror.address}good/"
    download(small_set(*addresses, files={name: content}, members=MEMBERS), ignore)
    assert_whole(data / "kmnist")
