"""The format Keras: a folder that holds the network as code, its weights and what checks them."""

from engine.exports.check_file import check_file
from engine.exports.export_format import ExportFormat, Files
from engine.exports.keras.layers import keras_arrays, to_keras
from engine.exports.keras.model_code import model_code
from engine.exports.keras.readme import readme
from engine.exports.keras.ways import WAYS
from engine.exports.notes import notes_of
from engine.exports.proof_text import with_proof
from engine.exports.trained_network import TrainedNetwork
from engine.files import tensors
from engine.files.atomic import ProgressReport
from engine.files.checksums import with_checksums


def _files(network: TrainedNetwork, report: ProgressReport) -> Files:
    arrays = keras_arrays(network.report, network.weights)
    report(0.2)
    weights = tensors.write_npz(arrays, with_checksums(notes_of(network), arrays))
    report(0.5)
    check = check_file(network, to_keras)
    report(0.9)
    return {
        "README.md": readme(network).encode(),
        "model.py": model_code(network).encode(),
        "weights.npz": weights,
        "check.npz": check,
    }


KERAS = ExportFormat(
    name="keras",
    title="Keras folder",
    audience="For those who go on with Keras, on TensorFlow, JAX or PyTorch.",
    contents="A folder with the network as readable code, its weights, and a check of both.",
    ending="",
    files=_files,
    ways=WAYS,
    with_verdicts=with_proof,
)
