"""Which letters of a text are shown: names of runs, blocks, classes and files may be anybody's."""

import unicodedata

_JOINERS = "\u200c\u200d"  # which Persian words and many emoji need


def printable(name: str) -> str:
    """Return a name as it can be shown: one line of letters, each written in one way."""
    return "".join(map(_shown, unicodedata.normalize("NFC", name)))


def printable_lines(text: str) -> str:
    """Return a text as a terminal or a page can show it: lines of letters, each as it was written.

    A path stays such that it can be copied.
    """
    return "\n".join("".join(map(_shown, line)) for line in text.split("\n"))


def encodable(text: str) -> str:
    """Return a text that can be encoded: in the name of a file, not every byte is of a letter."""
    return text.encode("utf-8", "replace").decode()


def one_line(text: str) -> str:
    """Return the words of a text in one line, however it is broken."""
    return " ".join(text.split())


def _shown(letter: str) -> str:
    if letter.isprintable() or letter in _JOINERS:
        return letter
    return " " if unicodedata.category(letter) == "Zs" else "\ufffd"
