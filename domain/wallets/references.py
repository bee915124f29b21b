"""Natural references of commands that people give: the same command has the same one, for ever."""

from __future__ import annotations

import hashlib

from domain.identity.actor import Actor


def reference_of(kind: str, actor: Actor, key: str) -> str:
    """The reference of a command by who gave it and the key they named it with.

    A digest, because the other side of the transfer reads it: keys and people's ids are not theirs to see.
    """
    digest = hashlib.sha256(f"{actor.label}\n{key}".encode()).hexdigest()
    return f"{kind}:{digest[:32]}"
