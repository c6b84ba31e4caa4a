"""The notebook as a format of exports."""

from engine.array_types import format_shape
from engine.exports.check_file import write_arrays
from engine.exports.export_format import ExportFormat, Files
from engine.exports.notebook import network_code, training_code
from engine.exports.notebook.chapters import Cell, read_chapter, write_notebook
from engine.exports.notebook.notebook_samples import NotebookSamples, choose_samples
from engine.exports.notebook.ways import read_back, run_cells, run_in_kernel
from engine.exports.trained_network import TrainedNetwork
from engine.exports.user_words import markdown_text
from engine.exports.weights_files import NPZ
from engine.files.atomic import ProgressReport
from engine.proof.way import Way
from engine.version import version


def _files(network: TrainedNetwork, report: ProgressReport) -> Files:
    weights, data = f"{network.name}-weights.npz", f"{network.name}-samples.npz"
    samples = choose_samples(network)
    report(0.4)
    encoded = NPZ.files(network, lambda fraction: report(0.4 + 0.4 * fraction))[""]
    values = {
        **training_code.training_values(network, samples),
        **_values(network, samples),
        "weights": network_code.quoted(weights),
        "data": network_code.quoted(data),
    }
    cells: list[Cell] = []
    for chapter in _chapters(network, samples):
        cells += read_chapter(chapter, values)
    return {
        "": write_notebook(cells, {"version": version(), "weights": weights}),
        weights: encoded,
        data: write_arrays(samples.arrays()),
    }


def _chapters(network: TrainedNetwork, samples: NotebookSamples) -> list[str]:
    report, learns = network.report, network_code.first_array(network.report) is not None
    chapters = ["start", "data", "layer", "random", f"initial_{network.settings.initializer}"]
    chapters += network_code.layer_chapters(report)
    chapters += ["network", "predict"]
    if any(row.slot.block.kind == "conv" for row in report.rows):
        chapters.append("kernels")
    chapters += training_code.loss_chapters(network)
    chapters += training_code.optimizer_chapters(network)
    chapters += ["gradient_check"] if learns else []
    chapters += training_code.schedule_chapters(network.settings)
    chapters.append("train")
    chapters.append("train_nothing" if samples.train_images is None else "train_now")
    chapters += ["back"] if learns else []
    return [*chapters, "end"]


def _values(network: TrainedNetwork, samples: NotebookSamples) -> dict[str, object]:
    report = network.report
    channels = (report.rows[0].input_shape or (1,))[0]
    return {
        "version": version(),
        "table": _table(network),
        "channels": "one channel, grey" if channels == 1 else "three channels: red, green and blue",
        "scaling": "Then each channel is brought to mean 0 and deviation 1, by the numbers of the "
        "images that the network has learned from."
        if network.scaling.is_standard
        else "",
        "standardise": _standardise(network),
        "classes": f"[{', '.join(map(network_code.quoted, network.class_names))}]",
        "samples": _sample_lines(samples),
        "true": _true_words(samples),
        "seed": network.settings.seed,
        "layers": network_code.layers(report),
        "arrays": network_code.arrays(report),
        "saved arrays": network_code.saved_arrays(report),
        "locks": network_code.locks(report),
        "tolerance": f"{samples.tolerance:.3g}",
    }


def _table(network: TrainedNetwork) -> str:
    lines = ["| | block | output | weights |", "|---|---|---|---|"]
    for number, row in enumerate(network.report.rows, 1):
        shape = format_shape(row.output_shape or ())
        lines.append(
            f"| {number} | {markdown_text(row.slot.label)} | {shape} | {row.parameters:,} |"
        )
    return "\n".join(lines)


def _standardise(network: TrainedNetwork) -> str:
    if not network.scaling.is_standard:
        return ""
    mean, deviation = list(network.scaling.mean), list(network.scaling.deviation)
    return (
        f"    mean, deviation = np.array({mean}), np.array({deviation})\n"
        "    x = (x - mean[:, None, None]) / deviation[:, None, None]\n"
    )


def _sample_lines(samples: NotebookSamples) -> str:
    lines = ['test_images = samples["test_images"]', "x_test = preprocess_images(test_images)"]
    if samples.test_labels is None:
        lines[0] += "  # noise: the data was not there when this was written"
    else:
        lines.append('test_labels = samples["test_labels"]')
        lines.append("y_test = preprocess_labels(test_labels)")
    if samples.train_images is not None:
        lines.append('x_train = preprocess_images(samples["train_images"])')
        lines.append('y_train = preprocess_labels(samples["train_labels"])')
    return "\n".join(lines)


def _true_words(samples: NotebookSamples) -> str:
    if samples.test_labels is None:
        return 'print("pred:", [classes[each] for each in predicted])'
    return (
        "for pred, true in list(zip(predicted, test_labels))[:10]:\n"
        '    print(f"pred: {classes[pred]}, true: {classes[true]}")\n'
        'print(f"{(predicted == test_labels).mean():.1%} of {len(predicted)} are right")'
    )


NOTEBOOK = ExportFormat(
    name="notebook",
    title="Jupyter notebook",
    audience="For those who want to see, teach or change how it works: every layer, forward and "
    "backward, in plain numpy.",
    contents="One notebook with equations and code, and beside it a file of the weights and one of "
    "some samples.",
    ending=".ipynb",
    files=_files,
    ways=(
        Way("read back", read_back),
        Way("numpy", run_cells, ("numpy", "scipy")),
        Way("kernel", run_in_kernel, ("nbclient", "nbformat", "ipykernel")),
    ),
)
