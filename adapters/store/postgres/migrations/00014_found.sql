-- +goose NO TRANSACTION
-- +goose Up

-- The list of chats with messages that nobody answered, of a company and of one
-- connection. waiting_since is 0 when there is none. It changes with the first
-- unanswered message and with an answer: a message between leaves the indexes alone.
DROP INDEX CONCURRENTLY IF EXISTS chats_unanswered;
CREATE INDEX CONCURRENTLY chats_unanswered ON chats (('unanswered ' || company_id), listed) WHERE waiting_since <> 0;
DROP INDEX CONCURRENTLY IF EXISTS chats_connection_unanswered;
CREATE INDEX CONCURRENTLY chats_connection_unanswered ON chats (('unanswered ' || company_id || ' ' || connection_id), listed) WHERE waiting_since <> 0;

-- The list of those that are blocked had the same first column as that of all.
DROP INDEX CONCURRENTLY IF EXISTS chats_company_blocked;
CREATE INDEX CONCURRENTLY chats_company_blocked ON chats (('blocked ' || company_id), listed) WHERE blocked_at <> 0;
DROP INDEX CONCURRENTLY IF EXISTS chats_blocked;

-- The words by which a chat is found, with blanks between them; empty: not written
-- yet, which Trim does.
ALTER TABLE chats ADD COLUMN IF NOT EXISTS words text COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE chats ALTER COLUMN words SET STATISTICS 10;
DROP INDEX CONCURRENTLY IF EXISTS chats_unindexed;
CREATE INDEX CONCURRENTLY chats_unindexed ON chats (words, id) WHERE words <= '';

-- Each of these words. Of the chats with a word, the newest stands first.
CREATE TABLE IF NOT EXISTS chat_words (
    company_id text COLLATE "C" NOT NULL,
    word       text COLLATE "C" NOT NULL,
    chat_id    text COLLATE "C" NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS chat_words_find ON chat_words (company_id, word, chat_id DESC);

-- The words of a chat change with its names, which is seldom: the statements that
-- write chats need not know of them.
-- +goose StatementBegin
CREATE OR REPLACE FUNCTION index_chat() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        DELETE FROM chat_words
        WHERE company_id = OLD.company_id AND word = ANY (string_to_array(OLD.words, ' ')) AND chat_id = OLD.id;
    END IF;
    IF TG_OP <> 'DELETE' THEN
        INSERT INTO chat_words SELECT NEW.company_id, word, NEW.id FROM unnest(string_to_array(NEW.words, ' ')) word
        ON CONFLICT DO NOTHING;
    END IF;
    RETURN NULL;
END $$;
-- +goose StatementEnd
CREATE OR REPLACE TRIGGER index_chat AFTER INSERT OR DELETE ON chats FOR EACH ROW EXECUTE FUNCTION index_chat();
CREATE OR REPLACE TRIGGER index_chat_again AFTER UPDATE OF words ON chats
    FOR EACH ROW WHEN (OLD.words <> NEW.words) EXECUTE FUNCTION index_chat();
