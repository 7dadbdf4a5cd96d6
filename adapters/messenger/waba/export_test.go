package waba

// ReadsField reports whether changes of the field are read.
func ReadsField(field string) bool { return chatFields[field] || signals[field] != nil }
