"""Files in a folder of this machine or in a bucket of S3, by one address: `file:///var/sokoni/files`, `s3://bucket/prefix`.

The credentials of a bucket come from the environment, as every tool for S3 reads them (AWS_ACCESS_KEY_ID and so on).
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from domain.errors import GatewayFault
from integrations.storage.links import FileLinks

PROVIDER: Final = "storage"


class BucketStorage:
    """See the port; links are signed by S3's own scheme and lead to the bucket."""

    def __init__(self, store: S3Store) -> None:
        self._store = store

    async def put(self, key: str, content: bytes, *, content_type: str) -> None:
        await _put(self._store, key, content, content_type=content_type)

    async def link(self, key: str, *, content_type: str, seconds: int) -> str:
        signed: str = await obstore.sign_async(self._store, "GET", key, timedelta(seconds=seconds))
        return signed


class FolderStorage:
    """See the port; links lead to our own `/files`, which serves what it signed."""

    def __init__(self, store: LocalStore, links: FileLinks) -> None:
        self._store, self._links = store, links

    async def put(self, key: str, content: bytes, *, content_type: str) -> None:
        await _put(self._store, key, content)

    async def link(self, key: str, *, content_type: str, seconds: int) -> str:
        return self._links.write(key, content_type=content_type, seconds=seconds)

    async def read(self, key: str) -> bytes | None:
        """The file, if there is one."""
        try:
            return bytes(await (await obstore.get_async(self._store, key)).bytes_async())
        except (BaseError, OSError, ValueError):  # there is none, or the key is no path below the folder
            return None


def storage_at(url: str, links: FileLinks) -> BucketStorage | FolderStorage:
    """The storage that an address names.

    Raises:
        ValueError: it names neither a folder nor a bucket.
    """
    place = urlsplit(url)
    if place.scheme == "file":
        folder = Path(place.path)
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return FolderStorage(LocalStore(folder), links)
    if place.scheme != "s3":
        raise ValueError("files lie in a folder (file:///…) or in a bucket (s3://…)")
    return BucketStorage(S3Store.from_url(url))


async def _put(store: LocalStore | S3Store, key: str, content: bytes, *, content_type: str | None = None) -> None:
    try:
        await obstore.put_async(
            store, key, content, attributes={"Content-Type": content_type} if content_type else None
        )
    except (BaseError, OSError) as fault:
        raise GatewayFault(PROVIDER, None, "The file could not be kept; try again.") from fault
