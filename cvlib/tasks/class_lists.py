"""Class names as other programs list them: one a line, or under `names:` in a YAML file."""

import json
import re

MOST_CLASSES = 1_000
MOST_CHARACTERS = 2**16
NAMES = re.compile(r"^names[ \t]*:[ \t]*(.*)$", re.MULTILINE)
ITEM = re.compile(r"[ \t]*-[ \t]+(.+)")
PAIR = re.compile(r"\s*[\"']?(\d{1,4})[\"']?\s*:\s+(.+)", re.DOTALL)
DOUBLE, SINGLE = r'"(?:[^"\\]|\\.)*+"?', r"'(?:[^']|'')*+'?"
"""Possessive, and closed by the end as well: no text makes them look twice."""
QUOTED = re.compile(f"({DOUBLE})|({SINGLE})")
TOKEN = re.compile(rf"{DOUBLE}|{SINGLE}|(?<=\s)#[^\n]*|[\[\]{{}},]|[^\[\]{{}},\"'#]+|.", re.DOTALL)
"""What lies in brackets: quoted texts, comments, signs, plain texts."""


def from_lines(text: str) -> tuple[str, ...]:
    """One name a line, as in `classes.txt` and `obj.names`; empty lines at the end do not count."""
    lines = [line.strip() for line in text[:MOST_CHARACTERS].strip().splitlines()]
    return tuple(lines[:MOST_CLASSES])


def from_yaml(text: str) -> tuple[str, ...]:
    """The names of a YOLO `data.yaml`: a list or a map with numbers, in brackets or one a line.

    Only these forms are read, and the rest of the file is not looked at.

    Returns:
        Empty if there are none. A number that the map leaves out is named "class" and the number.
    """
    text = text[:MOST_CHARACTERS]
    found = NAMES.search(text)
    if not found:
        return ()
    rest = _without_comment(found[1])
    if rest[:1] in ("[", "{"):
        return _from_brackets(text[found.start(1) + 1 :], pairs=rest[0] == "{")
    return _from_block(text[found.end() :].splitlines()) if not rest else ()


def _from_brackets(text: str, *, pairs: bool) -> tuple[str, ...]:
    parts = [""]
    for token in TOKEN.finditer(text):
        if token[0] in "[]{}":
            break
        if token[0] == ",":
            parts.append("")
        elif not token[0].startswith("#"):
            parts[-1] += token[0]
    parts = [part for part in parts if part.strip()]
    if not pairs:
        return tuple(_unquoted(part) for part in parts[:MOST_CLASSES])
    return _numbered([match.groups() for part in parts if (match := PAIR.fullmatch(part))])


def _from_block(lines: list[str]) -> tuple[str, ...]:
    names: list[str] = []
    pairs: list[tuple[str, str]] = []
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        if item := ITEM.fullmatch(line):
            names.append(_unquoted(item[1]))
        elif line[0].isspace() and (pair := PAIR.fullmatch(line)):
            pairs.append((pair[1], pair[2]))
        else:
            break
    return tuple(names[:MOST_CLASSES]) or _numbered(pairs)


def _numbered(pairs: list[tuple[str, str]]) -> tuple[str, ...]:
    names = {int(number): _unquoted(name) for number, name in pairs if int(number) < MOST_CLASSES}
    return tuple(names.get(number, f"class {number}") for number in range(max(names, default=-1) + 1))


def _unquoted(text: str) -> str:
    text = text.strip()
    quoted = QUOTED.match(text)
    if not quoted:
        return _without_comment(text)
    if quoted[2]:
        return quoted[2][1:-1].replace("''", "'")
    try:
        return str(json.loads(quoted[1], strict=False))
    except ValueError:
        return quoted[1][1:-1]


def _without_comment(text: str) -> str:
    return re.split(r"(?:^|\s)#", text, maxsplit=1)[0].strip()
