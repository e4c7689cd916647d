-- What a picture is as a whole. Images leave these columns out where they have their default, so
-- that no digest changes. Tenants made from now on have the columns from the start.

ALTER TABLE media ADD COLUMN IF NOT EXISTS blob text COLLATE "C" NOT NULL DEFAULT '';

ALTER TABLE media ADD COLUMN IF NOT EXISTS blob_bytes bigint NOT NULL DEFAULT 0;

ALTER TABLE media ADD COLUMN IF NOT EXISTS blob_type text COLLATE "C" NOT NULL DEFAULT '';

