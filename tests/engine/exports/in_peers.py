"""Exported folders in PyTorch or Keras, in the environment `.venv-peers`."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from engine.exports.export import export
from engine.exports.formats import FORMATS
from engine.exports.trained_network import TrainedNetwork
from engine.model.weights import Weights
from engine.training.events import Finished
from engine.training.run import Training
from tests import peers
from tests.engine.exports.trained import trained
from tests.engine.networks import MODERN, fitting

# Runs all folders in one process, for PyTorch takes seconds to be imported.
_RUN_ALL = """
import sys
from importlib import import_module
from pathlib import Path
import numpy as np
run = getattr(import_module(sys.argv[1]), sys.argv[2])
for folder in map(Path, sys.argv[3:]):
    outputs = run(folder, np.load(folder / "images.npy"))
    np.savez(folder / "outputs.npz", **{str(i): one for i, one in enumerate(outputs)})
"""


def write_folder(network: TrainedNetwork, path: Path, name: str) -> Path:
    """Write a network in a format that is a folder."""
    path.mkdir()
    for file, content in FORMATS[name].files(network, lambda _fraction: None).items():
        (path / file).write_bytes(content)
    return path


def learned_here(network: TrainedNetwork) -> Weights:
    """Train a network with the engine, and return its weights."""
    assert network.training is not None
    assert network.test is not None
    run = Training(
        network.report, network.settings, network.training, network.test, network.weights, threads=1
    )
    try:
        assert isinstance(list(run.run())[-1], Finished)
        return run.weights()
    finally:
        run.close()


def assert_outputs_are_the_engines(
    networks: Sequence[TrainedNetwork], path: Path, name: str
) -> None:
    """Run networks in the program of a format, and compare the outputs of all blocks."""
    folders, rights = [], []
    for number, network in enumerate(networks):
        folder = write_folder(network, path / str(number), name)
        assert network.test is not None
        images = np.asarray(network.test.images).astype(np.float32) / np.float32(255)
        np.save(folder / "images.npy", images)
        rights.append(network.network().activations(network.test.batch_inputs(slice(None))))
        folders.append(folder)
    run = FORMATS[name].ways[-1].outputs
    peers.run_python("-c", _RUN_ALL, run.__module__, run.__qualname__, *folders, cwd=path)
    for folder, right in zip(folders, rights, strict=True):
        with np.load(folder / "outputs.npz") as found:
            assert len(found.files) == len(right)
            for place, outputs in enumerate(right):
                one = found[str(place)].reshape(outputs.shape)
                scale = max(1.0, float(np.abs(outputs).max()))
                assert float(np.abs(one - outputs).max()) < 1e-5 * scale, (folder, place)
    assert "20 of 20 predictions agree" in peers.run_python("model.py", cwd=folders[0])


def assert_proved(path: Path, name: str) -> None:
    """Export a network, and assert that the program of its format proves it, block by block."""
    network = trained(fitting(MODERN, loss="cross_entropy"), "cross_entropy", standard=True)
    outcome = export(network, path, FORMATS[name])
    assert outcome.verified == FORMATS[name].ways[-1].name
    assert outcome.verdicts[-1].holds
    assert [block.number for block in outcome.verdicts[-1].blocks] == list(range(1, 15))
    assert outcome.verdicts[-1].text in (path / "README.md").read_text("utf-8")
