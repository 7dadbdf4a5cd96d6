-- +goose Up

-- Times are Unix milliseconds; 0 is "never". Text keys compare by bytes
-- (COLLATE "C"), so that their order is the same in every installation.

-- +goose StatementBegin
CREATE FUNCTION now_ms() RETURNS bigint LANGUAGE sql STABLE PARALLEL SAFE AS -- STABLE: an index is used to compare with it
$$ SELECT (extract(epoch FROM statement_timestamp()) * 1000)::bigint $$;
-- +goose StatementEnd

-- What operators declare.

CREATE TABLE companies (
    id        text COLLATE "C" PRIMARY KEY,
    name      text NOT NULL,
    time_zone text NOT NULL
);

CREATE TABLE subscriptions (
    id           text COLLATE "C" PRIMARY KEY,
    company_id   text COLLATE "C" NOT NULL REFERENCES companies,
    kind         text NOT NULL,
    tariff       text NOT NULL,
    paid_until   text NOT NULL, -- a date in the company's zone
    trial_until  text NOT NULL,
    dialog_limit bigint NOT NULL, -- -1: as the tariff says
    count_mode   text NOT NULL,
    waba_dialogs bigint NOT NULL, -- bought in all
    UNIQUE (company_id, kind)
);

CREATE TABLE hooks (
    id      text COLLATE "C" PRIMARY KEY,
    kind    text NOT NULL,
    secrets bytea NOT NULL -- sealed
);

CREATE TABLE connections (
    id         text COLLATE "C" PRIMARY KEY,
    company_id text COLLATE "C" NOT NULL REFERENCES companies,
    kind       text NOT NULL,
    hook_id    text COLLATE "C" NOT NULL REFERENCES hooks,
    account    text COLLATE "C" NOT NULL,
    settings   bytea NOT NULL, -- sealed
    status     text NOT NULL DEFAULT 'ok', -- what the company was told
    cause      text NOT NULL DEFAULT '',   -- JSON: why it is suspended; or empty
    send_after bigint NOT NULL DEFAULT 0, -- the messenger wants nothing before
    UNIQUE (hook_id, account)  -- a webhook finds one connection
);

CREATE TABLE employees (
    id         text COLLATE "C" PRIMARY KEY,
    company_id text COLLATE "C" NOT NULL REFERENCES companies,
    name       text NOT NULL,
    role       text NOT NULL,
    rights     text[] NOT NULL,
    service    boolean NOT NULL,
    key_hash   bytea UNIQUE -- SHA-256 of the API key
);

CREATE TABLE endpoints (
    id           text COLLATE "C" PRIMARY KEY,
    company_id   text COLLATE "C" NOT NULL REFERENCES companies,
    url          text NOT NULL,
    secret       bytea NOT NULL, -- sealed
    previous     bytea NOT NULL, -- sealed; signs too while a secret rotates
    events       text[] NOT NULL,
    status       text NOT NULL DEFAULT 'ok',
    failures     bigint NOT NULL DEFAULT 0, -- in a row
    paused_since bigint NOT NULL DEFAULT 0,
    probe_at     bigint NOT NULL DEFAULT 0,
    last_success bigint NOT NULL DEFAULT 0
);
CREATE INDEX endpoints_company ON endpoints (company_id);

-- What comes in.

CREATE TABLE inbox (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    lane        smallint NOT NULL,
    hook_id     text COLLATE "C" NOT NULL,
    kind        text NOT NULL,
    received_at bigint NOT NULL,
    body        bytea NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_cost_delay = 0); -- a queue: all of it dies soon
CREATE INDEX inbox_lane ON inbox (lane, id);

CREATE TABLE parked (
    id         bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    hook_id    text COLLATE "C" NOT NULL,
    kind       text NOT NULL,
    account    text COLLATE "C" NOT NULL,
    body       bytea NOT NULL,
    error      text NOT NULL,
    at         bigint NOT NULL,
    expires_at bigint NOT NULL
);
CREATE INDEX parked_account ON parked (hook_id, account);
CREATE INDEX parked_expires ON parked (expires_at);

-- The state of every chat.

CREATE TABLE chats (
    id              text COLLATE "C" PRIMARY KEY,
    company_id      text COLLATE "C" NOT NULL,
    connection_id   text COLLATE "C" NOT NULL,
    kind            text NOT NULL,
    peer_id         text COLLATE "C" NOT NULL,
    moved_to        text COLLATE "C" NOT NULL DEFAULT '', -- where the messenger moved the peer, one of its aliases
    is_group        boolean NOT NULL DEFAULT false,
    title           text NOT NULL DEFAULT '',
    phone           text NOT NULL DEFAULT '',
    username        text NOT NULL DEFAULT '',
    contact_at      bigint NOT NULL DEFAULT 0,
    created_at      bigint NOT NULL,
    seq             bigint NOT NULL DEFAULT 0, -- raised under the row's lock, never a sequence
    last_inbound_at bigint NOT NULL DEFAULT 0,
    inbound_seq     bigint NOT NULL DEFAULT 0,
    answered_seq    bigint NOT NULL DEFAULT 0,
    answered_at     bigint NOT NULL DEFAULT 0,
    unanswered      bigint NOT NULL DEFAULT 0,
    waiting_since   bigint NOT NULL DEFAULT 0,
    dialogs         text NOT NULL DEFAULT '', -- JSON of this month's and the last, or empty
    paid            text NOT NULL DEFAULT '', -- JSON of the last paid dialog, or empty
    price_due_at    bigint NOT NULL DEFAULT 0, -- it is reserved, and settled then at the latest
    blocked_by      text NOT NULL DEFAULT '',
    blocked_at      bigint NOT NULL DEFAULT 0,
    UNIQUE (connection_id, peer_id)
) WITH (fillfactor = 80);
CREATE INDEX chats_price ON chats (price_due_at) WHERE price_due_at <> 0;
CREATE INDEX chats_list ON chats (company_id, last_inbound_at DESC, created_at DESC, id DESC);

CREATE TABLE aliases (
    connection_id text COLLATE "C" NOT NULL,
    peer_id       text COLLATE "C" NOT NULL,
    chat_id       text COLLATE "C" NOT NULL,
    PRIMARY KEY (connection_id, peer_id)
);

CREATE TABLE messages (
    id            text COLLATE "C" PRIMARY KEY,
    chat_id       text COLLATE "C" NOT NULL,
    connection_id text COLLATE "C" NOT NULL,
    company_id    text COLLATE "C" NOT NULL,
    seq           bigint NOT NULL,
    direction     text NOT NULL,
    origin        text NOT NULL,
    employee_id   text NOT NULL,
    type          text NOT NULL,
    text          text NOT NULL,
    media         text NOT NULL, -- JSON, or empty
    template      text NOT NULL, -- JSON, or empty
    provider_id   text COLLATE "C" NOT NULL,
    reply_to      text NOT NULL,
    client_ref    text NOT NULL,
    at            bigint NOT NULL,
    inbound_seq   bigint NOT NULL,
    answers_seq   bigint NOT NULL,
    status        text NOT NULL,
    failure       text NOT NULL, -- JSON, or empty
    sent_at       bigint NOT NULL,
    delivered_at  bigint NOT NULL,
    read_at       bigint NOT NULL,
    failed_at     bigint NOT NULL,
    edited_at     bigint NOT NULL,
    deleted_at    bigint NOT NULL,
    reactions     text NOT NULL  -- JSON, or empty
) WITH (fillfactor = 85); -- statuses rewrite rows in their page, no index changes with them
CREATE UNIQUE INDEX messages_provider ON messages (connection_id, provider_id) WHERE provider_id <> ''; -- drops a webhook's repeats
CREATE INDEX messages_chat ON messages (chat_id, at, id);

-- How many dialogs of the chats are outgoing in a month, or paid for WABA.
-- Locked after chats, before messages.
CREATE TABLE dialog_counts (
    subscription_id text COLLATE "C" NOT NULL,
    month           text COLLATE "C" NOT NULL, -- in the company's zone: 2026-01; empty: the paid ones, which know no month
    used            bigint NOT NULL DEFAULT 0,
    reserved        bigint NOT NULL DEFAULT 0, -- of the paid ones, those that wait for a price
    told            text NOT NULL DEFAULT '', -- levels of limits that the company knows: " 80/50"
    PRIMARY KEY (subscription_id, month)
) WITH (fillfactor = 50);

-- The way out: a row while a message is queued, and no longer.
CREATE TABLE outbox (
    message_id    text COLLATE "C" PRIMARY KEY,
    connection_id text COLLATE "C" NOT NULL,
    chat_id       text COLLATE "C" NOT NULL,
    seq           bigint NOT NULL, -- messages of a chat go in this order
    accepted_at   bigint NOT NULL,
    attempts      bigint NOT NULL,
    attempt_at    bigint NOT NULL, -- an attempt is open
    next_at       bigint NOT NULL,
    unknown_at    bigint NOT NULL  -- it may have left: waits for evidence, not sent again
) WITH (fillfactor = 70);
CREATE INDEX outbox_connection ON outbox (connection_id, message_id);
CREATE INDEX outbox_chat ON outbox (chat_id, seq);

-- A company's own name of a message, remembered for seven days.
CREATE TABLE client_refs (
    company_id text COLLATE "C" NOT NULL,
    client_ref text COLLATE "C" NOT NULL,
    message_id text COLLATE "C" NOT NULL,
    asked      text NOT NULL,
    at         bigint NOT NULL,
    PRIMARY KEY (company_id, client_ref)
);
CREATE INDEX client_refs_at ON client_refs (at);

-- Updates that named a message not known yet.
CREATE TABLE orphans (
    connection_id text COLLATE "C" NOT NULL,
    provider_id   text COLLATE "C" NOT NULL,
    digest        text COLLATE "C" NOT NULL,
    kind          text NOT NULL,
    fact          bytea NOT NULL,
    at            bigint NOT NULL,
    received_at   bigint NOT NULL,
    kept_at       bigint NOT NULL DEFAULT now_ms(),
    PRIMARY KEY (connection_id, provider_id, digest)
);
CREATE INDEX orphans_kept ON orphans (kept_at);

-- What CRMs are told.

CREATE TABLE events (
    id         text COLLATE "C" PRIMARY KEY,
    company_id text COLLATE "C" NOT NULL,
    chat_id    text COLLATE "C" NOT NULL,
    seq        bigint NOT NULL,
    type       text NOT NULL,
    at         bigint NOT NULL,
    body       bytea NOT NULL -- the envelope as it is sent
);
CREATE INDEX events_at ON events (at);

CREATE TABLE deliveries (
    id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, -- deliveries of one chat go in this order
    endpoint_id text COLLATE "C" NOT NULL,
    event_id    text COLLATE "C" NOT NULL,
    chat_id     text COLLATE "C" NOT NULL,
    created_at  bigint NOT NULL,
    state       text NOT NULL DEFAULT 'due',
    attempts    bigint NOT NULL DEFAULT 0, -- that failed
    attempt_at  bigint NOT NULL DEFAULT 0, -- an attempt is open
    next_at     bigint NOT NULL DEFAULT 0,
    failed_at   bigint NOT NULL DEFAULT 0,
    refused_ms  bigint NOT NULL DEFAULT 0, -- while its endpoint took others
    done_at     bigint NOT NULL DEFAULT 0,
    last_error  text NOT NULL DEFAULT ''
) WITH (fillfactor = 80, autovacuum_vacuum_scale_factor = 0.02);
CREATE INDEX deliveries_due ON deliveries (endpoint_id, id) WHERE state = 'due';
CREATE INDEX deliveries_failing ON deliveries (endpoint_id, chat_id) WHERE state = 'due' AND attempts > 0;
CREATE INDEX deliveries_parked ON deliveries (created_at) WHERE state = 'parked';
CREATE INDEX deliveries_created ON deliveries (created_at);

-- Who works on what.

CREATE TABLE processes (
    id      text COLLATE "C" PRIMARY KEY,
    beat_at bigint NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE leases (
    lane     text COLLATE "C" PRIMARY KEY,
    owner    text COLLATE "C" NOT NULL DEFAULT '', -- empty: free
    taken_at bigint NOT NULL DEFAULT 0
) WITH (fillfactor = 50);

-- +goose Down
DROP TABLE leases, processes, deliveries, events, orphans, client_refs, outbox, dialog_counts, messages, aliases, chats,
    parked, inbox, endpoints, employees, connections, hooks, subscriptions, companies;
DROP FUNCTION now_ms();
