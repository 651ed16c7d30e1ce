package testweb

import "time"

// Hurry makes a window give up soon, for tests of what it says when it does.
func Hurry(b *Tab) { b.patience = 2 * time.Second }
