"""The ledger: accounts, transfers, entries, holds, the functions that book, and wallets.

Revision: 0003

No entry has a foreign key to its account or its transfer: checking one marks the account's row, and a merchant's
buyers would queue there. The functions below are the only writers, and `sokoni ledger verify` looks for orphans.
"""

from db.migrating import run_script

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

ACCOUNTS = """
    -- Makes an account exist; waits for whoever is making it just now.
    create function ledger_open(p_path text, p_kind text, p_asset text, p_at timestamptz) returns void
    language sql as $$
        insert into ledger_accounts (path, kind, asset, opened_at) values (p_path, p_kind, p_asset, p_at)
        on conflict (path) do nothing
    $$;

    -- Adds what came in since the snapshot to it, and locks the account. What is not committed yet stays for later:
    -- each amount is either in the snapshot or waiting, never both, whatever order the commits take.
    create function ledger_fold(p_account bigint, p_limit bigint default null) returns bigint language plpgsql as $$
    declare
        v_sum numeric;
        v_rows bigint;
    begin
        perform from ledger_accounts a where a.id = p_account for no key update;
        with gone as (
            delete from ledger_unfolded u
            using (
                select w.position from ledger_unfolded w where w.account_id = p_account
                order by w.position limit p_limit
            ) oldest
            where u.account_id = p_account and u.position = oldest.position
            returning u.amount_minor
        )
        select sum(g.amount_minor), count(*) into v_sum, v_rows from gone g;
        if v_rows > 0 then
            update ledger_accounts a set posted_minor = (a.posted_minor + v_sum)::bigint where a.id = p_account;
        end if;
        return v_rows;
    end $$;

    -- Called when an account did not take a change. Returns when it would take it now.
    create function ledger_explain(p_path text, p_kind text, p_asset text, p_net bigint, p_freed bigint)
    returns void language plpgsql as $$
    declare
        v_account ledger_accounts%rowtype;
    begin
        select * into v_account from ledger_accounts a where a.path = p_path;
        if v_account.kind <> p_kind or v_account.asset <> p_asset then
            raise exception 'account % is a % in %', p_path, v_account.kind, v_account.asset using errcode = 'SK009';
        end if;
        if v_account.posted_minor + p_net < v_account.held_minor - p_freed then
            raise exception 'insufficient funds' using errcode = 'SK001', detail = json_build_object(
                'path', p_path, 'kind', p_kind, 'needed', -p_net,
                'available', v_account.posted_minor - v_account.held_minor + p_freed)::text;
        end if;
    end $$;
"""

POSTING = """
    -- Books one transfer. Accounts come once each, in the order of their paths; a move names its accounts by their
    -- place there. Wallets answer how they stand now, the others answer null.
    create function ledger_post(
        p_id uuid, p_reference text, p_code text, p_fingerprint bytea, p_note text, p_at timestamptz,
        p_paths text[], p_kinds text[], p_assets text[],
        p_sources integer[], p_destinations integer[], p_amounts bigint[],
        p_freed_path text default null, p_freed bigint default 0,
        out transfer_id uuid, out is_new boolean, out booked_at timestamptz,
        out posted bigint[], out held bigint[], out versions bigint[]
    ) language plpgsql as $$
    declare
        v_count constant integer := cardinality(p_paths);
        v_nets bigint[] := array_fill(0::bigint, array[v_count]);
        v_net bigint;
        v_freed bigint;
        v_account bigint;
        v_position bigint;
        v_posted bigint;
        v_held bigint;
        v_version bigint;
        v_fingerprint bytea;
    begin
        for i in 1..cardinality(p_amounts) loop
            if p_amounts[i] not between 1 and 1000000000000000
                or p_assets[p_sources[i]] <> p_assets[p_destinations[i]] then
                raise exception 'a move has an amount within its limit, of one asset' using errcode = 'SK009';
            end if;
            v_nets[p_sources[i]] := v_nets[p_sources[i]] - p_amounts[i];
            v_nets[p_destinations[i]] := v_nets[p_destinations[i]] + p_amounts[i];
        end loop;

        -- A twin under way is waited for here, before any account is locked.
        insert into ledger_transfers (id, reference, code, fingerprint, note, at)
        values (p_id, p_reference, p_code, p_fingerprint, p_note, p_at)
        on conflict (reference) do nothing;
        if not found then
            select t.id, t.at, t.fingerprint into transfer_id, booked_at, v_fingerprint
            from ledger_transfers t where t.reference = p_reference;
            if v_fingerprint <> p_fingerprint then
                raise exception 'reference reused' using errcode = 'SK002';
            end if;
            is_new := false;
            select array_agg(a.posted_minor order by w.place), array_agg(a.held_minor order by w.place),
                array_agg(a.version order by w.place)
            into posted, held, versions
            from unnest(p_paths) with ordinality w (path, place)
            left join ledger_accounts a on a.path = w.path and a.kind = 'WALLET';
            return;
        end if;

        transfer_id := p_id;
        booked_at := p_at;
        is_new := true;
        posted := array_fill(null::bigint, array[v_count]);
        held := posted;
        versions := posted;
        for i in 1..v_count loop
            v_net := v_nets[i];
            if i > 1 and p_paths[i] collate "C" <= p_paths[i - 1] then
                raise exception 'accounts are locked in one order' using errcode = 'SK009';
            end if;

            if p_kinds[i] = 'HOUSE' or (v_net > 0 and p_kinds[i] <> 'WALLET') then
                loop
                    select a.id into v_account from ledger_accounts a
                    where a.path = p_paths[i] and a.kind = p_kinds[i] and a.asset = p_assets[i];
                    exit when found;
                    perform ledger_open(p_paths[i], p_kinds[i], p_assets[i], p_at);
                    perform ledger_explain(p_paths[i], p_kinds[i], p_assets[i], 0, 0);
                end loop;
                v_position := nextval('ledger_positions');
                insert into ledger_entries (account_id, position, transfer_id, amount_minor)
                values (v_account, v_position, p_id, v_net);
                insert into ledger_unfolded (account_id, position, amount_minor)
                values (v_account, v_position, v_net);
                continue;
            end if;

            if p_kinds[i] <> 'WALLET' then
                perform ledger_fold(a.id) from ledger_accounts a where a.path = p_paths[i];
            end if;
            v_freed := case when p_paths[i] = p_freed_path then p_freed else 0 end;
            loop
                update ledger_accounts a
                set posted_minor = a.posted_minor + v_net, held_minor = a.held_minor - v_freed, version = a.version + 1
                where a.path = p_paths[i] and a.kind = p_kinds[i] and a.asset = p_assets[i]
                    and a.posted_minor + v_net >= a.held_minor - v_freed
                returning a.id, a.posted_minor, a.held_minor, a.version
                into v_account, v_posted, v_held, v_version;
                exit when found;
                perform ledger_open(p_paths[i], p_kinds[i], p_assets[i], p_at);
                perform ledger_explain(p_paths[i], p_kinds[i], p_assets[i], v_net, v_freed);
            end loop;
            if p_kinds[i] = 'WALLET' then
                insert into ledger_entries (account_id, position, transfer_id, amount_minor, balance_after)
                values (v_account, v_version, p_id, v_net, v_posted);
                posted[i] := v_posted;
                held[i] := v_held;
                versions[i] := v_version;
            else
                insert into ledger_entries (account_id, position, transfer_id, amount_minor)
                values (v_account, nextval('ledger_positions'), p_id, v_net);
            end if;
        end loop;
    end $$;
"""

HOLDS = """
    create type ledger_hold_outcome as (
        hold_id uuid, reference text, path text, kind text, amount_minor bigint, code text, expires_at timestamptz,
        state text, hold_is_new boolean, account_posted bigint, account_held bigint, account_version bigint
    );

    create function ledger_outcome(p_hold uuid, p_is_new boolean) returns ledger_hold_outcome language sql as $$
        select h.id, h.reference, a.path, a.kind, h.amount_minor, h.code, h.expires_at,
            h.state, p_is_new, a.posted_minor, a.held_minor, a.version
        from ledger_holds h join ledger_accounts a on a.id = h.account_id
        where h.id = p_hold
    $$;

    create function ledger_hold(
        p_id uuid, p_reference text, p_path text, p_kind text, p_asset text, p_amount bigint, p_code text,
        p_expires_at timestamptz, p_at timestamptz
    ) returns ledger_hold_outcome language plpgsql as $$
    declare
        v_account ledger_accounts%rowtype;
        v_earlier ledger_holds%rowtype;
    begin
        if p_kind = 'HOUSE' then
            raise exception 'what can be overdrawn cannot be held' using errcode = 'SK009';
        end if;
        -- The account is locked first: twins meet here, and the later one finds the hold of the earlier.
        loop
            select * into v_account from ledger_accounts a
            where a.path = p_path and a.kind = p_kind and a.asset = p_asset for no key update;
            exit when found;
            perform ledger_open(p_path, p_kind, p_asset, p_at);
            perform ledger_explain(p_path, p_kind, p_asset, 0, 0);
        end loop;

        select * into v_earlier from ledger_holds h where h.reference = p_reference;
        if found then
            if (v_earlier.account_id, v_earlier.amount_minor, v_earlier.code) <> (v_account.id, p_amount, p_code) then
                raise exception 'reference reused' using errcode = 'SK002';
            end if;
            return ledger_outcome(v_earlier.id, false);
        end if;

        if p_kind <> 'WALLET' then
            perform ledger_fold(v_account.id);
        end if;
        update ledger_accounts a set held_minor = a.held_minor + p_amount, version = a.version + 1
        where a.id = v_account.id and a.posted_minor - a.held_minor >= p_amount
        returning * into v_account;
        if not found then
            perform ledger_explain(p_path, p_kind, p_asset, -p_amount, 0);
        end if;
        insert into ledger_holds (
            id, reference, account_id, position, amount_minor, code, balance_after, held_at, expires_at)
        values (
            p_id, p_reference, v_account.id,
            case when p_kind = 'WALLET' then v_account.version else nextval('ledger_positions') end,
            p_amount, p_code, v_account.posted_minor, p_at, p_expires_at);
        return ledger_outcome(p_id, true);
    end $$;

    -- Gives back what is held; the caller has locked the hold and seen that it is held.
    create function ledger_give_back(p_hold ledger_holds, p_state text, p_at timestamptz)
    returns ledger_hold_outcome language plpgsql as $$
    begin
        update ledger_accounts a set held_minor = a.held_minor - p_hold.amount_minor, version = a.version + 1
        where a.id = p_hold.account_id;
        update ledger_holds h set state = p_state, settled_at = p_at where h.id = p_hold.id;
        return ledger_outcome(p_hold.id, true);
    end $$;

    create function ledger_release(p_reference text, p_at timestamptz)
    returns ledger_hold_outcome language plpgsql as $$
    declare
        v_hold ledger_holds%rowtype;
    begin
        select * into v_hold from ledger_holds h where h.reference = p_reference for update;
        if not found then
            raise exception 'no such hold' using errcode = 'SK003';
        end if;
        if v_hold.state = 'HELD' then
            return ledger_give_back(v_hold, 'RELEASED', p_at);
        end if;
        if v_hold.state <> 'RELEASED' then
            raise exception 'already settled' using errcode = 'SK004', detail = v_hold.state;
        end if;
        return ledger_outcome(v_hold.id, false);
    end $$;

    create function ledger_expire_due(p_at timestamptz, p_limit integer)
    returns setof ledger_hold_outcome language plpgsql as $$
    declare
        v_due record;
    begin
        for v_due in
            with due as (
                select h from ledger_holds h where h.state = 'HELD' and h.expires_at <= p_at
                order by h.expires_at limit p_limit for update skip locked
            )
            select d.h from due d join ledger_accounts a on a.id = (d.h).account_id order by a.path collate "C"
        loop
            return next ledger_give_back(v_due.h, 'EXPIRED', p_at);
        end loop;
    end $$;

    create function ledger_capture(
        p_hold text,
        p_id uuid, p_reference text, p_code text, p_fingerprint bytea, p_note text, p_at timestamptz,
        p_paths text[], p_kinds text[], p_assets text[],
        p_sources integer[], p_destinations integer[], p_amounts bigint[],
        out transfer_id uuid, out is_new boolean, out booked_at timestamptz,
        out posted bigint[], out held bigint[], out versions bigint[], out hold ledger_hold_outcome
    ) language plpgsql as $$
    declare
        v_hold ledger_holds%rowtype;
        v_path text;
        v_place integer;
        v_taken numeric;
    begin
        select * into v_hold from ledger_holds h where h.reference = p_hold for update;
        if not found then
            raise exception 'no such hold' using errcode = 'SK003';
        end if;
        if v_hold.state <> 'HELD' and not exists (
            select from ledger_transfers t where t.id = v_hold.transfer_id and t.reference = p_reference
        ) then
            raise exception 'already settled' using errcode = 'SK004', detail = v_hold.state;
        end if;

        select a.path into v_path from ledger_accounts a where a.id = v_hold.account_id;
        v_place := array_position(p_paths, v_path);
        select coalesce(sum(case v_place when m.source then m.amount when m.destination then -m.amount end), 0)
        into v_taken from unnest(p_sources, p_destinations, p_amounts) m (source, destination, amount);
        if v_taken not between 1 and v_hold.amount_minor then
            raise exception 'capture exceeds hold' using errcode = 'SK005';
        end if;

        select p.transfer_id, p.is_new, p.booked_at, p.posted, p.held, p.versions
        into transfer_id, is_new, booked_at, posted, held, versions
        from ledger_post(
            p_id, p_reference, p_code, p_fingerprint, p_note, p_at, p_paths, p_kinds, p_assets,
            p_sources, p_destinations, p_amounts, v_path, v_hold.amount_minor) p;
        if is_new then
            update ledger_holds h set state = 'CAPTURED', settled_at = p_at, transfer_id = p_id where h.id = v_hold.id;
        elsif v_hold.transfer_id is distinct from ledger_capture.transfer_id then
            raise exception 'reference reused' using errcode = 'SK002';
        end if;
        hold := ledger_outcome(v_hold.id, is_new);
    end $$;
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
