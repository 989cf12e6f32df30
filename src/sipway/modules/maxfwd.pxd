# Compiled as it stands: nothing in it needs types to be fast.
