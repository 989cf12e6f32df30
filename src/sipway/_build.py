"""Which build of the hot files runs: the compiled one or the plain Python one.

The hot files are plain ``.py`` with a ``.pxd`` beside them, and ``.pyx`` with a ``.py`` twin.
``setup.py`` compiles them all together and writes a manifest beside them with a digest over
their sources and all ``.pxd`` files. A ``cdef class`` whose layout changed after a file that
uses it was compiled would read the wrong field without a word; so compiled files are used only
when the digest still fits, and all of them or none.

Imported by ``setup.py`` too, before anything is installed: the standard library only. And it is
the first thing that every start imports, so it does without what is slow to import (`json`,
`platform`, `sysconfig`, `importlib.abc`, `dataclasses`).
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Sequence
from importlib.machinery import EXTENSION_SUFFIXES, ExtensionFileLoader, ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType
from typing import Final, NamedTuple

PURE_VARIABLE: Final = "SIPWAY_PURE"
"""Set to anything but ``0``, the plain Python files run although compiled ones lie there."""

_PACKAGE: Final = Path(__file__).parent
_EXTENSION: Final = EXTENSION_SUFFIXES[0]
_RECORDED: Final = re.compile(rb'"sources": *"([0-9a-f]+)"')


class Build(NamedTuple):
    """The build that this process runs.

    ``reason`` says in a few words why it is uncompiled (empty when it is compiled); ``stale``
    that a compiled build is there and was passed over because its sources have changed.
    """

    compiled: bool
    reason: str = ""
    stale: bool = False

    def __str__(self) -> str:
        import platform

        kind = "compiled" if self.compiled else f"uncompiled: {self.reason}"
        python = f"{platform.python_implementation()} {platform.python_version()}"
        return f"{kind}; {python}; {sys.platform} {platform.machine()}"


def compiled_sources(package: Path = _PACKAGE) -> list[Path]:
    """The files to compile: each ``.pyx``, and each ``.py`` that has a ``.pxd`` beside it."""
    return _scan(package)[0]


def layout_files(package: Path = _PACKAGE) -> list[Path]:
    """The declarations that compiled files share: every ``.pxd``."""
    return _scan(package)[1]


def _scan(package: Path) -> tuple[list[Path], list[Path]]:
    """The files to compile, and the declarations that they share."""
    compiled, layout = [], []
    for folder, folders, names in os.walk(package):
        folders[:] = [name for name in folders if name != "__pycache__"]
        present = set(names)
        for name in names:
            stem, _, ending = name.rpartition(".")
            if ending == "pyx":
                compiled.append(Path(folder, name))
            elif ending == "pxd":
                layout.append(Path(folder, name))
                if f"{stem}.py" in present and f"{stem}.pyx" not in present:
                    compiled.append(Path(folder, f"{stem}.py"))
    return sorted(compiled), sorted(layout)


def digest(files: Sequence[Path], package: Path = _PACKAGE, *, salt: str = "") -> str:
    """A hash over the names and contents of ``files``, and over ``salt``."""
    hasher = hashlib.blake2b(salt.encode(), digest_size=16)
    for path in files:
        content = path.read_bytes()
        hasher.update(f"{path.relative_to(package).as_posix()}\0{len(content)}\0".encode())
        hasher.update(content)
    return hasher.hexdigest()


def sources_digest(package: Path = _PACKAGE) -> str:
    """The digest that the manifest of an up-to-date build carries as ``sources``."""
    compiled, layout = _scan(package)
    return digest([*compiled, *layout], package)


def package_state(package: Path = _PACKAGE) -> str:
    """Changes whenever a file of the package does: a hash over names, sizes and times."""
    hasher = hashlib.blake2b(digest_size=16)
    for folder, folders, names in os.walk(package):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            found = os.lstat(f"{folder}/{name}")
            hasher.update(f"{folder}\0{name}\0{found.st_size}\0{found.st_mtime_ns}\0".encode())
    return hasher.hexdigest()


def manifest_path(package: Path = _PACKAGE) -> Path:
    """Where the manifest of the build for this interpreter lies; each ABI has its own."""
    return package / f"_build{_EXTENSION.removesuffix('.so')}.json"


def extension_path(source: Path) -> Path:
    """Where the compiled form of ``source`` lies for this interpreter."""
    return source.with_name(source.stem + _EXTENSION)


def inspect(package: Path = _PACKAGE) -> Build:
    """What can run here, going by the environment, the manifest and the sources."""
    if os.environ.get(PURE_VARIABLE, "0") not in ("", "0"):
        return Build(compiled=False, reason=f"{PURE_VARIABLE} is set")
    sources = compiled_sources(package)
    present = [path for path in map(extension_path, sources) if path.is_file()]
    if not present:
        return Build(compiled=False, reason="no compiled files for this Python")
    if len(present) < len(sources) or _recorded_digest(package) != sources_digest(package):
        reason = "the compiled files do not fit their sources any more"
        return Build(compiled=False, reason=reason, stale=True)
    return Build(compiled=True)


def select(package: Path = _PACKAGE) -> Build:
    """Make imports of ``sipway`` follow ``inspect()``; say so on stderr where a user must act."""
    build = inspect(package)
    if not build.compiled:
        sys.meta_path.insert(0, _SourceFinder())
    if build.stale:
        print(
            f"sipway: {build.reason}; running uncompiled. Run `make build` to compile them anew.",
            file=sys.stderr,
        )
    return build


class _SourceFinder:
    """Finds the ``.py`` file where the usual finder would take the compiled module beside it."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith("sipway."):
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is None or not isinstance(spec.loader, ExtensionFileLoader):
            return spec
        import importlib.util

        name = fullname.rpartition(".")[2]
        return importlib.util.spec_from_file_location(
            fullname, Path(spec.loader.path).with_name(f"{name}.py")
        )


def _recorded_digest(package: Path) -> str | None:
    try:
        recorded = _RECORDED.search(manifest_path(package).read_bytes())
    except OSError:
        return None
    return recorded[1].decode() if recorded else None
