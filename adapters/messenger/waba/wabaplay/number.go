package wabaplay

import (
	"net/http"
	"strings"

	"recado/adapters/messenger/simulator"
	"recado/domain"
)

var (
	noNumber = simulator.Refusal{Status: 400, Code: 33, Text: "Unsupported post request. Object does not exist, cannot be loaded due to missing permissions, or does not support this operation"}
	badToken = simulator.Refusal{Status: 401, Code: 190, Text: "Invalid OAuth access token - Cannot parse access token"}
)

// serveNumber shows a phone number to a caller that has its token. An id of a file
// stands in the same place.
func serveNumber(s *simulator.Simulator, w http.ResponseWriter, r *http.Request) {
	number := r.PathValue("number")
	if f := fileOf(number); f != nil {
		showFile(s, w, r, f)
		return
	}
	token, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	switch a := s.Account(domain.WABA, func(a *simulator.Account) bool { return a.Name == number }); {
	case a == nil:
		refuse(w, &noNumber)
	case !a.Accepts(token):
		refuse(w, &badToken)
	default:
		simulator.WriteJSON(w, http.StatusOK, map[string]string{"id": number})
	}
}
