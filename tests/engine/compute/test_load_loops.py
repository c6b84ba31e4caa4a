"""The compiled loops: loaded late, and not asked for by `import` at every step."""

import builtins

import pytest

from engine.data.sources import load
from engine.model.templates import lenet, notebook
from engine.training.run import BatchDone, Training


@pytest.mark.parametrize("kind", ["notebook", "lenet"])
def test_a_step_imports_nothing(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    project = {"notebook": notebook, "lenet": lenet}[kind]()
    settings = project.settings.with_changes(limit=20)
    training = Training(
        project.check(), settings, *load(settings.dataset, settings.classes, settings.limit)
    )
    events = training.run()
    assert isinstance(next(events), BatchDone)  # the first step may load what all others need
    imported: list[str] = []
    real = builtins.__import__

    def watched(name: str, *arguments: object, **named: object) -> object:
        imported.append(name)
        return real(name, *arguments, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", watched)
    assert isinstance(next(events), BatchDone)
    monkeypatch.undo()
    training.close()
    assert imported == []
