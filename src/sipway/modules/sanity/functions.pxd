from sipway.modules.sanity.usual cimport is_usual
