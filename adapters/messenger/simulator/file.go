package simulator

import (
	"bytes"
	_ "embed"
	"image"
	"image/color"
	"image/png"
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
	Photo = photo(160, 120)
	Voice = &File{Name: "voice", MIME: "audio/ogg", Seconds: 2, Data: recording}
)

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

// photo draws the sun over the sea.
func photo(width, height int) *File {
	picture := image.NewRGBA(image.Rect(0, 0, width, height))
	for y := range height {
		for x := range width {
			picture.Set(x, y, colorAt(x-width/2, y-height/2, height))
		}
	}
	var b bytes.Buffer
	if err := png.Encode(&b, picture); err != nil {
		panic(err) // a buffer takes everything
	}
	return &File{Name: "photo", MIME: "image/png", Width: width, Height: height, Data: b.Bytes()}
}

// colorAt is the color of a point, by its distances from the middle.
func colorAt(x, y, height int) color.RGBA {
	shade := uint8(max(y, -y) * 200 / height) //nolint:gosec // at most 100
	switch {
	case y > 0:
		return color.RGBA{R: 20, G: 90 - shade/2, B: 160 - shade, A: 255}
	case x*x+y*y < height*height/16:
		return color.RGBA{R: 255, G: 220, B: 120, A: 255}
	}
	return color.RGBA{R: 250 - shade, G: 160, B: 120 + shade, A: 255}
}
