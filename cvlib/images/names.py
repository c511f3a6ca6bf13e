"""File names as a stranger gives them, made harmless."""

import re
import unicodedata

LONGEST = 80
NAMELESS = "picture"
ACTIVE = re.compile(r"[<>&`*_\[\](){}#!|\\~$^\"']")
"""What HTML or Markdown would act upon."""


def inert_name(name: str) -> str:
    """The last part of a path as text that does nothing: no controls, no direction marks, no markup.

    Args:
        name: anything; a path's folders are dropped.

    Returns:
        1 to 80 characters.
    """
    text = unicodedata.normalize("NFC", str(name)).replace("\\", "/").split("/")[-1]
    text = "".join(letter for letter in text if unicodedata.category(letter)[0] != "C")
    text = " ".join(ACTIVE.sub(" ", text).split()).strip(". :")
    if len(text) > LONGEST:
        stem, dot, ending = text.rpartition(".")
        ending = dot + ending if dot and len(ending) <= 5 else ""
        text = (stem if ending else text)[: LONGEST - len(ending) - 1] + "…" + ending
    return text or NAMELESS
