package waba

import (
	"errors"
	"regexp"

	"recado/domain"
)

var idPattern = regexp.MustCompile(`^[0-9]{1,20}$`)

// checkPhoneNumberID finds a phone number in the place of its id.
func checkPhoneNumberID(text string) error {
	if !idPattern.MatchString(text) {
		return errors.New("must be Meta's phone number ID, which is digits only; it is not the phone number")
	}
	return nil
}

// methodPath matches the path of a method, which begins with the id of a number.
var methodPath = regexp.MustCompile(`/([0-9]{6,}|messages)(/|$)`)

// checkBaseURL finds the URL of a method in the place of the API's.
func checkBaseURL(text string) error {
	if methodPath.MatchString(text) {
		return errors.New("must be the URL of the API, such as " + defaultBaseURL + ", without a phone number ID and a method")
	}
	return domain.CheckBaseURL(text)
}
