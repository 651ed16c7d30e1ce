package handlers

import (
	"strings"
	"time"

	"taphuan/app/attendance"
	"taphuan/app/badge"
	"taphuan/models"
)

// scanPerson is somebody whose badge the trainer's phone knows.
type scanPerson struct {
	EnrolmentID uint64
	Name        string
	Cut         string // of the token: no badge can be made of it
	Mark        models.MarkValue
	At          string // when it was marked, "" without a mark
}

type scanData struct {
	*attendance.Sheet
	People []scanPerson
	Why    string // why nothing can be marked now
}

// scan is the page on which a trainer's phone scans badges, kept like the list for when there is no connection.
func (s *Server) scan(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	c.keep = true
	var d scanData
	if d.Sheet, err = s.attendance.Sheet(c.Ctx(), c.Actor, id); err != nil {
		return err
	}
	if d.Refusal != nil {
		d.Why = c.message(d.Refusal.Code, d.Refusal.Params)
	}
	for _, r := range d.Rows {
		p := scanPerson{EnrolmentID: r.EnrolmentID, Name: r.Name, Cut: badge.Cut(badge.Token(s.Keys, r.EnrolmentID)), Mark: r.Mark}
		if r.MarkedAt != nil {
			p.At = r.MarkedAt.UTC().Format(time.RFC3339Nano)
		}
		d.People = append(d.People, p)
	}
	// The reader of QR codes is WebAssembly where the browser has none of its own.
	c.Header("Content-Security-Policy", strings.Replace(contentPolicy, "script-src 'self'", "script-src 'self' 'wasm-unsafe-eval'", 1))
	return c.Page("checkin/scan", d)
}
