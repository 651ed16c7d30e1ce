package handlers

import (
	"errors"
	"net/http"
	"slices"

	"taphuan/app/errs"
	"taphuan/app/roster"
	"taphuan/models"
	"taphuan/models/viet"
)

// worksheetWords are the words of a worksheet in a language.
func (c *Ctx) worksheetWords() roster.WorksheetWords {
	in := func(key string) string { return c.T("reorganisation.sheet." + key) }
	w := roster.WorksheetWords{Name: in("name"), List: in("list"), Choose: in("choose"), ChooseText: in("choose_text")}
	for i, key := range []string{"key", "full_name", "birth_year", "office", "title", "groups", "to", "new_title", "new_groups", "from"} {
		w.Heads[i] = in(key)
	}
	for _, r := range roster.Left {
		w.Left = append(w.Left, c.T("reorganisation.left_as."+string(r)))
	}
	return w
}

// leftWords gives the reasons for which somebody left by their words in every language: a worksheet may come back to another reader.
func (s *Server) leftWords() map[string]models.EndReason {
	out := map[string]models.EndReason{}
	for _, lang := range []string{"vi", "en"} {
		for _, r := range roster.Left {
			out[viet.Key(s.Words.T(lang, "reorganisation.left_as."+string(r)))] = r
		}
		out[viet.Key(s.Words.T(lang, "reorganisation.left_concurrent"))] = models.EndOther
	}
	return out
}

// worksheetDownload gives the people whom nobody has placed yet as a workbook to be filled.
func (s *Server) worksheetDownload(c *Ctx) error {
	b, err := s.roster.Worksheet(c.Ctx(), c.Actor, c.Param("code"), c.worksheetWords())
	if err != nil {
		return err
	}
	return c.Bytes(typeXLSX, "bo-tri-lai-"+c.Param("code")+".xlsx", b)
}

// worksheetUpload shows what a worksheet that came back would do. Nothing is written and nothing is kept: confirming sends the rows again.
func (s *Server) worksheetUpload(c *Ctx) error {
	read, err := s.readWorksheet(c)
	if err != nil {
		return s.reorganisationRefused(c, nil, err)
	}
	var list []roster.Placement
	for _, x := range read.Rows {
		if x.Refusal == nil {
			list = append(list, x.Placement)
		}
	}
	return s.worksheetChecked(c, list, read.Rows, read.Empty, http.StatusOK)
}

func (s *Server) readWorksheet(c *Ctx) (*roster.SheetRead, error) {
	fh, err := c.FormFile("file")
	var file []byte
	var tooLong *http.MaxBytesError
	switch {
	case errors.As(err, &tooLong) || err == nil && fh.Size > roster.MaxUpload:
		return nil, errs.OnField("file", "file_too_large")
	case errors.Is(err, http.ErrMissingFile) || errors.Is(err, http.ErrNotMultipart):
	case err != nil:
		return nil, errs.Invalid("unreadable_input")
	default:
		if file, err = contents(fh); err != nil {
			return nil, errs.Internal("worksheet", err)
		}
	}
	return s.roster.ReadWorksheet(c.Ctx(), c.Actor, c.Param("code"), file, s.leftWords())
}

// worksheetChecked shows placements in words, those that may be as a form to confirm; read are the rows of the file where there is one.
func (s *Server) worksheetChecked(c *Ctx, list []roster.Placement, read []roster.SheetRow, empty, status int) error {
	d, err := s.reorganisationData(c)
	if err != nil {
		return err
	}
	checked, err := s.roster.CheckPlacements(c.Ctx(), c.Actor, d.Code, list)
	if err != nil {
		return err
	}
	d.Empty = empty
	at := map[uint64]roster.SheetRow{}
	for _, x := range read {
		if x.Refusal == nil {
			at[x.PostingID] = x
			continue
		}
		d.Refused = append(d.Refused, placementRow{Unplaced: roster.Unplaced{FullName: x.Name}, Why: c.message(x.Refusal.Code, x.Refusal.Params), Place: c.T("reorganisation.row", "row", x.Row)})
	}
	names, err := s.groupNames(c)
	if err != nil {
		return err
	}
	for _, x := range checked {
		row := s.checkedRow(c, x, names)
		if from, ok := at[x.Placement.PostingID]; ok {
			row.Place, row.FullName = c.T("reorganisation.row", "row", from.Row), from.Name
		}
		if x.Refusal != nil {
			row.Why = c.message(x.Refusal.Code, x.Refusal.Params)
			d.Refused = append(d.Refused, row)
		} else {
			d.Accepted = append(d.Accepted, row)
		}
	}
	return c.render(status, "reorganisation/preview", c.page(d))
}

// checkedRow says a placement in words.
func (s *Server) checkedRow(c *Ctx, x roster.Checked, names map[string]string) placementRow {
	row := placementRow{Unplaced: x.Unplaced, To: x.To, NewTitle: x.Placement.Title, Chosen: x.Placement.Groups, Where: x.Organisation.Name}
	row.PostingID = x.Placement.PostingID
	if slices.Contains(roster.Left, models.EndReason(x.To)) {
		row.Where = c.T("reorganisation.left_as." + x.To)
		if !x.Main {
			row.Where = c.T("reorganisation.left_concurrent")
		}
		row.NewTitle, row.Chosen = "", nil
	}
	for _, g := range row.Chosen {
		row.GroupNames = append(row.GroupNames, names[g])
	}
	if x.From != 0 {
		row.From = x.From.String()
	}
	return row
}
