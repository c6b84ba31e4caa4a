"""Which settings tell what a run was."""

from dataclasses import replace

from engine.model.project import Project
from engine.model.settings import Settings
from engine.model.templates import TEMPLATES
from engine.runs.settings_summary import settings_summary

ALWAYS = ["Loss", "Optimizer", "Learning rate", "Batch size", "Seed", "Data", "Classes"]


def with_settings(**changes: object) -> Project:
    settings = Settings().with_changes(**changes)
    return replace(TEMPLATES["blank"](), settings=settings)


def test_of_settings_that_are_the_defaults_those_are_told_that_say_most() -> None:
    assert [title for title, _ in settings_summary(with_settings())] == ALWAYS


def test_what_was_changed_is_told_with_the_name_of_the_data() -> None:
    told = dict(settings_summary(with_settings(momentum=0.5, dataset="/data/three")))
    assert [title for title in told if title not in ALWAYS] == ["Momentum"]
    assert (told["Momentum"], told["Data"]) == ("0.5", "three")
