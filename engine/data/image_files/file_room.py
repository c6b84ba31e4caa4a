"""FileRoom: room for more images than memory should hold, in a file."""

import math
import mmap
import os
import shutil
from pathlib import Path

import numpy as np

from engine.array_types import Shape
from engine.data.images import Bytes

_SPARE = 2  # times the room that is taken must be free on the disk


class FileRoom:
    """A new file with room for images of some shape, from an offset on.

    `images` are written to like an array; the file has them at once, and the system may take their
    memory back. Raises OSError if the disk has no room, or a system cannot say so beforehand.
    """

    def __init__(self, path: Path, start: int, shape: Shape) -> None:
        self.path, self.start = path, start
        size = math.prod(shape)
        if not hasattr(os, "posix_fallocate"):
            raise OSError("room on the disk cannot be reserved")
        if shutil.disk_usage(path.parent).free < _SPARE * size:
            raise OSError("the disk is nearly full")
        file = os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o666)
        try:
            # Where the disk gets full under memory that is written to, a program is killed.
            os.posix_fallocate(file, 0, start + size)
            self._memory = mmap.mmap(file, start + size)
        except BaseException:
            path.unlink()
            raise
        finally:
            os.close(file)
        self.images: Bytes = np.frombuffer(self._memory, np.uint8, size, start).reshape(shape)

    def release(self) -> None:
        """Give the memory back; what was written to it stays in the file."""
        self._memory.madvise(mmap.MADV_DONTNEED)
