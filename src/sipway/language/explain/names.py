"""Names, kinds of values, arguments: what can be read and still does not fit."""

from __future__ import annotations

from typing import Final

from sipway.language.explain.entry import Explanation

NAMES: Final = {
    "always-true": Explanation(
        "With return_mode=1 a call stands alone as a condition.",
        "All codes but 0 are true then, and 0 ends the script: the condition holds whatever the"
        " call returns.",
        "return_mode=1\nrequest_route { if (isflagset(1)) exit; }",
        "Compare the code: f() > 0 for what was f() before, f() < 0 for !f().",
    ),
    "call-in-argument": Explanation(
        "A function or block is called in the argument of another function.",
        "It might end the script, and the function around it would run all the same. Kamailio"
        " refuses it too, but for blocks and functions of its core.",
        'loadmodule "xlog.so"\nrequest_route { xlog("$rm" + route(A)); }\nroute[A] { return 2; }',
        "Call it before, keep its code in a variable, and give the variable.",
    ),
    "constant-wanted": Explanation(
        "A variable stands where a constant has to be.",
        "The value is needed when the script is read, before any message is there.",
        "request_route { switch ($rU) { case $rd: exit; } }",
        "Write the value itself; to compare two variables use if (... == ...).",
    ),
    "duplicate-block": Explanation(
        "Two blocks have the same kind and name.",
        "Which of them a call means cannot be told.",
        "request_route { exit; }\nroute[A] { exit; }\nroute[A] { drop; }",
        "Rename one of them, or join them.",
    ),
    "duplicate-case": Explanation(
        "A switch has the same case, or default, twice.",
        "Only one of them could ever be run.",
        "request_route { switch ($rc) { case 1: exit; case 1: drop; } }",
        "Remove one of them, or join their statements.",
    ),
    "duplicate-parameter": Explanation(
        "The script makes the same parameter of its own twice.",
        "Which of the two values @cfg_get would read cannot be told.",
        'my.limit = 5 desc "calls"\nmy.limit = 6\nrequest_route { exit; }',
        "Take one of them away, or give it another name.",
    ),
    "dynamic-name": Explanation(
        "The name of a $var, or the path of a $sel, is made of another variable.",
        "Each has its place fixed when the script is read; that makes it fast.",
        "request_route { $var(x) = $sel($rU); }",
        "Use $avp($rU) or a hash table for names made at run time.",
    ),
    "dynamic-route": Explanation(
        "route($var(x)) in a script that calls functions which wait.",
        "Blocks that may wait run differently, and that has to be known beforehand.",
        "a script that calls a function which waits, and route($var(x))",
        "Write a switch over the names with a route(NAME) for each.",
    ),
    "misplaced-myself": Explanation(
        "myself is used for something else than a comparison with == or !=.",
        "It is no value: it stands for all names and addresses of this server.",
        "request_route { $var(x) = myself; }",
        "Write if (uri == myself), or src_ip, dst_ip, from_uri, to_uri in place of uri.",
    ),
    "misplaced-regex": Explanation(
        "/pattern/ stands outside of a case.",
        "Only a switch knows it.",
        "a /pattern/ that is no case of a switch",
        'Write =~ "pattern".',
    ),
    "module-not-here": Explanation(
        "The script loads a module of Kamailio that sipway does not have yet.",
        "The script cannot run, as its functions are not there. All else in it is checked.",
        'loadmodule "carrierroute.so"\nrequest_route { exit; }',
        "Do without the module, or wait for it: the README lists those that there are.",
    ),
    "module-not-loaded": Explanation(
        "A function or a parameter belongs to a module that the script does not load.",
        "It is not there without the module.",
        "request_route { has_totag(); }",
        "Add loadmodule, as the hint says, above the line that needs it.",
    ),
    "no-index-wanted": Explanation(
        "A variable has an index in brackets and takes none.",
        "It has one value only, or its index stands inside of the parentheses.",
        'loadmodule "pv.so"\nrequest_route { $var(x) = $(ru[1]); }',
        "Remove the brackets.",
    ),
    "no-name-wanted": Explanation(
        "A variable has a name in parentheses and takes none.",
        "It means one thing only.",
        'loadmodule "pv.so"\nrequest_route { $var(x) = $ru(x); }',
        "Remove the parentheses.",
    ),
    "not-here": Explanation(
        "sipway has the module, and not this function, variable or parameter of it.",
        "The script cannot do here what it does in Kamailio.",
        "a function of a module that sipway has only in part",
        "Do without it; the README says what each module has.",
    ),
    "read-only": Explanation(
        "A variable that can only be read is given a value.",
        "It tells something of the message that cannot be changed this way.",
        'loadmodule "pv.so"\nrequest_route { $rm = 1; }',
        "Use the function that changes it, or keep your value in $var(x).",
    ),
    "unknown-function": Explanation(
        "There is no function of this name.",
        "It is misspelt, or belongs to a module that nobody knows.",
        'request_route { xlogg("hello"); }',
        "Correct the name, or load the module that has it.",
    ),
    "unknown-module": Explanation(
        "There is no module of this name, neither here nor in Kamailio.",
        "It is misspelt, or one of your own.",
        'loadmodule "siputil.so"\nrequest_route { exit; }',
        "Correct the name.",
    ),
    "unknown-operator": Explanation(
        "An operator is not known here.",
        "Newer releases of Kamailio may have it.",
        "an operator that sipway does not have",
        "Write it with other operators.",
    ),
    "unknown-parameter": Explanation(
        "There is no parameter of this name.",
        "What it was to set keeps its default.",
        "chldren=4\nrequest_route { exit; }",
        "Correct the name.",
    ),
    "unknown-route": Explanation(
        "route(NAME) calls a block that is not in the script.",
        "Kamailio would find out only when a message gets there.",
        "request_route { route(RELAY); }",
        "Correct the name, or add route[NAME] { ... }. Was it under an #!ifdef?",
    ),
    "unknown-select": Explanation(
        "There is no select of this path.",
        "A select reads a part of the message by its path; the path leads nowhere.",
        "request_route { $var(x) = @from.tga; }",
        "Correct the path; for any header write @msg.header.NAME or $hdr(NAME).",
    ),
    "unknown-table": Explanation(
        "A variable or a function names a table that no modparam declares.",
        "The variable is null, and what is assigned to it is lost; the function does nothing.",
        'loadmodule "htable.so"\nmodparam("htable", "htable", "calls=>size=8;")\n'
        "request_route { $sht(cals=>$ci) = 1; }",
        "Correct the name, or declare the table.",
    ),
    "unknown-transformation": Explanation(
        "There is no transformation of this name.",
        "The value would be lost.",
        'loadmodule "pv.so"\nrequest_route { $var(x) = $(ru{s.leng}); }',
        "Correct the name: {s.len}, {uri.user}, {re.subst,/a/b/}, ...",
    ),
    "unknown-variable": Explanation(
        "There is no variable of this name.",
        "It is misspelt, or belongs to a module that is not loaded. Texts are looked at too.",
        'loadmodule "xlog.so"\nrequest_route { xlog("$rmm"); }',
        "Correct the name; a dollar sign in a text is written $$.",
    ),
    "wrong-argument": Explanation(
        "An argument does not fit.",
        "The function could do nothing with it when a message is there.",
        'loadmodule "sl.so"\nrequest_route { sl_send_reply("abc", "OK"); }',
        "Write what the message asks for.",
    ),
    "wrong-arguments": Explanation(
        "A function has too few or too many arguments.",
        "What the missing ones are cannot be guessed.",
        'loadmodule "sl.so"\nrequest_route { sl_send_reply("200"); }',
        "Write as many as the message says.",
    ),
    "wrong-block": Explanation(
        "A function is called in a kind of block where it cannot do its work.",
        "A reply cannot be answered, for instance. Blocks that call this one count as well.",
        'loadmodule "sl.so"\nreply_route { sl_send_reply("200", "OK"); }',
        "Move the call to a block of the kind that the message names.",
    ),
    "wrong-group": Explanation(
        "A parameter of the script's own is put into a group that Kamailio has itself.",
        "In the group core are the parameters of the core, with fixed names.",
        "core.limit = 5\nrequest_route { exit; }",
        "Take another name for the group, such as my.",
    ),
    "wrong-name": Explanation(
        "What stands in the parentheses of a variable does not fit.",
        "The variable has no such part.",
        "a variable with a name in parentheses that it does not know",
        "Write one of those that the message names.",
    ),
    "wrong-regex": Explanation(
        "A regular expression cannot be read.",
        "It would match nothing.",
        'request_route { if ($rm =~ "a(") exit; }',
        "Close what is open, and write \\\\ in front of a ( or + that is meant as itself.",
    ),
    "wrong-target": Explanation(
        "Something that is no variable is given a value.",
        "A transformed variable is a new value, not the variable.",
        'loadmodule "pv.so"\nrequest_route { $(rU{s.len}) = 1; }',
        "Give the value to the variable itself.",
    ),
    "wrong-type": Explanation(
        "A text stands where a number has to be, or the reverse.",
        "It has no meaning there.",
        'loadmodule "sl.so"\nmodparam("sl", "default_code", "x")\nrequest_route { exit; }',
        "Write a number without quotes, a text with them.",
    ),
    "wrong-value": Explanation(
        "The value of a parameter is out of range or not one of those it knows.",
        "Kamailio would refuse it, or do something else than you meant.",
        "a parameter with a value that it does not take",
        "Write one that the message names.",
    ),
    "wrong-word": Explanation(
        "An operand such as proto or af is compared with a word that it never is.",
        "The condition would never be true.",
        "request_route { if (proto == UPD) exit; }",
        "Write one of those that the message names.",
    ),
}
