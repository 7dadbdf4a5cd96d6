package domain

import (
	"mime"
	"path"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Binary is the media type of bytes of which nothing is known, or which are not to be
// opened where they are shown.
const Binary = "application/octet-stream"

// containers are what a sniffer says of formats that it knows by their wrapping only:
// the type that was told is better.
var containers = []string{Binary, "application/zip", "application/gzip", "application/x-ole-storage", "application/ogg"}

// runnable lists media types of files that a browser or a system runs, beside those
// that end in +xml.
var runnable = []string{
	"text/html", "text/xml", "application/xml", "text/css",
	"text/javascript", "application/javascript", "application/ecmascript",
	"application/x-elf", "application/x-executable", "application/x-sharedlib", "application/x-object",
	"application/vnd.microsoft.portable-executable", "application/x-msdownload", "application/x-dosexec", "application/x-mach-binary",
	"application/jar", "application/java-archive", "application/x-java-applet", "application/x-chrome-extension", "application/wasm",
	"application/x-shockwave-flash", "application/x-sh", "application/x-shellscript", "application/x-ms-shortcut", "application/hta",
	"text/x-shellscript", "text/x-php", "text/x-python", "text/x-perl", "text/x-lua", "text/x-tcl", "text/x-ruby", "application/x-php",
}

// MediaType returns the media type of a file: what its bytes say, unless they say less
// than the sender told. A file that a browser or a system would run is Binary. Told may
// be empty or no media type at all; sniffed is what a library found in the bytes.
func MediaType(told, sniffed string) string {
	found, parameters := parseMediaType(sniffed)
	claim, claimed := parseMediaType(told)
	switch {
	case isRunnable(found):
		return Binary
	case claim == "" || isRunnable(claim):
	case claim == found, slices.Contains(containers, found),
		found == "text/plain" && strings.HasPrefix(claim, "text/"),
		"audio/"+strings.TrimPrefix(found, "video/") == claim: // a container of films that holds sound alone
		found, parameters = claim, claimed
	}
	if found == "" {
		return Binary
	}
	return mime.FormatMediaType(found, parameters)
}

// parseMediaType returns the parts of a media type; empty: it is none.
func parseMediaType(text string) (base string, parameters map[string]string) {
	base, parameters, err := mime.ParseMediaType(text)
	if kind, sub, ok := strings.Cut(base, "/"); err != nil || !ok || kind == "" || sub == "" || len(text) > 255 {
		return "", nil
	}
	return base, parameters
}

func isRunnable(base string) bool {
	return strings.HasSuffix(base, "+xml") || slices.Contains(runnable, base)
}

// shown are the pictures that a browser shows and cannot be made to run.
var shown = []string{"image/png", "image/jpeg", "image/gif", "image/webp"}

// ShownInline reports whether a page may show a file of the media type; others are only
// to be saved.
func ShownInline(mediaType string) bool {
	base, _ := parseMediaType(mediaType)
	return slices.Contains(shown, base) || strings.HasPrefix(base, "audio/") || strings.HasPrefix(base, "video/")
}

// maxFileName is the longest name of a file, in bytes: what file systems take.
const maxFileName = 255

// FileName returns the name that a sender gave to a file without what could mislead a
// program or a person: folders, control characters, marks that turn the direction of
// writing. It is empty if nothing is left.
func FileName(told string) string {
	name := strings.ToValidUTF8(told, "")
	name = path.Base(strings.ReplaceAll(name, `\`, "/"))
	name = strings.Map(func(r rune) rune {
		if unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Co) {
			return -1
		}
		return r
	}, name)
	if extension := path.Ext(name); len(name) > maxFileName && len(extension) <= 16 {
		name = cut(strings.TrimSuffix(name, extension), maxFileName-len(extension)) + extension
	}
	name = strings.TrimSpace(cut(name, maxFileName))
	if strings.Trim(name, "./") == "" {
		return ""
	}
	return name
}

// cut returns the beginning of a text: at most n bytes, in whole characters.
func cut(text string, n int) string {
	if len(text) <= n {
		return text
	}
	for n > 0 && !utf8.RuneStart(text[n]) {
		n--
	}
	return text[:n]
}
