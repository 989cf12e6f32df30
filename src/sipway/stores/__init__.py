"""Where state lives that outlives a message: locations, tables, secrets.

`interface` says what a store is. `memory` keeps nothing beyond the process. `embedded` is the
default: LMDB in the state directory, shared by all workers, there again after a restart.
"""
