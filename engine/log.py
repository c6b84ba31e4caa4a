"""The program's log: a small file that helps to find what went wrong.

Modules write to it by `logging.getLogger(__name__)`. Only the program itself opens it: in a script
that imports the engine, logging is the script's own.
"""

import contextlib
import logging
import os
import queue
import sys
import threading
from io import TextIOWrapper
from logging.handlers import QueueHandler, RotatingFileHandler
from pathlib import Path

from engine.paths import home

MOST_BYTES = 1_000_000
OLDER_FILES = 2
_OURS = ("engine", "gui", "main")  # what other libraries do is of no interest, but warnings are
_FILE, _TERMINAL = "layerscope.file", "layerscope.terminal"
_PATIENCE = 0.1  # s that the last line may take to be written
THREAD = "log"


def log_path() -> Path:
    """Return where the log is, or will be."""
    return home() / "layerscope.log"


def start_log(verbosity: int = 0) -> None:
    """Begin to write the log; with a verbosity of 1 to the terminal as well, with 2 more of it."""
    logging.raiseExceptions = False  # a log that cannot be written is no second failure
    handlers: list[logging.Handler] = []
    with contextlib.suppress(OSError):  # the folder that the program runs in is gone
        handlers.append(_LogFile(log_path()))
    if verbosity:
        handlers.append(logging.StreamHandler(sys.stderr))
        handlers[-1].set_name(_TERMINAL)
    stop_log()
    for handler in handlers:
        handler.setFormatter(_Lines("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        logging.getLogger().addHandler(handler)
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.DEBUG if verbosity > 1 else logging.INFO)


def write_log_beside() -> None:
    """From now on write the file in a thread of its own: a dead disk holds up no window."""
    root = logging.getLogger()
    for file in [each for each in root.handlers if isinstance(each, _LogFile)]:
        root.removeHandler(file)
        root.addHandler(_Beside(file))


def flush_log(seconds: float) -> None:
    """Wait until all lines are written, but no longer than so."""
    for handler in logging.getLogger().handlers:
        if isinstance(handler, _Beside):
            handler.wait(seconds)


def stop_log() -> None:
    """Write no log any more."""
    root = logging.getLogger()
    for handler in [each for each in root.handlers if each.name in (_FILE, _TERMINAL)]:
        root.removeHandler(handler)
        handler.close()
    for name in _OURS:
        logging.getLogger(name).setLevel(logging.NOTSET)


def written_log() -> Path | None:
    """Return the log's file if the last line is in it; None if it could not be written."""
    for each in logging.getLogger().handlers:
        file = each.file if isinstance(each, _Beside) and each.wait(_PATIENCE) else each
        if isinstance(file, _LogFile) and file.works:
            return Path(file.baseFilename)
    return None


def read_log_end(path: Path, most_bytes: int = 200_000) -> str:
    """Return the last lines of a log; an empty text if there is none to be read."""
    try:
        if not path.is_file():  # a pipe could keep us waiting for ever
            return ""
        with path.open("rb") as file:
            start = max(0, file.seek(0, os.SEEK_END) - most_bytes)
            file.seek(start)
            text = file.read(most_bytes).decode("utf-8", errors="replace")
    except OSError:
        return ""
    return text.partition("\n")[2] if start else text


class _Lines(logging.Formatter):
    """Writes lines of letters: what else a name holds, and could steer a terminal, is spelled."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the lines of a record."""
        text = super().format(record)
        return "".join(
            letter if letter.isprintable() or letter == "\n" else ascii(letter)[1:-1]
            for letter in text
        )


class _LogFile(RotatingFileHandler):
    """Appends to the log, of which `OLDER_FILES` are kept when it is full.

    The file is open for one line at a time, so that another program can rename it, also on Windows.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(
            path,
            maxBytes=MOST_BYTES,
            backupCount=OLDER_FILES,
            encoding="utf-8",
            errors="backslashreplace",
            delay=True,
        )
        self.set_name(_FILE)
        self.works = False

    def emit(self, record: logging.LogRecord) -> None:
        """Write a line; `works` says whether that was possible."""
        self.works = True
        super().emit(record)
        stream, self.stream = self.stream, None  # it is opened again when it is needed
        if stream is not None:
            with contextlib.suppress(OSError):  # `works` knows of it from the writing
                stream.close()

    def doRollover(self) -> None:  # noqa: N802 - the name is logging's
        """Begin a new file; if another program has just done so, the line goes where it can."""
        with contextlib.suppress(OSError):
            super().doRollover()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the name is logging's
        """Note that a line is lost."""
        self.works = False

    def _open(self) -> TextIOWrapper:
        path = Path(self.baseFilename)
        if path.exists() and not path.is_file():
            raise OSError(f"{path} is no file")  # a pipe could keep us waiting for ever
        path.parent.mkdir(parents=True, exist_ok=True)
        return super()._open()


class _Beside(QueueHandler):
    """Hands lines to a thread, which alone writes them to the log's file."""

    def __init__(self, file: _LogFile) -> None:
        self._lines = queue.Queue[logging.LogRecord | None]()
        super().__init__(self._lines)
        self.set_name(_FILE)
        self.file = file
        threading.Thread(target=self._write, name=THREAD, daemon=True).start()

    def wait(self, seconds: float) -> bool:
        """Return whether all lines are written, soon at least."""
        written = self._lines.all_tasks_done
        with written:
            return written.wait_for(lambda: not self._lines.unfinished_tasks, seconds)

    def close(self) -> None:
        """End the thread when it has written all."""
        self._lines.put(None)
        super().close()

    def _write(self) -> None:
        # Without the file's lock, which Python takes at the exit: that must not wait for a disk.
        while (record := self._lines.get()) is not None:
            self.file.emit(record)
            self._lines.task_done()
