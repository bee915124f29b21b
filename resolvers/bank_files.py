"""Bank files: finance exports approved payouts, and takes the file to the bank."""

from __future__ import annotations

from datetime import timedelta

import strawberry

from db.reads.bank_files import bank_file_by_id, bank_file_page, payouts_in_file
from domain.identity.roles import Permission
from domain.ids import BankFileId, IdKind, decode_id
from domain.money import Asset
from domain.payouts.errors import BankFileNotFound
from domain.payouts.exporting import ExportTerms, export_payouts
from domain.plain import to_plain
from resolvers.context import Info
from schema.access import holders_of
from schema.bank_files import BankFile, BankFileCreateInput, BankFileCreatePayload
from schema.fields import mutation, query
from schema.pages import Connection, scope_of
from schema.payouts import Payout


def bank_file_id_of(text: str, *, path: tuple[str, ...] = ("fileId",)) -> BankFileId:
    """Read a bank file's id. Raises InvalidInput."""
    return BankFileId(decode_id(IdKind.BANK_FILE, text, path=path))


async def terms_of(info: Info, asset: Asset) -> ExportTerms:
    """The account that the settings name, empty where they name none, and the market's own day."""
    settings = (await info.context.settings.current()).settings
    account = settings.get(f"payout_account_{asset.code.lower()}")
    offset = timedelta(minutes=int(settings["utc_offset_minutes"].value))
    return ExportTerms(account=str(account.value) if account else "", utc_offset=offset)


@strawberry.type
class BankFileQuery:
    """What can be asked about bank files."""

    @query(access=holders_of(Permission.PAYOUT_REVIEW))
    async def bank_file(self, info: Info, id: strawberry.ID) -> BankFile:
        """One file of bank payouts."""
        file_id = bank_file_id_of(id, path=("id",))
        async with info.context.database.read() as connection:
            found = await bank_file_by_id(connection, file_id)
        if found is None:
            raise BankFileNotFound
        return BankFile.of(found)

    @query(access=holders_of(Permission.PAYOUT_REVIEW))
    async def bank_files(self, info: Info, first: int | None = None, after: str | None = None) -> Connection[BankFile]:
        """Files of bank payouts, the newest first."""
        cursors, scope = info.context.cursors, scope_of("bankFiles")
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await bank_file_page(connection, page=request)
        return Connection.of(page.map(BankFile.of), cursors=cursors, scope=scope, request=request)

    @query(access=holders_of(Permission.PAYOUT_REVIEW))
    async def bank_file_payouts(
        self, info: Info, file_id: strawberry.ID, first: int | None = None, after: str | None = None
    ) -> Connection[Payout]:
        """The payouts in a file, in its own order."""
        file = bank_file_id_of(file_id)
        cursors, scope = info.context.cursors, scope_of("bankFilePayouts", file)
        request = cursors.request(scope, first=first, after=after)
        async with info.context.database.read() as connection:
            page = await payouts_in_file(connection, file, page=request)
        return Connection.of(page.map(Payout.of), cursors=cursors, scope=scope, request=request)


@strawberry.type
class BankFileMutation:
    """How payouts leave by bank."""

    @mutation(access=holders_of(Permission.PAYOUT_REVIEW), once=True)
    async def bank_file_create(self, info: Info, input: BankFileCreateInput) -> BankFileCreatePayload:
        """Put approved bank payouts of an asset into a file, the longest waiting first. They are under way from then,
        and in no other file.
        """
        terms = await terms_of(info, input.asset)
        async with info.context.unit_of_work() as uow:
            file = await export_payouts(uow, info.context.gateways, asset=input.asset, format=input.format, terms=terms)
            payload = BankFileCreatePayload(file=BankFile.of(file))
            uow.remember(to_plain(payload))
        return payload
