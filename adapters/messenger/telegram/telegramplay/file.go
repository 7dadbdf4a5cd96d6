package telegramplay

import (
	"net/http"
	"strings"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

// fileID begins the file_id of what people send; the file's name follows.
const fileID = "AgACAgQAAxkBAAI_"

// folder begins the file_path.
const folder = "files/"

// carry puts a file of a person into a message, whose text is then the caption.
func (m *message) carry(f *simulator.File) {
	described := &file{ID: fileID + f.Name, Unique: "AQAD" + f.Name, Size: int64(len(f.Data)), Width: f.Width, Height: f.Height}
	if f == simulator.Voice {
		described.MIME, described.Duration = f.MIME, &f.Seconds
		m.Voice = described
	} else {
		m.Photo = []*file{described} // Telegram names no type of a photo
	}
	m.Caption, m.Text = m.Text, ""
}

// query answers to a method that makes no message.
func query(method string, fields map[string]string) (any, *simulator.Refusal) {
	if method == "getFile" {
		return getFile(fields)
	}
	return change(method, fields)
}

// getFile says where a file is.
func getFile(fields map[string]string) (any, *simulator.Refusal) {
	name, ok := strings.CutPrefix(fields["file_id"], fileID)
	f := simulator.FileNamed(name)
	if !ok || f == nil {
		return nil, badRequest("wrong file_id or the file is temporarily unavailable")
	}
	return map[string]any{
		"file_id": fields["file_id"], "file_unique_id": "AQAD" + name, "file_size": len(f.Data), "file_path": folder + name,
	}, nil
}

// serveFile gives an owner, whose token stands behind the prefix, the bytes of a file.
// Like Telegram it names no type of them.
func serveFile(s *simulator.Simulator, kind domain.Kind, prefix string, w http.ResponseWriter, r *http.Request) {
	token, isOwner := strings.CutPrefix(r.PathValue("owner"), prefix)
	name, inFolder := strings.CutPrefix(r.PathValue("path"), folder)
	f := simulator.FileNamed(name)
	a := s.Account(kind, func(a *simulator.Account) bool { return a.Accepts(token) })
	if !isOwner || !inFolder || f == nil || a == nil {
		unknown(w, r)
		return
	}
	f.Write(w, domain.Binary)
}
