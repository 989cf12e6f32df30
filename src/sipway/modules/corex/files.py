"""Text files read and written whole."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Final, TypeAlias

from sipway.core.context import Context
from sipway.language.signatures import ArgumentKind, Form, VariableReference
from sipway.modules.corex._module import failed, mod

_LONGEST: Final = 1 << 20

Result: TypeAlias = Annotated[
    VariableReference,
    ArgumentKind("a variable to write to", base=None, form=Form.VARIABLE, writable=True),
]


def _regular(path: str) -> Path:
    """A path that does not lead to a pipe or a device, which could hold up everybody.

    Raises ValueError.
    """
    found = Path(path)
    if found.exists() and not found.is_file():
        raise ValueError(f"{path} is no regular file")
    return found


@mod.function("file_read")
def file_read(ctx: Context, path: str, result: Result) -> int:
    """Read a text file, of at most a MiB, into a variable. 1; -1 if it cannot be read."""
    try:
        with _regular(path).open("rb") as file:
            data = file.read(_LONGEST + 1)
    except (OSError, ValueError) as error:
        return failed(ctx, "file_read", error)
    if len(data) > _LONGEST:
        return failed(ctx, "file_read", f"{path} is longer than {_LONGEST} bytes")
    assert result.set is not None  # so the kind demands
    result.set(ctx, data.decode("utf-8", "surrogateescape"))
    return 1


@mod.function("file_write")
def file_write(ctx: Context, path: str, content: str) -> int:
    """Write a text to a file, in place of what is there. 1; -1 if it cannot be written."""
    try:
        _regular(path).write_bytes(content.encode("utf-8", "surrogateescape"))
    except (OSError, ValueError) as error:
        return failed(ctx, "file_write", error)
    return 1
