from sipway.core.context cimport Context
from sipway.core.program cimport Program

cpdef run(Context ctx, block, str where)
