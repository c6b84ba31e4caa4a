import logging
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from engine import log
from engine.log import flush_log, log_path, read_log_end, start_log, write_log_beside, written_log
from tests.failing import failing
from tests.paths import ROOT

logger = logging.getLogger("engine.test_log")


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have a log in a folder of its own; return where it will be."""
    monkeypatch.setenv("LAYERSCOPE_HOME", str(tmp_path / "home"))
    start_log()
    return tmp_path / "home" / "layerscope.log"


def test_the_file_is_there_with_the_first_line(path: Path) -> None:
    assert log_path() == path
    assert not path.exists()
    assert written_log() is None
    logger.info("by 0 \udcff")
    logger.debug("too much")
    line = path.read_text("utf-8")
    assert line.endswith(" INFO engine.test_log: by 0 \\udcff\n")
    assert written_log() == path


def test_a_name_in_the_log_does_not_steer_the_terminal_that_shows_it(path: Path) -> None:
    logger.info("deleted %s\nand 👍", "\x1b[2Jx\x9b")
    assert path.read_text("utf-8").endswith(": deleted \\x1b[2Jx\\x9b\nand 👍\n")


def test_a_log_that_was_started_again_has_each_line_once(path: Path) -> None:
    start_log()
    start_log(2)
    logger.debug("a detail")
    assert path.read_text("utf-8").count("a detail") == 1


def test_warnings_of_libraries_are_in_it_and_their_chatter_is_not(path: Path) -> None:
    start_log(2)
    logging.getLogger("numba.core").debug("chatter")
    logging.getLogger("numba.core").warning("a library complains")
    assert "chatter" not in path.read_text("utf-8")
    assert "a library complains" in path.read_text("utf-8")


def test_a_full_log_is_rotated_and_two_older_ones_are_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(log, "MOST_BYTES", 2_000)
    start_log()
    for number in range(200):
        logger.info("line %03d", number)
    files = sorted(os.listdir(path.parent))
    assert files == ["layerscope.log", "layerscope.log.1", "layerscope.log.2"]
    assert all((path.parent / name).stat().st_size <= 2_000 for name in files)
    newest = [(path.parent / name).read_text("utf-8") for name in reversed(files)]
    lines = "".join(newest).splitlines()
    assert [line.split()[-1] for line in lines] == [
        f"{number:03d}" for number in range(200 - len(lines), 200)
    ]


def test_a_rotation_that_fails_loses_no_line(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "MOST_BYTES", 200)
    start_log()
    monkeypatch.setattr(os, "rename", failing(PermissionError("another program has it open")))
    for number in range(20):
        logger.info("line %d", number)
    assert path.read_text("utf-8").count("line ") == 20
    assert written_log() == path


TWO_PROGRAMS = """
import logging, sys
from engine import log
log.MOST_BYTES = 5_000
log.start_log(1)
for number in range(400):
    logging.getLogger("engine").info("program %s line %d", sys.argv[1], number)
"""


def test_two_programs_write_and_rotate_one_log_and_neither_complains(path: Path) -> None:
    programs = [
        subprocess.Popen(
            [sys.executable, "-c", TWO_PROGRAMS, name],
            cwd=ROOT,
            env={**os.environ, "LAYERSCOPE_HOME": str(path.parent)},
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in "ab"
    ]
    for program in programs:
        said = program.communicate(timeout=60)[1]
        assert program.returncode == 0
        assert said.count("\n") == 400, "nothing but its lines"
    for name in os.listdir(path.parent):
        lines = (path.parent / name).read_text("utf-8").splitlines()
        assert all(" INFO engine: program " in line for line in lines)


def block_with_a_file(path: Path) -> None:
    path.parent.write_text("")


def block_with_a_folder(path: Path) -> None:
    path.mkdir(parents=True)


def block_with_a_pipe(path: Path) -> None:
    path.parent.mkdir()
    os.mkfifo(path)


@pytest.mark.parametrize("block", [block_with_a_file, block_with_a_folder, block_with_a_pipe])
def test_where_no_log_can_be_written_there_is_none_to_name(
    path: Path, block: Callable[[Path], None], capsys: pytest.CaptureFixture[str]
) -> None:
    block(path)
    logger.error("lost")
    assert written_log() is None
    assert read_log_end(path) == ""
    assert capsys.readouterr() == ("", "")


def test_a_disk_that_has_room_again_has_the_log_again(path: Path) -> None:
    block_with_a_folder(path)
    logger.error("lost")
    path.rmdir()
    logger.error("found")
    assert written_log() == path


def test_beside_a_window_a_disk_that_does_not_answer_holds_up_nobody(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers, write = threading.Event(), log._LogFile.emit

    def write_late(file: log._LogFile, record: logging.LogRecord) -> None:
        assert answers.wait(30)
        write(file, record)

    monkeypatch.setattr(log._LogFile, "emit", write_late)
    write_log_beside()
    try:
        raise ValueError("seven is odd")
    except ValueError:
        logger.exception("wrong in %s", [1])
    logger.info("later")
    assert written_log() is None
    assert not path.exists()
    answers.set()
    flush_log(30)
    assert written_log() == path
    first, *traceback, error, last = path.read_text("utf-8").splitlines()
    assert first.endswith(" ERROR engine.test_log: wrong in [1]")
    assert traceback[0] == "Traceback (most recent call last):"
    assert error == "ValueError: seven is odd"
    assert last.endswith(" INFO engine.test_log: later")


def test_the_end_of_a_long_log_begins_with_a_whole_line(path: Path) -> None:
    for number in range(100):
        logger.info("line %d", number)
    whole, end = read_log_end(path), read_log_end(path, 1_000)
    assert whole == path.read_text("utf-8")
    assert whole.endswith(end)
    assert end.startswith(whole[:5]), "with the year"
    assert 900 < len(end) < 1_000


def test_bytes_that_are_no_text_are_shown_all_the_same(path: Path) -> None:
    logger.info("line")
    with path.open("ab") as file:
        file.write(b"\xff\xfe\x00\n")
    assert read_log_end(path).endswith("line\n\ufffd\ufffd\x00\n")


def test_a_script_that_imports_the_engine_gets_no_log_and_no_words() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import engine, logging; logging.getLogger('engine.x').error('no')"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stderr == done.stdout == ""
