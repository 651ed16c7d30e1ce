package testweb

// Hurry makes a window ask once, for tests of what it says when it gives up.
func Hurry(b *Tab) { b.patience = 0 }
