package telegram

// NotClients gives the table of what is no client's message, with the reasons.
func NotClients() map[string]string { return notClients }

// IsBeside reports whether a field of a message is no content of it.
func IsBeside(field string) bool { _, known := beside[field]; return known }

// UpdateKinds gives the kinds of updates that are read.
func UpdateKinds() []string { return updateKinds }
