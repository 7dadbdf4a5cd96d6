package gateway

import (
	"context"
	"encoding/json"
	"net/http"
	"strconv"
	"strings"
	"time"

	"recado/cmd/recado-telegram/mtproto"
)

// A method answers a call of Recado with its result.
type method func(ctx context.Context, a *Account, p *parameters) (any, *mtproto.Error)

var methods = map[string]method{
	"sendMessage":  send(text),
	"sendPhoto":    send(file("photo")),
	"sendVideo":    send(file("video")),
	"sendAudio":    send(file("audio")),
	"sendVoice":    send(file("voice")),
	"sendDocument": send(file("document")),
	"sendLocation": send(location),
	"sendVenue":    send(venue),
	"sendContact":  send(contact),
	"editMessageText": func(ctx context.Context, a *Account, p *parameters) (any, *mtproto.Error) {
		return edit(ctx, a, p, p.Text)
	},
	"editMessageCaption": func(ctx context.Context, a *Account, p *parameters) (any, *mtproto.Error) {
		return edit(ctx, a, p, p.Caption)
	},
	"deleteMessage": func(ctx context.Context, a *Account, p *parameters) (any, *mtproto.Error) {
		return true, a.Delete(ctx, p.chat(), p.Message)
	},
	"setMessageReaction": func(ctx context.Context, a *Account, p *parameters) (any, *mtproto.Error) {
		emoji := ""
		for _, s := range p.Reaction {
			emoji = s.Emoji
		}
		return true, a.React(ctx, p.chat(), p.Message, emoji)
	},
	"getFile": func(_ context.Context, _ *Account, p *parameters) (any, *mtproto.Error) {
		if p.FileID == "" || strings.ContainsAny(p.FileID, "/?#") {
			return nil, &mtproto.Error{Code: http.StatusBadRequest, Type: "FILE_ID_INVALID"}
		}
		return map[string]any{"file_id": p.FileID, "file_unique_id": p.FileID, "file_path": p.FileID}, nil
	},
	"getAccount": func(ctx context.Context, a *Account, _ *parameters) (any, *mtproto.Error) { return info(ctx, a) },
}

func edit(ctx context.Context, a *Account, p *parameters, text string) (any, *mtproto.Error) {
	if failed := a.Edit(ctx, p.chat(), p.Message, text); failed != nil {
		return nil, failed
	}
	return map[string]any{"message_id": p.Message, "date": time.Now().Unix(), "chat": map[string]any{"id": p.chat(), "type": "private"}, "text": text}, nil
}

// info is how the account fares.
func info(ctx context.Context, a *Account) (any, *mtproto.Error) {
	s, err := a.Status(ctx)
	if err != nil {
		return nil, mtproto.ErrorOf(err)
	}
	answer := map[string]any{"status": s.Status, "since": s.At, "pending_update_count": s.Waiting}
	if s.Reason != "" {
		answer["reason"] = s.Reason
	}
	if s.User.ID != 0 {
		answer["user"] = map[string]any{"id": s.User.ID, "is_bot": false, "first_name": s.User.First}
	}
	if s.Waiting > 0 && a.lastError != nil {
		if last := a.lastError(); last != "" {
			answer["last_error_message"] = last
		}
	}
	return answer, nil
}

func writeJSON(w http.ResponseWriter, status int, answer any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer) // who went away needs no answer
}

// writeError writes an error as the contract says.
func writeError(w http.ResponseWriter, e *mtproto.Error) {
	parameters := map[string]any{"mtproto": e.Type}
	if e.RetryAfter > 0 {
		parameters["retry_after"] = e.RetryAfter
		w.Header().Set("Retry-After", strconv.Itoa(e.RetryAfter))
	}
	if e.Scope != "" {
		parameters["scope"] = e.Scope
	}
	if e.MigrateTo != 0 {
		parameters["migrate_to_chat_id"] = e.MigrateTo
	}
	writeJSON(w, e.Code, map[string]any{"ok": false, "error_code": e.Code, "description": e.Error(), "parameters": parameters})
}
