"""Reading names from a checkout of Kamailio: tables of exports and READMEs."""

from __future__ import annotations

from pathlib import Path

from tools.kamailio_names import exports_of, names_of

_SOURCE = """
static cmd_export_t cmds[] = {
    /* {"gone", f, 0, 0, 0, 0}, */
    {"do_this", (cmd_function)f, 1, fixup, 0, ANY_ROUTE},
    {"do_that",
        (cmd_function)g, 2, fixup, 0, REQUEST_ROUTE}, // {"nor_this", 0}
    {"load_demo", (cmd_function)load, 0, 0, 0, 0},
    {"hidden", (cmd_function)h, NO_SCRIPT, 0, 0, 0},
    {0, 0, 0, 0, 0, 0}
};
static param_export_t params[] = {{"size", PARAM_INT, &size}, {"name", PARAM_STR, &name}, {0, 0, 0}
};
static pv_export_t pvs[] = {
    {{"dm", (sizeof("dm") - 1)}, PVT_OTHER, get, 0, parse, 0, 0, 0},
    {STR_STATIC_INIT("dm_ok"), PVT_OTHER, get, 0, 0, 0, 0, 0},
    {{0, 0}, 0, 0, 0, 0, 0, 0, 0}
};
static struct other nothing[] = {{"not_exported", 0}};
"""


def test_tables_of_exports(tmp_path: Path) -> None:
    (tmp_path / "demo.c").write_text(_SOURCE)
    assert exports_of(tmp_path) == {
        "functions": {"do_this", "do_that"},
        "parameters": {"size", "name"},
        "variables": {"dm", "dm_ok"},
    }


def test_a_module_without_sources(tmp_path: Path) -> None:
    assert not any(exports_of(tmp_path).values())


def test_readme() -> None:
    readme = """
   Table of Contents

   1. Admin Guide

        1. Parameters

              1.1. size (int)

        2. Functions

              2.1. do_this(what)

Chapter 1. Admin Guide
"""
    found = names_of(readme, "demo")
    assert found["parameters"] == {"size"}
    assert found["functions"] == {"do_this"}
