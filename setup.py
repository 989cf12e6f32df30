"""The compiled files; everything else about the package stands in pyproject.toml.

Compiled is each ``.py`` with a ``.pxd`` beside it and each ``.pyx``, all of them or none.
Without a C compiler (or Cython) the installation succeeds and runs uncompiled, unless
``REQUIRE_COMPILED=1``.
"""

from __future__ import annotations

import fcntl
import importlib.util
import json
import os
import shutil
import sys
from pathlib import Path
from typing import Any

from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

_ROOT = Path(__file__).resolve().parent
_PACKAGE = _ROOT / "src" / "sipway"
_SCRATCH = _ROOT / "build"

# Types come from the .pxd files alone: an annotation speaks to readers and to mypy.
_DIRECTIVES = {"language_level": 3, "annotation_typing": False}
# Bounds are checked and indices wrap as in Python: what is compiled reads bytes of strangers.
# What C compilers think of generated code is of no use to whoever installs this: -w.
_FLAGS = ["-O2", "-g0", "-w"]


def _load_build_module() -> Any:
    spec = importlib.util.spec_from_file_location("_sipway_build", _PACKAGE / "_build.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


_build = _load_build_module()


def _extensions() -> list[Extension]:
    return [
        Extension(
            ".".join(source.relative_to(_PACKAGE.parent).with_suffix("").parts),
            [str(source.relative_to(_ROOT))],
            extra_compile_args=_FLAGS,
        )
        for source in _build.compiled_sources(_PACKAGE)
    ]


class _BuildExt(build_ext):
    """All together or not at all, with a manifest that says what they were made from."""

    def run(self) -> None:
        if not self.extensions:
            return
        _SCRATCH.mkdir(exist_ok=True)
        with (_SCRATCH / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # two `make` in one checkout take turns
            self._build_all()

    def _build_all(self) -> None:
        manifest = _build.manifest_path(_PACKAGE)
        recorded = _read(manifest)
        sources = _build.sources_digest(_PACKAGE)
        layout = self._layout()
        # An editable installation uses the files beside the sources.
        if self.editable_mode and recorded == {"sources": sources, "layout": layout}:
            self.extensions = []
            return
        self.force = bool(self.force) or recorded.get("layout") != layout
        self.parallel = self.parallel or os.cpu_count()
        manifest.unlink(missing_ok=True)  # until all is done, nothing is
        try:
            self._cythonize()
            super().run()
        except Exception as error:  # noqa: BLE001 - whatever it was, sipway runs uncompiled
            self._fall_back(error)
            return
        text = json.dumps({"sources": sources, "layout": layout}, indent=1) + "\n"
        for path in {manifest, self._target(manifest)}:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def _cythonize(self) -> None:
        from Cython.Build import cythonize

        made = cythonize(
            [Extension(extension.name, extension.sources) for extension in self.extensions],
            build_dir=str((_SCRATCH / "cython").relative_to(_ROOT)),
            compiler_directives=_DIRECTIVES,
            force=self.force,
            quiet=True,
        )
        for extension, translated in zip(self.extensions, made, strict=True):
            extension.sources = translated.sources

    def _layout(self) -> str:
        """What forces a new build of everything: declarations, Cython, flags."""
        try:
            from Cython import __version__ as cython
        except ImportError:
            cython = "none"
        salt = f"{cython} {sys.version} {_DIRECTIVES} {_FLAGS}"
        return str(_build.digest(_build.layout_files(_PACKAGE), _PACKAGE, salt=salt))

    def _fall_back(self, error: Exception) -> None:
        for source in _build.compiled_sources(_PACKAGE):
            _build.extension_path(source).unlink(missing_ok=True)
            self._target(_build.extension_path(source)).unlink(missing_ok=True)
        if os.environ.get("REQUIRE_COMPILED", "0") not in ("", "0"):
            raise error
        self.extensions = []
        print(f"sipway: {_why(error)}; it will run uncompiled, slower.", file=sys.stderr)

    def _target(self, path: Path) -> Path:
        """``path`` of the source tree, as it lies in what is built."""
        if self.inplace:
            return path
        return Path(self.build_lib) / path.relative_to(_PACKAGE.parent)


def _why(error: Exception) -> str:
    if isinstance(error, ImportError):
        return "Cython is not installed"
    if shutil.which(os.environ.get("CC", "cc").split()[0]) is None:
        return "no C compiler found"
    return f"compiling failed ({str(error).strip().splitlines()[-1]})"


def _read(manifest: Path) -> dict[str, str]:
    try:
        content = json.loads(manifest.read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


setup(ext_modules=_extensions(), cmdclass={"build_ext": _BuildExt})
