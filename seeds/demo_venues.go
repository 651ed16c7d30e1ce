package seeds

import (
	"context"
	"slices"

	"taphuan/app/course"
	"taphuan/app/errs"
	"taphuan/app/proposal"
	"taphuan/app/venue"
	"taphuan/models"
)

// demoVenues are the houses of the demonstration; their rooms stand from the largest down.
var demoVenues = []struct {
	venue.Input
	commune string
	rooms   []venue.RoomInput
}{
	{venue.Input{Name: "Trung tâm Hội nghị tỉnh", Address: "phường Thục Phán", Note: "Có máy chiếu, âm thanh; chỗ để xe phía sau."}, "X-THUCPHAN",
		[]venue.RoomInput{{Name: "Hội trường lớn", Capacity: 350}, {Name: "Phòng họp tầng 2", Capacity: 120}, {Name: "Phòng họp tầng 3", Capacity: 60}}},
	{venue.Input{Name: "Trường Chính trị Hoàng Đình Giong", Address: "phường Tân Giang", Note: "Có chỗ nghỉ cho 80 người."}, "X-TANGIANG",
		[]venue.RoomInput{{Name: "Hội trường", Capacity: 200}, {Name: "Giảng đường A1", Capacity: 70}, {Name: "Giảng đường A2", Capacity: 45}}},
	{venue.Input{Name: "Trụ sở Báo và Phát thanh, Truyền hình Cao Bằng"}, "X-NUNGTRICAO",
		[]venue.RoomInput{{Name: "Phòng giao ban", Capacity: 50}}},
	{venue.Input{Name: "Nhà văn hóa Trùng Khánh"}, "X-TRUNGKHANH", []venue.RoomInput{{Name: "Hội trường", Capacity: 120}}},
	{venue.Input{Name: "Nhà văn hóa Bảo Lạc", Note: "Đường đèo, mùa mưa nên tránh."}, "X-BAOLAC", []venue.RoomInput{{Name: "Hội trường", Capacity: 90}, {Name: "Phòng họp", Capacity: 40}}},
	{venue.Input{Name: "Hội trường xã Quảng Uyên"}, "X-QUANGUYEN", []venue.RoomInput{{Name: "Hội trường", Capacity: 100}}},
	{venue.Input{Name: "Trung tâm Bồi dưỡng chính trị Nguyên Bình"}, "X-NGUYENBINH", []venue.RoomInput{{Name: "Lớp học 1", Capacity: 60}}},
}

// propose asks where and when to hold classes for everybody who is still missing, as a coordinator would. Where the plan is over, or nobody is
// missing, there is nothing to ask.
func (w *world) propose(ctx context.Context) error {
	var rooms []uint64
	for _, v := range w.venues {
		for _, r := range v.rooms {
			rooms = append(rooms, r.ID)
		}
	}
	slices.Sort(rooms)
	ask := proposal.Default(w.plan, w.today, rooms)
	ask.Host = "SO-VHTTDL"
	_, err := (&proposal.Service{DB: w.db}).Propose(ctx, w.actors["dieuphoi"], ask)
	if e := errs.As(err); err != nil && e.Kind == errs.KindInvalid {
		return nil
	}
	return err
}

// demoVenue is a venue with its rooms, as courses choose them.
type demoVenue struct {
	id    uint64
	rooms []models.Room
}

func (w *world) openVenues(ctx context.Context) error {
	s, boss := &venue.Service{DB: w.db}, w.actors["dieuphoi"]
	for _, v := range demoVenues {
		in := v.Input
		in.OrganisationID = w.orgs[v.commune].ID
		id, err := s.Create(ctx, boss, in)
		if err != nil {
			return err
		}
		made := demoVenue{id: id}
		for _, r := range v.rooms {
			room, err := s.AddRoom(ctx, boss, id, r)
			if err != nil {
				return err
			}
			made.rooms = append(made.rooms, models.Room{ID: room, Name: r.Name, Capacity: r.Capacity})
		}
		w.venues[models.Venue{Name: v.Name, Address: v.Address}.Words()] = made
	}
	return nil
}

// choose gives the session the room that the course names, or the smallest that holds it.
func (v demoVenue) choose(c *demoCourse, s *course.SessionInput) {
	for _, r := range v.rooms {
		if r.Name == c.Room || c.Room == "" && r.Capacity >= c.Seats {
			s.RoomID = r.ID
		}
	}
}
