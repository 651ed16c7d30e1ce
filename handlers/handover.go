package handlers

import (
	"strconv"

	"taphuan/app/certificate"
	"taphuan/app/file"
	"taphuan/models"
)

type handoverForm struct {
	ReceivedBy string     `form:"received_by" binding:"max=1000"`
	Day        models.Day `form:"received_day"`
	GivenBy    string     `form:"given_by" binding:"max=1000"`
}

func (f handoverForm) input(ids []uint64) certificate.HandoverInput {
	return certificate.HandoverInput{IDs: ids, ReceivedBy: f.ReceivedBy, Day: f.Day, GivenBy: f.GivenBy}
}

type handoverData struct {
	Course models.Course
	Rows   []certificate.Handover
	Done   int
	Form   handoverForm
	ticked map[uint64]bool
}

// Ticked says whether a row was ticked in the form that comes back.
func (d handoverData) Ticked(id uint64) bool { return d.ticked[id] }

func (s *Server) handoverData(c *Ctx) (handoverData, error) {
	d := handoverData{ticked: map[uint64]bool{}, Form: handoverForm{Day: c.Today(), GivenBy: c.Actor.Name}}
	id, err := c.ID("id")
	if err != nil {
		return d, err
	}
	st, err := s.certificate.Standing(c.Ctx(), c.Actor, id)
	if err != nil {
		return d, err
	}
	d.Course = st.Course
	d.Rows, err = s.certificate.Handovers(c.Ctx(), c.Actor, id)
	for _, r := range d.Rows {
		if r.ReceivedDay != 0 {
			d.Done++
		}
	}
	return d, err
}

func handoverPath(course uint64) string {
	return "/courses/" + strconv.FormatUint(course, 10) + "/handover"
}

// handover shows which certificates of a course were handed over on paper.
func (s *Server) handover(c *Ctx) error {
	d, err := s.handoverData(c)
	if err != nil {
		return err
	}
	return c.Page("signing/handover", d)
}

// handoverSave records that the ticked certificates were handed over.
func (s *Server) handoverSave(c *Ctx) error {
	return s.handoverAct(c, "signing.handed_over", func(f handoverForm, ids []uint64) (int, error) {
		return s.certificate.HandOver(c.Ctx(), c.Actor, f.input(ids))
	})
}

// handoverScan keeps a scan as evidence of the ticked certificates.
func (s *Server) handoverScan(c *Ctx) error {
	return s.handoverAct(c, "signing.scan_kept", func(_ handoverForm, ids []uint64) (int, error) {
		scan, err := scanOf(c)
		if err != nil {
			return 0, err
		}
		if scan == nil {
			scan = &file.Upload{}
		}
		return s.certificate.AttachScan(c.Ctx(), c.Actor, ids, *scan)
	})
}

func (s *Server) handoverAct(c *Ctx, done string, act func(f handoverForm, ids []uint64) (int, error)) error {
	d, err := s.handoverData(c)
	if err != nil {
		return err
	}
	var f struct {
		handoverForm
		IDs []uint64 `form:"id"`
	}
	n := 0
	if err = c.BindForm(&f); err == nil {
		n, err = act(f.handoverForm, f.IDs)
	}
	if err != nil {
		d.Form = f.handoverForm
		for _, id := range f.IDs {
			d.ticked[id] = true
		}
		return c.Invalid("signing/handover", d, err)
	}
	return c.Done(handoverPath(d.Course.ID), done, "n", n)
}

// receipts gives the list on which people sign for what they receive: for the ticked certificates, or for all.
func (s *Server) receipts(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	var f selection
	if err := c.BindForm(&f); err != nil {
		return err
	}
	ids, err := f.chosen()
	if err != nil {
		return err
	}
	b, name, err := s.certificate.Receipts(c.Ctx(), c.Actor, id, ids)
	if err != nil {
		return err
	}
	return c.Bytes("application/pdf", name, b)
}

// certificatePrint gives one certificate for the printer.
func (s *Server) certificatePrint(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	b, name, err := s.certificate.Print(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.Bytes("application/pdf", name, b)
}

// certificateHandOver records that one certificate was handed over.
func (s *Server) certificateHandOver(c *Ctx) error {
	return s.certificatePaper(c, "signing.handed_over_one", func(d certificateData) (certificateData, error) {
		err := c.BindForm(&d.HandoverForm)
		if err == nil {
			_, err = s.certificate.HandOver(c.Ctx(), c.Actor, d.HandoverForm.input([]uint64{d.ID}))
		}
		return d, err
	})
}

// certificateHandOverUndo takes that back.
func (s *Server) certificateHandOverUndo(c *Ctx) error {
	return s.certificatePaper(c, "signing.handover_undone", func(d certificateData) (certificateData, error) {
		return d, s.certificate.UndoHandOver(c.Ctx(), c.Actor, d.ID)
	})
}

// certificateScan keeps a scan of one certificate.
func (s *Server) certificateScan(c *Ctx) error {
	return s.certificatePaper(c, "signing.scan_kept_one", func(d certificateData) (certificateData, error) {
		scan, err := scanOf(c)
		if scan == nil {
			scan = &file.Upload{}
		}
		if err == nil {
			_, err = s.certificate.AttachScan(c.Ctx(), c.Actor, []uint64{d.ID}, *scan)
		}
		return d, err
	})
}

func (s *Server) certificatePaper(c *Ctx, done string, act func(d certificateData) (certificateData, error)) error {
	d, err := s.certificateData(c)
	if err != nil {
		return err
	}
	if d, err = act(d); err != nil {
		return c.Invalid("certificate/show", d, err)
	}
	return c.Done("/certificates/"+strconv.FormatUint(d.ID, 10)+"#paper", done)
}

// scanShow gives a scan of a certificate on paper.
func (s *Server) scanShow(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	f, err := s.certificate.Scan(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.Bytes(f.ContentType, f.Name, f.Body)
}

// scanRemove takes a scan off a certificate.
func (s *Server) scanRemove(c *Ctx) error {
	id, err := c.ID("id")
	if err != nil {
		return err
	}
	of, err := s.certificate.RemoveScan(c.Ctx(), c.Actor, id)
	if err != nil {
		return err
	}
	return c.Done("/certificates/"+strconv.FormatUint(of, 10)+"#paper", "signing.scan_removed")
}
