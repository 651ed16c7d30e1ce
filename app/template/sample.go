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
	s.Name = "Công Tằng Tôn Nữ Nguyễn Phước Huyền Trân Ngọc Bảo Phương Qué" // 60 letters
	s.CourseTitle = "Bồi dưỡng kiến thức pháp luật quốc tế về quyền con người, kỹ năng truyền thông, xử lý thông tin sai lệch, tin giả, tin xấu độc trên không gian mạng và " +
		"kỹ năng cung cấp thông tin cho báo chí về công tác quyền con người dành cho cán bộ chủ chốt của các tổ chức chính trị - xã hội cấp tỉnh và xã 2026 -2" // 300
	s.Sex, s.Superior = "", "Ủy ban nhân dân tỉnh Cao Bằng và Ban Chỉ đạo về Nhân quyền tỉnh Cao Bằng giai đoạn 2023 - 2028"
	s.Issuer = "Ủy ban Mặt trận Tổ quốc Việt Nam và các tổ chức chính trị - xã hội thành phố Cao Bằng"
	s.Organisation = "Ủy ban Mặt trận Tổ quốc Việt Nam và các tổ chức chính trị - xã hội thành phố Cao Bằng, phường Thục Phán"
	s.Title = "Phó Chủ tịch Thường trực kiêm Trưởng Ban Tuyên giáo và Phong trào thi đua yêu nước"
	s.Venue = "Trung tâm Hội nghị tỉnh Cao Bằng, số 1 đường Hoàng Đình Giong, phường Thục Phán, tỉnh Cao Bằng"
	s.Place = "Thành phố Hồ Chí Minh"
	s.Topics = []string{"Pháp luật quốc tế và pháp luật Việt Nam về quyền con người", "Kỹ năng truyền thông, viết tin, bài và xử lý thông tin sai lệch", "Thông tin đối ngoại trong tình hình mới"}
	s.From, s.To = "2026-10-10", "2027-11-12"
	s.SignTitle, s.SignFor = "Phó Chủ tịch Thường trực phụ trách công tác tuyên truyền và quan hệ đối ngoại", "Chủ tịch Ủy ban Mặt trận Tổ quốc Việt Nam thành phố"
	s.Serial = "12345/2026/GCN-BDCNTT-TTĐN"
	s.VerifyURL = "https://tap-huan-quyen-con-nguoi.sovanhoathethaodulich.caobang.gov.vn/v/" + s.Code
	return s
}
