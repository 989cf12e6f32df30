"""A stateful proxy (RFC 3261 section 16): what happens between a transaction and its branches.

    relaying    a request becomes branches, each sent to a next hop
    responses   what comes back: passed on, collected, chosen from; what runs out of time
    cancelling  a CANCEL, and branches that are no longer wanted
    choice      the best of several final responses (16.7)
    state       what is kept of a request meanwhile: the response context of the RFC

`tx` below knows messages and timers and decides nothing; the modules above (`tm` first of all) only
ask for what is here. What scripts see of it follows the README of Kamailio's tm.
"""
