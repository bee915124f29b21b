"""Several faults of one input are told together, so that a form is mended in one go."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from domain.errors import FieldFault, InvalidInput


class Faults:
    """Collects what checks find; what was checked is only used after `refuse_any`."""

    def __init__(self) -> None:
        self._found: list[FieldFault] = []

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Around one check: its faults are kept and the next check runs."""
        try:
            yield
        except InvalidInput as refused:
            self._found.extend(refused.faults)

    def refuse_any(self) -> None:
        """Go on only when every check was content.

        Raises:
            InvalidInput: with all the faults found.
        """
        if self._found:
            raise InvalidInput(*self._found)
