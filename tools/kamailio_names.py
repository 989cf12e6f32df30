"""Write down what Kamailio's modules are called and what they export, by name.

    python tools/kamailio_names.py KAMAILIO WIKI

KAMAILIO is a checkout of Kamailio, of which only the READMEs of modules are read; WIKI is one of
its wiki. The table goes to src/sipway/core/kamailio_names.txt, a line for each module:

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

# What Kamailio 5.6 exports beside what its documents name, seen by trying.
ADDED = {
    "cfgutils": "variables RANDOM",
    "dialog": "variables DLG_count DLG_status DLG_lifetime dlg dlg_var dlg_ctx",
    "dispatcher": "variables dsv dsg",
    "http_async_client": "variables http_ok http_err http_rs http_rr http_hdr http_mb http_ml "
    "http_rb http_bs",
    "http_client": "variables curlerror httprhdr",
    "ipops": "variables HN dns srvquery naptrquery ptrquery",
    "jsonrpcs": "variables jsonrpl",
    "microhttpd": "variables mhttpd",
    "pv": "variables ccp stat",
    "pv_headers": "variables x_hdr x_fu x_fU x_fd x_fn x_ft x_tu x_tU x_td x_tn x_tt x_rs x_rr",
    "rr": "variables fti rdir tti",
    "rtpengine": "variables rtpstat",
    "rtpproxy": "variables rtpstat",
    "sqlops": "variables dbr sqlrows",
    "tcpops": "variables tcp",
    "textopsx": "variables blitval hfitbody hfitname",
    "tmx": "variables T T_branch T_reply_code T_reply_reason T_branch_idx T_req T_rpl T_inv",
    "uuid": "variables uuid uuidg uuidr uuids uuidt",
}


# Those that older or separate releases have, without a README to read.
REMOVED = """
    avp_db gflags mi_datagram mi_fifo mi_rpc print_lib uri
"""


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
    parser.add_argument("kamailio", type=Path)
    parser.add_argument("wiki", type=Path)
    arguments = parser.parse_args()
    modules: dict[str, dict[str, set[str]]] = {}
    for readme in sorted(arguments.kamailio.glob("src/modules/*/README")):
        text = readme.read_text(encoding="utf-8", errors="replace")
        modules[readme.parent.name] = names_of(text, readme.parent.name)
    if not modules:
        print(f"no src/modules/*/README below {arguments.kamailio}", file=sys.stderr)
        return 1
    for cookbook in sorted(arguments.wiki.glob("docs/cookbooks/*/pseudovariables.md")):
        module = None
        for line in cookbook.read_text(encoding="utf-8").splitlines():
            if line.startswith("## "):
                title = re.fullmatch(r"## (\w+) (?:module|pseudo-variables).*", line.lower())
                module = title[1] if title is not None and title[1] in modules else None
            elif line.startswith("### ") and module is not None:
                modules[module]["variables"].update(_VARIABLE.findall(line.replace("\\", "")))
    for name, text in ADDED.items():
        kind, *words = text.split()
        modules.setdefault(name, {"functions": set(), "parameters": set(), kind: set()})
        modules[name][kind].update(words)
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
