"""`{re.subst}`: a substitution as sed writes it."""

from __future__ import annotations

from sipway.core.transformations.kinds import Substitute, transformation
from sipway.modules.textops._module import mod


@transformation("re.subst", module=mod)
def _subst(text: str, substitute: Substitute) -> str:
    """The text with what `/expression/replacement/flags` matches replaced.

    The replacement may hold variables. In an empty text nothing matches.
    """
    result = substitute(text) if text else None
    return text if result is None else result
