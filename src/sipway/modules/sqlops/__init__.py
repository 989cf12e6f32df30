"""The module sqlops: SQL in scripts. Source: README of Kamailio's module sqlops."""

from sipway.modules.sqlops import functions, variables
from sipway.modules.sqlops._module import mod

__all__ = ["functions", "mod", "variables"]
