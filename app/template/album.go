package template

import (
	"fmt"
	"sync"

	"taphuan/app/paper"
)

// reduce gives a picture with as many pixels as a box of w by h points on a page needs.
type reduce func(sum string, p paper.Picture, w, h float64) (paper.Picture, error)

func reduced(_ string, p paper.Picture, w, h float64) (paper.Picture, error) {
	return p.Reduced(w, h, pixels/most[Image])
}

// album keeps pictures as layouts that are being edited show them: the editor asks for the page with every key that is pressed, and to
// make a large picture small takes longer than all else on the page. One is made at a time.
type album struct {
	mu   sync.Mutex
	made map[string]paper.Picture
	keys []string // the oldest first
}

// leaves is how many pictures an album keeps: those of a few layouts.
const leaves = 48

func (a *album) reduced(sum string, p paper.Picture, w, h float64) (paper.Picture, error) {
	a.mu.Lock()
	defer a.mu.Unlock()
	key := fmt.Sprintf("%s %g %g", sum, w, h)
	if small, ok := a.made[key]; ok {
		return small, nil
	}
	small, err := reduced(sum, p, w, h)
	if err != nil {
		return small, err
	}
	if a.made == nil {
		a.made = map[string]paper.Picture{}
	}
	if len(a.keys) == leaves {
		delete(a.made, a.keys[0])
		a.keys = append(a.keys[:0], a.keys[1:]...)
	}
	a.made[key], a.keys = small, append(a.keys, key)
	return small, nil
}
