"""Which files below a folder are scripts, and which of them are read by others.

A file counts by what stands in it: a routing block at the start of a line, or a `loadmodule`.
What another script includes is part of that script and is read with it. A file that nobody
includes is a fragment when it has no main block, and not both modules and other blocks (or
`cfgengine`): its syntax can be checked, what it means can't.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

ENDINGS: Final = (".cfg", ".conf", ".inc", ".sample", ".bak", ".orig", ".k", ".kamailio")
_LARGEST: Final = 4_000_000

_BLOCK = re.compile(
    rb"^[ \t]*(?:(?:request_|reply_)?route[ \t\r\n]*\{"
    rb"|(?:(?:onreply|failure|branch|onsend|event)_)?route[ \t]*\[[^\]\n]*\][ \t\r\n]*\{)",
    re.MULTILINE,
)
_MAIN_BLOCK = re.compile(
    rb"^[ \t]*(?:request_route|route(?:[ \t]*\[[ \t]*0[ \t]*\])?)\s*\{", re.MULTILINE
)
_LOADMODULE = re.compile(rb"^[ \t]*loadmodulex?[ \t]*\(?[ \t]*[\"']", re.MULTILINE)
_ENGINE = re.compile(rb"^[ \t]*cfgengine\b", re.MULTILINE)
_INCLUDE = re.compile(
    rb"^[ \t]*(?:#!|!!)?(?:include_file|import_file)[ \t]+[\"']([^\"'\n]+)[\"']", re.MULTILINE
)


@dataclass(frozen=True, slots=True)
class Found:
    """What is below a folder.

    scripts    roots: checked, each with what it includes
    fragments  pieces without a root: their syntax is checked
    parts      pieces that one of the scripts includes
    copies     files with the same bytes as one of the above, in another place
    """

    scripts: list[Path] = field(default_factory=list)
    fragments: list[Path] = field(default_factory=list)
    parts: list[Path] = field(default_factory=list)
    copies: list[Path] = field(default_factory=list)


def find(folder: Path) -> Found:
    """All scripts below `folder`, in the order of their paths; links are not followed."""
    texts = {
        path: data for path in sorted(_files(folder)) if (data := _script_text(path)) is not None
    }
    included = set(_included(texts, folder))
    found = Found()
    seen: set[bytes] = set()
    for path, data in texts.items():
        if path in included:
            found.parts.append(path)
            continue
        # The same text beside other files may mean something else: it is what it includes.
        digest = hashlib.sha256(data).digest()
        if digest in seen and not _INCLUDE.search(data):
            found.copies.append(path)
            continue
        seen.add(digest)
        whole = _MAIN_BLOCK.search(data) or (_LOADMODULE.search(data) and _is_more(data))
        (found.scripts if whole else found.fragments).append(path)
    return found


def _is_more(data: bytes) -> bool:
    """Whether a file without a main block is more than a list of modules."""
    return _BLOCK.search(data) is not None or _ENGINE.search(data) is not None


def _files(folder: Path) -> Iterator[Path]:
    for place, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if name != ".git")
        for name in sorted(names):
            path = Path(place, name)
            if name.endswith(ENDINGS) and path.is_file() and not path.is_symlink():
                yield path


def _script_text(path: Path) -> bytes | None:
    """The bytes of a script; None for any other file."""
    if path.stat().st_size > _LARGEST:
        return None
    data = path.read_bytes()
    return data if _BLOCK.search(data) or _LOADMODULE.search(data) else None


def _included(texts: dict[Path, bytes], folder: Path) -> Iterator[Path]:
    """Those that another one of `texts` includes, as far as the name says which is meant."""
    for includer, data in texts.items():
        for match in _INCLUDE.finditer(data):
            name = Path(os.fsdecode(match[1]))
            target = Path(os.path.normpath(includer.parent / name))
            targets = [target] if target.is_file() else _by_ending(name, includer, texts, folder)
            yield from (each for each in targets if each != includer and each in texts)


def _by_ending(name: Path, includer: Path, texts: Iterable[Path], folder: Path) -> list[Path]:
    """Files below the includer's top folder whose paths end most like an absolute name."""
    inside = includer.relative_to(folder).parts
    root = folder / inside[0] if len(inside) > 1 else folder
    lengths = {
        path: _same_end(path.parts, name.parts)
        for path in texts
        if path.name == name.name and path.is_relative_to(root)
    }
    return [path for path, length in lengths.items() if length == max(lengths.values())]


def _same_end(first: tuple[str, ...], second: tuple[str, ...]) -> int:
    """How many parts two paths have in common at their ends."""
    number = 0
    for one, other in zip(reversed(first), reversed(second), strict=False):
        if one != other:
            break
        number += 1
    return number
