package simulator

import (
	_ "embed"
	"net/http"
	"strconv"
)

// A File is what a person sends beside words.
type File struct {
	Name          string // of the file's sort: "photo" or "voice"
	MIME          string
	Seconds       int // that it plays
	Width, Height int // of a photo
	Data          []byte
}

// Photo and Voice are the files that people send. They are the same in every run, so
// that a Player needs to remember none.
var (
	Photo = &File{Name: "photo", MIME: "image/png", Width: 160, Height: 120, Data: sunset}
	Voice = &File{Name: "voice", MIME: "audio/ogg", Seconds: 2, Data: recording}
)

// sunset is the sun over the sea.
//
//go:embed photo.png
var sunset []byte

// recording is a tone of two seconds: Opus in OGG, made by ffmpeg.
//
//go:embed voice.ogg
var recording []byte

// FileNamed returns the file of that name, or nil.
func FileNamed(name string) *File {
	for _, f := range []*File{Photo, Voice} {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Write answers a call with the bytes of the file.
func (f *File) Write(w http.ResponseWriter, mime string) {
	w.Header().Set("Content-Type", mime)
	w.Header().Set("Content-Length", strconv.Itoa(len(f.Data)))
	_, _ = w.Write(f.Data) // a caller that left needs no answer
}
