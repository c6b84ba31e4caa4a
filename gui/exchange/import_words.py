"""What is said of a file that can be imported: its tables in words."""

from engine.imports.onnx.imported_network import ImportedNetwork
from engine.imports.onnx.proof import why_unproved
from engine.imports.onnx.table import NodeRow, RefusedNetworkError
from engine.imports.weights_match import MatchRow, WeightsMatch
from engine.proof.verdict import Verdict
from engine.text import words
from gui.exchange.import_dialog import ImportRow, Offer

_BLOCKS = ("Block", "In the file", "Outcome", "Why")
_NODES = ("Node", "Operator", "Outcome", "What became of it, and why")
_NONE = "–"
_UNDO = "Undo brings the present weights back."


def offer_of_weights(match: WeightsMatch) -> Offer:
    """Say which blocks would take weights of a file."""
    taken, rows = len(match.weights), [_of_block(row) for row in match.rows]
    blocks = sum(row.number > 0 for row in match.rows)
    headline = f"{match.path.name}: {match.text}"
    if not taken:
        problem = "Nothing in it fits this network. Choose weights of a network like this one."
        return Offer(headline, _BLOCKS, rows, problem=problem)
    take = "&Take all" if taken == blocks else f"&Take {taken:,} of {blocks:,}"
    return Offer(headline, _BLOCKS, rows, take, notes=_UNDO)


def offer_of_network(name: str, imported: ImportedNetwork, verdicts: tuple[Verdict, ...]) -> Offer:
    """Say what became of each node of a file, and how far the outputs of the two agree."""
    blocks = words.count(len(imported.project.stack), "block")
    headline = f"{name} becomes a network of {blocks}."
    rows = [_of_node(row) for row in imported.rows]
    notes = " ".join(imported.notes)
    take, unproved = "&Open as new project", why_unproved(verdicts)
    return Offer(headline, _NODES, rows, take, unproved, notes, verdicts)


def offer_of_refused(name: str, refusal: RefusedNetworkError) -> Offer:
    """Say what became of each node of a file, and which one is refused."""
    headline = f"{name} was not imported."
    return Offer(headline, _NODES, [_of_node(row) for row in refusal.rows], problem=str(refusal))


def _of_block(row: MatchRow) -> ImportRow:
    block = f"{row.number} {row.title}" if row.number else _NONE
    outcome = "taken" if row.is_taken else "not taken"
    return ImportRow((block, row.group or _NONE, outcome, row.note), refused=not row.is_taken)


def _of_node(row: NodeRow) -> ImportRow:
    node = f"{row.number} {row.name}" if row.number else row.name or _NONE
    return ImportRow((node, row.op, row.fate, row.text), refused=row.fate == "refused")
