"""Requests with files, written out byte by byte, so that they can be as wrong as a test needs them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

BOUNDARY = "a-boundary"
HEADERS = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", "Apollo-Require-Preflight": "true"}


@dataclass
class Form:
    """Parts in the order in which they are added."""

    parts: list[bytes] = field(default_factory=list)

    def text(self, name: str, value: str) -> Form:
        """A part that is no file."""
        return self._add(f'Content-Disposition: form-data; name="{name}"', value.encode())

    def json(self, name: str, value: Any) -> Form:
        """A part that is JSON."""
        return self.text(name, json.dumps(value))

    def file(self, name: str, content: bytes, *, filename: str = "f.txt", content_type: str = "text/plain") -> Form:
        """A part that is a file."""
        head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\nContent-Type: {content_type}'
        return self._add(head, content)

    def body(self) -> bytes:
        """The whole of it."""
        return b"".join(self.parts) + f"--{BOUNDARY}--\r\n".encode()

    def _add(self, head: str, content: bytes) -> Form:
        self.parts.append(f"--{BOUNDARY}\r\n{head}\r\n\r\n".encode() + content + b"\r\n")
        return self


def upload(query: str, variables: Any, paths: dict[str, list[str]], **files: bytes) -> Form:
    """A form as the specification wants it."""
    form = Form().json("operations", {"query": query, "variables": variables}).json("map", paths)
    for name, content in files.items():
        form.file(name, content)
    return form
