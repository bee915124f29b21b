"""What files are, by their first bytes."""

from __future__ import annotations

import pytest

from transport.content_type import sniffed


@pytest.mark.parametrize(
    ("head", "media"),
    [
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "application/pdf"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "image/png"),
        (b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01", "image/jpeg"),
        (b"\xff\xd8\xff\xe1\0\x10Exif\0", "image/jpeg"),
        (b"\xff\xd8\xff\xdb\0\x43", "image/jpeg"),
        (b"GIF89a\1\0\1\0", "image/gif"),
        (b"RIFF\x24\0\0\0WEBPVP8 ", "image/webp"),
        (b"<html><script>alert(1)</script>", "text/html"),
        (b'<svg xmlns="http://www.w3.org/2000/svg">', "image/svg+xml"),
        (b"BM is what this text begins with.\n", "text/plain"),
        ("Habari, ‘Sokoni’".encode(), "text/plain"),
        ("é".encode() * 2000 + "–".encode()[:2], "text/plain"),
        (b"a,b\n1,2\n", "text/plain"),
        (b"\x01\x02\x03\x99", "application/octet-stream"),
        (b"text\0text", "application/octet-stream"),
        (b"caf\xe9 in another encoding", "application/octet-stream"),
        (b"", "application/octet-stream"),
    ],
)
def test_a_file_is_what_its_bytes_say(head: bytes, media: str) -> None:
    assert sniffed(head) == media
