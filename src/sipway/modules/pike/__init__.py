"""pike: who sends more requests than is good.

Source: README of Kamailio's module pike; what it leaves open was tried on Kamailio 5.6.3.
"""

from __future__ import annotations

from sipway.modules.pike._module import mod

__all__ = ["mod"]
