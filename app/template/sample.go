package template

import (
	"strings"
	"time"
)

// Sample is an invented certificate, for previews. Its dates are those of the demonstration province.
func Sample() Snapshot {
	return Snapshot{Serial: "0042/2026/GCN-QCN", Code: "K7WM4PQZ9TXC2HRB", VerifyURL: "https://taphuan.example.vn/v/K7WM4PQZ9TXC2HRB", Proof: sampleProof,
		Superior: "Ủy ban nhân dân tỉnh Cao Bằng", Issuer: "Sở Văn hóa, Thể thao và Du lịch", Place: "Cao Bằng", Name: "Nông Thị Thanh Huyền", Sex: "female",
		Born: "1980-05-04", Title: "Phó Trưởng phòng", Organisation: "Ủy ban nhân dân xã Trùng Khánh", CourseType: "Hội nghị tập huấn", CourseTypeEn: "Training conference",
		CourseTitle: "Tập huấn kiến thức, kỹ năng truyền thông về quyền con người năm 2026", Topics: []string{"Pháp luật về quyền con người", "Kỹ năng truyền thông"},
		From: "2026-11-10", To: "2026-11-12", Minutes: 960, Venue: "Hội trường Ủy ban nhân dân xã Trùng Khánh", IssuedDay: "2026-11-24",
		IssuedAt: time.Date(2026, 11, 24, 3, 0, 0, 0, time.UTC), SignForm: "KT.", SignFor: "Giám đốc", SignTitle: "Phó Giám đốc", SignName: "Hoàng Văn Thạch"}
}

// sampleProof is as long as a signed statement is, so that a preview shows a QR code as dense as the real ones.
var sampleProof = strings.Repeat("31415926535897932384", 16)

// Longest is an invented certificate with texts as long as they may be: what a layout is tried with before it is kept.
func Longest() Snapshot {
	s := Sample()
	s.Name = "Nguyễn Hoàng Phương Trương Thị Nghiêng Trưng Khuyên Thượng Xuân" // 64 characters
	s.Title = "Phó Chủ nhiệm thường trực kiêm Trưởng ban Tuyên giáo và Công tác xã hội"
	s.Organisation = "Ủy ban Mặt trận Tổ quốc Việt Nam xã Nguyễn Huệ, Ban Công tác đoàn thể và Tuyên truyền vận động nhân dân khu vực biên giới"
	title := []rune(strings.Repeat("Bồi dưỡng kiến thức, kỹ năng truyền thông về quyền con người cho đội ngũ làm công tác thông tin đối ngoại ở cơ sở, ", 3))
	s.CourseTitle = string(title[:300])
	s.CourseType = "Lớp bồi dưỡng, tập huấn chuyên sâu dành cho đội ngũ báo cáo viên, tuyên truyền viên"
	s.CourseTypeEn = "Advanced training course for speakers and communicators at the grass roots"
	s.Topics = []string{"Pháp luật quốc tế và pháp luật Việt Nam về quyền con người", "Kỹ năng truyền thông, viết tin, bài và xử lý thông tin sai lệch", "Thông tin đối ngoại trong tình hình mới"}
	s.Venue = "Hội trường lớn Trung tâm Văn hóa, Thể thao và Truyền thông, số 25 đường Hoàng Đình Giong"
	s.From, s.To = "2026-10-10", "2027-11-12"
	s.Superior = "Ủy ban Trung ương Mặt trận Tổ quốc Việt Nam và các tổ chức thành viên"
	s.Issuer = "Sở Văn hóa, Thể thao, Du lịch và Thông tin đối ngoại tỉnh Cao Bằng"
	s.Place = "Thành phố Hồ Chí Minh"
	s.SignForm, s.SignFor, s.SignTitle, s.SignName = "TUQ.", "Giám đốc Sở Văn hóa, Thể thao và Du lịch tỉnh", "Phó Trưởng phòng phụ trách Phòng Quản lý Văn hóa và Gia đình", "Nguyễn Trường Thượng Phương Nghiêm"
	s.Serial = "12345/2026/GCN-BDCNTT-TTĐN"
	s.VerifyURL = "https://taphuan.sovanhoathethaodulich.caobang.gov.vn/v/" + s.Code
	return s
}
