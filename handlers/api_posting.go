package handlers

import (
	"net/http"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/models"
)

// apiHireInput is somebody new with a first posting.
type apiHireInput struct {
	Name         string     `json:"name" binding:"required,max=400"`
	Born         string     `json:"born" binding:"max=40"` // a day or a year
	Sex          models.Sex `json:"sex" binding:"max=10"`
	NationalID   string     `json:"national_id" binding:"max=60"`
	Phone        string     `json:"phone" binding:"max=60"`
	Email        string     `json:"email" binding:"max=200"`
	Organisation string     `json:"organisation" binding:"required,max=40"` // code
	Line         string     `json:"line" binding:"max=40"`                  // code of the professional line's organisation
	Title        string     `json:"title" binding:"required,max=400"`
	Groups       []string   `json:"groups" binding:"max=20,dive,max=40"` // codes
	From         models.Day `json:"from"`
	To           models.Day `json:"to"`  // the first day no longer there; null where that is not known
	New          bool       `json:"new"` // somebody else than those who are known by that name and birth
}

func (s *Server) apiHire(c *Ctx) error {
	var in apiHireInput
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	id, _, err := s.roster.Hire(c.Ctx(), c.Actor, roster.HireInput{
		Typed: roster.Typed{Name: in.Name, Born: in.Born, NationalID: in.NationalID, Phone: in.Phone, Email: in.Email}, Sex: in.Sex, New: in.New,
		ChangeInput: roster.ChangeInput{Organisation: in.Organisation, Line: in.Line, Title: in.Title, Groups: in.Groups, From: in.From, To: in.To}})
	if err != nil {
		return err
	}
	return s.apiCadreNow(c, id)
}

// apiChangeInput is a change of somebody's postings; which fields count depends on the kind.
type apiChangeInput struct {
	Kind         roster.ChangeKind `json:"kind" binding:"required,max=20"` // hire, transfer, change, end, concurrent, leave, correct, remove, correct_leave, remove_leave
	Version      int               `json:"version" binding:"min=0"`        // of the postings that were looked at
	PostingID    uint64            `json:"posting_id"`                     // change, end, leave, correct, remove
	LeaveID      uint64            `json:"leave_id"`                       // correct_leave, remove_leave
	Organisation string            `json:"organisation" binding:"max=40"`
	Line         string            `json:"line" binding:"max=40"`
	Title        string            `json:"title" binding:"max=400"`
	Groups       []string          `json:"groups" binding:"max=20,dive,max=40"`
	From         models.Day        `json:"from"`
	To           models.Day        `json:"to"`                      // the first day no longer there
	Reason       models.EndReason  `json:"reason" binding:"max=20"` // of an end: retired, moved_away, died, other
	Leave        models.LeaveKind  `json:"leave" binding:"max=20"`  // maternity, sick, secondment, study
	Note         string            `json:"note" binding:"max=1000"` // corrections want one
}

func (s *Server) apiChange(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var in apiChangeInput
	if err := c.BindJSON(&in); err != nil {
		return err
	}
	err = s.roster.Change(c.Ctx(), c.Actor, id, roster.ChangeInput{Kind: in.Kind, Version: in.Version, PostingID: in.PostingID, LeaveID: in.LeaveID, Organisation: in.Organisation, Line: in.Line,
		Title: in.Title, Groups: in.Groups, From: in.From, To: in.To, Reason: in.Reason, Leave: in.Leave, Note: in.Note})
	if err != nil {
		return err
	}
	return s.apiCadreNow(c, id)
}

// apiCadreNow answers with the cadre as a change has left it: nothing but the id where the actor does not see the cadre any more.
func (s *Server) apiCadreNow(c *Ctx, id uint64) error {
	d, err := s.roster.Cadre(c.Ctx(), c.Actor, access.RosterRead, id)
	if errs.Is(err, "not_found") {
		d, err = &roster.CadreDetail{Cadre: models.Cadre{ID: id}}, nil
	}
	if err != nil {
		return err
	}
	return c.OK(http.StatusCreated, toAPICadre(d))
}
