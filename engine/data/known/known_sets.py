"""The known data sets: what they are, where they can be had, and where they are on this machine.

Sizes and SHA-256 are those that TensorFlow Datasets publishes: `url_checksums/mnist.txt`,
`fashion_mnist.txt`, `kmnist.txt`, `emnist.txt` and `cifar10.txt` in github.com/tensorflow/datasets.
The addresses are those of TensorFlow Datasets, of torchvision, of the authors' repository
(Fashion-MNIST) and of Swift for TensorFlow (CIFAR-10). A set whose hash no such source gives is
left out. Licences are as the authors state them, that of MNIST as Keras does. The images of EMNIST
lie on their side, as TensorFlow Datasets says too; they are turned when they are read.
"""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.data.parts import Parts, Samples
from engine.data.readers.idx import why_incomplete
from engine.data.reading import COPY_AGAIN, opened
from engine.errors import DataError
from engine.paths import home

TRAINING_FILES = tuple(f"data_batch_{number}.bin" for number in range(1, 6))
TEST_FILE = "test_batch.bin"
_SHAPE = (3, 32, 32)
_ROW = 1 + 3 * 32 * 32  # bytes
_ROWS = 10_000  # of each file
PACKAGES = Path("/usr/share/datasets")  # where Debian's packages put data sets
_MEGABYTE = 1_000_000


def read_cifar(folder: Path, class_names: tuple[str, ...]) -> Parts:
    """Read the six files; raise DataError if one is not as it must be."""
    training = np.concatenate([_rows(folder / name, len(class_names)) for name in TRAINING_FILES])
    test = _rows(folder / TEST_FILE, len(class_names))
    return Parts(_samples(training), _samples(test), class_names)


def _rows(path: Path, classes: int) -> NDArray[np.uint8]:
    """Read the rows (10,000, 3,073) of one file."""
    size = _ROWS * _ROW
    with opened(path, "A file of CIFAR-10's binary version is expected.") as file:
        data = file.read(size + 1)
    if len(data) != size:
        raise DataError(f"{path} has not the {size:,} bytes that are expected. {COPY_AGAIN}")
    rows = np.frombuffer(data, np.uint8).reshape(_ROWS, _ROW)
    largest = int(rows[:, 0].max())
    if largest >= classes:
        raise DataError(f"{path} has the label {largest}; {classes - 1} is the last. {COPY_AGAIN}")
    return rows


def _samples(rows: NDArray[np.uint8]) -> Samples:
    images = np.ascontiguousarray(rows[:, 1:]).reshape(-1, *_SHAPE)
    return Samples(images, rows[:, 0].astype(np.int64))


class Member(NamedTuple):
    """A file of an archive: its whole name there, and the name it gets."""

    inside: str
    name: str


@dataclass(frozen=True)
class SetFile:
    """A file that mirrors have, and what is taken out of it if it is an archive."""

    name: str
    size: int
    sha256: str
    members: tuple[Member, ...] = ()


@dataclass(frozen=True)
class KnownSet:
    """A data set that has a name.

    `mirrors` are addresses of folders with all `files`. `class_names` are empty where a class is
    called by its number. `package` is the package of Debian that brings the set.
    """

    name: str
    title: str
    training: int
    test: int
    images: str
    licence: str
    mirrors: tuple[str, ...]
    files: tuple[SetFile, ...]
    class_names: tuple[str, ...] = ()
    form: Literal["idx", "transposed_idx", "cifar"] = "idx"
    package: str = ""

    @property
    def size(self) -> int:
        """Bytes to be downloaded."""
        return sum(file.size for file in self.files)

    @property
    def folder(self) -> Path:
        """Where a download puts the set."""
        return home() / "data" / self.name

    @property
    def is_downloaded(self) -> bool:
        """Whether a download has brought all files."""
        return all(os.path.isfile(self.folder / name) for name in self.file_names)

    @property
    def file_names(self) -> tuple[str, ...]:
        """The names of the files that a download leaves."""
        return tuple(
            name
            for file in self.files
            for name in ([member.name for member in file.members] or [file.name])
        )

    def find(self) -> Path:
        """Return the folder that holds the set, that of a package first.

        Raises DataError with all ways to get the set if it is not here.
        """
        if self.package:
            folder = PACKAGES / self.package.removeprefix("dataset-")
            if os.path.isdir(folder) and not why_incomplete(folder):
                return folder
        if self.is_downloaded:
            return self.folder
        raise DataError(f"{self.title} is not on this machine. {self.ways}")

    @property
    def is_here(self) -> bool:
        """Whether the set can be read."""
        try:
            self.find()
        except DataError:
            return False
        return True

    @property
    def ways(self) -> str:
        """Say how to get the set."""
        package = (
            f" On Debian and Ubuntu this brings it too: apt install {self.package}."
            if self.package
            else ""
        )
        return (
            f"Download it ({megabytes(self.size)}) with Data > Known sets in the window, or on the "
            f"command line with: data get {self.name}.{package} Or put its files "
            f"({self.file_names[0]}, …) into {self.folder}."
        )


def megabytes(size: int) -> str:
    """Write a size: `30.9 MB`, `562 MB`."""
    number = size / _MEGABYTE
    return f"{number:,.1f} MB" if number < 100 else f"{number:,.0f} MB"


def _four(*files: tuple[int, str]) -> tuple[SetFile, ...]:
    """Name the files of MNIST's form, of which sizes and hashes are given."""
    names = (
        "train-images-idx3-ubyte.gz",
        "train-labels-idx1-ubyte.gz",
        "t10k-images-idx3-ubyte.gz",
        "t10k-labels-idx1-ubyte.gz",
    )
    return tuple(SetFile(name, *file) for name, file in zip(names, files, strict=True))


_SETS = (
    KnownSet(
        name="mnist-full",
        title="Full MNIST",
        training=60_000,
        test=10_000,
        images="28×28, grey",
        licence="CC BY-SA 3.0",
        mirrors=(
            "https://storage.googleapis.com/cvdf-datasets/mnist/",
            "https://ossci-datasets.s3.amazonaws.com/mnist/",
        ),
        files=_four(
            (9_912_422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
            (28_881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
            (1_648_877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
            (4_542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
        ),
    ),
    KnownSet(
        name="fashion-mnist",
        title="Fashion-MNIST",
        training=60_000,
        test=10_000,
        images="28×28, grey",
        licence="MIT",
        mirrors=(
            "https://raw.githubusercontent.com/zalandoresearch/fashion-mnist/master/data/fashion/",
            "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
        ),
        files=_four(
            (26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
            (29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
            (4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
            (5_148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
        ),
        class_names=(
            *("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat"),
            *("Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        ),
        package="dataset-fashion-mnist",
    ),
    KnownSet(
        name="kmnist",
        title="KMNIST",
        training=60_000,
        test=10_000,
        images="28×28, grey",
        licence="CC BY-SA 4.0",
        mirrors=("https://codh.rois.ac.jp/kmnist/dataset/kmnist/",),
        files=_four(
            (18_165_135, "51467d22d8cc72929e2a028a0428f2086b092bb31cfb79c69cc0a90ce135fde4"),
            (29_497, "e38f9ebcd0f3ebcdec7fc8eabdcdaef93bb0df8ea12bee65224341c8183d8e17"),
            (3_041_136, "edd7a857845ad6bb1d0ba43fe7e794d164fe2dce499a1694695a792adfac43c5"),
            (5_120, "20bb9a0ef54c7db3efc55a92eef5582c109615df22683c380526788f98e42a1c"),
        ),
        class_names=("o", "ki", "su", "tsu", "na", "ha", "ma", "ya", "re", "wo"),
    ),
    KnownSet(
        name="emnist-digits",
        title="EMNIST digits",
        training=240_000,
        test=40_000,
        images="28×28, grey",
        licence="none stated (NIST Special Database 19)",
        mirrors=(
            "https://biometrics.nist.gov/cs_links/EMNIST/",
            "https://www.itl.nist.gov/iaui/vip/cs_links/EMNIST/",
        ),
        files=(
            SetFile(
                "gzip.zip",
                561_753_746,
                "fb9bb67e33772a9cc0b895e4ecf36d2cf35be8b709693c3564cea2a019fcda8e",
                tuple(
                    Member(
                        f"gzip/emnist-digits-{inside}-{kind}-ubyte.gz", f"{name}-{kind}-ubyte.gz"
                    )
                    for inside, name in (("train", "train"), ("test", "t10k"))
                    for kind in ("images-idx3", "labels-idx1")
                ),
            ),
        ),
        form="transposed_idx",
    ),
    KnownSet(
        name="cifar-10",
        title="CIFAR-10",
        training=50_000,
        test=10_000,
        images="32×32, RGB",
        licence="none stated (the authors ask to be cited)",
        mirrors=(
            "https://www.cs.toronto.edu/~kriz/",
            "https://storage.googleapis.com/s4tf-hosted-binaries/datasets/CIFAR10/",
        ),
        files=(
            SetFile(
                "cifar-10-binary.tar.gz",
                170_052_171,
                "c4a38c50a1bc5f3a1c5537f2155ab9d68f9f25eb1ed8d9ddda3db29a59bca1dd",
                tuple(
                    Member(f"cifar-10-batches-bin/{name}", name)
                    for name in (*TRAINING_FILES, TEST_FILE)
                ),
            ),
        ),
        form="cifar",
        class_names=(
            *("airplane", "automobile", "bird", "cat", "deer"),
            *("dog", "frog", "horse", "ship", "truck"),
        ),
    ),
)


KNOWN_SETS = {known.name: known for known in _SETS}
