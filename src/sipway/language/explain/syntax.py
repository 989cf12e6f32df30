"""Statements, blocks, settings and expressions that cannot be read."""

from __future__ import annotations

from typing import Final

from sipway.language.explain.entry import Explanation

SYNTAX: Final = {
    "assignment-in-condition": Explanation(
        "A condition holds = where == is meant.",
        "A condition asks; it cannot give a variable a value.",
        'request_route { if ($rU = "alice") exit; }',
        "Write == to compare two values, =~ to match a regular expression.",
    ),
    "bad-address": Explanation(
        "An IP address or a host name is written in a way that cannot be one.",
        "sipway cannot listen on it, or compare with it.",
        "request_route { if (src_ip == 10.0.0.300) exit; }",
        "Each part of an IPv4 address is at most 255; IPv6 addresses stand in brackets.",
    ),
    "bad-number": Explanation(
        "A word that starts like a number is none.",
        "Numbers are decimal (10), hexadecimal (0xA) or, with a leading 0, octal (012).",
        "request_route { $var(x) = 089; }",
        "Remove the leading 0, or put the word into quotes if it is a text.",
    ),
    "bad-port": Explanation(
        "The port of a socket is greater than 65535.",
        "There is no such port.",
        "listen=udp:127.0.0.1:70000\nrequest_route { exit; }",
        "Use a port from 1 to 65535; SIP has 5060, over TLS 5061.",
    ),
    "bad-route-name": Explanation(
        "The name of a block, or of the block that a route() calls, is no name.",
        "Names are letters, digits and _; anything else reads as an operator.",
        "request_route { exit; }\nroute[TO-PSTN] { exit; }",
        'Rename the block, or put the name into quotes: route["TO-PSTN"].',
    ),
    "bad-variable": Explanation(
        "A $ is not followed by a variable that can be read.",
        "Its value cannot be known. It happens inside of texts too.",
        "request_route { $var(x) = $(ru{s.len); }",
        "Look for a bracket that is not closed, or write $$ for a dollar sign in a text.",
    ),
    "bare-block": Explanation(
        "Braces stand around statements without an if or a while in front.",
        "Kamailio refuses the script.",
        "request_route { { exit; } }",
        "Remove the braces.",
    ),
    "block-with-name": Explanation(
        "request_route or reply_route has a name.",
        "There is only one of each, so they have none.",
        "request_route[MAIN] { exit; }",
        "Remove the brackets; a block to be called by its name is a route[NAME].",
    ),
    "case-without-switch": Explanation(
        "A case or default stands outside of a switch.",
        "Nothing is compared with it.",
        "request_route { case 1: exit; }",
        "Put it directly inside switch (...) { ... }; was a brace closed too early?",
    ),
    "comparison-as-statement": Explanation(
        "A comparison stands where a statement has to be.",
        "Its result goes nowhere; most often = was meant.",
        "request_route { $var(x) == 1; }",
        "Write = to give a value, or put the comparison into an if.",
    ),
    "curly-quote": Explanation(
        "A typographic quote, as word processors write it, stands for a straight one.",
        "Only the straight quotes of the keyboard delimit a text.",
        "request_route { xlog(“hello”); }",
        'Replace it by " on both sides of the text.',
    ),
    "else-with-condition": Explanation(
        "An else has a condition of its own.",
        "else takes what is left; a further condition needs an if.",
        "request_route { if (1) { exit; } else (2) { drop; } }",
        "Write else if (...).",
    ),
    "else-without-if": Explanation(
        "An else belongs to no if.",
        "A ; or a statement behind the } of the if ends it.",
        "request_route { if (1) { exit; }; else { drop; } }",
        "Put else directly behind the } of its if.",
    ),
    "empty-block": Explanation(
        "There is nothing between two braces.",
        "Kamailio refuses an empty block.",
        "request_route { if (1) { } }",
        "Put a ; between the braces, or remove the whole.",
    ),
    "extra-argument": Explanation(
        "A modparam has more than a module, a parameter and a value.",
        "What the rest means nobody can tell.",
        'modparam("tm", "fr_timer", 1, 2)\nrequest_route { exit; }',
        "Remove it; for values with commas put the whole into one pair of quotes.",
    ),
    "extra-brace": Explanation(
        "A } closes nothing.",
        "Most often one above it closes a block too early, as the indentation shows.",
        "request_route { exit; } }",
        "Remove it, or add the { that it belongs to.",
    ),
    "extra-parenthesis": Explanation(
        "A ) closes nothing.",
        "The condition or the call has ended before it.",
        "request_route { if (1)) exit; }",
        "Remove it, or add the ( that it belongs to.",
    ),
    "missing-argument": Explanation(
        "Between two commas, or behind one, an argument is missing.",
        "Arguments are told apart by their number, so none can be left out.",
        'request_route { xlog("L_INFO",); }',
        "Write the argument, or remove the comma.",
    ),
    "missing-brace": Explanation(
        "A { is missing behind the head of a block.",
        "It cannot be known what belongs to the block.",
        "request_route exit; }",
        "Write { in front of the first statement.",
    ),
    "missing-bracket": Explanation(
        "The ] behind the name of a block is missing.",
        "The name does not end.",
        "request_route { exit; }\nroute[RELAY { exit; }",
        "Write route[NAME] { ... }.",
    ),
    "missing-case": Explanation(
        "A value with a colon in a switch has no case in front.",
        "Only case and default begin a branch of a switch.",
        'request_route { switch ($rU) { "a": exit; } }',
        "Write case in front of the value.",
    ),
    "missing-colon": Explanation(
        "The colon behind a case or default is missing.",
        "The value and the statements behind it run together.",
        "request_route { switch ($rU) { case 1 exit; } }",
        "Write case VALUE: and default:.",
    ),
    "missing-comma": Explanation(
        "A comma between two arguments is missing.",
        "Only texts in double quotes are joined without one.",
        'request_route { sl_send_reply(404 "Not Found"); }',
        "Put a comma between them.",
    ),
    "missing-condition": Explanation(
        "An if, while or switch has nothing to ask.",
        "There is no default: each needs something in parentheses.",
        "request_route { if () exit; }",
        "Write the condition between the parentheses.",
    ),
    "missing-dollar": Explanation(
        "Something that is no variable is given a value.",
        "Names of variables start with $; other words are functions or keywords.",
        "request_route { x = 1; }",
        "Write $var(x) = ...;",
    ),
    "missing-equals": Explanation(
        "An = between a name and its value is missing.",
        "Settings and assignments both need it.",
        "children 4\nrequest_route { exit; }",
        "Write NAME=VALUE.",
    ),
    "missing-name": Explanation(
        "A name is missing where one has to be.",
        "An event, a block, a directive or a variable is known by it.",
        "request_route { exit; }\nroute[] { exit; }",
        "Write the name, as in route[NAME] { ... }.",
    ),
    "missing-operator": Explanation(
        "Two values stand side by side, with nothing between them.",
        "It cannot be known how they belong together.",
        'request_route { if ($rU "alice") exit; }',
        "Put an operator between them: == or =~ to compare, && or || to join conditions, + to"
        " join texts.",
    ),
    "missing-parenthesis": Explanation(
        "A ( or ) is missing.",
        "The arguments of a call, or a condition, do not end where the statement does.",
        'request_route { xlog("hello"; }',
        "Count the parentheses of the line; each ( needs a ).",
    ),
    "missing-quote": Explanation(
        "A text lacks one of its two quotes.",
        "All up to the next quote, often lines below, would be part of it.",
        'request_route {\n    xlog("hello);\n    xlog("world");\n}',
        'Close it where the message shows; a quote inside of a text is written \\".',
    ),
    "missing-quotes": Explanation(
        "A text stands without quotes.",
        "Its words read as names and operators.",
        'modparam(tm, "fr_timer", 1)\nrequest_route { exit; }',
        "Put double quotes around it.",
    ),
    "missing-semicolon": Explanation(
        "A statement does not end with a semicolon.",
        "The next line would be part of it.",
        "request_route {\n    route(A)\n    exit;\n}\nroute[A] { exit; }",
        "Put ; at its end.",
    ),
    "missing-statement": Explanation(
        "Nothing follows an if, else or while.",
        "It cannot be known what depends on the condition.",
        "request_route { if (1) }",
        "Put a statement or { ... } behind it; a ; alone does nothing, on purpose.",
    ),
    "missing-value": Explanation(
        "A value is missing.",
        "An operator, an =, a setting or a case has nothing behind it.",
        "request_route { $var(x) = ; }",
        "Write the value; $null empties a variable.",
    ),
    "missing-word": Explanation(
        "A condition stands without if, while or switch in front.",
        "What is to happen with it nobody can tell.",
        "request_route { ($rU == 1) { exit; } }",
        "Write if (...), while (...) or switch (...).",
    ),
    "outside-block": Explanation(
        "A statement stands outside of any block.",
        "No message gets there. Often a } above it closes a block too early.",
        'request_route { exit; }\nxlog("hello");',
        "Move it into a block; look at the braces above it.",
    ),
    "statement-outside-case": Explanation(
        "In a switch, statements stand in front of the first case.",
        "They would never run.",
        "request_route { switch ($rU) { exit; case 1: drop; } }",
        "Put a case VALUE: or default: in front, or move them above the switch.",
    ),
    "stray-character": Explanation(
        "A character means nothing in this place.",
        "It came in by copying, or belongs to a text that lacks its quotes.",
        "request_route { \\ exit; }",
        "Remove it, or put the text into quotes.",
    ),
    "too-deep": Explanation(
        "Blocks or parentheses are nested deeper than sipway follows.",
        "The limit is far above what anybody writes by hand; it stops broken generators.",
        f"request_route {{ $var(x) = {'(' * 200}1{')' * 200}; }}",
        "Move the inner part into a block of its own and call it with route(NAME).",
    ),
    "unclosed-brace": Explanation(
        "A { is never closed.",
        "All that follows is part of its block; the indentation tells where it should end.",
        "request_route {\n    if (1) {\n        exit;\n}\nroute[A] { exit; }",
        "Put a } where the message shows.",
    ),
    "unclosed-comment": Explanation(
        "A /* has no */.",
        "All that follows is a comment. Comments nest: each /* needs a */ of its own.",
        "request_route { exit; }\n/* to do",
        "Put */ where the comment ends.",
    ),
    "unclosed-string": Explanation(
        "A text has no closing quote, and nothing on its line tells where it ends.",
        "All that follows would be part of it.",
        "a lone quote in a line with other quotes that are wrong as well",
        "Close it with the same quote.",
    ),
    "unexpected": Explanation(
        "A word or sign cannot stand here.",
        "The statement makes no sense with it; something before it may be missing.",
        "request_route { if (1) then : exit; }",
        "Read the message: it names what cannot follow what. Then look at the line above.",
    ),
    "unknown-block": Explanation(
        "There is no block with this keyword.",
        "No message would ever get there.",
        "main_route { exit; }",
        "The blocks are request_route, route, reply_route, onreply_route, failure_route,"
        " branch_route, onsend_route and event_route.",
    ),
    "unknown-setting": Explanation(
        "A line outside of blocks starts with a word that is not known.",
        "It looks like loadmodule, modparam or the head of a block, misspelt.",
        'loadmodul "sl.so"\nrequest_route { exit; }',
        "Correct the word as the hint says.",
    ),
    "unknown-statement": Explanation(
        "There is no statement with this word.",
        "Other languages have it; a script does without.",
        "request_route { for ($var(i)) { exit; } }",
        "Loops are while (...) { ... }, blocks are called with route(NAME);",
    ),
    "variable-as-statement": Explanation(
        "A variable alone is no statement.",
        "It does nothing.",
        "request_route { $var(x); }",
        "Write $var(x) = ...; to give it a value.",
    ),
    "wrong-brackets": Explanation(
        "A block is called with brackets.",
        "route[NAME] is the block itself, route(NAME) the call.",
        "request_route { route[A]; }\nroute[A] { exit; }",
        "Write route(NAME);",
    ),
    "wrong-else-if": Explanation(
        "elseif, elsif, elif stand for else if.",
        "Scripts know the two words only.",
        "request_route { if (1) { exit; } elseif (2) { drop; } }",
        "Write else if (...).",
    ),
    "wrong-operator": Explanation(
        "An operator of another language stands here.",
        "Scripts have no ++, --, and no other word for it either.",
        "request_route { $var(x)++; }",
        "Write it out, as the hint says: $var(x) = $var(x) + 1;",
    ),
}
