"""Other data than a project was made for: an untrained network is fitted to its classes."""

from dataclasses import replace

from engine.advice.class_offer import offer_classes
from engine.cli.shared import read_samples
from engine.data import Dataset, load
from engine.errors import DataError
from engine.model.project import Project
from engine.training.samples import image_form


def read_or_fit(project: Project, *, may_fit: bool) -> tuple[Project, tuple[Dataset, Dataset], str]:
    """Read the samples of a project; fit it to all classes of the data if it lacks some of its own.

    Only if it `may_fit`. Return the project, the samples, and a sentence that says what was fitted.
    Raises DataError if there is no such data.
    """
    try:
        return project, read_samples(project), ""
    except DataError:
        fitted = _fitted(project) if may_fit else None
        if fitted is None:
            raise
        samples = read_samples(fitted)
        count = len(fitted.settings.classes)
        return fitted, samples, f"The network is fitted to the {count:,} classes of the data."


def _fitted(project: Project) -> Project | None:
    settings = project.settings
    training, _ = load(settings.dataset, form=image_form(settings))
    if set(settings.classes) <= set(training.classes):
        return None
    offer = offer_classes(project.stack, project.settings, training.classes, training.input_shape)
    if offer is None:
        return None
    return replace(project, stack=offer.stack, settings=offer.settings)
