"""Write down what Kamailio's modules are called and what they export, by name.

    python tools/kamailio_names.py WIKI KAMAILIO [KAMAILIO ...]

WIKI is a checkout of Kamailio's wiki; each KAMAILIO is a checkout of one release, of which only the
names in the modules' tables of exports and in their READMEs are read. What any of the releases
has counts. The table goes to src/sipway/core/kamailio_names.txt, a line for each module:

    tm functions t_relay t_newtran ... | parameters fr_timer ... | variables T_req ...

With it `sipway check` tells a name that belongs to a module which sipway does not have from a
misspelt one.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

TABLE = Path(__file__).parents[1] / "src/sipway/core/kamailio_names.txt"

_SECTION = re.compile(r" +\d+\. ([A-Z][\w /-]+)")
_ENTRY = re.compile(r" +\d+(?:\.\d+)+\. (.*)")
_FUNCTION = re.compile(r"([A-Za-z_]\w*)\s*\(")
_PARAMETER = re.compile(r"([A-Za-z_]\w*)(?:\s*\(|\s*$)")
_VARIABLE = re.compile(r"\$\(?([A-Za-z_]\w*)")
_EXAMPLE = re.compile(r'modparam\(\s*"(\w+)"\s*,\s*"(\w+)"')
# `static cmd_export_t cmds[] = { {"name", ...}, ... };` and its like.
_EXPORTS = re.compile(
    r"\b(cmd|param|pv)_export_t\s+\w+\s*\[\s*\w*\s*\]\s*=\s*\{(.*?)^\s*\}\s*;",
    re.DOTALL | re.MULTILINE,
)
_EXPORTED = re.compile(r'\{\s*(?:\{|\w+\()?\s*(?:\(char\s*\*\)\s*)?"([A-Za-z_]\w*)"([^{}]*)')
_COMMENT = re.compile(r"/\*.*?\*/|//[^\n]*", re.DOTALL)
_KINDS = {"cmd": "functions", "param": "parameters", "pv": "variables"}
# What modules export for each other, not for scripts.
_INTERNAL = re.compile(r"(?:bind|load|register|get)_\w+|\w+_(?:bind|load|register)|db_bind_api")

# Modules that only older releases have; their exports are not known.
REMOVED = """
    acc_db acc_syslog app_java app_lua_sr app_mono app_sqlang auth_identity avp avp_db avp_radius
    bdb cpl cpl-c db_cassandra db_ops db_perlvdb dbg dbtext dialog_ng domain_uid eval ext extcmd
    fifo flatstore gflags group_radius icscf im iptrtpproxy jabber janssonrpc-c jsonrpc-c jsonrpc-s
    malloc_test mi_datagram mi_fifo mi_rpc mi_xmlrpc mysql options oracle osp pa pcscf perl perlvdb
    postgres presence_b2b print print_lib privacy pua_mi purple radius_acc radius_auth rtpproxy-ng
    scscf unixsock uri uri_radius userblacklist vm xcap
"""


def exports_of(module: Path) -> dict[str, set[str]]:
    """The names in the tables of exports of a module's sources."""
    found: dict[str, set[str]] = {kind: set() for kind in _KINDS.values()}
    for source in sorted([*module.glob("*.c"), *module.glob("*.cpp")]):
        text = _COMMENT.sub(" ", source.read_text(encoding="utf-8", errors="replace"))
        for table in _EXPORTS.finditer(text):
            for entry in _EXPORTED.finditer(table[2]):
                name, rest = entry[1], entry[2]
                if table[1] == "cmd" and ("NO_SCRIPT" in rest or _INTERNAL.fullmatch(name)):
                    continue
                found[_KINDS[table[1]]].add(name)
    return found


def names_of(readme: str, module: str) -> dict[str, set[str]]:
    """The functions, parameters and variables in the README of a module."""
    found: dict[str, set[str]] = {"functions": set(), "parameters": set(), "variables": set()}
    section = ""
    contents = readme.partition("Table of Contents")[2].partition("\n   List of Examples")[0]
    for line in contents.partition("\nChapter 1.")[0].splitlines():
        if (match := _ENTRY.match(line)) is not None:
            text = match[1].strip()
            if "$" in text:
                found["variables"].update(_VARIABLE.findall(text))
            elif "arameter" in section and (name := _PARAMETER.match(text)) is not None:
                found["parameters"].add(name[1])
            elif "unction" in section and (name := _FUNCTION.match(text)) is not None:
                found["functions"].add(name[1])
        elif (match := _SECTION.match(line)) is not None:
            section = match[1]
    for other, name in _EXAMPLE.findall(readme):
        if other == module:
            found["parameters"].add(name)
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("wiki", type=Path)
    parser.add_argument("kamailio", type=Path, nargs="+")
    arguments = parser.parse_args()
    modules: dict[str, dict[str, set[str]]] = {}
    for folder in (each for one in arguments.kamailio for each in one.glob("src/modules/*/")):
        known = modules.setdefault(
            folder.name, {"functions": set(), "parameters": set(), "variables": set()}
        )
        readme = folder / "README"
        text = readme.read_text(encoding="utf-8", errors="replace") if readme.is_file() else ""
        for found in (exports_of(folder), names_of(text, folder.name)):
            for kind, names in found.items():
                known[kind].update(names)
    if not modules:
        print(f"no src/modules/*/ below {arguments.kamailio[0]}", file=sys.stderr)
        return 1
    for cookbook in sorted(arguments.wiki.glob("docs/cookbooks/*/pseudovariables.md")):
        module = None
        for line in cookbook.read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                title = re.fullmatch(r"## (\w+) (?:module|pseudo-variables).*", line.lower())
                module = title[1] if title is not None and title[1] in modules else None
            elif line.startswith("### ") and module is not None:
                modules[module]["variables"].update(_VARIABLE.findall(line.replace("\\", "")))
    for name in REMOVED.split():
        modules.setdefault(name, {})
    lines = []
    for module, kinds in sorted(modules.items()):
        parts = [f"{kind} {' '.join(sorted(names))}" for kind, names in kinds.items() if names]
        lines.append(f"{module} {' | '.join(parts)}".strip())
    TABLE.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"{len(lines)} modules -> {TABLE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
