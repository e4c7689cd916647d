-- What synchronisation needs in a tenant's schema. Written by hand.

-- The tenant's head: epoch and number of the last commit. The owner raises the epoch.

CREATE TABLE sync_head (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    epoch bigint NOT NULL,
    seq bigint NOT NULL,
    PRIMARY KEY (tenant_id)
);

ALTER TABLE "sync_head" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "sync_head" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "sync_head" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, UPDATE (seq) ON "sync_head" TO pycommerce_app;

-- Every change of a row that travels, in commit order; images exactly as digested.

CREATE TABLE change_log (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    seq bigint NOT NULL,
    ord integer NOT NULL,
    scope text COLLATE "C" NOT NULL,
    tbl text COLLATE "C" NOT NULL,
    key text COLLATE "C" NOT NULL,
    op text COLLATE "C" NOT NULL CHECK (op IN ('put', 'delete')),
    image text COLLATE "C",
    digest bigint,
    PRIMARY KEY (tenant_id, seq, ord),
    CHECK ((op = 'put') = (image IS NOT NULL AND digest IS NOT NULL))
);

CREATE INDEX ix_change_log_scope ON change_log (tenant_id, scope, seq, ord);

ALTER TABLE "change_log" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "change_log" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "change_log" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT ON "change_log" TO pycommerce_app;

-- Count and sum of row digests, kept by the same transactions as the rows.

CREATE TABLE scope_digest (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    scope text COLLATE "C" NOT NULL,
    tbl text COLLATE "C" NOT NULL,
    row_count bigint NOT NULL,
    digest_sum bigint NOT NULL,
    PRIMARY KEY (tenant_id, scope, tbl)
);

ALTER TABLE "scope_digest" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "scope_digest" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "scope_digest" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE (row_count, digest_sum) ON "scope_digest" TO pycommerce_app;

-- Every command that was decided, as it came, with its outcome; never changed.

CREATE TABLE command_log (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    device_id uuid NOT NULL,
    incarnation bigint NOT NULL,
    seq bigint NOT NULL,
    cmd_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    version bigint NOT NULL,
    hash text COLLATE "C" NOT NULL,
    envelope bytea NOT NULL,
    state text COLLATE "C" NOT NULL,
    code text COLLATE "C",
    field text COLLATE "C",
    params text COLLATE "C" NOT NULL,
    commit_seq bigint NOT NULL,
    decided_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, device_id, incarnation, seq)
);

CREATE INDEX ix_command_log_cmd ON command_log (tenant_id, cmd_id);

CREATE INDEX ix_command_log_commit ON command_log (tenant_id, device_id, incarnation, commit_seq);

ALTER TABLE "command_log" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "command_log" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "command_log" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT ON "command_log" TO pycommerce_app;

-- A device's key and how far its journal has come.

CREATE TABLE device_link (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    device_id uuid NOT NULL,
    public_key bytea NOT NULL,
    pairing_id uuid NOT NULL,
    incarnation bigint NOT NULL,
    last_seq bigint NOT NULL,
    last_hash text COLLATE "C" NOT NULL,
    fenced_at timestamptz,
    PRIMARY KEY (tenant_id, device_id)
);

ALTER TABLE "device_link" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "device_link" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "device_link" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE ON "device_link" TO pycommerce_app;

-- Commands of a copied or restored device that did not follow on; kept for people.

CREATE TABLE fork_log (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    device_id uuid NOT NULL,
    incarnation bigint NOT NULL,
    seq bigint NOT NULL,
    hash text COLLATE "C" NOT NULL,
    envelope bytea NOT NULL,
    found_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, device_id, incarnation, seq, hash)
);

ALTER TABLE "fork_log" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "fork_log" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "fork_log" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT ON "fork_log" TO pycommerce_app;

-- Nonces of signed token requests, until their time window has passed.

CREATE TABLE token_nonce (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    device_id uuid NOT NULL,
    nonce text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, device_id, nonce)
);

ALTER TABLE "token_nonce" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "token_nonce" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "token_nonce" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, DELETE ON "token_nonce" TO pycommerce_app;

INSERT INTO sync_head (epoch, seq) VALUES (1, 0);

GRANT SELECT ON alembic_version TO pycommerce_app;

