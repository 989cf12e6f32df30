"""Directives (`#!...`), files that are included, and files that cannot be read."""

from __future__ import annotations

from typing import Final

from sipway.language.explain.entry import Explanation

DIRECTIVES: Final = {
    "bad-define-name": Explanation(
        "A name that is defined, or asked for, has other characters than letters, digits and _.",
        "Kamailio refuses it, since such a word cannot stand in a script.",
        "#!define WITH-NAT\nrequest_route { exit; }",
        "Write WITH_NAT.",
    ),
    "bad-ifexp": Explanation(
        "The expression of an #!ifexp cannot be read.",
        "Whether the text below it counts cannot be told, so it does not.",
        "#!ifexp A &&\n#!endif\nrequest_route { exit; }",
        "Use names, numbers, ==, !=, <, >, &&, ||, ! and parentheses.",
    ),
    "bad-subst": Explanation(
        "The expression of a #!subst or #!substdef cannot be read.",
        "Nothing would be replaced.",
        '#!substdef "!NAME!value"\nrequest_route { exit; }',
        'Write it in three parts, with the same sign between them: "!NAME!value!g".',
    ),
    "define-loop": Explanation(
        "The value of a define leads back to itself.",
        "Replacing it would never end.",
        "#!define A B\n#!define B A\nrequest_route { $var(x) = A; }",
        "Change one of the defines.",
    ),
    "define-too-large": Explanation(
        "The value of a define grows without end, as it holds other names that hold others.",
        "The script would not fit into memory.",
        "a chain of defines, each of which holds the one before many times",
        "Write part of it out, or move it into a block.",
    ),
    "defined-twice": Explanation(
        "#!define of a name that is defined already.",
        "Kamailio refuses it, since one of the values would be lost.",
        "#!define A 1\n#!define A 2\nrequest_route { exit; }",
        "Use #!redefine to replace a value, #!trydef to keep the first one.",
    ),
    "directive-expression": Explanation(
        "#!ifdef or #!ifndef is followed by more than a name.",
        "Only the first name counts, the rest of the line is not read.",
        "#!ifdef A || B\n#!endif\nrequest_route { exit; }",
        "Use #!ifexp, which takes expressions.",
    ),
    "doubtful-define": Explanation(
        "A #!define may not define what it seems to.",
        "The name ends with the first character that is no letter, digit or _; a line goes on only"
        " if the backslash is its very last character.",
        "#!define A=4\nrequest_route { exit; }",
        "Write #!define NAME VALUE, and nothing behind a backslash.",
    ),
    "else-with-text": Explanation(
        "Text follows an #!else.",
        "Kamailio takes such a line for a comment: what is left out stays left out.",
        "#!ifdef A\n#!else # not A\n#!endif\nrequest_route { exit; }",
        "Put the text, or the comment, on a line of its own.",
    ),
    "include-loop": Explanation(
        "Files include each other too deep.",
        "Most often a file includes itself.",
        "a file with a line that includes this very file",
        "Remove one of the include_file lines, or guard the file: #!ifndef SEEN, #!define SEEN.",
    ),
    "include-not-found": Explanation(
        "There is no such file to include.",
        "Part of the script is missing.",
        'include_file "not-there.cfg"\nrequest_route { exit; }',
        "It is looked for in the current directory, then beside the file that includes it."
        " import_file does without a missing file.",
    ),
    "missing-file-name": Explanation(
        "include_file or import_file has no file name in quotes.",
        "Nothing can be included.",
        "include_file not.there\nrequest_route { exit; }",
        'Write include_file "FILE".',
    ),
    "not-defined": Explanation(
        "#!undef of a name that is not defined.",
        "It may be misspelt.",
        "#!undef NOT_DEFINED\nrequest_route { exit; }",
        "Correct the name, or use #!tryundef.",
    ),
    "not-formatted": Explanation(
        "`sipway fmt` would have changed more than blanks and line ends.",
        "It compares what it has written with the script, and writes nothing if they differ.",
        "none is known: it is a mistake in sipway",
        "Please report it, with the line that the message names.",
    ),
    "unbalanced-directive": Explanation(
        "An #!ifdef has no #!endif, or the reverse.",
        "It cannot be told which text counts.",
        "#!ifdef WITH_NAT\nrequest_route { exit; }\n",
        "Give each #!ifdef, #!ifndef and #!ifexp an #!endif.",
    ),
    "unknown-directive": Explanation(
        "A #! is followed by a word that is no directive.",
        "The line is a comment, to Kamailio too, and does nothing.",
        "#!ifdeff WITH_NAT\nrequest_route { exit; }",
        "Correct the word; put a blank behind the # if it is meant as a comment.",
    ),
    "unreadable-file": Explanation(
        "A file cannot be read, or is no text.",
        "It is not there, belongs to somebody else, or was saved as UTF-16.",
        "a file that is not there",
        "Look at its name, its permissions (ls -l) and its encoding (file FILE).",
    ),
    "merge-markers": Explanation(
        "The file has the marks of a merge that could not be finished.",
        "Both versions of a part of the script stand there, one behind the other.",
        "<<<<<<< HEAD\nrequest_route { exit; }\n=======\nrequest_route { drop; }\n>>>>>>> new",
        "Keep one version, and remove the three lines with the marks.",
    ),
    "opensips-script": Explanation(
        "The script loads a module that only OpenSIPS has.",
        "The languages have the same origin, and are not the same any more. Nothing else of the"
        " script is checked.",
        'loadmodule "proto_udp.so"\nroute { exit; }',
        "Start with a script for Kamailio. If the module is of your own making, rename it.",
    ),
    "unfilled-template": Explanation(
        "A setting has a placeholder where the value has to be.",
        "The script was made from a template that was not filled in.",
        "listen=udp:<your address>:5060\nrequest_route { exit; }",
        "Put the value there. Several such lines are told as one.",
    ),
    "unset-in-subst": Explanation(
        "The replacement of a #!subst or #!substdef holds a variable of the script's own.",
        "It is replaced while the script is read, when a $var is 0 and an $avp is null; so does"
        " Kamailio.",
        '#!subst "/NAME/$var(name)/"\nrequest_route { exit; }',
        "Write $$var(name): the variable itself comes to stand in the script's texts.",
    ),
    "unset-environment": Explanation(
        "#!defenv names a variable of the environment that is not set.",
        "The name would have no value.",
        "#!defenv NOT_SET_ANYWHERE\nrequest_route { exit; }",
        "Set it where the server is started, or use #!trydefenv.",
    ),
}
