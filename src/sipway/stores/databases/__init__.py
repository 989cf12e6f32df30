"""Databases that scripts name by URL: users, addresses, accounting. See `interface`."""

from sipway.stores.databases.interface import (
    ASK_LATER,
    Answer,
    AskLater,
    AtOnce,
    Condition,
    Database,
    Row,
    Value,
)
from sipway.stores.databases.times import Moment, moment, seconds_of
from sipway.stores.databases.url import DatabaseUrl, read_url

__all__ = [
    "ASK_LATER",
    "Answer",
    "AskLater",
    "AtOnce",
    "Condition",
    "Database",
    "DatabaseUrl",
    "Moment",
    "Row",
    "Value",
    "moment",
    "read_url",
    "seconds_of",
]
