"""What was learned knows which moment of which run it is of."""

from dataclasses import replace

import msgspec

from engine.model.project import CheckpointRef
from engine.model.templates import notebook
from engine.model.training_state import EpochPart, next_state
from gui.document.checkpoint import checkpoint_words
from gui.document.document import Document
from gui.document.edits import Edits


def test_the_origin_comes_and_goes_with_the_weights(document: Document, edits: Edits) -> None:
    origin = CheckpointRef("a", 2)
    weights = document.project().network().copy_weights()
    document.keep_learned(weights, 6, origin=origin)
    assert document.project().origin == origin
    edits.forget_learned()
    assert document.project().origin is None
    edits.undo()
    for other in (CheckpointRef("b", 1), CheckpointRef("a", 3), None):
        back = replace(document.project(), trained_epochs=3, origin=other)
        edits.take_checkpoint(back, "Back")
        assert document.project().origin == other
        edits.undo()
        assert document.project().origin == origin
    document.replace_project(replace(notebook(), origin=CheckpointRef("b", 1)), None)
    assert document.project().origin == CheckpointRef("b", 1)


def test_what_no_longer_tells_how_training_goes_on_does_not_change_what_weights_are_of(
    document: Document, edits: Edits
) -> None:
    weights = document.project().network().copy_weights()
    begun = next_state(None, document.report, document.settings, 64, epochs_done=6)
    state = msgspec.structs.replace(begun, part=EpochPart(steps=1))
    document.keep_learned(weights, 6, state, part=0.5)
    edits.change_setting("batch_size", 20)
    assert document.project().position == 6.5
    edits.change_setting("optimizer", "adam")
    assert document.project().state is None
    assert document.project().position == 6.5
    assert checkpoint_words(document.project()) == "within epoch 7"
    edits.take_checkpoint(replace(document.project(), trained_epochs=5, trained_part=0.0), "Back")
    assert document.project().position == 5
    edits.undo()
    assert document.project().position == 6.5
