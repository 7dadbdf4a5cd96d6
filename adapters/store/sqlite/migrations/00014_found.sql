-- +goose Up

-- The list of chats with messages that nobody answered, of a company and of one
-- connection. waiting_since is 0 when there is none.
CREATE INDEX chats_unanswered ON chats ('unanswered ' || company_id, listed) WHERE waiting_since <> 0;
CREATE INDEX chats_connection_unanswered ON chats ('unanswered ' || company_id || ' ' || connection_id, listed) WHERE waiting_since <> 0;

-- The list of those that are blocked had the same first column as that of all.
CREATE INDEX chats_company_blocked ON chats ('blocked ' || company_id, listed) WHERE blocked_at <> 0;
DROP INDEX chats_blocked;

-- The words by which a chat is found, with blanks between them; empty: not written
-- yet, which Trim does.
ALTER TABLE chats ADD COLUMN words text NOT NULL DEFAULT '';
CREATE INDEX chats_unindexed ON chats (words, id) WHERE words <= '';

-- Each of these words. Of the chats with a word, the newest stands first.
CREATE TABLE chat_words (
    company_id text NOT NULL,
    word       text NOT NULL,
    chat_id    text NOT NULL,
    PRIMARY KEY (company_id, word, chat_id DESC)
) STRICT, WITHOUT ROWID;

-- The words of a chat change with its names, which is seldom: the statements that
-- write chats need not know of them.
-- +goose StatementBegin
CREATE TRIGGER index_chat AFTER INSERT ON chats WHEN NEW.words <> '' BEGIN
    INSERT OR IGNORE INTO chat_words
    SELECT NEW.company_id, value, NEW.id FROM json_each('["' || replace(NEW.words, ' ', '","') || '"]');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER index_chat_again AFTER UPDATE OF words ON chats WHEN OLD.words <> NEW.words BEGIN
    DELETE FROM chat_words
    WHERE company_id = OLD.company_id AND chat_id = OLD.id AND word IN (SELECT value FROM json_each('["' || replace(OLD.words, ' ', '","') || '"]'));
    INSERT OR IGNORE INTO chat_words
    SELECT NEW.company_id, value, NEW.id FROM json_each('["' || replace(NEW.words, ' ', '","') || '"]');
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER index_chat_no_more AFTER DELETE ON chats WHEN OLD.words <> '' BEGIN
    DELETE FROM chat_words
    WHERE company_id = OLD.company_id AND chat_id = OLD.id AND word IN (SELECT value FROM json_each('["' || replace(OLD.words, ' ', '","') || '"]'));
END;
-- +goose StatementEnd
