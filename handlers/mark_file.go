package handlers

import (
	"context"
	"encoding/json"
	"strings"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/errs"
)

// queueFile is what a phone waits to send, as a file (see static/ts/lib/wire.ts).
type queueFile struct {
	Format  string            `json:"format"`
	Version int               `json:"version"`
	Account string            `json:"account_name"`
	Names   map[string]string `json:"names"` // by uid
	sentBatch
}

type markFileData struct {
	Of      string // whose phone it was
	File    string
	Done    bool
	Taken   int // stored or known already
	Results []markFileResult
}

// markFileResult is what became of one thing of a file that was not simply stored.
type markFileResult struct {
	Name   string
	Status attendance.Status
	Why    string
}

// markFile asks for a file of marks that a phone could not send.
func (s *Server) markFile(c *Ctx) error { return c.Page("attendance/file", markFileData{}) }

// markFileTake stores the marks of such a file as if the phone had sent them, and says what became of each. A file that is read twice
// counts once.
func (s *Server) markFileTake(c *Ctx) error {
	var d markFileData
	var f queueFile
	err := s.uploaded(c, func(_ context.Context, _ access.Actor, name string, b []byte) error {
		d.File = name
		if json.Unmarshal(b, &f) != nil || f.Format != "taphuan-marks" {
			return errs.OnField("file", "mark_file")
		}
		if f.Version != 1 {
			return errs.OnField("file", "mark_file_version")
		}
		return nil
	})
	if err != nil {
		return c.Invalid("attendance/file", d, err)
	}
	var fates []apiFate
	for _, part := range toBatch(f.sentBatch).Parts() {
		out, err := s.attendance.Record(c.Ctx(), c.Actor, part)
		if err != nil {
			return err
		}
		fates = append(append(fates, c.fates(out.WalkIns)...), c.fates(out.Marks)...)
	}
	d.Done, d.Of = true, f.Account
	for _, fate := range fates {
		switch fate.Status {
		case attendance.Stored, attendance.Repeated:
			d.Taken++
			continue
		case attendance.Held:
			fate.Message = c.T("attendance.held")
		}
		name := strings.TrimSpace(f.Names[fate.UID])
		if name == "" {
			name = fate.UID
		}
		d.Results = append(d.Results, markFileResult{name, fate.Status, fate.Message})
	}
	return c.Page("attendance/file", d)
}
