"""Files are kept and read by links that expire; a place that is no storage is refused."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from domain.errors import GatewayFault
from integrations.storage.links import PATH, FileLinks
from integrations.storage.object_storage import BucketStorage, FolderStorage, storage_at


@dataclass
class Watch:
    """Shows what a test sets."""

    time: datetime = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)

    def now(self) -> datetime:
        return self.time


def folder_at(path: Path, watch: Watch) -> FolderStorage:
    storage = storage_at(f"file://{path}", FileLinks(bytes(32), clock=watch))
    assert isinstance(storage, FolderStorage)
    return storage


async def test_what_was_kept_is_read(tmp_path: Path) -> None:
    storage = folder_at(tmp_path / "new" / "files", Watch())

    await storage.put("uploads/upl_1", b"first", content_type="image/png")
    await storage.put("uploads/upl_1", b"second", content_type="image/png")

    assert await storage.read("uploads/upl_1") == b"second"
    assert await storage.read("uploads/upl_2") is None
    assert (tmp_path / "new" / "files" / "uploads" / "upl_1").read_bytes() == b"second"


async def test_nothing_outside_the_folder_is_reached(tmp_path: Path) -> None:
    (tmp_path / "secret").write_bytes(b"secret")
    storage = folder_at(tmp_path / "files", Watch())

    for key in ("../secret", "/../secret", "uploads/../../secret"):
        assert await storage.read(key) != b"secret"


async def test_a_link_names_its_file_and_ends(tmp_path: Path) -> None:
    watch = Watch()
    links = FileLinks(bytes(32), clock=watch)

    written = urlsplit(links.write("uploads/upl 1&2", content_type="application/pdf", seconds=300))

    key = unquote(written.path.removeprefix(PATH))
    assert key == "uploads/upl 1&2"
    assert links.content_type_of(key, written.query) == "application/pdf"
    assert links.content_type_of("uploads/upl_2", written.query) is None
    assert FileLinks(b"another" * 5, clock=watch).content_type_of(key, written.query) is None
    for query in ("", "seal=", "until=x&seal=y", written.query.replace("pdf", "xml")):
        assert links.content_type_of(key, query) is None
    watch.time += timedelta(seconds=300)
    assert links.content_type_of(key, written.query) is None


async def test_a_bucket_that_cannot_be_reached_is_a_fault_and_its_links_need_nobody(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in {
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_REGION": "eu-west-1",
        "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
        "AWS_ALLOW_HTTP": "true",
    }.items():
        monkeypatch.setenv(name, value)
    storage = storage_at("s3://sokoni-files/here", FileLinks(bytes(32), clock=Watch()))
    assert isinstance(storage, BucketStorage)

    link = await storage.link("uploads/upl_1", content_type="image/png", seconds=300)

    assert "sokoni-files" in link
    assert "X-Amz-Expires=300" in link
    with pytest.raises(GatewayFault):
        await storage.put("uploads/upl_1", b"first", content_type="image/png")


@pytest.mark.parametrize("url", ["https://files.example/", "/var/files", "gs://bucket", ""])
def test_other_places_are_refused(url: str) -> None:
    with pytest.raises(ValueError, match="folder"):
        storage_at(url, FileLinks(bytes(32), clock=Watch()))
