"""A million images train in no more memory than sixty thousand may take."""

import struct
import sys
from pathlib import Path

import pytest

from tests.engine.new_python import in_new_python

BOUND = 70_000 * 28 * 28 + 300_000_000  # bytes; see benchmarks/memory.py

TRAIN = """
import sys
from engine import Training, load
from engine.model.templates import TEMPLATES
project = TEMPLATES["lenet"]()
training_data, test = load(sys.argv[1])
settings = project.settings.with_changes(validation_split=10.0, dataset=sys.argv[1])
training = Training(project.check(), settings, training_data, test)
steps = training.run()
for _ in range(3):
    next(steps)
steps.close()
training.close()
with open("/proc/self/status") as status:  # the peak of the child alone
    (peak,) = [line.split()[1] for line in status if line.startswith("VmHWM:")]
print(len(training_data), peak)
"""


def write_zeros(folder: Path, part: str, count: int) -> None:
    """Write an IDX pair of black images, which take no room on the disk."""
    with (folder / f"{part}-images-idx3-ubyte").open("wb") as images:
        images.write(struct.pack(">BBBB3I", 0, 0, 8, 3, count, 28, 28))
        images.truncate(16 + count * 28 * 28)
    header = struct.pack(">BBBBI", 0, 0, 8, 1, count)
    labels = bytes(range(10)) * (count // 10)
    (folder / f"{part}-labels-idx1-ubyte").write_bytes(header + labels)


@pytest.mark.skipif(sys.platform != "linux", reason="asks Linux for the peak")
def test_a_million_images_train_within_the_bound_of_sixty_thousand(tmp_path: Path) -> None:
    write_zeros(tmp_path, "train", 1_000_000)
    write_zeros(tmp_path, "t10k", 10_000)
    count, peak = map(int, in_new_python(TRAIN, tmp_path).split())
    assert count == 1_000_000
    assert peak * 1024 < BOUND
