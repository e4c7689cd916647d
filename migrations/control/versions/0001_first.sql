-- The control schema: which tenants there are, and how devices find theirs.
-- The application role reads tenants and keys, and may only mark a pairing code as used.

CREATE TABLE tenant (
    tenant_id uuid PRIMARY KEY,
    name text NOT NULL UNIQUE,
    created_at timestamptz NOT NULL
);

-- A code is kept as its hash only.

CREATE TABLE pairing_code (
    pairing_id uuid PRIMARY KEY,
    code_hash text NOT NULL UNIQUE,
    tenant_id uuid NOT NULL REFERENCES tenant,
    workspace text NOT NULL,
    location_id uuid,
    register_id uuid,
    does_replace boolean NOT NULL,
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at timestamptz,
    device_id uuid,
    public_key bytea
);

CREATE TABLE token_key (
    key_id uuid PRIMARY KEY,
    secret bytea NOT NULL,
    created_at timestamptz NOT NULL
);

GRANT SELECT ON tenant, token_key, alembic_version TO pycommerce_app;

GRANT SELECT, INSERT, UPDATE (used_at, device_id, public_key) ON pairing_code TO pycommerce_app;

