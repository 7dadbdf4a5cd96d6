package domain

import "errors"

var (
	// ErrUnavailable says that a store cannot be reached or does not answer. It is
	// unknown whether the call took effect; retry later.
	ErrUnavailable = errors.New("the store is unavailable")

	// ErrTimeout says that a store did not finish in its time, beside ErrUnavailable:
	// less at once may succeed.
	ErrTimeout = errors.New("the store did not finish in time")

	// ErrTaken says that another worker has applied some webhooks of the batch.
	ErrTaken = errors.New("another worker took the webhooks")

	// ErrAgain asks the store to run the whole transaction again: what it found
	// before the locks is not what it found under them.
	ErrAgain = errors.New("what the updates name has changed; again")
)

// A DataError says that a batch can never be stored, because of its content: the
// caller must find the part that is to blame and park it.
type DataError struct{ Err error }

func (e *DataError) Error() string { return "bad data: " + e.Err.Error() }

// Unwrap returns what was wrong.
func (e *DataError) Unwrap() error { return e.Err }

// A Refusal says why a command was not carried out. Nothing was stored. Its text
// is a code that callers of the API get.
type Refusal string

// The refusals.
const (
	ErrNotFound          Refusal = "not_found" // also what belongs to another company
	ErrChatBlocked       Refusal = "chat_blocked"
	ErrUnsupportedChat   Refusal = "unsupported_chat"
	ErrClientRefConflict Refusal = "client_ref_conflict" // the same client_ref with another content
	ErrNotSentYet        Refusal = "reply_to_not_sent"   // the message replied to has no provider id yet
	ErrNotFailed         Refusal = "retry_of_not_failed" // the message to try again did not fail
	ErrTargetNotSent     Refusal = "message_not_sent"    // nor has the message to act on
	ErrNotEditable       Refusal = "not_editable"        // the message to act on is not the company's, failed, is deleted or has no text

	ErrForbidden           Refusal = "forbidden" // the employee lacks the right
	ErrSubscriptionNotPaid Refusal = "subscription_not_paid"
	ErrTariffNotAllowed    Refusal = "tariff_not_allowed"
	ErrVoiceNotAvailable   Refusal = "voice_not_available_on_tariff"
	ErrUnsupportedType     Refusal = "unsupported_type" // the chat's connection cannot send the type

	ErrTooLong          Refusal = "too_long"           // a text of the message; see Limit
	ErrTooMany          Refusal = "too_many"           // parts of the message
	ErrMediaNotAccepted Refusal = "media_not_accepted" // the messenger does not take such a file

	ErrReplayRuns       Refusal = "replay_runs"      // another replay of the endpoint
	ErrFeedExpired      Refusal = "feed_expired"     // events after the place are deleted, or the place is of another database
	ErrDeclaredInFile   Refusal = "declared_in_file" // only the file of `apply` changes it
	ErrEndpointExists   Refusal = "endpoint_exists"  // also in another company: ids are unique in the installation; or one that ended, for which much still waits
	ErrTooManyEndpoints Refusal = "too_many_endpoints"
	ErrAlreadyDelivered Refusal = "already_delivered"
)

func (r Refusal) Error() string { return string(r) }
