import errno
import gzip
import os
import re
import shutil
import signal
import socket
import stat
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from engine.data import load
from engine.data.known.download import addresses_of, download, shown
from engine.data.known.known_sets import KNOWN_SETS
from engine.data.known.transfer import Patience
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
    Answer,
    Mirror,
    cut,
    endless,
    flood,
    gives,
    redirect,
    silent,
    small_set,
    status,
)
from tests.programs import Programs

PATIENT = Patience(connection=10.0, silence=10.0)  # a busy machine may take its time to answer
IMPATIENT = Patience(connection=10.0, silence=0.5)
SILENT = ("silent", "too slow")


BadAnswer = Callable[[Mirror, bytes], Answer]


def assert_no_thread_left() -> None:
    deadline = time.monotonic() + 10
    while (left := [each.name for each in threading.enumerate() if each.name == "download"]) and (
        time.monotonic() < deadline
    ):
        time.sleep(0.01)
    assert not left


def closed_address() -> str:
    """Return the address of a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/"


def packed(data: bytes) -> bytes:
    return gzip.compress(data, 0)  # longer than the file


BAD: dict[str, tuple[BadAnswer, str]] = {
    "busy": (lambda _, data: status(503), "it answered 503 (Service Unavailable)"),
    "missing": (lambda _, data: status(404), "it answered 404 (Not Found)"),
    "odd status": (lambda _, data: status(599), "it answered 599"),
    "cut": (lambda _, data: cut(data), "the connection broke off"),
    "wrong hash": (lambda _, data: gives(bytes(len(data))), "it gave another file"),
    "short page": (lambda _, data: gives(b"<html>"), "it sent 6 of "),
    "empty": (lambda _, data: gives(b""), "it sent 0 of "),
    "longer": (lambda _, data: gives(data + b"\0"), "it sent more than "),
    "promises less": (lambda _, data: gives(data, Content_Length=9), "it sent 9 of "),
    "promises more": (lambda _, data: gives(data, Content_Length=10**9), "broke off"),
    "promises nothing, cut": (lambda _, data: gives(data[:9], Content_Length=None), "sent 9 of "),
    "packed again": (lambda _, data: gives(packed(data), Content_Encoding="gzip"), "it sent more"),
    "in a circle": (lambda mirror, _: redirect("?again"), "one address to the next without end"),
    "to a file": (lambda _, data: redirect("file:///etc/passwd"), "is not of the web"),
    "to no host": (lambda _, data: redirect("http://a..b/"), "its answer is not understood"),
    "to a login": (lambda mirror, _: redirect(f"{mirror.address}login"), "it sent 5 of "),
    "to nothing": (lambda _, data: redirect(f"{closed_address()}x"), "there is no connection"),
    "silent": (lambda mirror, _: silent(mirror), "it sent nothing for 0.5 seconds"),
    "endless": (lambda mirror, _: endless(mirror), "it sent more than "),
    "too slow": (lambda mirror, _: endless(mirror, b"x", 0.8), "it sent nothing for 0.5 seconds"),
}


def patience_with(what: str) -> Patience:
    """Wait long for all but those that say nothing."""
    return IMPATIENT if what in SILENT else PATIENT


@pytest.mark.parametrize("what", BAD)
def test_a_mirror_that_fails_is_left_for_the_next(mirror: Mirror, data: Path, what: str) -> None:
    bad, _ = BAD[what]
    first = f"/bad/{NAMES[0]}"
    mirror.answers[first] = mirror.answers[f"{first}?again"] = bad(mirror, FILES[NAMES[0]])
    known = small_set(f"{mirror.address}bad/", f"{mirror.address}good/")
    assert download(known, ignore, patience_with(what)) == data / "kmnist"
    assert_whole(data / "kmnist")
    # The next files are asked of the mirror that gave the first.
    assert not [path for path in mirror.asked if path.startswith("/bad/") and first not in path]


@pytest.mark.parametrize("place", [0, 3])
@pytest.mark.parametrize("what", BAD)
def test_if_all_mirrors_fail_it_is_said_why_and_nothing_is_left(
    mirror: Mirror, data: Path, what: str, place: int
) -> None:
    bad, words = BAD[what]
    for name, content in FILES.items():
        mirror.answers[f"/bad/{name}"] = gives(content)
    path = f"/bad/{NAMES[place]}"
    mirror.answers[path] = mirror.answers[f"{path}?again"] = bad(mirror, FILES[NAMES[place]])
    known = small_set(closed_address(), f"{mirror.address}bad/")
    with pytest.raises(DataError) as caught:
        download(known, ignore, patience_with(what))
    text = str(caught.value)
    assert text.startswith("Small set could not be downloaded. ")
    assert re.search(rf"127\.0\.0\.1:{mirror.server_port}: [^;]*{re.escape(words)}", text)
    assert re.search(r"127\.0\.0\.1:\d+: there is no connection", text)
    assert text.endswith(
        "Check that this computer is online and try again later, or name a mirror of your own in "
        "LAYERSCOPE_MIRROR."
    )
    assert_nothing(data)


FLOODS: dict[str, tuple[int, dict[str, object], bytes, str]] = {
    "redirect": (302, {"Location": "/login"}, bytes(1 << 16), "it sent 5 of "),
    "packed redirect": (
        302,
        {"Location": "/login", "Content_Encoding": "gzip"},
        gzip.compress(bytes(10**7)),
        "it sent 5 of ",
    ),
    "redirect in a circle": (302, {"Location": "?again"}, bytes(1 << 16), "without end"),
    "redirect without an address": (302, {}, bytes(1 << 16), "it sent more than "),
    "missing": (404, {}, bytes(1 << 16), "it answered 404"),
    "broken": (500, {"Transfer_Encoding": "chunked"}, b"1\r\nx\r\n" * 9999, "it answered 500"),
    "chunks": (200, {"Transfer_Encoding": "chunked"}, b"1\r\nx\r\n" * 9999, "it sent more than "),
    "chunk of no length": (200, {"Transfer_Encoding": "chunked"}, b"0" * 65536, "broke off"),
    "packed": (200, {"Content_Encoding": "gzip"}, gzip.compress(bytes(10**7)), "it sent more than"),
    "header": (200, {"X": "x" * 10**6}, b"", "there is no connection"),
}


@pytest.mark.parametrize("what", FLOODS)
def test_a_body_without_end_is_left_unread(mirror: Mirror, data: Path, what: str) -> None:
    status, fields, piece, words = FLOODS[what]
    for path in (f"/bad/{NAMES[0]}", f"/bad/{NAMES[0]}?again"):
        mirror.answers[path] = flood(mirror, status, piece, **fields)
    started = time.monotonic()
    with pytest.raises(DataError, match=re.escape(words)):
        download(small_set(f"{mirror.address}bad/"), ignore, PATIENT)
    assert time.monotonic() - started < 5  # the limit of silence is 10 s
    assert mirror.flooded < 60_000_000  # what the system itself takes in of ten connections
    assert_nothing(data)
    assert_no_thread_left()


def test_redirects_are_followed_no_longer_than_the_file_is_wanted(
    mirror: Mirror, data: Path
) -> None:
    for name in NAMES:
        mirror.answers[f"/bad/{name}"] = flood(mirror, 302, Location=f"/slow/{name}")
        mirror.answers[f"/slow/{name}"] = silent(mirror)

    def give_up(_done: int, _total: int) -> None:
        if len(mirror.asked) == 2:
            raise GivenUpError

    started = time.monotonic()
    with pytest.raises(GivenUpError):
        download(small_set(f"{mirror.address}bad/"), give_up, Patience(60, 60))
    assert time.monotonic() - started < 5
    assert_nothing(data)


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


@pytest.mark.parametrize("length", ["many", "-5", "1e3", ""])
def test_a_length_that_is_no_number_does_no_harm(mirror: Mirror, data: Path, length: str) -> None:
    for name, content in FILES.items():
        mirror.answers[f"/odd/{name}"] = gives(content, Content_Length=length)
    download(small_set(f"{mirror.address}odd/", f"{mirror.address}good/"), ignore, PATIENT)
    assert_whole(data / "kmnist")


def test_what_was_downloaded_is_loaded_under_its_name(mirror: Mirror, data: Path) -> None:
    download(small_set(f"{mirror.address}good/"), ignore)
    training, test = load("kmnist")
    assert (len(training), len(test)) == (5, 5)
    assert training.class_names == ("tsu", "ha", "re")
    assert training.images[0, 0, 0, 0] == 60


def test_the_bytes_that_are_here_are_told(mirror: Mirror) -> None:
    known = small_set(f"{mirror.address}good/")
    told: list[tuple[int, int]] = []
    download(known, lambda done, total: told.append((done, total)))
    assert told[-1] == (known.size, known.size)
    assert {total for _, total in told} == {known.size}
    assert [done for done, _ in told] == sorted(done for done, _ in told)


@pytest.mark.parametrize("place", [0, 2])
@pytest.mark.parametrize("kind", ["endless", "silent"])
def test_giving_up_at_any_moment_leaves_nothing(
    mirror: Mirror, data: Path, kind: str, place: int
) -> None:
    answer = endless(mirror) if kind == "endless" else silent(mirror)
    mirror.answers[f"/good/{NAMES[place]}"] = answer
    known = small_set(f"{mirror.address}good/", files={**FILES, NAMES[place]: bytes(10**7)})
    before = sum(len(FILES[name]) for name in NAMES[:place])

    def give_up(done: int, _total: int) -> None:
        # Of what is endless there are some bytes by now; what is silent was asked.
        if done > before if kind == "endless" else mirror.asked[-1:] == [f"/good/{NAMES[place]}"]:
            raise GivenUpError

    started = time.monotonic()
    with pytest.raises(GivenUpError):
        download(known, give_up, Patience(connection=60, silence=60))
    assert time.monotonic() - started < 30
    assert_nothing(data)
    if kind == "endless":  # a read that goes on is broken off
        assert_no_thread_left()


def test_what_is_here_is_not_asked_for_again(mirror: Mirror, data: Path) -> None:
    known = small_set(f"{mirror.address}good/")
    download(known, ignore)
    asked = len(mirror.asked)
    assert download(known, ignore) == data / "kmnist"
    assert len(mirror.asked) == asked == 4


def test_a_set_from_which_a_file_is_gone_comes_whole(mirror: Mirror, data: Path) -> None:
    known = small_set(f"{mirror.address}good/")
    (download(known, ignore) / NAMES[2]).unlink()
    assert not known.is_here
    download(known, ignore)
    assert_whole(data / "kmnist")


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
    "own",
    [
        *("ftp://server/x", "server/x", "file:///etc", "http://", "/srv"),
        *("http://[::1/", "http://a:99999/", "http://a:b/", "http://:80/", "http://\udcff/"),
        *("http://\u2100/", "http://[v1]/"),
    ],
)
def test_a_mirror_of_ones_own_that_is_no_address_is_refused(
    monkeypatch: pytest.MonkeyPatch, data: Path, own: str
) -> None:
    monkeypatch.setenv("LAYERSCOPE_MIRROR", own)
    with pytest.raises(DataError, match="which is no address of a mirror"):
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
    old, running, own = (
        data / name for name in (f".download-{16 * '0'}", f".download-{16 * '1'}", "own")
    )
    for folder in (old, running, own):
        (folder / "try-1").mkdir(parents=True)
        (folder / "try-1" / "part").write_bytes(b"part")
        for path in (folder / "try-1" / "part", folder / "try-1", folder):
            os.utime(path, (0, 0))
    os.utime(running / "try-1" / "part")
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


def test_the_files_may_be_read_by_whom_the_umask_lets(mirror: Mirror, data: Path) -> None:
    folder = download(small_set(f"{mirror.address}good/"), ignore)
    plain = data / "plain"
    plain.touch()
    for path in folder.iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == stat.S_IMODE(plain.stat().st_mode)


def test_a_full_disk_is_seen_before_and_meanwhile(
    mirror: Mirror, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = small_set(f"{mirror.address}good/")
    usage = shutil.disk_usage(data.parent)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=known.size - 1))
        with pytest.raises(DataError, match=r"needs 0\.0 MB, but only 0\.0 MB are free in"):
            download(known, ignore)
    assert mirror.asked == []
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DataError, match=r"there is no room left in .*data\. Make room there"):
            download(known, ignore)
    assert_nothing(data)
    assert mirror.asked == [f"/good/{NAMES[0]}"]  # no other mirror is asked then


def full(_file: object) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_place_that_may_not_be_written_to_is_said(
    mirror: Mirror, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = small_set(f"{mirror.address}good/")
    data.write_text("a file where the folder must be")
    with pytest.raises(DataError, match=r"was not downloaded: .*data cannot be used \("):
        download(known, ignore)
    data.unlink()

    def forbidden(_path: Path, *_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "mkdir", forbidden)  # root may write anywhere
    with pytest.raises(DataError, match=r"data may not be written to\. Change its rights"):
        download(known, ignore)


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
