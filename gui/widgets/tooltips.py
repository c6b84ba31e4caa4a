"""Tooltips of words that come from a file or a user: Qt must not take them for rich text."""

from PySide6.QtGui import Qt

_LINE = 80  # letters; Qt breaks no line of plain text, however long


def plain_tooltip(text: str) -> str:
    """Return a tooltip that shows a text as it is, with long lines broken.

    Rich text could load pictures, and from another machine at that. What needs neither escapes nor
    breaks stays as it is, for it is read aloud too.
    """
    short = all(len(line) <= _LINE for line in text.splitlines())
    if short and not Qt.mightBeRichText(text):
        return text
    return Qt.convertFromPlainText(text, Qt.WhiteSpaceMode.WhiteSpaceNormal)
