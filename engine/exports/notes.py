"""What a file says of the network that is exported, for formats with a place for notes."""

from engine.data.sources import name_of
from engine.exports.trained_network import TrainedNetwork
from engine.files.weights_metadata import DataNote, describe, write_notes


def notes_of(network: TrainedNetwork) -> dict[str, str]:
    """Return the stack, classes, scaling, data and version, each in JSON."""
    project = network.project
    metadata = describe(
        project.stack,
        network.class_names,
        network.scaling,
        _trained_on(network),
        project.trained_epochs,
    )
    return write_notes(metadata)


def _trained_on(network: TrainedNetwork) -> DataNote:
    """Name the data, not its folder, which is nobody's business, with its fingerprint."""
    name = name_of(network.settings.dataset)
    samples = network.settings.trained_samples(len(network.training or ()))
    return DataNote(name, network.data_digest(), samples)
