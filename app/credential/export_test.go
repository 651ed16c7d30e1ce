package credential

// What tests look at from outside.
var (
	Claims    = claims
	Narrative = narrative
	Encode    = encode
)
