"""The format Keras: a folder that holds the network as code, its weights and what checks them."""

from engine.array_types import format_shape
from engine.data.names import LISTED, listed
from engine.exports.check_file import check_file
from engine.exports.export_format import UNPROVED, ExportFormat, Files, resource, with_proof
from engine.exports.keras.model_code import keras_arrays, model_code, to_keras
from engine.exports.keras.ways import WAYS
from engine.exports.trained_network import TrainedNetwork, notes_of
from engine.exports.user_words import markdown_text
from engine.files import tensors
from engine.files.atomic import ProgressReport
from engine.files.tensors import with_checksums
from engine.model.settings import Settings
from engine.version import version


def readme(network: TrainedNetwork) -> str:
    """Return the text, before the proof."""
    names, settings = network.class_names, network.settings
    return resource("keras-readme.md").format(
        version=version(),
        shape=format_shape(network.report.rows[0].input_shape or ()),
        scaling=" It standardises them itself." if network.scaling.is_standard else "",
        classes=len(names),
        names=listed([*map(markdown_text, names)], LISTED),
        batch=settings.batch_size,
        epochs=settings.epochs,
        differences=", ".join(_differences(network, settings)),
        proof=UNPROVED,
    )


def _differences(network: TrainedNetwork, settings: Settings) -> list[str]:
    """Say what of the settings and the blocks is other in Keras."""
    found = ["the order of the samples and other random numbers are Keras's"]
    kinds = {row.slot.block.kind for row in network.report.rows}
    if settings.schedule != "constant":
        found.append("the learning rate stays the same")
    if settings.weight_decay and settings.optimizer != "adamw":
        found.append("there is no weight decay, which Keras knows only apart from the gradient")
    if settings.optimizer != "sgd":
        found.append("where a gradient is next to 0, the first steps of Adam are shorter")
    if any((settings.shift, settings.rotate, settings.zoom, settings.noise, settings.flip)):
        found.append("images are not changed at random")
    if any(row.slot.locked_kernels for row in network.report.rows):
        found.append("single locked kernels learn with the others")
    if "batch_norm" in kinds:
        found.append("the variance that batch normalisation remembers is not the unbiased one")
    return found


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
