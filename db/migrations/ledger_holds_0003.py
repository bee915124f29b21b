"""The functions of revision 0003 that hold money and settle what is held; as frozen as the revision itself."""

from typing import Final

HOLDS: Final = """
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
