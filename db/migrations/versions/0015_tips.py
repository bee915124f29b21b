"""Workers, their codes, and what they were given.

Revision: 0015
"""

from db.migrating import run_script

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    run_script(
        """
        create table workers (
            id uuid not null,
            user_id uuid not null,
            name text not null,
            trade text not null,
            place_name text not null,
            latitude_e6 integer not null,
            longitude_e6 integer not null,
            location point not null generated always as (point(longitude_e6 / 1e6, latitude_e6 / 1e6)) stored,
            is_active boolean not null,
            registered_at timestamptz not null,
            version integer not null,
            constraint pk_workers primary key (id),
            constraint uq_workers_user_id unique (user_id),
            constraint fk_workers_user_id_users foreign key (user_id) references users (id),
            constraint ck_workers_on_earth check (abs(latitude_e6) <= 90000000 and abs(longitude_e6) <= 180000000)
        );
        create index ix_workers_location on workers using gist (location);
        create table tip_qrs (
            id uuid not null,
            worker_id uuid not null,
            amount_minor bigint,
            spot text,
            made_at timestamptz not null,
            withdrawn_at timestamptz,
            version integer not null,
            constraint pk_tip_qrs primary key (id),
            constraint fk_tip_qrs_worker_id_workers foreign key (worker_id) references workers (id),
            constraint ck_tip_qrs_amount_positive check (amount_minor > 0)
        );
        create index ix_tip_qrs_worker on tip_qrs (worker_id, made_at, id);
        create table tip_scans (
            id bigint not null generated always as identity,
            qr_id uuid not null,
            at timestamptz not null,
            constraint pk_tip_scans primary key (id),
            constraint fk_tip_scans_qr_id_tip_qrs foreign key (qr_id) references tip_qrs (id)
        );
        create index ix_tip_scans_qr_id on tip_scans (qr_id, at);
        create table tips (
            id uuid not null,
            giver_id uuid not null,
            worker_id uuid not null,
            worker_user_id uuid not null,
            qr_id uuid,
            amount_minor bigint not null,
            amount_asset text not null,
            note text,
            given_at timestamptz not null,
            constraint pk_tips primary key (id),
            constraint fk_tips_giver_id_users foreign key (giver_id) references users (id),
            constraint fk_tips_worker_id_workers foreign key (worker_id) references workers (id),
            constraint fk_tips_worker_user_id_users foreign key (worker_user_id) references users (id),
            constraint fk_tips_qr_id_tip_qrs foreign key (qr_id) references tip_qrs (id),
            constraint ck_tips_amount_positive check (amount_minor > 0),
            constraint ck_tips_given_to_another check (giver_id <> worker_user_id)
        );
        create index ix_tips_worker on tips (worker_id, given_at, id);
        create index ix_tips_giver on tips (giver_id, given_at, id);
        create index ix_tips_qr_id on tips (qr_id) where qr_id is not null;
        """
    )


def downgrade() -> None:
    run_script("drop table tips, tip_scans, tip_qrs, workers")
