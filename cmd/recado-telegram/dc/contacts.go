package dc

import (
	"strings"
	"time"

	"github.com/gotd/td/bin"
	"github.com/gotd/td/tg"
	"github.com/gotd/td/tgerr"
	"github.com/gotd/td/tgtest"
)

func resolvePhone(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.ContactsResolvePhoneRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	if r.Phone != AnaPhone {
		return nil, tgerr.New(400, "PHONE_NOT_OCCUPIED")
	}
	return &tg.ContactsResolvedPeer{Peer: &tg.PeerUser{UserID: Ana}, Users: []tg.UserClass{user(Ana)}}, nil
}

func resolveUsername(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.ContactsResolveUsernameRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	if r.Username != user(Ana).Username {
		return nil, tgerr.New(400, "USERNAME_NOT_OCCUPIED")
	}
	return &tg.ContactsResolvedPeer{Peer: &tg.PeerUser{UserID: Ana}, Users: []tg.UserClass{user(Ana)}}, nil
}

// importContacts finds Shy, who is found in no other way.
func importContacts(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.ContactsImportContactsRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	made := &tg.ContactsImportedContacts{}
	for _, c := range r.Contacts {
		switch strings.TrimPrefix(c.Phone, "+") {
		case ShyPhone:
			made.Imported = append(made.Imported, tg.ImportedContact{UserID: Shy, ClientID: c.ClientID})
			made.Users = append(made.Users, user(Shy))
		case LaterPhone:
			made.RetryContacts = append(made.RetryContacts, c.ClientID)
		}
	}
	return made, nil
}

func deleteContacts(req *tgtest.Request) (bin.Encoder, error) {
	var r tg.ContactsDeleteContactsRequest
	if err := r.Decode(req.Buf); err != nil {
		return nil, err
	}
	return &tg.Updates{Date: int(time.Now().Unix())}, nil
}
