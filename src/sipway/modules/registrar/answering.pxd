cimport cython

from sipway.modules.registrar.settings cimport Settings

from sipway.modules.usrloc.contact cimport Contact


@cython.locals(each=Contact, parts=list, text=bytes, seconds="long")
cpdef bytes contact_line(list contacts, Settings of, unsigned long now, str gruu_of)
