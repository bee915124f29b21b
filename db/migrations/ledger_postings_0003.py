"""The functions of revision 0003 that open accounts and book transfers; as frozen as the revision itself."""

from typing import Final

ACCOUNTS: Final = """
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

POSTING: Final = """
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
