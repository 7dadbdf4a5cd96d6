package domain

import "context"

// A CredentialChecker is a Connector that can ask its messenger whether it accepts
// the credentials of a connection. One whose Watch asks already needs not be it.
type CredentialChecker interface {
	// CheckCredentials returns the messenger's refusal, or why it could not be asked.
	CheckCredentials(ctx context.Context, c Connection) error
}
