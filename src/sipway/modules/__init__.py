"""Kamailio's modules, one file each; a folder where one outgrows 400 lines."""
