"""A document is prepared once, and only one that is valid."""

from __future__ import annotations

from graphql import parse

from tests.api import Api
from transport.operations import Operations
from transport.preparing import TEXT_LENGTH_MAX, Prepared, PreparedDocuments

VALID = "query Prepared { categories { id } }"
INVALID = "query Prepared { categories { nothing } }"


async def test_a_valid_document_is_run_again_as_it_was_prepared(api: Api, operations: Operations) -> None:
    first = await api.run(VALID)
    prepared = operations.prepared.find(VALID)
    again = await api.run(VALID)

    assert prepared is not None
    assert operations.prepared.find(VALID) is prepared
    assert again == first


async def test_a_faulty_document_is_found_faulty_each_time(api: Api, operations: Operations) -> None:
    first, again = await api.run(INVALID), await api.run(INVALID)

    assert first.codes == again.codes == ["BAD_REQUEST"]
    assert operations.prepared.find(INVALID) is None


async def test_what_was_not_used_for_longest_makes_room() -> None:
    prepared = PreparedDocuments(texts_length_max=2)
    documents = {text: Prepared(text, parse(VALID)) for text in "abc"}
    prepared.keep(documents["a"])
    prepared.keep(documents["b"])
    prepared.find("a")

    prepared.keep(documents["c"])

    assert [prepared.find(text) for text in "abc"] == [documents["a"], None, documents["c"]]


async def test_an_unusually_long_document_is_not_remembered() -> None:
    prepared = PreparedDocuments()
    text = VALID + " " * TEXT_LENGTH_MAX

    prepared.keep(Prepared(text, parse(text)))

    assert prepared.find(text) is None
