"""Blocks as text: what copying puts on the clipboard, and what pasting understands.

The text is JSON that people can read, so that it also goes into a mail and comes back from one.
"""

from collections.abc import Iterable
from typing import Any

import msgspec

from engine.blocks import decode_block, encode_block
from engine.errors import LayerscopeError, ProjectError, SettingsError
from engine.model.stack import BlockSlot
from gui.editor.delegate import LONGEST_TITLE

_PROGRAM = "Layerscope"
_LONGEST = 1_000_000  # characters
_MOST = 1000  # blocks
_NOTHING = "There are no blocks to paste. Copy some blocks first, here or in another window."


def blocks_to_text(slots: Iterable[BlockSlot]) -> str:
    """Write blocks with their titles as JSON text."""
    blocks = []
    for slot in slots:
        title = {"title": slot.title} if slot.title else {}
        blocks.append({**title, "block": encode_block(slot.block)})
    form = {"program": _PROGRAM, "blocks": blocks}
    return msgspec.json.format(msgspec.json.encode(form), indent=2).decode()


def blocks_from_text(text: str) -> list[BlockSlot]:
    """Read blocks from the text of blocks_to_text, or from a block or a list of blocks in JSON.

    The slots have no ids yet. Blocks of an unknown kind are kept as they are.
    Raises ProjectError if the text holds no blocks, or a block with an option that is refused.
    """
    plain = text.replace("\u00a0", " ").strip("\ufeff \t\r\n")  # as mail programs leave it
    if not plain:
        raise ProjectError(_NOTHING)
    try:
        if len(plain) > _LONGEST:
            raise ValueError("too long")
        entries = _entries(msgspec.json.decode(plain))
        slots = [_slot(position, entry) for position, entry in enumerate(entries, 1)]
        blocks_to_text(slots)  # what cannot be written again could not be saved either
    except LayerscopeError:
        raise
    except (ValueError, TypeError, OverflowError, RecursionError):
        raise ProjectError(
            f"The clipboard holds no blocks of {_PROGRAM}, but begins with "
            f"“{_beginning(plain)}”. Copy some blocks first, here or in another window."
        ) from None
    return slots


def _entries(raw: Any) -> list[Any]:
    if isinstance(raw, dict) and isinstance(raw.get("blocks"), list):
        raw = raw["blocks"]
    entries = raw if isinstance(raw, list) else [raw]
    if not entries:
        raise ProjectError(_NOTHING)
    if len(entries) > _MOST:
        raise ProjectError(f"The text has {len(entries):,} blocks; at most {_MOST:,} are pasted.")
    return entries


def _slot(position: int, entry: Any) -> BlockSlot:
    raw, title = entry, ""
    if isinstance(entry, dict) and "block" in entry:
        raw, title = entry["block"], entry.get("title", "")
    if not isinstance(raw, dict) or not isinstance(raw.get("kind"), str):
        raise ValueError("no block")
    if not isinstance(title, str):
        raise ValueError("no title")
    try:
        return BlockSlot(0, decode_block(raw), " ".join(title.split())[:LONGEST_TITLE])
    except SettingsError as error:
        name, _, refusal = str(error).partition(": ")
        raise ProjectError(
            f"Block {position} ({name}) of the copied text cannot be pasted: {refusal}"
        ) from None


def _beginning(text: str) -> str:
    first = " ".join(text[:200].split())
    return first if len(first) <= 40 else first[:39] + "…"
