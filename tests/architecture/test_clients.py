"""What the generators of typed clients need to know of the schema."""

from __future__ import annotations

import re

from app.contract.released import ROOT
from clients.for_dart import faults_for_dart, own_scalars

TYPESCRIPT = ROOT / "clients" / "typescript" / "generate.mjs"


def test_every_scalar_has_its_type_in_dart() -> None:
    assert faults_for_dart(ROOT / "clients" / "dart") == []


def test_every_scalar_has_its_type_in_typescript() -> None:
    scalars = re.search(r"scalars: \{(.*?)\}", TYPESCRIPT.read_text(), re.DOTALL)

    assert scalars is not None
    assert own_scalars() <= set(re.findall(r"(\w+):", scalars[1]))
