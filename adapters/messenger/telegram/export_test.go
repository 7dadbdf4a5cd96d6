package telegram

// NotClients gives the table of what is no client's message, with the reasons.
func NotClients() map[string]string { return notClients }
