-- The tables of 11 slices, written by migrations.write_first.

CREATE TABLE "product" (
    product_id TEXT NOT NULL,
    handle TEXT NOT NULL,
    title TEXT NOT NULL,
    description_html TEXT NOT NULL,
    vendor TEXT NOT NULL,
    product_type TEXT NOT NULL,
    tags TEXT NOT NULL,
    status TEXT NOT NULL,
    option_names TEXT NOT NULL,
    extra TEXT NOT NULL,
    import_id TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    PRIMARY KEY (product_id)
) STRICT;

CREATE INDEX uq_product_handle ON "product" (handle);

CREATE INDEX ix_product_title_product_id ON "product" (title, product_id);

CREATE TABLE "variant" (
    variant_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    option_values TEXT NOT NULL,
    sku TEXT,
    price_amount INTEGER NOT NULL,
    compare_at_amount INTEGER,
    cost_amount INTEGER,
    tax_code TEXT NOT NULL,
    unit_code TEXT NOT NULL,
    weight_grams INTEGER,
    is_stock_tracked INTEGER NOT NULL,
    allows_oversell INTEGER NOT NULL,
    requires_shipping INTEGER NOT NULL,
    is_active INTEGER NOT NULL,
    search_text TEXT NOT NULL,
    extra TEXT NOT NULL,
    PRIMARY KEY (variant_id),
    FOREIGN KEY (product_id) REFERENCES "product" (product_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT variant_price_not_negative CHECK (price_amount >= 0)
) STRICT;

CREATE INDEX ix_variant_product_id_position ON "variant" (product_id, position);

CREATE INDEX ix_variant_sku ON "variant" (sku) WHERE sku IS NOT NULL;

CREATE TABLE "barcode" (
    code TEXT NOT NULL,
    variant_id TEXT NOT NULL,
    unit_qty INTEGER NOT NULL,
    PRIMARY KEY (code),
    FOREIGN KEY (variant_id) REFERENCES "variant" (variant_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT barcode_stands_for_some CHECK (unit_qty > 0)
) STRICT;

CREATE INDEX ix_barcode_variant_id ON "barcode" (variant_id);

CREATE TABLE "store" (
    store_id TEXT NOT NULL,
    name TEXT NOT NULL,
    currency TEXT NOT NULL,
    country TEXT NOT NULL,
    language TEXT NOT NULL,
    timezone TEXT NOT NULL,
    day_starts_hour INTEGER NOT NULL,
    is_tax_inclusive INTEGER NOT NULL,
    tax_rounding TEXT NOT NULL,
    cash_rounding_amount INTEGER NOT NULL,
    receipt_header TEXT NOT NULL,
    receipt_footer TEXT NOT NULL,
    PRIMARY KEY (store_id)
) STRICT;

CREATE TABLE "stock_location" (
    location_id TEXT NOT NULL,
    store_id TEXT NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    address TEXT NOT NULL,
    is_sharing INTEGER NOT NULL,
    PRIMARY KEY (location_id),
    FOREIGN KEY (store_id) REFERENCES "store" (store_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX uq_stock_location_code ON "stock_location" (code);

CREATE TABLE "register" (
    register_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    name TEXT NOT NULL,
    code TEXT NOT NULL,
    last_receipt_no INTEGER NOT NULL,
    last_receipt_hash TEXT NOT NULL,
    last_z_no INTEGER NOT NULL,
    grand_total_amount INTEGER NOT NULL,
    PRIMARY KEY (register_id),
    FOREIGN KEY (location_id) REFERENCES "stock_location" (location_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX uq_register_code ON "register" (code);

CREATE TABLE "shift" (
    shift_id TEXT NOT NULL,
    register_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    state TEXT NOT NULL,
    opened_at TEXT NOT NULL,
    opened_by TEXT,
    opening_float_amount INTEGER NOT NULL,
    closed_at TEXT,
    closed_by TEXT,
    z_report TEXT,
    note TEXT NOT NULL,
    PRIMARY KEY (shift_id),
    FOREIGN KEY (register_id) REFERENCES "register" (register_id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (location_id) REFERENCES "stock_location" (location_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ix_shift_register_id_opened_at ON "shift" (register_id, opened_at);

CREATE TABLE "cash_movement" (
    cash_movement_id TEXT NOT NULL,
    shift_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    amount INTEGER NOT NULL,
    reason TEXT NOT NULL,
    user_id TEXT,
    moved_at TEXT NOT NULL,
    PRIMARY KEY (cash_movement_id),
    FOREIGN KEY (shift_id) REFERENCES "shift" (shift_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT cash_movement_not_negative CHECK (amount >= 0)
) STRICT;

CREATE INDEX ix_cash_movement_shift_id ON "cash_movement" (shift_id);

CREATE TABLE "customer" (
    customer_id TEXT NOT NULL,
    code TEXT,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    phone TEXT NOT NULL,
    note TEXT NOT NULL,
    tags TEXT NOT NULL,
    accepts_marketing INTEGER NOT NULL,
    addresses TEXT NOT NULL,
    import_id TEXT,
    created_at TEXT NOT NULL,
    PRIMARY KEY (customer_id)
) STRICT;

CREATE INDEX ix_customer_name_customer_id ON "customer" (name, customer_id);

CREATE INDEX ix_customer_email ON "customer" (email);

CREATE INDEX ix_customer_code ON "customer" (code);

CREATE TABLE "device" (
    device_id TEXT NOT NULL,
    name TEXT NOT NULL,
    workspace TEXT NOT NULL,
    location_id TEXT,
    register_id TEXT,
    enrolled_at TEXT NOT NULL,
    revoked_at TEXT,
    PRIMARY KEY (device_id),
    FOREIGN KEY (location_id) REFERENCES "stock_location" (location_id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (register_id) REFERENCES "register" (register_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "sales_order" (
    order_id TEXT NOT NULL,
    order_number TEXT NOT NULL,
    channel TEXT NOT NULL,
    doc_state TEXT NOT NULL,
    payment_status TEXT NOT NULL,
    fulfillment_status TEXT NOT NULL,
    location_id TEXT,
    register_id TEXT,
    shift_id TEXT,
    user_id TEXT,
    customer_id TEXT,
    customer_name TEXT NOT NULL,
    email TEXT NOT NULL,
    ship_to TEXT,
    currency TEXT NOT NULL,
    is_tax_inclusive INTEGER NOT NULL,
    discount_amount INTEGER NOT NULL,
    net_amount INTEGER NOT NULL,
    tax_amount INTEGER NOT NULL,
    total_amount INTEGER NOT NULL,
    cash_rounding_amount INTEGER NOT NULL,
    captured_amount INTEGER NOT NULL,
    refunded_amount INTEGER NOT NULL,
    order_discounts TEXT NOT NULL,
    tax_groups TEXT NOT NULL,
    note TEXT NOT NULL,
    import_id TEXT,
    placed_at TEXT NOT NULL,
    business_on TEXT NOT NULL,
    PRIMARY KEY (order_id),
    FOREIGN KEY (customer_id) REFERENCES "customer" (customer_id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (location_id) REFERENCES "stock_location" (location_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT refunds_within_captured CHECK (refunded_amount >= 0 AND refunded_amount <= captured_amount)
) STRICT;

CREATE INDEX uq_sales_order_order_number ON "sales_order" (order_number);

CREATE INDEX ix_sales_order_placed_at_order_id ON "sales_order" (placed_at, order_id);

CREATE INDEX ix_sales_order_customer_id ON "sales_order" (customer_id) WHERE customer_id IS NOT NULL;

CREATE INDEX ix_sales_order_shift_id ON "sales_order" (shift_id) WHERE shift_id IS NOT NULL;

CREATE INDEX ix_sales_order_import_id ON "sales_order" (import_id) WHERE import_id IS NOT NULL;

CREATE TABLE "fulfillment" (
    fulfillment_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    state TEXT NOT NULL,
    picker_id TEXT,
    is_short INTEGER NOT NULL,
    carrier TEXT NOT NULL,
    tracking_number TEXT NOT NULL,
    created_at TEXT NOT NULL,
    picked_at TEXT,
    packed_at TEXT,
    shipped_at TEXT,
    PRIMARY KEY (fulfillment_id),
    FOREIGN KEY (order_id) REFERENCES "sales_order" (order_id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (location_id) REFERENCES "stock_location" (location_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ix_fulfillment_state_created_at ON "fulfillment" (state, created_at);

CREATE INDEX ix_fulfillment_order_id ON "fulfillment" (order_id);

CREATE INDEX ix_fulfillment_tracking_number ON "fulfillment" (tracking_number) WHERE tracking_number <> '';

CREATE TABLE "order_line" (
    order_line_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    location_id TEXT,
    position INTEGER NOT NULL,
    kind TEXT NOT NULL,
    variant_id TEXT,
    sku TEXT,
    title TEXT NOT NULL,
    qty INTEGER NOT NULL,
    qty_exponent INTEGER NOT NULL,
    unit_price_amount INTEGER NOT NULL,
    list_price_amount INTEGER NOT NULL,
    discounts TEXT NOT NULL,
    line_discount_amount INTEGER NOT NULL,
    order_discount_amount INTEGER NOT NULL,
    net_amount INTEGER NOT NULL,
    tax_amount INTEGER NOT NULL,
    gross_amount INTEGER NOT NULL,
    tax_code TEXT,
    tax_rate_ppm INTEGER NOT NULL,
    shipped_qty INTEGER NOT NULL,
    canceled_qty INTEGER NOT NULL,
    returned_qty INTEGER NOT NULL,
    refunded_gross_amount INTEGER NOT NULL,
    refunded_tax_amount INTEGER NOT NULL,
    PRIMARY KEY (order_line_id),
    FOREIGN KEY (order_id) REFERENCES "sales_order" (order_id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (variant_id) REFERENCES "variant" (variant_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT line_shipped_within_ordered CHECK (abs(shipped_qty) + abs(canceled_qty) <= abs(qty)),
    CONSTRAINT line_returned_within_shipped CHECK (abs(returned_qty) <= abs(shipped_qty)),
    CONSTRAINT line_refunded_within_gross CHECK (abs(refunded_gross_amount) <= abs(gross_amount))
) STRICT;

CREATE INDEX ix_order_line_order_id_position ON "order_line" (order_id, position);

CREATE INDEX ix_order_line_variant_id ON "order_line" (variant_id) WHERE variant_id IS NOT NULL;

CREATE TABLE "fulfillment_line" (
    fulfillment_id TEXT NOT NULL,
    order_line_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    variant_id TEXT NOT NULL,
    qty INTEGER NOT NULL,
    picked_qty INTEGER NOT NULL,
    short_qty INTEGER NOT NULL,
    short_reason TEXT,
    packed_qty INTEGER NOT NULL,
    PRIMARY KEY (fulfillment_id, order_line_id),
    FOREIGN KEY (fulfillment_id) REFERENCES "fulfillment" (fulfillment_id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (order_line_id) REFERENCES "order_line" (order_line_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT picked_within_ordered CHECK (picked_qty >= 0 AND short_qty >= 0 AND picked_qty + short_qty <= qty),
    CONSTRAINT packed_within_picked CHECK (packed_qty >= 0 AND packed_qty <= picked_qty)
) STRICT;

CREATE TABLE "import_run" (
    import_id TEXT NOT NULL,
    importer TEXT NOT NULL,
    file_name TEXT NOT NULL,
    state TEXT NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    actor_id TEXT,
    currency TEXT NOT NULL,
    rows_read INTEGER NOT NULL,
    rows_accepted INTEGER NOT NULL,
    rows_refused INTEGER NOT NULL,
    source_total TEXT NOT NULL,
    imported_total TEXT NOT NULL,
    PRIMARY KEY (import_id)
) STRICT;

CREATE INDEX ix_import_run_started_at ON "import_run" (started_at);

CREATE TABLE "imported_row" (
    import_id TEXT NOT NULL,
    touched_table TEXT NOT NULL,
    touched_key TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    PRIMARY KEY (import_id, touched_table, touched_key),
    FOREIGN KEY (import_id) REFERENCES "import_run" (import_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE TABLE "inbox_case" (
    case_id TEXT NOT NULL,
    code TEXT NOT NULL,
    field TEXT,
    params TEXT NOT NULL,
    command_id TEXT NOT NULL,
    command_name TEXT NOT NULL,
    is_fact INTEGER NOT NULL,
    device_id TEXT,
    location_id TEXT,
    actor_id TEXT,
    opened_at TEXT NOT NULL,
    state TEXT NOT NULL,
    owner_id TEXT,
    resolution TEXT,
    settled_at TEXT,
    settled_by TEXT,
    note TEXT NOT NULL,
    PRIMARY KEY (case_id)
) STRICT;

CREATE INDEX ix_inbox_case_state_opened_at ON "inbox_case" (state, opened_at);

CREATE INDEX ix_inbox_case_command_id ON "inbox_case" (command_id);

CREATE TABLE "line_entry" (
    line_entry_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    order_line_id TEXT NOT NULL,
    location_id TEXT,
    kind TEXT NOT NULL,
    qty INTEGER NOT NULL,
    user_id TEXT,
    entered_at TEXT NOT NULL,
    PRIMARY KEY (line_entry_id),
    FOREIGN KEY (order_line_id) REFERENCES "order_line" (order_line_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ix_line_entry_order_id ON "line_entry" (order_id);

CREATE TABLE "media" (
    media_id TEXT NOT NULL,
    product_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    alt_text TEXT NOT NULL,
    url TEXT NOT NULL,
    thumbnail BLOB,
    blob TEXT NOT NULL,
    blob_bytes INTEGER NOT NULL,
    blob_type TEXT NOT NULL,
    PRIMARY KEY (media_id),
    FOREIGN KEY (product_id) REFERENCES "product" (product_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ix_media_product_id_position ON "media" (product_id, position);

CREATE TABLE "payment_entry" (
    payment_entry_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    location_id TEXT,
    register_id TEXT,
    shift_id TEXT,
    kind TEXT NOT NULL,
    tender TEXT NOT NULL,
    amount INTEGER NOT NULL,
    given_amount INTEGER NOT NULL,
    currency TEXT NOT NULL,
    reference TEXT NOT NULL,
    reason TEXT NOT NULL,
    user_id TEXT,
    entered_at TEXT NOT NULL,
    PRIMARY KEY (payment_entry_id),
    FOREIGN KEY (order_id) REFERENCES "sales_order" (order_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT payment_amount_positive CHECK (amount > 0)
) STRICT;

CREATE INDEX ix_payment_entry_order_id ON "payment_entry" (order_id);

CREATE INDEX ix_payment_entry_shift_id ON "payment_entry" (shift_id) WHERE shift_id IS NOT NULL;

CREATE TABLE "receipt" (
    receipt_id TEXT NOT NULL,
    register_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    shift_id TEXT NOT NULL,
    order_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    receipt_no INTEGER NOT NULL,
    number TEXT NOT NULL,
    issued_at TEXT NOT NULL,
    total_amount INTEGER NOT NULL,
    document TEXT NOT NULL,
    prev_hash TEXT NOT NULL,
    own_hash TEXT NOT NULL,
    PRIMARY KEY (receipt_id),
    FOREIGN KEY (register_id) REFERENCES "register" (register_id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (shift_id) REFERENCES "shift" (shift_id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (order_id) REFERENCES "sales_order" (order_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX uq_receipt_register_id_receipt_no ON "receipt" (register_id, receipt_no);

CREATE INDEX ix_receipt_number ON "receipt" (number);

CREATE INDEX ix_receipt_shift_id ON "receipt" (shift_id);

CREATE INDEX ix_receipt_order_id ON "receipt" (order_id);

CREATE TABLE "staff_user" (
    user_id TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    pin_hash TEXT NOT NULL,
    is_active INTEGER NOT NULL,
    PRIMARY KEY (user_id)
) STRICT;

CREATE TABLE "stock_entry" (
    stock_entry_id TEXT NOT NULL,
    variant_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    qty INTEGER NOT NULL,
    reason TEXT NOT NULL,
    note TEXT NOT NULL,
    order_id TEXT,
    import_id TEXT,
    command_id TEXT NOT NULL,
    user_id TEXT,
    moved_at TEXT NOT NULL,
    PRIMARY KEY (stock_entry_id),
    FOREIGN KEY (location_id) REFERENCES "stock_location" (location_id) DEFERRABLE INITIALLY DEFERRED
) STRICT;

CREATE INDEX ix_stock_entry_variant_id_location_id_moved_at ON "stock_entry" (variant_id, location_id, moved_at);

CREATE INDEX ix_stock_entry_import_id ON "stock_entry" (import_id) WHERE import_id IS NOT NULL;

CREATE TABLE "stock_level" (
    variant_id TEXT NOT NULL,
    location_id TEXT NOT NULL,
    on_hand_qty INTEGER NOT NULL,
    reserved_qty INTEGER NOT NULL,
    PRIMARY KEY (variant_id, location_id),
    FOREIGN KEY (variant_id) REFERENCES "variant" (variant_id) DEFERRABLE INITIALLY DEFERRED,
    FOREIGN KEY (location_id) REFERENCES "stock_location" (location_id) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT reserved_not_negative CHECK (reserved_qty >= 0)
) STRICT;

CREATE TABLE "tax_rate" (
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    rate_ppm INTEGER NOT NULL,
    is_active INTEGER NOT NULL,
    PRIMARY KEY (code),
    CONSTRAINT tax_rate_in_range CHECK (rate_ppm BETWEEN 0 AND 10000000)
) STRICT;

CREATE TABLE sync_state (
        only_row INTEGER PRIMARY KEY CHECK (only_row = 1),
        device_id TEXT NOT NULL,
        incarnation INTEGER NOT NULL,
        epoch INTEGER NOT NULL,
        seq INTEGER NOT NULL,
        acked_seq INTEGER NOT NULL,
        applied_local_seq INTEGER NOT NULL,
        is_filled INTEGER NOT NULL,
        verified_at TEXT,
        skipped_rows INTEGER NOT NULL
    ) STRICT;

CREATE TABLE base_row (
        tbl TEXT NOT NULL,
        key TEXT NOT NULL,
        image BLOB,
        PRIMARY KEY (tbl, key)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE aside_image (
        tbl TEXT NOT NULL,
        key TEXT NOT NULL,
        image BLOB NOT NULL,
        PRIMARY KEY (tbl, key)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE digest (
        scope TEXT NOT NULL,
        tbl TEXT NOT NULL,
        row_count INTEGER NOT NULL,
        digest_sum INTEGER NOT NULL,
        PRIMARY KEY (scope, tbl)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE digest_mismatch (
        scope TEXT NOT NULL,
        tbl TEXT NOT NULL,
        PRIMARY KEY (scope, tbl)
    ) STRICT, WITHOUT ROWID;

CREATE TABLE neighbour (
        device_id TEXT NOT NULL PRIMARY KEY,
        incarnation INTEGER NOT NULL,
        acked_seq INTEGER NOT NULL,
        shown_seq INTEGER NOT NULL
    ) STRICT;

CREATE TABLE doubt (
        seq INTEGER PRIMARY KEY,
        cmd_id TEXT NOT NULL,
        code TEXT NOT NULL,
        field TEXT,
        params TEXT NOT NULL
    ) STRICT;

CREATE VIRTUAL TABLE variant_search USING fts5(
        search_text, content='variant', content_rowid='rowid',
        tokenize='unicode61 remove_diacritics 2', prefix='1 2 3'
    );

CREATE TRIGGER variant_search_insert AFTER INSERT ON variant BEGIN
        INSERT INTO variant_search(rowid, search_text) VALUES (new.rowid, new.search_text);
    END;

CREATE TRIGGER variant_search_delete AFTER DELETE ON variant BEGIN
        INSERT INTO variant_search(variant_search, rowid, search_text)
        VALUES ('delete', old.rowid, old.search_text);
    END;

CREATE TRIGGER variant_search_update AFTER UPDATE OF search_text ON variant
    WHEN old.search_text IS NOT new.search_text BEGIN
        INSERT INTO variant_search(variant_search, rowid, search_text)
        VALUES ('delete', old.rowid, old.search_text);
        INSERT INTO variant_search(rowid, search_text) VALUES (new.rowid, new.search_text);
    END;

