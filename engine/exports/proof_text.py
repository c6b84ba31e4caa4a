"""What the README of a folder says of its proof."""

from collections.abc import Sequence

from engine.exports.export_format import Files
from engine.proof.verdict import Verdict

UNPROVED = "It was not checked when it was written."


def with_proof(files: Files, verdicts: Sequence[Verdict]) -> Files:
    """Return the README of a folder anew, with what each way to run it came to."""
    text = files["README.md"].decode()
    if verdicts:
        text = text.replace(UNPROVED, "\n".join(f"- {verdict.text}" for verdict in verdicts))
    return {"README.md": text.encode()}
