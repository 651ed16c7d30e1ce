package attendance

import "taphuan/models"

// Holds gives which of the events holds, and which other one disputes it, -1 for none.
func Holds(events []models.MarkEvent) (holds, disputes int) {
	i := current(events)
	return i, disputed(events, i)
}

// Waiting counts the batches that nobody writes yet.
func (s *Service) Waiting() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.waiting)
}

// Taken says whether somebody writes, and whoever waited is among what is being written.
func (s *Service) Taken() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.recording && len(s.waiting) == 0
}
