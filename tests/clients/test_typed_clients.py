"""What `make clients` generates: it compiles, and it looks, listens and pays."""

from __future__ import annotations

import json
from pathlib import Path

import aiohttp
import pytest
from graphql import build_schema, parse, validate

from app.contract.released import ROOT, document_texts
from app.node import Node, locked_node
from clients.__main__ import write_manifest
from clients.for_dart import CONFIGURATIONS, faults_for_dart, write_dart
from clients.for_typescript import NotTyped, build_typescript, run_script
from tests.clients.scripts import Scripts
from tests.flows.market import Market
from transport.preparing import id_of

OPERATIONS_REGISTER = """
mutation($input: OperationsRegisterInput!) { operationsRegister(input: $input) {
  operations { documentId } errors { message } } }
"""


@pytest.fixture(scope="session")
def node() -> Node:
    return locked_node()


@pytest.fixture(scope="session")
def typescript(node: Node) -> Path:
    """The generated package, compiled under `strict`."""
    return build_typescript(node)


def test_typescript_looks_listens_and_pays(scripts: Scripts, node: Node, typescript: Path) -> None:
    read = json.loads(run_script(node, typescript, "built/flow.js", environment=scripts.environment))

    assert len(read["titles"]) == 2
    assert read["heard"] == ["11.25"]
    assert read["newest"] == read["paid"]
    assert read["refusal"] == "AUTHENTICATION_ERROR"


async def test_the_manifest_of_codegens_preset_is_registered_and_its_ids_run(
    node: Node, typescript: Path, market: Market, http: aiohttp.ClientSession
) -> None:
    manifest = json.loads(run_script(node, typescript, "manifest.mjs"))
    listing = next(id for id, text in manifest.items() if "query Market(" in text)
    admin, customer = market.demo(http, "admin"), market.demo(http, "customer")

    payload = await admin.do(OPERATIONS_REGISTER, input={"manifest": manifest})
    headers = {"Authorization": f"Bearer {customer.token}"}
    asked = {"documentId": listing, "variables": {"first": 2}}
    async with http.post(f"{customer.url}/graphql", json=asked, headers=headers) as response:
        answer = await response.json()

    assert {operation["documentId"] for operation in payload["operations"]} == set(manifest)
    assert len(answer["data"]["listings"]["edges"]) == 2


def test_typescript_refuses_amounts_as_numbers_and_misspelt_fields(node: Node, typescript: Path) -> None:
    wrong = typescript / "wrong.ts"
    wrong.write_text(
        'import { TransferCreateDocument, WalletStatementDocument, type MoneyInput } from "./generated/graphql.js";\n'
        'import { run } from "./sokoni.js";\n'
        'export const amount: MoneyInput = { amount: 12.5, asset: "KES" };\n'
        'await run("", "", WalletStatementDocument, { wallet: "wal_1" });\n'
        'const { transferCreate } = await run("", "", TransferCreateDocument, { input: {} as never });\n'
        "export const id = transferCreate.transfer?.ident;\n"
    )
    strict = (
        "--ignoreConfig",
        "--strict",
        "--noEmit",
        "--skipLibCheck",
        "--target",
        "es2023",
        "--module",
        "nodenext",
        "--types",
        "node",
    )

    try:
        with pytest.raises(NotTyped) as refused:
            run_script(node, typescript, "node_modules/typescript/bin/tsc", *strict, "wrong.ts")
    finally:
        wrong.unlink()

    said = str(refused.value)
    assert "Type 'number' is not assignable to type 'string'" in said
    assert "'wallet' does not exist in type" in said
    assert "Property 'ident' does not exist on type" in said


def test_the_ids_in_typescript_are_those_of_the_texts(typescript: Path) -> None:
    written = (typescript / "generated" / "documentIds.ts").read_text()
    ids = json.loads(written.removeprefix("export const documentIds = ").removesuffix(" as const;\n"))

    assert sorted(ids.values()) == sorted(id_of(text) for text in document_texts())


def test_the_manifest_has_each_document_under_the_id_of_its_text(tmp_path: Path) -> None:
    write_manifest(tmp_path / "operations.json")
    manifest = json.loads((tmp_path / "operations.json").read_text())

    assert {operation["id"] for operation in manifest["operations"]} == {id_of(text) for text in document_texts()}
    assert all(operation["id"] == id_of(operation["body"]) for operation in manifest["operations"])


def test_the_input_for_dart_is_valid_and_every_scalar_has_its_type(tmp_path: Path) -> None:
    package = dart_package(tmp_path)

    write_dart(package)

    folder = package / "lib" / "graphql"
    schema = build_schema((folder / "schema.graphql").read_text())
    documents = [path for path in folder.glob("*.graphql") if path.name != "schema.graphql"]
    assert len(documents) == len(document_texts())
    assert [fault for path in documents for fault in validate(schema, parse(path.read_text()))] == []


def test_a_scalar_without_a_type_in_dart_is_found(tmp_path: Path) -> None:
    package = dart_package(tmp_path)
    path = package / "build.yaml"
    path.write_text(path.read_text().replace("            StreamCursor:\n", "            Cursor:\n"))

    assert faults_for_dart(package) == ["build.yaml has no type for the scalar StreamCursor."]


def dart_package(folder: Path) -> Path:
    """The files of the package, in a folder of the test's."""
    for name in CONFIGURATIONS:
        (folder / name).write_text((ROOT / "clients" / "dart" / name).read_text())
    return folder
