"""A mirror on this machine that gives files, or does whatever a bad server may do."""

import contextlib
import gzip
import hashlib
import socket
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from engine.data.known.known_sets import KnownSet, Member, SetFile
from tests.engine.data.idx_files import idx_bytes

Answer = Callable[["Handler"], None]
NAMES = (
    "train-images-idx3-ubyte.gz",
    "train-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
)


class Handler(BaseHTTPRequestHandler):
    """Gives each path the answer that the mirror has for it."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Answer a request; that the other end has gone is no fault."""
        mirror = self.server
        assert isinstance(mirror, Mirror)
        mirror.asked.append(self.path)
        self.close_connection = True
        with contextlib.suppress(OSError):
            mirror.answers.get(self.path, status(404))(self)

    def head(self, status: int, **fields: object) -> None:
        """Send the status and the fields of the header."""
        self.send_response(status)
        for name, value in fields.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Mirror(ThreadingHTTPServer):
    """A server on a free port, which answers from when it is entered."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.closing = threading.Event()

    @property
    def address(self) -> str:
        """The address of its topmost folder."""
        return f"http://127.0.0.1:{self.server_port}/"

    def __enter__(self) -> "Mirror":
        threading.Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.shutdown()
        self.server_close()


def closed_address() -> str:
    """Return the address of a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{probe.getsockname()[1]}/"


def gives(data: bytes, **fields: object) -> Answer:
    """Give a file, with the fields of the header that are said and no Content-Length if None."""
    wanted = {"Content_Length": len(data), **fields}

    def answer(handler: Handler) -> None:
        handler.head(200, **{name: value for name, value in wanted.items() if value is not None})
        handler.wfile.write(data)

    return answer


def cut(data: bytes) -> Answer:
    """Promise a file and give half of it."""
    return gives(data[: len(data) // 2], Content_Length=len(data))


def status(number: int) -> Answer:
    """Answer with a status and nothing more."""
    return lambda handler: handler.head(number, Content_Length=0)


def redirect(address: str) -> Answer:
    """Send on to another address."""
    return lambda handler: handler.head(302, Location=address, Content_Length=0)


def endless(mirror: Mirror, piece: bytes = bytes(4096), seconds: float = 0.02) -> Answer:
    """Give bytes, slowly and without end."""

    def answer(handler: Handler) -> None:
        handler.head(200)
        while not mirror.closing.wait(seconds):
            handler.wfile.write(piece)
            handler.wfile.flush()

    return answer


def silent(mirror: Mirror) -> Answer:
    """Say nothing at all."""

    def answer(_handler: Handler) -> None:
        mirror.closing.wait()

    return answer


def small_files(digits: Sequence[int] = (3, 8, 3, 8, 5)) -> dict[str, bytes]:
    """The four files of a set of such training and test digits of 4×4 pixels, each of one shade."""
    pixels = [20 * digit for digit in digits for _ in range(16)]
    images = gzip.compress(idx_bytes((len(digits), 4, 4), pixels), mtime=0)
    labels = gzip.compress(idx_bytes((len(digits),), digits), mtime=0)
    return dict(zip(NAMES, (images, labels, images, labels), strict=True))


def small_set(
    *addresses: str,
    name: str = "kmnist",
    files: dict[str, bytes] | None = None,
    members: tuple[Member, ...] = (),
) -> KnownSet:
    """A known set of some files, whose mirrors are at some addresses."""
    files = small_files() if files is None else files
    return KnownSet(
        name=name,
        title="Small set",
        training=5,
        test=5,
        images="4×4, grey",
        licence="CC0",
        mirrors=addresses,
        files=tuple(
            SetFile(each, len(data), hashlib.sha256(data).hexdigest(), members)
            for each, data in files.items()
        ),
    )
