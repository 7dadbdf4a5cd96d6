package domain

// A Secret is a credential. It prints as [secret] everywhere; the one way to its
// text is the conversion string(s).
type Secret string

// String hides the text.
func (Secret) String() string { return "[secret]" }

// GoString hides the text.
func (Secret) GoString() string { return "[secret]" }

// MarshalText hides the text.
func (Secret) MarshalText() ([]byte, error) { return []byte("[secret]"), nil }
