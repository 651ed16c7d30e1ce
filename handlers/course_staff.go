package handlers

import (
	"strconv"
	"strings"

	"taphuan/app/course"
	"taphuan/app/i18n"
	"taphuan/models"
	"taphuan/views"
)

// staffOptions lists who could join the staff, by role; value is role:account. Trainers who know the course's topics and are free
// stand first, with what they teach this year.
func (s *Server) staffOptions(c *Ctx, courseID uint64, there []course.StaffRow) ([]views.Option, error) {
	fit, err := s.trainer.Fit(c.Ctx(), courseID)
	if err != nil {
		return nil, err
	}
	var out []views.Option
	for _, x := range fit {
		o := views.Option{Value: staffValue(course.StaffRow{Role: models.StaffTrainer, AccountID: x.AccountID}), Group: c.T("role.trainer"), Label: x.Name}
		if from := x.From(); from != "" {
			o.Label += ", " + from
		}
		if len(x.Matches) > 0 {
			var codes []string
			for _, t := range x.Matches {
				codes = append(codes, t.Code)
			}
			o.Group = c.T("trainer.fits")
			o.Label += " · " + c.T("trainer.knows", "topics", strings.Join(codes, ", "))
		}
		o.Label += " · " + c.T("trainer.n_sessions", "n", x.Load.Held+x.Load.Planned)
		if len(x.Busy) > 0 {
			o.Label += " · " + c.T("trainer.busy", "code", x.Busy[0].Code, "day", i18n.Day(c.Lang, x.Busy[0].Day))
		}
		out = append(out, o)
	}
	rows, err := s.course.StaffChoices(c.Ctx())
	if err != nil {
		return nil, err
	}
	in := map[string]bool{}
	for _, x := range there {
		in[staffValue(x)] = true
	}
	for _, x := range rows {
		if in[staffValue(x)] || x.Role == models.StaffTrainer {
			continue
		}
		o := views.Option{Value: staffValue(x), Label: x.Name, Group: c.T("role." + string(x.Role))}
		if x.Organisation != "" {
			o.Label += ", " + x.Organisation
		}
		out = append(out, o)
	}
	return out, nil
}

func staffValue(x course.StaffRow) string {
	return string(x.Role) + ":" + strconv.FormatUint(x.AccountID, 10)
}

// staffForm names somebody of the staff as role:account.
func (c *Ctx) staffForm() (uint64, models.StaffRole) {
	role, account, _ := strings.Cut(c.PostForm("staff"), ":")
	id, err := strconv.ParseUint(account, 10, 63)
	if err != nil {
		return 0, "" // which the service refuses
	}
	return id, models.StaffRole(role)
}

func (s *Server) staffAdd(c *Ctx) error {
	return s.courseAct(c, "course.staff_added", func(id uint64) error {
		account, role := c.staffForm()
		return s.course.AddStaff(c.Ctx(), c.Actor, id, account, role)
	})
}

func (s *Server) staffRemove(c *Ctx) error {
	return s.courseAct(c, "course.staff_removed", func(id uint64) error {
		account, role := c.staffForm()
		return s.course.RemoveStaff(c.Ctx(), c.Actor, id, account, role)
	})
}
