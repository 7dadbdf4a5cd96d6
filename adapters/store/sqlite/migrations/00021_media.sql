-- +goose Up

-- Files: those that came with messages, and uploads. A file that is waiting is
-- fetched from next_at on; one that is being erased is erased from next_at on.
CREATE TABLE media (
    id            text PRIMARY KEY,
    company_id    text NOT NULL,
    connection_id text NOT NULL, -- empty: it was uploaded
    message_id    text NOT NULL, -- empty: no message names it
    state         text NOT NULL,
    source        text NOT NULL,
    told_mime     text NOT NULL,
    mime          text NOT NULL,
    name          text NOT NULL,
    size          integer NOT NULL,
    seconds       integer NOT NULL,
    sha256        text NOT NULL,
    voice         integer NOT NULL,
    cause         text NOT NULL,
    tries         integer NOT NULL,
    next_at       integer NOT NULL,
    give_up_at    integer NOT NULL,
    created_at    integer NOT NULL
) STRICT;
CREATE INDEX media_due ON media (connection_id, next_at) WHERE state = 'waiting';
CREATE INDEX media_messages ON media (message_id, created_at);
CREATE INDEX media_ages ON media (created_at) WHERE state <> 'erasing';
CREATE INDEX media_companies ON media (company_id) WHERE state <> 'erasing';
CREATE INDEX media_erasing ON media (next_at) WHERE state = 'erasing';

-- What a messenger calls an upload that it has.
CREATE TABLE uploads (
    media_id      text NOT NULL,
    connection_id text NOT NULL,
    name          text NOT NULL,
    until         integer NOT NULL,
    PRIMARY KEY (media_id, connection_id)
) STRICT;
CREATE INDEX uploads_until ON uploads (until);
