"""Statements as banks write them."""

from __future__ import annotations

import csv
import io
from typing import Final

DAY: Final = "2026-11-20"


def details(reference: str, amount: str = "", *, number: str = "", returned: str = "") -> str:
    """One transaction of an entry."""
    own = f"<AcctSvcrRef>{number}</AcctSvcrRef>" if number else ""
    said = f'<AmtDtls><TxAmt><Amt Ccy="KES">{amount}</Amt></TxAmt></AmtDtls>' if amount else ""
    why = f"<RtrInf><Rsn><Cd>{returned}</Cd></Rsn></RtrInf>" if returned else ""
    return f"<TxDtls><Refs>{own}<EndToEndId>{reference}</EndToEndId></Refs>{said}{why}</TxDtls>"


def entry(  # noqa: PLR0913  # what an entry says
    amount: str,
    inside: str,
    *,
    number: str,
    sign: str = "DBIT",
    status: str = "BOOK",
    currency: str = "KES",
    day: str = DAY,
    version: int = 2,
) -> str:
    """One entry; its state is written otherwise from version 8 on."""
    said = f"<Cd>{status}</Cd>" if version == 8 else status  # noqa: PLR2004  # where it changed
    own = f"<AcctSvcrRef>{number}</AcctSvcrRef>" if number else ""
    return (
        f'<Ntry><Amt Ccy="{currency}">{amount}</Amt><CdtDbtInd>{sign}</CdtDbtInd><Sts>{said}</Sts>'
        f"<BookgDt><Dt>{day}</Dt></BookgDt>{own}<NtryDtls>{inside}</NtryDtls></Ntry>"
    )


def camt(*entries: str, version: int = 2) -> str:
    """A whole camt.053."""
    name = f"urn:iso:std:iso:20022:tech:xsd:camt.053.001.{version:02}"
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n<Document xmlns="{name}">'
        "<BkToCstmrStmt><GrpHdr><MsgId>1</MsgId></GrpHdr><Stmt><Id>1</Id>"
        f"{''.join(entries)}</Stmt></BkToCstmrStmt></Document>"
    )


def csv_of(*lines: tuple[str, ...]) -> str:
    """A table."""
    table = io.StringIO()
    writer = csv.writer(table)
    writer.writerow(("reference", "number", "amount", "currency", "booked_on", "status", "reason"))
    writer.writerows(lines)
    return table.getvalue()
