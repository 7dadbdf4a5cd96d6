package waha

import (
	"errors"
	"regexp"

	"recado/domain"
)

var (
	sessionPattern = regexp.MustCompile(`^[A-Za-z0-9_-]{1,54}$`) // what WAHA takes
	methodPath     = regexp.MustCompile(`(?i)/(api|dashboard)(/|$)`)
)

func checkSession(text string) error {
	if !sessionPattern.MatchString(text) {
		return errors.New("must be the name of the session in WAHA: 1 to 54 of A-Z a-z 0-9 _ -")
	}
	return nil
}

// checkBaseURL finds the URL of a method, or of the dashboard, in the place of WAHA's.
func checkBaseURL(text string) error {
	if methodPath.MatchString(text) {
		return errors.New("must be the URL of WAHA, such as http://waha:3000, without /api and what follows")
	}
	return domain.CheckBaseURL(text)
}
