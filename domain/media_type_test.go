package domain

import (
	"strings"
	"testing"
)

func TestMediaType(t *testing.T) {
	const docx = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
	tests := []struct{ name, told, sniffed, want string }{
		{"the bytes decide", "image/jpeg", "image/png", "image/png"},
		{"nothing was told", "", "application/pdf", "application/pdf"},
		{"nonsense was told", "picture\r\nX: y", "image/png", "image/png"},
		{"neither is known", "", Binary, Binary},
		{"nothing was found", "", "", Binary},
		{"bytes without a mark are what was told", "application/x-tgsticker", "application/gzip", "application/x-tgsticker"},
		{"a ZIP may be a document", docx, "application/zip", docx},
		{"an old document of Office", "application/msword", "application/x-ole-storage", "application/msword"},
		{"text may be a kind of text", "text/markdown", "text/plain; charset=utf-8", "text/markdown"},
		{"text is no picture", "image/png", "text/plain; charset=utf-8", "text/plain; charset=utf-8"},
		{"parameters stay", "audio/ogg; codecs=opus", "audio/ogg", "audio/ogg; codecs=opus"},
		{"sound in a container of films", "audio/webm; codecs=opus", "video/webm", "audio/webm; codecs=opus"},
		{"Safari's recording", "audio/mp4", "video/mp4", "audio/mp4"},
		{"sound in OGG", "audio/ogg", "application/ogg", "audio/ogg"},
		{"a film is no sound of another container", "audio/ogg", "video/mp4", "video/mp4"},
		{"HTML that is told to be a picture", "image/png", "text/html; charset=utf-8", Binary},
		{"SVG", "image/svg+xml", "image/svg+xml", Binary},
		{"XML", "", "text/xml; charset=utf-8", Binary},
		{"a program", "image/png", "application/vnd.microsoft.portable-executable", Binary},
		{"a script in plain text", "text/javascript", "text/plain; charset=utf-8", "text/plain; charset=utf-8"},
		{"HTML that the bytes do not show", "text/html", Binary, Binary},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := MediaType(tt.told, tt.sniffed); got != tt.want {
				t.Errorf("told %q, sniffed %q: %q, want %q", tt.told, tt.sniffed, got, tt.want)
			}
		})
	}
}

func TestShownInline(t *testing.T) {
	for mediaType, want := range map[string]bool{
		"image/png": true, "image/jpeg": true, "image/gif": true, "image/webp": true,
		"audio/ogg; codecs=opus": true, "video/mp4": true,
		"image/svg+xml": false, "text/html": false, "text/plain": false, "application/pdf": false, Binary: false, "": false, "image": false,
	} {
		if got := ShownInline(mediaType); got != want {
			t.Errorf("%q: %t", mediaType, got)
		}
	}
}

func TestFileName(t *testing.T) {
	long := strings.Repeat("ñ", 200)
	tests := []struct{ name, told, want string }{
		{"a plain one", "Factura 12.pdf", "Factura 12.pdf"},
		{"any script", "发票.pdf", "发票.pdf"},
		{"folders", "../../etc/passwd", "passwd"},
		{"folders of Windows", `C:\Users\ana\..\photo.jpg`, "photo.jpg"},
		{"NUL and lines", "a\x00b\r\nc.txt", "abc.txt"},
		{"a mark that turns the writing", "invoice\u202Efdp.exe", "invoicefdp.exe"},
		{"bytes that are no text", "caf\xe9.txt", "caf.txt"},
		{"only dots", "..", ""},
		{"only a slash", "/", ""},
		{"nothing", "", ""},
		{"too long: its ending stays", long + ".pdf", long[:250] + ".pdf"},
		{"too long without an ending", long, long[:254]},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			if got := FileName(tt.told); got != tt.want {
				t.Errorf("%q: %q, want %q", tt.told, got, tt.want)
			}
		})
	}
}
