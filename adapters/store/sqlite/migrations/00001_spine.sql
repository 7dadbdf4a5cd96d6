-- +goose Up

-- Times are Unix milliseconds; 0 is "never". Text compares by bytes.
-- Lists are JSON. A number that names a row is never given again: whoever still
-- holds it must not find another's row under it.

-- What operators declare.

CREATE TABLE companies (
    id        text PRIMARY KEY,
    name      text NOT NULL,
    time_zone text NOT NULL
) STRICT;

CREATE TABLE subscriptions (
    id           text PRIMARY KEY,
    company_id   text NOT NULL REFERENCES companies,
    kind         text NOT NULL,
    tariff       text NOT NULL,
    paid_until   text NOT NULL, -- a date in the company's zone
    trial_until  text NOT NULL,
    dialog_limit integer NOT NULL, -- -1: as the tariff says
    count_mode   text NOT NULL,
    waba_dialogs integer NOT NULL, -- bought in all
    UNIQUE (company_id, kind)
) STRICT;

CREATE TABLE hooks (
    id      text PRIMARY KEY,
    kind    text NOT NULL,
    secrets blob NOT NULL -- sealed
) STRICT;

CREATE TABLE connections (
    id         text PRIMARY KEY,
    company_id text NOT NULL REFERENCES companies,
    kind       text NOT NULL,
    hook_id    text NOT NULL REFERENCES hooks,
    account    text NOT NULL,
    settings   blob NOT NULL, -- sealed
    status     text NOT NULL DEFAULT 'ok', -- what the company was told
    cause      text NOT NULL DEFAULT '',   -- JSON: why it is suspended; or empty
    send_after integer NOT NULL DEFAULT 0, -- the messenger wants nothing before
    UNIQUE (hook_id, account)  -- a webhook finds one connection
) STRICT;

CREATE TABLE employees (
    id         text PRIMARY KEY,
    company_id text NOT NULL REFERENCES companies,
    name       text NOT NULL,
    role       text NOT NULL,
    rights     text NOT NULL,
    service    integer NOT NULL,
    key_hash   blob UNIQUE -- SHA-256 of the API key
) STRICT;

CREATE TABLE endpoints (
    id           text PRIMARY KEY,
    company_id   text NOT NULL REFERENCES companies,
    url          text NOT NULL,
    secret       blob NOT NULL, -- sealed
    previous     blob NOT NULL, -- sealed; signs too while a secret rotates
    events       text NOT NULL,
    status       text NOT NULL DEFAULT 'ok',
    failures     integer NOT NULL DEFAULT 0, -- in a row
    paused_since integer NOT NULL DEFAULT 0,
    probe_at     integer NOT NULL DEFAULT 0,
    last_success integer NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX endpoints_company ON endpoints (company_id);

-- What comes in.

CREATE TABLE inbox (
    id          integer PRIMARY KEY AUTOINCREMENT,
    lane        integer NOT NULL,
    hook_id     text NOT NULL,
    kind        text NOT NULL,
    received_at integer NOT NULL,
    body        blob NOT NULL
) STRICT;
CREATE INDEX inbox_lane ON inbox (lane, id);

CREATE TABLE parked (
    id         integer PRIMARY KEY AUTOINCREMENT,
    hook_id    text NOT NULL,
    kind       text NOT NULL,
    account    text NOT NULL,
    body       blob NOT NULL,
    error      text NOT NULL,
    at         integer NOT NULL,
    expires_at integer NOT NULL
) STRICT;
CREATE INDEX parked_account ON parked (hook_id, account);
CREATE INDEX parked_expires ON parked (expires_at);

-- The state of every chat.

CREATE TABLE chats (
    id              text PRIMARY KEY,
    company_id      text NOT NULL,
    connection_id   text NOT NULL,
    kind            text NOT NULL,
    peer_id         text NOT NULL,
    moved_to        text NOT NULL DEFAULT '', -- where the messenger moved the peer, one of its aliases
    is_group        integer NOT NULL DEFAULT 0,
    title           text NOT NULL DEFAULT '',
    phone           text NOT NULL DEFAULT '',
    username        text NOT NULL DEFAULT '',
    contact_at      integer NOT NULL DEFAULT 0,
    created_at      integer NOT NULL,
    seq             integer NOT NULL DEFAULT 0, -- raised under the row's lock, never a sequence
    last_inbound_at integer NOT NULL DEFAULT 0,
    inbound_seq     integer NOT NULL DEFAULT 0,
    answered_seq    integer NOT NULL DEFAULT 0,
    answered_at     integer NOT NULL DEFAULT 0,
    unanswered      integer NOT NULL DEFAULT 0,
    waiting_since   integer NOT NULL DEFAULT 0,
    dialogs         text NOT NULL DEFAULT '', -- JSON of this month's and the last, or empty
    paid            text NOT NULL DEFAULT '', -- JSON of the last paid dialog, or empty
    price_due_at    integer NOT NULL DEFAULT 0, -- it is reserved, and settled then at the latest
    blocked_by      text NOT NULL DEFAULT '',
    blocked_at      integer NOT NULL DEFAULT 0,
    UNIQUE (connection_id, peer_id)
) STRICT;
CREATE INDEX chats_price ON chats (price_due_at) WHERE price_due_at <> 0;
CREATE INDEX chats_list ON chats (company_id, last_inbound_at DESC, created_at DESC, id DESC);

CREATE TABLE aliases (
    connection_id text NOT NULL,
    peer_id       text NOT NULL,
    chat_id       text NOT NULL,
    PRIMARY KEY (connection_id, peer_id)
) STRICT;

CREATE TABLE messages (
    id            text PRIMARY KEY,
    chat_id       text NOT NULL,
    connection_id text NOT NULL,
    company_id    text NOT NULL,
    seq           integer NOT NULL,
    direction     text NOT NULL,
    origin        text NOT NULL,
    employee_id   text NOT NULL,
    type          text NOT NULL,
    text          text NOT NULL,
    media         text NOT NULL, -- JSON, or empty
    template      text NOT NULL, -- JSON, or empty
    provider_id   text NOT NULL,
    reply_to      text NOT NULL,
    client_ref    text NOT NULL,
    at            integer NOT NULL,
    inbound_seq   integer NOT NULL,
    answers_seq   integer NOT NULL,
    status        text NOT NULL,
    failure       text NOT NULL, -- JSON, or empty
    sent_at       integer NOT NULL,
    delivered_at  integer NOT NULL,
    read_at       integer NOT NULL,
    failed_at     integer NOT NULL,
    edited_at     integer NOT NULL,
    deleted_at    integer NOT NULL,
    reactions     text NOT NULL  -- JSON, or empty
) STRICT;
CREATE UNIQUE INDEX messages_provider ON messages (connection_id, provider_id) WHERE provider_id <> ''; -- drops a webhook's repeats
CREATE INDEX messages_chat ON messages (chat_id, at, id);

-- How many dialogs of the chats are outgoing in a month, or paid for WABA.
-- Locked after chats, before messages.
CREATE TABLE dialog_counts (
    subscription_id text NOT NULL,
    month           text NOT NULL, -- in the company's zone: 2026-01; empty: the paid ones, which know no month
    used            integer NOT NULL DEFAULT 0,
    reserved        integer NOT NULL DEFAULT 0, -- of the paid ones, those that wait for a price
    told            text NOT NULL DEFAULT '', -- levels of limits that the company knows: " 80/50"
    PRIMARY KEY (subscription_id, month)
) STRICT, WITHOUT ROWID;

-- The way out: a row while a message is queued, and no longer.
CREATE TABLE outbox (
    message_id    text PRIMARY KEY,
    connection_id text NOT NULL,
    chat_id       text NOT NULL,
    seq           integer NOT NULL, -- messages of a chat go in this order
    accepted_at   integer NOT NULL,
    attempts      integer NOT NULL,
    attempt_at    integer NOT NULL, -- an attempt is open
    next_at       integer NOT NULL,
    unknown_at    integer NOT NULL  -- it may have left: waits for evidence, not sent again
) STRICT;
CREATE INDEX outbox_connection ON outbox (connection_id, message_id);
CREATE INDEX outbox_chat ON outbox (chat_id, seq);

-- A company's own name of a message, remembered for seven days.
CREATE TABLE client_refs (
    company_id text NOT NULL,
    client_ref text NOT NULL,
    message_id text NOT NULL,
    asked      text NOT NULL,
    at         integer NOT NULL,
    PRIMARY KEY (company_id, client_ref)
) STRICT;
CREATE INDEX client_refs_at ON client_refs (at);

-- Updates that named a message not known yet.
CREATE TABLE orphans (
    connection_id text NOT NULL,
    provider_id   text NOT NULL,
    digest        text NOT NULL,
    kind          text NOT NULL,
    fact          blob NOT NULL,
    at            integer NOT NULL,
    received_at   integer NOT NULL,
    kept_at       integer NOT NULL DEFAULT (CAST(unixepoch('subsec') * 1000 AS integer)),
    PRIMARY KEY (connection_id, provider_id, digest)
) STRICT;
CREATE INDEX orphans_kept ON orphans (kept_at);

-- What CRMs are told.

CREATE TABLE events (
    id         text PRIMARY KEY,
    company_id text NOT NULL,
    chat_id    text NOT NULL,
    seq        integer NOT NULL,
    type       text NOT NULL,
    at         integer NOT NULL,
    body       blob NOT NULL -- the envelope as it is sent
) STRICT;
CREATE INDEX events_at ON events (at);

CREATE TABLE deliveries (
    id          integer PRIMARY KEY AUTOINCREMENT, -- deliveries of one chat go in this order
    endpoint_id text NOT NULL,
    event_id    text NOT NULL,
    chat_id     text NOT NULL,
    created_at  integer NOT NULL,
    state       text NOT NULL DEFAULT 'due',
    attempts    integer NOT NULL DEFAULT 0, -- that failed
    attempt_at  integer NOT NULL DEFAULT 0, -- an attempt is open
    next_at     integer NOT NULL DEFAULT 0,
    failed_at   integer NOT NULL DEFAULT 0,
    refused_ms  integer NOT NULL DEFAULT 0, -- while its endpoint took others
    done_at     integer NOT NULL DEFAULT 0,
    last_error  text NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX deliveries_due ON deliveries (endpoint_id, id) WHERE state = 'due';
CREATE INDEX deliveries_failing ON deliveries (endpoint_id, chat_id) WHERE state = 'due' AND attempts > 0;
CREATE INDEX deliveries_parked ON deliveries (created_at) WHERE state = 'parked';
CREATE INDEX deliveries_created ON deliveries (created_at);

-- Who works on what.

CREATE TABLE processes (
    id      text PRIMARY KEY,
    beat_at integer NOT NULL
) STRICT;

CREATE TABLE leases (
    lane     text PRIMARY KEY,
    owner    text NOT NULL DEFAULT '', -- empty: free
    taken_at integer NOT NULL DEFAULT 0
) STRICT;

-- +goose Down
DROP TABLE processes;
DROP TABLE leases;
DROP TABLE deliveries;
DROP TABLE events;
DROP TABLE orphans;
DROP TABLE client_refs;
DROP TABLE outbox;
DROP TABLE dialog_counts;
DROP TABLE messages;
DROP TABLE aliases;
DROP TABLE chats;
DROP TABLE parked;
DROP TABLE inbox;
DROP TABLE endpoints;
DROP TABLE employees;
DROP TABLE connections;
DROP TABLE hooks;
DROP TABLE subscriptions;
DROP TABLE companies;
