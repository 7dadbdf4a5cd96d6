package main

import (
	"context"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"recado/adapters/api/apitest"
)

// A client that is generated from the OpenAPI document alone can do all that a CRM
// needs.
type stranger struct {
	*story
	api *apitest.ClientWithResponses
}

func newStranger(t *testing.T, on string) *stranger {
	s := &stranger{story: newStory(t, on, nil)}
	s.api = s.calling(anaKey)
	return s
}

// calling returns a client with the key, or without one if it is empty.
func (s *stranger) calling(key string) *apitest.ClientWithResponses {
	s.t.Helper()
	api, err := apitest.NewClientWithResponses("http://"+s.public, apitest.WithHTTPClient(client),
		apitest.WithRequestEditorFn(func(_ context.Context, r *http.Request) error {
			if key != "" {
				r.Header.Set("Authorization", "Bearer "+key)
			}
			return nil
		}))
	if err != nil {
		s.t.Fatal(err)
	}
	return api
}

// answer checks the status of a call's answer and returns the answer.
func answer[R interface{ StatusCode() int }](r R, err error) func(*testing.T, int) R {
	return func(t *testing.T, status int) R {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if r.StatusCode() != status {
			t.Fatalf("status %d, want %d: %+v", r.StatusCode(), status, r)
		}
		return r
	}
}

func TestAGeneratedClientIsEnough(t *testing.T) {
	for on := range stores {
		t.Run(on, func(t *testing.T) {
			t.Parallel()
			s := newStranger(t, on)
			s.meetsProblems()
			chat := s.isWrittenTo("16505551234", "Hola")
			s.replies(chat)
			s.blocksAndUnblocks(chat)
			s.needsNoReply(chat)
			s.isWrittenTo("16505550000", "Buenas")
			s.turnsPages(chat)
		})
	}
}

func (s *stranger) meetsProblems() {
	ctx := s.t.Context()
	unknown := answer(s.calling("").ListChatsWithResponse(ctx, nil))(s.t, http.StatusUnauthorized).ApplicationProblemJSON401
	if unknown.Code != "unauthorized" || unknown.Status != http.StatusUnauthorized || unknown.Detail == "" {
		s.t.Errorf("without a key: %+v", unknown)
	}
	missing := answer(s.api.GetChatWithResponse(ctx, "chat_of_nobody"))(s.t, http.StatusNotFound).ApplicationProblemJSON404
	if missing.Code != "not_found" {
		s.t.Errorf("no such chat: %+v", missing)
	}
	limit := int64(0)
	wrong := answer(s.api.ListChatsWithResponse(ctx, &apitest.ListChatsParams{Limit: &limit}))(s.t, http.StatusUnprocessableEntity).ApplicationProblemJSON422
	if wrong.Errors == nil || len(*wrong.Errors) != 1 || (*wrong.Errors)[0].Field != "query.limit" {
		s.t.Errorf("a limit of 0: %+v", wrong)
	}
}

// isWrittenTo lets a client write, and waits until their chat is at the top of the
// list with this one message unanswered.
func (s *stranger) isWrittenTo(peer, text string) apitest.Chat {
	s.t.Helper()
	if status := s.post(textBody("106540352242922", peer, text)); status != http.StatusOK {
		s.t.Fatalf("the webhook is answered %d", status)
	}
	var chat apitest.Chat
	eventually(s.t, "the list begins with the chat of "+peer, 10*time.Second, func() bool {
		page := answer(s.api.ListChatsWithResponse(s.t.Context(), nil))(s.t, http.StatusOK).JSON200
		if len(page.Data) > 0 {
			chat = page.Data[0]
		}
		return chat.PeerID == peer && chat.Unanswered == 1
	})
	if chat.Kind != apitest.ChatKindWaba || chat.LastInboundAt == nil || chat.Blocked != nil || !chat.May.Send {
		s.t.Errorf("the chat of %s: %+v", peer, chat)
	}
	return chat
}

func (s *stranger) replies(chat apitest.Chat) {
	ctx := s.t.Context()
	written := answer(s.api.ListMessagesWithResponse(ctx, chat.ID, nil))(s.t, http.StatusOK).JSON200.Data[0]
	if written.Direction != apitest.MessageDirectionInbound || written.Text != "Hola" || written.Status != nil {
		s.t.Errorf("what was written: %+v", written)
	}
	text, ref := "Buenas, ¿en qué puedo ayudar?", "order/7"
	reply := apitest.Sending{ChatID: &chat.ID, Type: apitest.SendingTypeText, Text: &text, ReplyTo: &written.ID, ClientRef: &ref}

	first := answer(s.api.SendMessageWithResponse(ctx, reply))(s.t, http.StatusAccepted).JSON202
	again := answer(s.api.SendMessageWithResponse(ctx, reply))(s.t, http.StatusOK).JSON200
	if again.ID != first.ID {
		s.t.Errorf("the same client_ref made %s, and then %s", first.ID, again.ID)
	}
	other := "Otra cosa"
	reply.Text = &other
	if p := answer(s.api.SendMessageWithResponse(ctx, reply))(s.t, http.StatusConflict).ApplicationProblemJSON409; p.Code != "client_ref_conflict" {
		s.t.Errorf("the same client_ref with another text: %+v", p)
	}

	var sent *apitest.Message
	eventually(s.t, "the reply is sent", 10*time.Second, func() bool {
		sent = answer(s.api.GetMessageWithResponse(ctx, first.ID))(s.t, http.StatusOK).JSON200
		return sent.Status != nil && *sent.Status == apitest.MessageStatusSent
	})
	if sent.Text != text || *sent.ClientRef != ref || *sent.ReplyTo != *written.ProviderID || sent.SentAt == nil || sent.Failure != nil {
		s.t.Errorf("the reply: %+v", sent)
	}
	if took := s.meta.Sends(); len(took) != 1 || took[0].Text != text {
		s.t.Errorf("the messenger took %+v", took)
	}
}

func (s *stranger) blocksAndUnblocks(chat apitest.Chat) {
	ctx := s.t.Context()
	shut := answer(s.api.BlockChatWithResponse(ctx, chat.ID))(s.t, http.StatusOK).JSON200
	if shut.Blocked == nil || shut.Blocked.By != "ana" || shut.May.Send {
		s.t.Errorf("the blocked chat: %+v", shut)
	}
	text := "¿Sigue ahí?"
	sending := apitest.Sending{ChatID: &chat.ID, Type: apitest.SendingTypeText, Text: &text}
	if p := answer(s.api.SendMessageWithResponse(ctx, sending))(s.t, http.StatusConflict).ApplicationProblemJSON409; p.Code != "chat_blocked" {
		s.t.Errorf("a message to a blocked chat: %+v", p)
	}
	if open := answer(s.api.UnblockChatWithResponse(ctx, chat.ID))(s.t, http.StatusOK).JSON200; open.Blocked != nil || !open.May.Send {
		s.t.Errorf("the unblocked chat: %+v", open)
	}
}

func (s *stranger) needsNoReply(chat apitest.Chat) {
	chat = s.isWrittenTo(chat.PeerID, "Gracias")
	after := answer(s.api.NoReplyNeededWithResponse(s.t.Context(), chat.ID, apitest.NoReply{ThroughSeq: chat.InboundSeq}))(s.t, http.StatusOK).JSON200
	if after.Unanswered != 0 || after.InboundSeq != chat.InboundSeq {
		s.t.Errorf("the chat that needs no reply: %+v", after)
	}
}

// turnsPages reads two chats, and three messages, in two pages each.
func (s *stranger) turnsPages(chat apitest.Chat) {
	ctx, one, two := s.t.Context(), int64(1), int64(2)
	var peers, texts []string
	var next *string
	for range 2 {
		page := answer(s.api.ListChatsWithResponse(ctx, &apitest.ListChatsParams{Limit: &one, Cursor: next}))(s.t, http.StatusOK).JSON200
		for _, c := range page.Data {
			peers = append(peers, c.PeerID)
		}
		next = page.NextCursor
	}
	slices.Sort(peers) // both may have written in the same second
	if diff := cmp.Diff([]string{"16505550000", "16505551234"}, peers); diff != "" || next != nil {
		s.t.Errorf("chats over two pages, then %v (-want +got):\n%s", next, diff)
	}
	for range 2 {
		page := answer(s.api.ListMessagesWithResponse(ctx, chat.ID, &apitest.ListMessagesParams{Limit: &two, Cursor: next}))(s.t, http.StatusOK).JSON200
		for _, m := range page.Data {
			texts = append(texts, m.Text)
		}
		next = page.NextCursor
	}
	slices.Sort(texts)
	if diff := cmp.Diff([]string{"Buenas, ¿en qué puedo ayudar?", "Gracias", "Hola"}, texts); diff != "" || next != nil {
		s.t.Errorf("messages over two pages, then %v (-want +got):\n%s", next, diff)
	}
}
