-- Commits up to log_from are kept as the last image of each row only: whoever stands before it
-- starts over. The owner moves it.

ALTER TABLE sync_head ADD COLUMN log_from bigint NOT NULL DEFAULT 0;

