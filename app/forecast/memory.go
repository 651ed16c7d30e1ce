package forecast

import "sync"

// memory keeps the latest outlooks by all that they hang on, so that it need not hear of any change: a forecast is looked at more often than figures,
// courses and the day change.
type memory struct {
	mu    sync.Mutex
	found map[setting]Outlook
}

// manyFound is how many outlooks are kept, each with its setting some 4 KB.
const manyFound = 500

// look is the function of this name, without trying anew what is known. Its marks are shared, and nobody writes to them.
func (m *memory) look(q Question, h History) Outlook {
	x := q.setting(h)
	m.mu.Lock()
	o, ok := m.found[x]
	m.mu.Unlock()
	if !ok {
		o = try(&x)
		m.mu.Lock()
		if m.found == nil || len(m.found) >= manyFound {
			m.found = map[setting]Outlook{}
		}
		m.found[x] = o
		m.mu.Unlock()
	}
	o.History = h
	return o
}
