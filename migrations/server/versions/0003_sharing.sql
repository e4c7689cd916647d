-- A schema that was made since the column was declared has it from the start.

ALTER TABLE stock_location ADD COLUMN IF NOT EXISTS is_sharing boolean NOT NULL DEFAULT false;

