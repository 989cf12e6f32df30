"""Which build runs: the digest, the manifest, and what passes over compiled files."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

from sipway import _build

_ROOT: Final = Path(__file__).parents[2]
_PACKAGE: Final = _ROOT / "src" / "sipway"


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A package of one module with declarations, one system-call module, one plain module."""
    package = tmp_path / "sipway"
    (package / "sip").mkdir(parents=True)
    (package / "net").mkdir()
    for name in ("sip/message.py", "sip/message.pxd", "sip/plain.py", "net/_io.pyx", "net/_io.py"):
        (package / name).write_text(f"# {name}\n")
    return package


def _pretend_to_build(package: Path) -> None:
    for source in _build.compiled_sources(package):
        _build.extension_path(source).touch()
    manifest = {"sources": _build.sources_digest(package)}
    _build.manifest_path(package).write_text(json.dumps(manifest))


@pytest.fixture(autouse=True)
def _no_wishes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(_build.PURE_VARIABLE, raising=False)


def test_what_is_compiled(package: Path) -> None:
    names = [path.relative_to(package).as_posix() for path in _build.compiled_sources(package)]
    assert names == ["net/_io.pyx", "sip/message.py"]


def test_nothing_built(package: Path) -> None:
    build = _build.inspect(package)
    assert not build.compiled
    assert not build.stale


def test_built(package: Path) -> None:
    _pretend_to_build(package)
    assert _build.inspect(package).compiled


def test_pure_wish_wins(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _pretend_to_build(package)
    monkeypatch.setenv(_build.PURE_VARIABLE, "1")
    build = _build.inspect(package)
    assert not build.compiled
    assert not build.stale


@pytest.mark.parametrize("name", ["sip/message.py", "sip/message.pxd", "net/_io.pyx"])
def test_a_changed_source_makes_it_stale(package: Path, name: str) -> None:
    _pretend_to_build(package)
    (package / name).write_text("# changed\n")
    build = _build.inspect(package)
    assert not build.compiled
    assert build.stale


def test_a_plain_module_does_not(package: Path) -> None:
    _pretend_to_build(package)
    (package / "sip/plain.py").write_text("# changed\n")
    assert _build.inspect(package).compiled


@pytest.mark.parametrize("damage", ["manifest", "manifest text", "extension", "new declaration"])
def test_half_a_build_is_none(package: Path, damage: str) -> None:
    _pretend_to_build(package)
    match damage:
        case "manifest":
            _build.manifest_path(package).unlink()
        case "manifest text":
            _build.manifest_path(package).write_text('{"sour')
        case "extension":
            _build.extension_path(package / "sip/message.py").unlink()
        case "new declaration":
            (package / "sip/plain.pxd").touch()
    build = _build.inspect(package)
    assert not build.compiled
    assert build.stale


def test_every_pyx_has_a_plain_twin() -> None:
    for source in _build.compiled_sources():
        assert source.with_suffix(".py").is_file(), source


def _python(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )


def test_pure_takes_no_compiled_file() -> None:
    modules = [
        ".".join(source.relative_to(_PACKAGE.parent).with_suffix("").parts)
        for source in _build.compiled_sources()
    ]
    code = (
        "import importlib, sys\n"
        f"for name in {modules}: importlib.import_module(name)\n"
        "files = [getattr(m, '__file__', None) for n, m in sys.modules.items()"
        " if n.startswith('sipway.')]\n"
        "print([f for f in files if f and not f.endswith('.py')])"
    )
    assert _python("-c", code, SIPWAY_PURE="1").stdout.strip() == "[]"


def test_version_says_which_build() -> None:
    assert (
        "uncompiled: SIPWAY_PURE is set"
        in _python("-m", "sipway", "--version", SIPWAY_PURE="1").stdout
    )


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """setup.py with a package that has one small file to compile."""
    pytest.importorskip("Cython", reason="uncompiled build: there is no Cython")
    package = tmp_path / "src" / "sipway"
    (package / "sip").mkdir(parents=True)
    for name in ("setup.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(_ROOT / name, tmp_path)
    for name in ("__init__.py", "_build.py"):
        shutil.copy(_PACKAGE / name, package)
    (package / "sip" / "__init__.py").touch()
    (package / "sip" / "number.py").write_text("def double(n):\n    return 2 * n\n")
    (package / "sip" / "number.pxd").write_text("cpdef int double(int n)\n")
    return tmp_path


def _compile(checkout: Path, **environment: str) -> subprocess.CompletedProcess[str]:
    variables = {**os.environ, "REQUIRE_COMPILED": "", **environment}
    return subprocess.run(
        [sys.executable, "setup.py", "--quiet", "build_ext", "--inplace"],
        cwd=checkout,
        env=variables,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def _where(checkout: Path) -> tuple[str, str]:
    """Which file a fresh process runs there, and what it says on standard error."""
    done = _python(
        "-c",
        "import sipway.sip.number as n; print(n.__file__)",
        PYTHONPATH=str(checkout / "src"),
        SIPWAY_PURE="",
    )
    return Path(done.stdout.strip()).suffix, done.stderr


@pytest.mark.skipif(shutil.which("cc") is None, reason="uncompiled build: there is no C compiler")
def test_from_source_to_compiled_to_stale_and_back(checkout: Path) -> None:
    assert _compile(checkout).returncode == 0
    assert _where(checkout) == (".so", "")

    source = checkout / "src" / "sipway" / "sip" / "number.py"
    source.write_text("def double(n):\n    return n + n\n")
    suffix, said = _where(checkout)
    assert suffix == ".py"
    assert said.count("\n") == 1
    assert "make build" in said

    assert _compile(checkout).returncode == 0
    assert _where(checkout) == (".so", "")


@pytest.mark.skipif(shutil.which("cc") is None, reason="uncompiled build: there is no C compiler")
def test_an_editable_installation_of_what_is_built_compiles_nothing(checkout: Path) -> None:
    assert _compile(checkout).returncode == 0
    install = "from setuptools import build_meta; build_meta.build_editable('.')"
    done = subprocess.run(
        [sys.executable, "-c", install],
        cwd=checkout,
        env={**os.environ, "REQUIRE_COMPILED": "1", "CC": "no-such-compiler"},
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert _where(checkout) == (".so", "")


def test_without_a_compiler(checkout: Path) -> None:
    done = _compile(checkout, CC="no-such-compiler")
    assert done.returncode == 0
    assert done.stderr.splitlines() == [
        "sipway: no C compiler found; it will run uncompiled, slower."
    ]
    assert _where(checkout) == (".py", "")


def test_without_a_compiler_where_one_is_required(checkout: Path) -> None:
    assert _compile(checkout, CC="no-such-compiler", REQUIRE_COMPILED="1").returncode != 0
