"""The ledger: accounts, transfers, entries, holds, the functions that book, and wallets.

Revision: 0003

No entry has a foreign key to its account or its transfer: checking one marks the account's row, and a merchant's
buyers would queue there. The functions are the only writers, and `sokoni ledger verify` looks for orphans.
"""

from db.migrating import run_script
from db.migrations.ledger_holds_0003 import HOLDS
from db.migrations.ledger_postings_0003 import ACCOUNTS, POSTING

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

TABLES = """
    create table ledger_accounts (
        id bigint generated always as identity,
        path text not null,
        kind text not null,
        asset text not null,
        posted_minor bigint not null default 0,
        held_minor bigint not null default 0,
        version bigint not null default 0,
        opened_at timestamptz not null,
        constraint pk_ledger_accounts primary key (id),
        constraint uq_ledger_accounts_path unique (path),
        constraint ck_ledger_accounts_kind_known check (kind in ('WALLET', 'PAYABLE', 'REVENUE', 'HOUSE')),
        constraint ck_ledger_accounts_held_not_negative check (held_minor >= 0),
        constraint ck_ledger_accounts_floor check (kind = 'HOUSE' or posted_minor - held_minor >= 0)
    ) with (fillfactor = 70);

    create table ledger_transfers (
        id uuid not null,
        reference text not null,
        code text not null,
        fingerprint bytea not null,
        note text,
        at timestamptz not null,
        constraint pk_ledger_transfers primary key (id),
        constraint uq_ledger_transfers_reference unique (reference),
        constraint ck_ledger_transfers_reference_length check (length(reference) between 1 and 200),
        constraint ck_ledger_transfers_note_length check (length(note) <= 140)
    );

    create table ledger_entries (
        account_id bigint not null,
        position bigint not null,
        transfer_id uuid not null,
        amount_minor bigint not null,
        balance_after bigint,
        constraint pk_ledger_entries primary key (account_id, position),
        constraint ck_ledger_entries_moves_something check (amount_minor <> 0)
    );

    create table ledger_unfolded (
        account_id bigint not null,
        position bigint not null,
        amount_minor bigint not null,
        constraint pk_ledger_unfolded primary key (account_id, position)
    ) with (autovacuum_vacuum_scale_factor = 0.02);

    create table ledger_holds (
        id uuid not null,
        reference text not null,
        account_id bigint not null,
        position bigint not null,
        amount_minor bigint not null,
        code text not null,
        state text not null default 'HELD',
        balance_after bigint not null,
        transfer_id uuid,
        held_at timestamptz not null,
        expires_at timestamptz not null,
        settled_at timestamptz,
        constraint pk_ledger_holds primary key (id),
        constraint uq_ledger_holds_reference unique (reference),
        constraint uq_ledger_holds_account_id_position unique (account_id, position),
        constraint fk_ledger_holds_account_id foreign key (account_id) references ledger_accounts (id),
        constraint ck_ledger_holds_reference_length check (length(reference) between 1 and 200),
        constraint ck_ledger_holds_amount_positive check (amount_minor > 0),
        constraint ck_ledger_holds_state_known check (state in ('HELD', 'CAPTURED', 'RELEASED', 'EXPIRED')),
        constraint ck_ledger_holds_settled_once check ((state = 'HELD') = (settled_at is null)),
        constraint ck_ledger_holds_captured_by check ((state = 'CAPTURED') = (transfer_id is not null))
    );
    create index ix_ledger_holds_expires_at on ledger_holds (expires_at) where state = 'HELD';

    create sequence ledger_positions;

    create table wallets (
        id uuid not null,
        owner_id uuid not null,
        asset text not null,
        account_path text not null,
        opened_at timestamptz not null,
        constraint pk_wallets primary key (id),
        constraint uq_wallets_owner_id_asset unique (owner_id, asset),
        constraint uq_wallets_account_path unique (account_path),
        constraint fk_wallets_owner_id foreign key (owner_id) references users (id) deferrable initially deferred,
        constraint fk_wallets_account_path foreign key (account_path) references ledger_accounts (path)
    );
"""

WRITTEN_ONCE = """
    create function ledger_is_written_once() returns trigger language plpgsql as $$
    begin
        raise exception '% is never rewritten; post the reverse', tg_table_name using errcode = 'SK008';
    end $$;

    create trigger written_once before update or delete or truncate on ledger_transfers
        for each statement execute function ledger_is_written_once();
    create trigger written_once before update or delete or truncate on ledger_entries
        for each statement execute function ledger_is_written_once();
    create trigger written_once before delete or truncate on ledger_holds
        for each statement execute function ledger_is_written_once();
    create trigger written_once before delete or truncate on ledger_accounts
        for each statement execute function ledger_is_written_once();
"""


def upgrade() -> None:
    for script in (TABLES, WRITTEN_ONCE, ACCOUNTS, POSTING, HOLDS):
        run_script(script)


def downgrade() -> None:
    run_script(
        """
        drop function ledger_capture, ledger_expire_due, ledger_release, ledger_give_back, ledger_hold, ledger_outcome;
        drop function ledger_post, ledger_explain, ledger_fold, ledger_open;
        drop table wallets, ledger_holds, ledger_unfolded, ledger_entries, ledger_transfers, ledger_accounts;
        drop function ledger_is_written_once;
        drop type ledger_hold_outcome;
        drop sequence ledger_positions;
        """
    )
