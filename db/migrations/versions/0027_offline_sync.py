"""What changed for whom, for devices that were away; and until when an idempotency key is remembered.

Revision: 0027
"""

from db.migrating import run_script

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table sync_marks (
            user_id uuid not null,
            subject_id uuid not null,
            kind text not null,
            changed_in bigint not null,
            constraint pk_sync_marks primary key (user_id, subject_id),
            constraint ck_sync_marks_kind_known check (kind in ('TIP', 'WORKER', 'TIP_QR'))
        );
        create index ix_sync_marks_user_id on sync_marks (user_id, changed_in, subject_id);

        create function sync_mark(of_user uuid, subject uuid, of_kind text) returns void language sql as $$
            insert into sync_marks (user_id, subject_id, kind, changed_in)
            values (of_user, subject, of_kind, pg_current_xact_id()::text::bigint)
            on conflict (user_id, subject_id) do update set changed_in = excluded.changed_in
        $$;
        create function sync_mark_tip() returns trigger language plpgsql as $$
        begin
            perform sync_mark(new.giver_id, new.id, 'TIP');
            if new.state = 'PAID' then  -- what was only promised, its worker does not see
                perform sync_mark(new.worker_user_id, new.id, 'TIP');
            end if;
            return null;
        end $$;
        create function sync_mark_worker() returns trigger language plpgsql as $$
        begin
            perform sync_mark(new.user_id, new.id, 'WORKER');
            return null;
        end $$;
        create function sync_mark_tip_qr() returns trigger language plpgsql as $$
        begin
            perform sync_mark(workers.user_id, new.id, 'TIP_QR') from workers where workers.id = new.worker_id;
            return null;
        end $$;
        create trigger sync_mark after insert or update on tips for each row execute function sync_mark_tip();
        create trigger sync_mark after insert or update on workers for each row execute function sync_mark_worker();
        create trigger sync_mark after insert or update on tip_qrs for each row execute function sync_mark_tip_qr();

        select sync_mark(giver_id, id, 'TIP') from tips;
        select sync_mark(worker_user_id, id, 'TIP') from tips where state = 'PAID';
        select sync_mark(user_id, id, 'WORKER') from workers;
        select sync_mark(workers.user_id, tip_qrs.id, 'TIP_QR')
            from tip_qrs join workers on workers.id = tip_qrs.worker_id;

        -- The default is for processes of before, which name no end.
        alter table idempotency_keys add column kept_until timestamptz not null default now() + interval '48 hours';
        update idempotency_keys set kept_until = at + interval '48 hours';
        drop index ix_idempotency_keys_at;
        create index ix_idempotency_keys_kept_until on idempotency_keys (kept_until);
        """
    )


def downgrade() -> None:
    run_script(
        """
        drop index ix_idempotency_keys_kept_until;
        create index ix_idempotency_keys_at on idempotency_keys (at);
        alter table idempotency_keys drop column kept_until;
        drop trigger sync_mark on tip_qrs;
        drop trigger sync_mark on workers;
        drop trigger sync_mark on tips;
        drop function sync_mark_tip_qr();
        drop function sync_mark_worker();
        drop function sync_mark_tip();
        drop function sync_mark(uuid, uuid, text);
        drop table sync_marks;
        """
    )
