"""Transfer: one file from one address, with pooch, in a thread that nobody has to wait for."""

import contextlib
import http
import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

from engine.data.known.known_sets import SetFile

_GLANCE = 0.05  # s between two looks at how far it is
_MOMENT = 0.5  # s
_PIECE = 1 << 12
_REDIRECTS = 10


class MirrorError(Exception):
    """A mirror did not give the file; the text says why, as the second half of a sentence."""


@dataclass(frozen=True)
class Patience:
    """How many seconds to wait for a connection, and for the next bytes."""

    connection: float = 10.0
    silence: float = 30.0


class Transfer:
    """Fetches a file into a folder that has nothing else in it.

    Neither the look-up of a host's name nor a slow server can be told to give up, so the thread
    is left alone when it is no longer wanted; it removes its folder when it notices.
    """

    def __init__(self, address: str, file: SetFile, folder: Path, patience: Patience) -> None:
        self._address, self._file, self._folder = address, file, folder
        self._patience = patience
        self._received = 0
        self._response: Any = None
        self._stop, self._done = threading.Event(), threading.Event()
        self._fault: Exception | None = None
        threading.Thread(target=self._run, name="download", daemon=True).start()

    def wait(self, report: Callable[[int], None]) -> Path:
        """Return the file when it is here and has its hash; tell `report` the bytes meanwhile.

        Raises MirrorError if the address does not give it, OSError if it cannot be written, and
        whatever `report` raises.
        """
        received, since = 0, time.monotonic()
        try:
            while not self._done.wait(_GLANCE):
                report(self._received)
                now = time.monotonic()
                if self._received != received:
                    received, since = self._received, now
                elif now - since > self._patience.silence:
                    raise MirrorError(self._silence)
        except BaseException:
            self._give_up()
            raise
        if self._fault is not None:
            raise self._fault
        return self._folder / self._file.name

    def _give_up(self) -> None:
        """Let the thread end: at once where urllib3 can break off a read (2.3), else soon.

        It is given a moment, for else the program may be over before it has removed its folder.
        """
        self._stop.set()
        response = self._response
        if response is not None and hasattr(response.raw, "shutdown"):
            with contextlib.suppress(OSError, ValueError, RuntimeError):  # it may have ended by now
                response.raw.shutdown()
        self._done.wait(_MOMENT)

    def _run(self) -> None:
        try:
            self._fetch()
        except Exception as fault:  # it is raised again where the file is waited for
            self._fault = fault
        finally:
            if self._stop.is_set():
                shutil.rmtree(self._folder, ignore_errors=True)
                with contextlib.suppress(OSError):  # where others are in it still
                    self._folder.parent.rmdir()
            self._done.set()

    def _fetch(self) -> None:
        import pooch
        from requests.exceptions import RequestException
        from urllib3.exceptions import HTTPError

        pooch.get_logger().setLevel(logging.WARNING)  # it writes what it does to stderr
        try:
            pooch.retrieve(
                self._address,
                f"sha256:{self._file.sha256}",
                self._file.name,
                self._folder,
                downloader=self._receive,
            )
        except (RequestException, HTTPError, ConnectionError, TimeoutError) as fault:
            raise MirrorError(self._in_words(fault)) from fault
        except ValueError as fault:
            if self._received < self._file.size:
                raise MirrorError("its answer is not understood") from fault
            # So pooch says that the hash is another.
            raise MirrorError("it gave another file than the one whose SHA-256 is known") from fault

    def _receive(self, address: str, path: str, _pooch: object) -> None:
        """Write what an address gives to a file that pooch has made."""
        with self._open(address) as response:
            self._response = response
            os.unlink(path)  # it is for its owner alone; the new one for whom the umask says
            with open(path, "xb") as file:
                # As it is sent: servers call a .gz file encoded, which it is when they send it.
                # Not by `stream`, in which the length of a chunk may be a line without end.
                while piece := response.raw.read(_PIECE, decode_content=False):
                    self._received += len(piece)
                    self._require_wanted()
                    if self._received > self._file.size:
                        raise MirrorError(f"it sent more than {self._file.size:,} bytes")
                    file.write(piece)
                file.flush()
                os.fsync(file.fileno())
        if self._received < self._file.size:
            raise MirrorError(f"it sent {self._received:,} of {self._file.size:,} bytes")

    def _open(self, address: str) -> Any:
        """Return the answer of an address, or of the one that it leads to, by HTTP alone.

        Redirects are followed here. requests reads all that is sent along with one, even where it
        shall not follow it, unless it is not told that the answer is one.
        """
        import requests

        for _ in range(_REDIRECTS):
            self._require_wanted()
            if not address.lower().startswith(("http://", "https://")):
                raise MirrorError("it leads to an address that is not of the web")
            with requests.Session() as session:
                session.get_redirect_target = lambda resp: None  # type: ignore[method-assign]
                response = session.get(
                    address,
                    stream=True,
                    timeout=(self._patience.connection, self._patience.silence),
                    headers={"Accept-Encoding": "identity"},
                )
            if response.ok and not response.is_redirect:
                return response
            response.close()
            response.raise_for_status()
            address = urljoin(address, response.headers["location"])
        raise MirrorError("it leads from one address to the next without end")

    def _require_wanted(self) -> None:
        """Raise MirrorError if nobody waits for the file any more."""
        if self._stop.is_set():
            raise MirrorError("it is no longer wanted")

    @property
    def _silence(self) -> str:
        return f"it sent nothing for {self._patience.silence:g} seconds"

    def _in_words(self, fault: Exception) -> str:
        from requests import exceptions
        from urllib3.exceptions import ReadTimeoutError

        if isinstance(fault, exceptions.ReadTimeout | ReadTimeoutError):
            return self._silence
        if isinstance(fault, exceptions.HTTPError) and fault.response is not None:
            status = fault.response.status_code
            with contextlib.suppress(ValueError):
                return f"it answered {status} ({http.HTTPStatus(status).phrase})"
            return f"it answered {status}"
        if self._response is not None:
            return "the connection broke off"
        words = {
            exceptions.ProxyError: "the proxy gives no connection",
            exceptions.SSLError: "there is no secure connection",
            exceptions.Timeout: "it does not answer",
            exceptions.ConnectionError: "there is no connection",
        }
        kinds = (text for kind, text in words.items() if isinstance(fault, kind))
        return next(kinds, "its answer is not understood")
