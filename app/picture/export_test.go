package picture

// Hold takes the turn until the function that it gives is called.
func (r *Renderer) Hold() func() {
	r.turn <- struct{}{}
	return func() { <-r.turn }
}

// Runs says whether PDFium is there.
func (r *Renderer) Runs() bool {
	defer r.Hold()()
	return r.pool != nil
}

// PutAway does what falls due when nobody has asked for a while.
func (r *Renderer) PutAway() { r.putAway() }

// Forget drops the pictures that were remembered.
func (r *Renderer) Forget() { r.recent = nil }

// Compiled says whether what is compiled can be kept in the folder.
func Compiled(dir string) bool { return compiled(dir) != nil }
