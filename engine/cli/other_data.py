"""Other data than a project was made for: its classes are found by name, or a network fitted."""

from dataclasses import replace

from engine.advice.class_offer import offer_classes
from engine.cli.shared import read_samples
from engine.data import Dataset, load
from engine.data.class_names import numbers_of_learned
from engine.errors import DataError
from engine.model.project import Project
from engine.training.samples import image_form, require_several_classes


def find_classes(project: Project) -> Project:
    """Give a trained project the numbers that its classes have in its data, by their names.

    Raises DataError if the data lacks one, or has them in another order.
    """
    if not project.weights:
        return project
    settings = project.settings
    learned = project.class_names, settings.classes
    found = numbers_of_learned(settings.dataset, *learned)
    return replace(project, settings=settings.with_changes(classes=found))


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
    require_several_classes(training)
    offer = offer_classes(project.stack, project.settings, training.classes, training.input_shape)
    if offer is None:
        return None
    return replace(project, stack=offer.stack, settings=offer.settings)
