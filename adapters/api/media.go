package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humahttprouter"

	"recado/domain"
)

type (
	uploadInput struct {
		As   string `query:"as" enum:"voice" doc:"voice: make a voice message of a browser's recording, in WebM, OGG or, with RECADO_FFMPEG, MP4."`
		Name string `query:"name" maxLength:"1024" pattern:"^[^\\x00]*$" doc:"The name of a file that is the body. A form has it beside its file."`
		exchange
	}
	uploadOutput struct{ Body upload }

	fileInput struct {
		ID domain.MediaID `path:"id" maxLength:"64" pattern:"^[!-~]+$"`
		exchange
	}
	fileOutput struct{ Body func(huma.Context) }
)

// An exchange is a request and its answer, for a call that reads or writes more than
// JSON. Its context is the request's own: files take longer than callTimeout.
type exchange struct {
	request *http.Request
	writer  http.ResponseWriter
}

// Resolve implements huma.Resolver.
func (x *exchange) Resolve(ctx huma.Context) []error {
	x.request, x.writer, _ = humahttprouter.Unwrap(ctx)
	return nil
}

// An upload in an answer.
type upload struct {
	ID      domain.MediaID `json:"id" doc:"Name it in a message. A file that no message names is deleted after a day."`
	MIME    string         `json:"mime" doc:"As its bytes say; application/octet-stream for what a browser would run."`
	Name    *string        `json:"name"`
	Size    int64          `json:"size" doc:"In bytes."`
	SHA256  string         `json:"sha256"`
	Seconds *int64         `json:"seconds" doc:"How long a voice message plays; null for other files."`
	Voice   bool           `json:"voice" doc:"Whether every messenger takes it as a voice message: a recording of one channel."`
}

func (a *API) registerMedia(h huma.API) {
	binary := &huma.Schema{Type: huma.TypeString, Format: "binary"}
	register(a, h, huma.Operation{
		OperationID: "upload-media", Method: http.MethodPost, Path: "/v1/media",
		Summary:     "Upload a file, to send it in a message",
		Description: "The file is the body, or the one file of a form.", DefaultStatus: http.StatusCreated,
		Errors: append([]int{http.StatusTooManyRequests}, bodyErrors...),
	}, requireRight(domain.WriteChats, a.uploadMedia))
	h.OpenAPI().Paths["/v1/media"].Post.RequestBody = &huma.RequestBody{ // after huma registered the call: it would read the body
		Required: true, Content: map[string]*huma.MediaType{
			domain.Binary: {Schema: binary},
			"multipart/form-data": {Schema: &huma.Schema{
				Type: huma.TypeObject, Properties: map[string]*huma.Schema{"file": binary}, Required: []string{"file"},
			}},
		},
	}
	file := map[string]*huma.MediaType{"*/*": {Schema: binary}}
	download := huma.Operation{
		OperationID: "get-media", Method: http.MethodGet, Path: "/v1/media/{id}",
		Summary:     "Download a file",
		Description: "Supports Range and If-None-Match. A file is stored for 90 days.",
		Errors:      []int{http.StatusNotFound, http.StatusConflict, http.StatusGone, http.StatusRequestedRangeNotSatisfiable},
		Responses: map[string]*huma.Response{
			"200": {Description: "The file", Content: file},
			"206": {Description: "The part of the file that Range names", Content: file},
			"304": {Description: "The caller has the file already"},
		},
	}
	look := download
	look.OperationID, look.Method, look.Summary = "head-media", http.MethodHead, "Ask how a file would be downloaded, without its bytes"
	look.Responses = map[string]*huma.Response{"200": {Description: "As the download, without a body"}, "304": download.Responses["304"]}
	for _, o := range []huma.Operation{download, look} {
		register(a, h, o, requireRight(domain.ReadChats, a.getMedia))
	}
}

// uploadMedia handles POST /v1/media.
func (a *API) uploadMedia(_ context.Context, e domain.Employee, in *uploadInput) (*uploadOutput, error) {
	m, err := a.Files.Receive(in.writer, in.request, e.Company, in.As == "voice")
	if err != nil {
		return nil, err
	}
	return &uploadOutput{upload{m.ID, m.MIME, orNull(m.Name), m.Size, m.SHA, orNull(m.Seconds), m.Voice}}, nil
}

// getMedia handles GET and HEAD of /v1/media/{id}.
func (a *API) getMedia(_ context.Context, e domain.Employee, in *fileInput) (*fileOutput, error) {
	return &fileOutput{func(ctx huma.Context) {
		if err := a.Files.Serve(in.writer, in.request, e.Company, in.ID); err != nil {
			a.problem(ctx.Operation().OperationID, err).write(in.writer)
		}
	}}, nil
}
