package console

import (
	"fmt"
	"testing"
	"time"

	"recado/domain"
)

// A reply shows what it answers and who said it, however old that is: at once, live, and
// after a reload.
func TestAReplyShowsWhatItAnswers(t *testing.T) {
	o := newOffice(t)
	luz := o.client(botLine, "700123", "Luz")
	old := luz.sends(48*time.Hour, luz.arrived("¿Cuánto cuesta?"))
	erased := luz.isAnswered("leo", domain.SendRequested{Text: "Un error"})
	luz.accepts(erased)
	luz.report(domain.MessageDeleted{ProviderID: "out-" + domain.ProviderID(erased.ID)})
	for i := range messagesAtOnce + 5 {
		luz.sends(24*time.Hour-time.Duration(i)*time.Minute, luz.arrived(fmt.Sprint("Mensaje ", i)))
	}
	b := o.as("ana")
	b.opens("Luz")
	b.seesNo("#" + string(old.ID))
	theirs, gone := luz.arrived("Aún no sé el precio"), luz.arrived("¿Qué error?")
	theirs.ReplyTo, gone.ReplyTo = old.ProviderID, "out-"+domain.ProviderID(erased.ID)
	quotes := map[domain.MessageID][]string{
		luz.sends(0, theirs).ID: {"Luz", "¿Cuánto cuesta?"},
		luz.isAnswered("leo", domain.SendRequested{Text: "Desde 45 €", ReplyTo: old.ID}).ID: {"Luz", "¿Cuánto cuesta?"},
		luz.sends(0, gone).ID: {"Leo", "Mensaje eliminado"},
	}
	for id, texts := range quotes {
		b.sees("#"+string(id)+" .quote", texts...)
	}
	b.goes("/chat/c/" + string(luz.chat().ID))
	for id, texts := range quotes {
		b.sees("#"+string(id)+" .quote", texts...)
	}
}
