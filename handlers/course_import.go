package handlers

import (
	"taphuan/app/history"
	"taphuan/app/plan"
	"taphuan/models"
)

type courseImportData struct {
	*history.CoursePreview          // nil: nothing has been uploaded
	Why                    []string // of each row that is left, in words
}

func (s *Server) courseImportData(c *Ctx) (d courseImportData, err error) {
	if d.CoursePreview, err = s.history.PendingCourses(c.Ctx(), c.Actor); err == nil && d.CoursePreview != nil {
		d.Why = s.whyLeft(c, d.Left)
	}
	return d, err
}

// courseImport asks for a workbook of courses that were held, or shows what the one that was uploaded would make.
func (s *Server) courseImport(c *Ctx) error {
	d, err := s.courseImportData(c)
	if err != nil {
		return err
	}
	return c.Page("course/import", d)
}

// courseUpload takes a workbook of courses that were held.
func (s *Server) courseUpload(c *Ctx) error {
	err := s.uploaded(c, s.history.UploadCourses)
	if err == nil {
		return c.Done("/courses/import", "")
	}
	d, again := s.courseImportData(c)
	if again != nil {
		return again
	}
	return c.Invalid("course/import", d, err)
}

type courseImportForm struct {
	Import uint64 `form:"import"`
}

// courseImportConfirm makes the courses of the workbook.
func (s *Server) courseImportConfirm(c *Ctx) error {
	var f courseImportForm
	err := c.BindForm(&f)
	n := 0
	if err == nil {
		n, err = s.history.ConfirmCourses(c.Ctx(), c.Actor, f.Import)
	}
	if err == nil {
		return c.Done("/courses", "past.imported", "n", n)
	}
	d, again := s.courseImportData(c)
	if again != nil {
		return again
	}
	return c.Invalid("course/import", d, err)
}

// courseImportDrop forgets the workbook.
func (s *Server) courseImportDrop(c *Ctx) error {
	if err := s.history.Drop(c.Ctx(), c.Actor, models.HistoryCourses); err != nil {
		return err
	}
	return c.Done("/courses/import", "past.dropped")
}

// courseImportTemplate gives the workbook to fill in.
func (s *Server) courseImportTemplate(c *Ctx) error {
	p, err := plan.Current(c.Ctx(), s.DB.Read(c.Ctx()), c.Today())
	if err != nil {
		return err
	}
	b, err := history.CourseTemplate(p)
	if err != nil {
		return err
	}
	return c.Bytes("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "mau-lop-da-to-chuc.xlsx", b)
}
