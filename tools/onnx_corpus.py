"""Import every model of Debian's libonnx-testdata: each is taken with equal outputs, or refused.

Of a model with several inputs, all but the first become constants, with the values of its example.
Prints how many were taken, how many were refused and for what, and names each that is wrong.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from msgspec.structs import replace
from numpy.typing import NDArray
from onnx import TensorProto, numpy_helper

sys.path.insert(0, str(Path(__file__).parents[1]))

from engine.errors import NetworkFileError
from engine.files.onnx_file import Tensor, open_graph
from engine.files.untrusted_read import DamagedError
from engine.imports.onnx.imported_network import ImportedNetwork, network_of
from engine.inputs.scaling import UNIT

CORPUS = Path("/usr/share/libonnx-testdata/data")


def models(corpus: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Give each model with the folders of its examples."""
    for path in sorted(corpus.rglob("*.onnx")):
        examples = sorted(path.parent.glob("test_data_set_*"))
        yield path, [each for each in examples if (each / "output_0.pb").exists()]


def read(path: Path, examples: list[Path]) -> ImportedNetwork:
    """Import a model."""
    graph = open_graph(path)
    if len(graph.inputs) > 1 and examples:
        tensors = dict(graph.tensors)
        for place, value in enumerate(graph.inputs[1:], 1):
            tensors[value.name] = Tensor(value.name, array(examples[0] / f"input_{place}.pb"))
        graph = replace(graph, inputs=graph.inputs[:1], tensors=tensors)
    return network_of(graph, str(path))


def main() -> int:
    """Go through the corpus; return 1 if a model is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("corpus", nargs="?", type=Path, default=CORPUS)
    parser.add_argument("--verbose", action="store_true", help="name every model")
    options = parser.parse_args()
    counts: Counter[str] = Counter()
    reasons: Counter[str] = Counter()
    for path, examples in models(options.corpus):
        try:
            imported = read(path, examples)
        except (NetworkFileError, DamagedError) as refusal:
            outcome, said = "refused", str(refusal).removeprefix(str(path))
            reasons[said.split("(the first")[0][:100]] += 1
        else:
            outcome, said = compared(imported, examples)
        counts[outcome] += 1
        if options.verbose or outcome not in ("taken", "refused"):
            print(f"{outcome}: {path.relative_to(options.corpus)} {said}")
    for reason, count in reasons.most_common(20):
        print(f"  {count:5}  {reason}")
    print(", ".join(f"{count} {outcome}" for outcome, count in sorted(counts.items())))
    return int(counts["wrong"] > 0)


def compared(imported: ImportedNetwork, examples: list[Path]) -> tuple[str, str]:
    """Compare the outputs of a network with those of the examples."""
    network = imported.project.front()
    scaling = imported.project.scaling or UNIT
    largest = 0.0
    for example in examples:
        given, wanted = (
            array(example / f"{name}_0.pb").astype(np.float64) for name in ("input", "output")
        )
        if np.abs(given).max(initial=0) > np.finfo(np.float32).max:
            return "taken, no example in float32", ""
        images = given / imported.input_factor
        inputs = scaling.of_values(images.reshape(len(images), *imported.project.stack.input_shape))
        found = network.activations(inputs.astype(np.float32))[-1]
        found, wanted = found.reshape(len(found), -1), wanted.reshape(len(wanted), -1)
        if imported.ends_in == "LogSoftmax":
            wanted = np.exp(wanted)
        if imported.ends_in == "Softmax":
            found = network.activations(inputs.astype(np.float32))[-2].reshape(len(found), -1)
        if found.shape != wanted.shape:
            return "wrong", f"{found.shape} instead of {wanted.shape}"
        scale = float(np.abs(wanted).max()) or 1.0
        difference = float(np.abs(found - wanted).max()) / scale
        if not difference < 1e-4:  # which NaN is not
            return "wrong", f"{difference:.1e}"
        largest = max(largest, difference)
    return ("taken", f"{largest:.1e}") if examples else ("taken, no example", "")


def array(path: Path) -> NDArray[Any]:
    """Read an example."""
    return numpy_helper.to_array(TensorProto.FromString(path.read_bytes()))


if __name__ == "__main__":
    sys.exit(main())
