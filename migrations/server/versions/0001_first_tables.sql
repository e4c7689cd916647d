-- The tables of 11 slices, written by migrations.write_first.

CREATE TABLE "product" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    product_id uuid NOT NULL,
    handle text COLLATE "C" NOT NULL,
    title text COLLATE "C" NOT NULL,
    description_html text COLLATE "C" NOT NULL,
    vendor text COLLATE "C" NOT NULL,
    product_type text COLLATE "C" NOT NULL,
    tags text COLLATE "C" NOT NULL,
    status text COLLATE "C" NOT NULL,
    option_names text COLLATE "C" NOT NULL,
    extra text COLLATE "C" NOT NULL,
    import_id uuid,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, product_id)
);

CREATE UNIQUE INDEX uq_product_handle ON "product" (tenant_id, handle);

CREATE INDEX ix_product_title_product_id ON "product" (tenant_id, title, product_id);

ALTER TABLE "product" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "product" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "product" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "product" TO pycommerce_app;

CREATE TABLE "variant" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    variant_id uuid NOT NULL,
    product_id uuid NOT NULL,
    position bigint NOT NULL,
    title text COLLATE "C" NOT NULL,
    option_values text COLLATE "C" NOT NULL,
    sku text COLLATE "C",
    price_amount bigint NOT NULL,
    compare_at_amount bigint,
    cost_amount bigint,
    tax_code text COLLATE "C" NOT NULL,
    unit_code text COLLATE "C" NOT NULL,
    weight_grams bigint,
    is_stock_tracked boolean NOT NULL,
    allows_oversell boolean NOT NULL,
    requires_shipping boolean NOT NULL,
    is_active boolean NOT NULL,
    search_text text COLLATE "C" NOT NULL,
    extra text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, variant_id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES "product" (tenant_id, product_id),
    CONSTRAINT variant_price_not_negative CHECK (price_amount >= 0)
);

CREATE INDEX ix_variant_product_id_position ON "variant" (tenant_id, product_id, position);

CREATE INDEX ix_variant_sku ON "variant" (tenant_id, sku) WHERE sku IS NOT NULL;

ALTER TABLE "variant" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "variant" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "variant" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "variant" TO pycommerce_app;

CREATE TABLE "barcode" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    code text COLLATE "C" NOT NULL,
    variant_id uuid NOT NULL,
    unit_qty bigint NOT NULL,
    PRIMARY KEY (tenant_id, code),
    FOREIGN KEY (tenant_id, variant_id) REFERENCES "variant" (tenant_id, variant_id),
    CONSTRAINT barcode_stands_for_some CHECK (unit_qty > 0)
);

CREATE INDEX ix_barcode_variant_id ON "barcode" (tenant_id, variant_id);

ALTER TABLE "barcode" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "barcode" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "barcode" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "barcode" TO pycommerce_app;

CREATE TABLE "store" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    store_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    currency text COLLATE "C" NOT NULL,
    country text COLLATE "C" NOT NULL,
    language text COLLATE "C" NOT NULL,
    timezone text COLLATE "C" NOT NULL,
    day_starts_hour bigint NOT NULL,
    is_tax_inclusive boolean NOT NULL,
    tax_rounding text COLLATE "C" NOT NULL,
    cash_rounding_amount bigint NOT NULL,
    receipt_header text COLLATE "C" NOT NULL,
    receipt_footer text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, store_id)
);

ALTER TABLE "store" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "store" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "store" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "store" TO pycommerce_app;

CREATE TABLE "stock_location" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    location_id uuid NOT NULL,
    store_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    address text COLLATE "C" NOT NULL,
    is_sharing boolean NOT NULL,
    PRIMARY KEY (tenant_id, location_id),
    FOREIGN KEY (tenant_id, store_id) REFERENCES "store" (tenant_id, store_id)
);

CREATE UNIQUE INDEX uq_stock_location_code ON "stock_location" (tenant_id, code);

ALTER TABLE "stock_location" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "stock_location" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "stock_location" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "stock_location" TO pycommerce_app;

CREATE TABLE "register" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    register_id uuid NOT NULL,
    location_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    code text COLLATE "C" NOT NULL,
    last_receipt_no bigint NOT NULL,
    last_receipt_hash text COLLATE "C" NOT NULL,
    last_z_no bigint NOT NULL,
    grand_total_amount bigint NOT NULL,
    PRIMARY KEY (tenant_id, register_id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES "stock_location" (tenant_id, location_id)
);

CREATE UNIQUE INDEX uq_register_code ON "register" (tenant_id, code);

ALTER TABLE "register" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "register" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "register" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "register" TO pycommerce_app;

CREATE TABLE "shift" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    shift_id uuid NOT NULL,
    register_id uuid NOT NULL,
    location_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    opened_at timestamptz NOT NULL,
    opened_by uuid,
    opening_float_amount bigint NOT NULL,
    closed_at timestamptz,
    closed_by uuid,
    z_report text COLLATE "C",
    note text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, shift_id),
    FOREIGN KEY (tenant_id, register_id) REFERENCES "register" (tenant_id, register_id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES "stock_location" (tenant_id, location_id)
);

CREATE INDEX ix_shift_register_id_opened_at ON "shift" (tenant_id, register_id, opened_at);

ALTER TABLE "shift" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "shift" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "shift" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "shift" TO pycommerce_app;

CREATE TABLE "cash_movement" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    cash_movement_id uuid NOT NULL,
    shift_id uuid NOT NULL,
    location_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    reason text COLLATE "C" NOT NULL,
    user_id uuid,
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, cash_movement_id),
    FOREIGN KEY (tenant_id, shift_id) REFERENCES "shift" (tenant_id, shift_id),
    CONSTRAINT cash_movement_not_negative CHECK (amount >= 0)
);

CREATE INDEX ix_cash_movement_shift_id ON "cash_movement" (tenant_id, shift_id);

ALTER TABLE "cash_movement" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "cash_movement" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "cash_movement" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT ON "cash_movement" TO pycommerce_app;

CREATE TABLE "customer" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    customer_id uuid NOT NULL,
    code text COLLATE "C",
    name text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    phone text COLLATE "C" NOT NULL,
    note text COLLATE "C" NOT NULL,
    tags text COLLATE "C" NOT NULL,
    accepts_marketing boolean NOT NULL,
    addresses text COLLATE "C" NOT NULL,
    import_id uuid,
    created_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, customer_id)
);

CREATE INDEX ix_customer_name_customer_id ON "customer" (tenant_id, name, customer_id);

CREATE INDEX ix_customer_email ON "customer" (tenant_id, email);

CREATE INDEX ix_customer_code ON "customer" (tenant_id, code);

ALTER TABLE "customer" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "customer" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "customer" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "customer" TO pycommerce_app;

CREATE TABLE "device" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    device_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    workspace text COLLATE "C" NOT NULL,
    location_id uuid,
    register_id uuid,
    enrolled_at timestamptz NOT NULL,
    revoked_at timestamptz,
    PRIMARY KEY (tenant_id, device_id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES "stock_location" (tenant_id, location_id),
    FOREIGN KEY (tenant_id, register_id) REFERENCES "register" (tenant_id, register_id)
);

ALTER TABLE "device" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "device" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "device" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "device" TO pycommerce_app;

CREATE TABLE "sales_order" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    order_id uuid NOT NULL,
    order_number text COLLATE "C" NOT NULL,
    channel text COLLATE "C" NOT NULL,
    doc_state text COLLATE "C" NOT NULL,
    payment_status text COLLATE "C" NOT NULL,
    fulfillment_status text COLLATE "C" NOT NULL,
    location_id uuid,
    register_id uuid,
    shift_id uuid,
    user_id uuid,
    customer_id uuid,
    customer_name text COLLATE "C" NOT NULL,
    email text COLLATE "C" NOT NULL,
    ship_to text COLLATE "C",
    currency text COLLATE "C" NOT NULL,
    is_tax_inclusive boolean NOT NULL,
    discount_amount bigint NOT NULL,
    net_amount bigint NOT NULL,
    tax_amount bigint NOT NULL,
    total_amount bigint NOT NULL,
    cash_rounding_amount bigint NOT NULL,
    captured_amount bigint NOT NULL,
    refunded_amount bigint NOT NULL,
    order_discounts text COLLATE "C" NOT NULL,
    tax_groups text COLLATE "C" NOT NULL,
    note text COLLATE "C" NOT NULL,
    import_id uuid,
    placed_at timestamptz NOT NULL,
    business_on date NOT NULL,
    PRIMARY KEY (tenant_id, order_id),
    FOREIGN KEY (tenant_id, customer_id) REFERENCES "customer" (tenant_id, customer_id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES "stock_location" (tenant_id, location_id),
    CONSTRAINT refunds_within_captured CHECK (refunded_amount >= 0 AND refunded_amount <= captured_amount)
);

CREATE UNIQUE INDEX uq_sales_order_order_number ON "sales_order" (tenant_id, order_number);

CREATE INDEX ix_sales_order_placed_at_order_id ON "sales_order" (tenant_id, placed_at, order_id);

CREATE INDEX ix_sales_order_customer_id ON "sales_order" (tenant_id, customer_id) WHERE customer_id IS NOT NULL;

CREATE INDEX ix_sales_order_shift_id ON "sales_order" (tenant_id, shift_id) WHERE shift_id IS NOT NULL;

CREATE INDEX ix_sales_order_import_id ON "sales_order" (tenant_id, import_id) WHERE import_id IS NOT NULL;

ALTER TABLE "sales_order" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "sales_order" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "sales_order" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "sales_order" TO pycommerce_app;

CREATE TABLE "fulfillment" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    fulfillment_id uuid NOT NULL,
    order_id uuid NOT NULL,
    location_id uuid NOT NULL,
    state text COLLATE "C" NOT NULL,
    picker_id uuid,
    is_short boolean NOT NULL,
    carrier text COLLATE "C" NOT NULL,
    tracking_number text COLLATE "C" NOT NULL,
    created_at timestamptz NOT NULL,
    picked_at timestamptz,
    packed_at timestamptz,
    shipped_at timestamptz,
    PRIMARY KEY (tenant_id, fulfillment_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES "sales_order" (tenant_id, order_id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES "stock_location" (tenant_id, location_id)
);

CREATE INDEX ix_fulfillment_state_created_at ON "fulfillment" (tenant_id, state, created_at);

CREATE INDEX ix_fulfillment_order_id ON "fulfillment" (tenant_id, order_id);

CREATE INDEX ix_fulfillment_tracking_number ON "fulfillment" (tenant_id, tracking_number) WHERE tracking_number <> '';

ALTER TABLE "fulfillment" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "fulfillment" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "fulfillment" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "fulfillment" TO pycommerce_app;

CREATE TABLE "order_line" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    order_line_id uuid NOT NULL,
    order_id uuid NOT NULL,
    location_id uuid,
    position bigint NOT NULL,
    kind text COLLATE "C" NOT NULL,
    variant_id uuid,
    sku text COLLATE "C",
    title text COLLATE "C" NOT NULL,
    qty bigint NOT NULL,
    qty_exponent bigint NOT NULL,
    unit_price_amount bigint NOT NULL,
    list_price_amount bigint NOT NULL,
    discounts text COLLATE "C" NOT NULL,
    line_discount_amount bigint NOT NULL,
    order_discount_amount bigint NOT NULL,
    net_amount bigint NOT NULL,
    tax_amount bigint NOT NULL,
    gross_amount bigint NOT NULL,
    tax_code text COLLATE "C",
    tax_rate_ppm bigint NOT NULL,
    shipped_qty bigint NOT NULL,
    canceled_qty bigint NOT NULL,
    returned_qty bigint NOT NULL,
    refunded_gross_amount bigint NOT NULL,
    refunded_tax_amount bigint NOT NULL,
    PRIMARY KEY (tenant_id, order_line_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES "sales_order" (tenant_id, order_id),
    FOREIGN KEY (tenant_id, variant_id) REFERENCES "variant" (tenant_id, variant_id),
    CONSTRAINT line_shipped_within_ordered CHECK (abs(shipped_qty) + abs(canceled_qty) <= abs(qty)),
    CONSTRAINT line_returned_within_shipped CHECK (abs(returned_qty) <= abs(shipped_qty)),
    CONSTRAINT line_refunded_within_gross CHECK (abs(refunded_gross_amount) <= abs(gross_amount))
);

CREATE INDEX ix_order_line_order_id_position ON "order_line" (tenant_id, order_id, position);

CREATE INDEX ix_order_line_variant_id ON "order_line" (tenant_id, variant_id) WHERE variant_id IS NOT NULL;

ALTER TABLE "order_line" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "order_line" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "order_line" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "order_line" TO pycommerce_app;

CREATE TABLE "fulfillment_line" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    fulfillment_id uuid NOT NULL,
    order_line_id uuid NOT NULL,
    location_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    qty bigint NOT NULL,
    picked_qty bigint NOT NULL,
    short_qty bigint NOT NULL,
    short_reason text COLLATE "C",
    packed_qty bigint NOT NULL,
    PRIMARY KEY (tenant_id, fulfillment_id, order_line_id),
    FOREIGN KEY (tenant_id, fulfillment_id) REFERENCES "fulfillment" (tenant_id, fulfillment_id),
    FOREIGN KEY (tenant_id, order_line_id) REFERENCES "order_line" (tenant_id, order_line_id),
    CONSTRAINT picked_within_ordered CHECK (picked_qty >= 0 AND short_qty >= 0 AND picked_qty + short_qty <= qty),
    CONSTRAINT packed_within_picked CHECK (packed_qty >= 0 AND packed_qty <= picked_qty)
);

ALTER TABLE "fulfillment_line" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "fulfillment_line" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "fulfillment_line" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "fulfillment_line" TO pycommerce_app;

CREATE TABLE "import_run" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    import_id uuid NOT NULL,
    importer text COLLATE "C" NOT NULL,
    file_name text COLLATE "C" NOT NULL,
    state text COLLATE "C" NOT NULL,
    started_at timestamptz NOT NULL,
    finished_at timestamptz,
    actor_id uuid,
    currency text COLLATE "C" NOT NULL,
    rows_read bigint NOT NULL,
    rows_accepted bigint NOT NULL,
    rows_refused bigint NOT NULL,
    source_total text COLLATE "C" NOT NULL,
    imported_total text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, import_id)
);

CREATE INDEX ix_import_run_started_at ON "import_run" (tenant_id, started_at);

ALTER TABLE "import_run" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "import_run" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "import_run" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "import_run" TO pycommerce_app;

CREATE TABLE "imported_row" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    import_id uuid NOT NULL,
    touched_table text COLLATE "C" NOT NULL,
    touched_key text COLLATE "C" NOT NULL,
    before text COLLATE "C",
    after text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, import_id, touched_table, touched_key),
    FOREIGN KEY (tenant_id, import_id) REFERENCES "import_run" (tenant_id, import_id)
);

ALTER TABLE "imported_row" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "imported_row" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "imported_row" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "imported_row" TO pycommerce_app;

CREATE TABLE "inbox_case" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    case_id uuid NOT NULL,
    code text COLLATE "C" NOT NULL,
    field text COLLATE "C",
    params text COLLATE "C" NOT NULL,
    command_id uuid NOT NULL,
    command_name text COLLATE "C" NOT NULL,
    is_fact boolean NOT NULL,
    device_id uuid,
    location_id uuid,
    actor_id uuid,
    opened_at timestamptz NOT NULL,
    state text COLLATE "C" NOT NULL,
    owner_id uuid,
    resolution text COLLATE "C",
    settled_at timestamptz,
    settled_by uuid,
    note text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, case_id)
);

CREATE INDEX ix_inbox_case_state_opened_at ON "inbox_case" (tenant_id, state, opened_at);

CREATE INDEX ix_inbox_case_command_id ON "inbox_case" (tenant_id, command_id);

ALTER TABLE "inbox_case" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "inbox_case" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "inbox_case" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "inbox_case" TO pycommerce_app;

CREATE TABLE "line_entry" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    line_entry_id uuid NOT NULL,
    order_id uuid NOT NULL,
    order_line_id uuid NOT NULL,
    location_id uuid,
    kind text COLLATE "C" NOT NULL,
    qty bigint NOT NULL,
    user_id uuid,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, line_entry_id),
    FOREIGN KEY (tenant_id, order_line_id) REFERENCES "order_line" (tenant_id, order_line_id)
);

CREATE INDEX ix_line_entry_order_id ON "line_entry" (tenant_id, order_id);

ALTER TABLE "line_entry" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "line_entry" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "line_entry" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT ON "line_entry" TO pycommerce_app;

CREATE TABLE "media" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    media_id uuid NOT NULL,
    product_id uuid NOT NULL,
    position bigint NOT NULL,
    alt_text text COLLATE "C" NOT NULL,
    url text COLLATE "C" NOT NULL,
    thumbnail bytea,
    blob text COLLATE "C" NOT NULL,
    blob_bytes bigint NOT NULL,
    blob_type text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, media_id),
    FOREIGN KEY (tenant_id, product_id) REFERENCES "product" (tenant_id, product_id)
);

CREATE INDEX ix_media_product_id_position ON "media" (tenant_id, product_id, position);

ALTER TABLE "media" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "media" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "media" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "media" TO pycommerce_app;

CREATE TABLE "payment_entry" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    payment_entry_id uuid NOT NULL,
    order_id uuid NOT NULL,
    location_id uuid,
    register_id uuid,
    shift_id uuid,
    kind text COLLATE "C" NOT NULL,
    tender text COLLATE "C" NOT NULL,
    amount bigint NOT NULL,
    given_amount bigint NOT NULL,
    currency text COLLATE "C" NOT NULL,
    reference text COLLATE "C" NOT NULL,
    reason text COLLATE "C" NOT NULL,
    user_id uuid,
    entered_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, payment_entry_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES "sales_order" (tenant_id, order_id),
    CONSTRAINT payment_amount_positive CHECK (amount > 0)
);

CREATE INDEX ix_payment_entry_order_id ON "payment_entry" (tenant_id, order_id);

CREATE INDEX ix_payment_entry_shift_id ON "payment_entry" (tenant_id, shift_id) WHERE shift_id IS NOT NULL;

ALTER TABLE "payment_entry" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "payment_entry" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "payment_entry" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT ON "payment_entry" TO pycommerce_app;

CREATE TABLE "receipt" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    receipt_id uuid NOT NULL,
    register_id uuid NOT NULL,
    location_id uuid NOT NULL,
    shift_id uuid NOT NULL,
    order_id uuid NOT NULL,
    kind text COLLATE "C" NOT NULL,
    receipt_no bigint NOT NULL,
    number text COLLATE "C" NOT NULL,
    issued_at timestamptz NOT NULL,
    total_amount bigint NOT NULL,
    document text COLLATE "C" NOT NULL,
    prev_hash text COLLATE "C" NOT NULL,
    own_hash text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant_id, receipt_id),
    FOREIGN KEY (tenant_id, register_id) REFERENCES "register" (tenant_id, register_id),
    FOREIGN KEY (tenant_id, shift_id) REFERENCES "shift" (tenant_id, shift_id),
    FOREIGN KEY (tenant_id, order_id) REFERENCES "sales_order" (tenant_id, order_id)
);

CREATE UNIQUE INDEX uq_receipt_register_id_receipt_no ON "receipt" (tenant_id, register_id, receipt_no);

CREATE INDEX ix_receipt_number ON "receipt" (tenant_id, number);

CREATE INDEX ix_receipt_shift_id ON "receipt" (tenant_id, shift_id);

CREATE INDEX ix_receipt_order_id ON "receipt" (tenant_id, order_id);

ALTER TABLE "receipt" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "receipt" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "receipt" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT ON "receipt" TO pycommerce_app;

CREATE TABLE "staff_user" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    user_id uuid NOT NULL,
    name text COLLATE "C" NOT NULL,
    role text COLLATE "C" NOT NULL,
    pin_hash text COLLATE "C" NOT NULL,
    is_active boolean NOT NULL,
    PRIMARY KEY (tenant_id, user_id)
);

ALTER TABLE "staff_user" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "staff_user" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "staff_user" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "staff_user" TO pycommerce_app;

CREATE TABLE "stock_entry" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    stock_entry_id uuid NOT NULL,
    variant_id uuid NOT NULL,
    location_id uuid NOT NULL,
    qty bigint NOT NULL,
    reason text COLLATE "C" NOT NULL,
    note text COLLATE "C" NOT NULL,
    order_id uuid,
    import_id uuid,
    command_id uuid NOT NULL,
    user_id uuid,
    moved_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, stock_entry_id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES "stock_location" (tenant_id, location_id)
);

CREATE INDEX ix_stock_entry_variant_id_location_id_moved_at ON "stock_entry" (tenant_id, variant_id, location_id, moved_at);

CREATE INDEX ix_stock_entry_import_id ON "stock_entry" (tenant_id, import_id) WHERE import_id IS NOT NULL;

ALTER TABLE "stock_entry" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "stock_entry" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "stock_entry" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT ON "stock_entry" TO pycommerce_app;

CREATE TABLE "stock_level" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    variant_id uuid NOT NULL,
    location_id uuid NOT NULL,
    on_hand_qty bigint NOT NULL,
    reserved_qty bigint NOT NULL,
    PRIMARY KEY (tenant_id, variant_id, location_id),
    FOREIGN KEY (tenant_id, variant_id) REFERENCES "variant" (tenant_id, variant_id),
    FOREIGN KEY (tenant_id, location_id) REFERENCES "stock_location" (tenant_id, location_id),
    CONSTRAINT reserved_not_negative CHECK (reserved_qty >= 0)
);

ALTER TABLE "stock_level" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "stock_level" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "stock_level" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "stock_level" TO pycommerce_app;

CREATE TABLE "tax_rate" (
    tenant_id uuid NOT NULL DEFAULT current_setting('pycommerce.tenant_id')::uuid,
    code text COLLATE "C" NOT NULL,
    name text COLLATE "C" NOT NULL,
    rate_ppm bigint NOT NULL,
    is_active boolean NOT NULL,
    PRIMARY KEY (tenant_id, code),
    CONSTRAINT tax_rate_in_range CHECK (rate_ppm BETWEEN 0 AND 10000000)
);

ALTER TABLE "tax_rate" ENABLE ROW LEVEL SECURITY;

ALTER TABLE "tax_rate" FORCE ROW LEVEL SECURITY;

CREATE POLICY tenant_only ON "tax_rate" USING (tenant_id = current_setting('pycommerce.tenant_id')::uuid) WITH CHECK (tenant_id = current_setting('pycommerce.tenant_id')::uuid);

GRANT SELECT, INSERT, UPDATE, DELETE ON "tax_rate" TO pycommerce_app;

