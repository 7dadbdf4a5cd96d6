-- +goose Up

-- The messages that name an upload: when a person is erased, a file goes that was sent
-- to nobody else. The column begins with {"id":"med_ and 26 characters.
CREATE INDEX messages_uploads ON messages (substr(media, 8, 30)) WHERE substr(media, 8, 4) = 'med_';
