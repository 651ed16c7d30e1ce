package credential_test

import (
	"encoding/json"
	"math/bits"
	"strings"
	"testing"

	"taphuan/app/certificate"
	"taphuan/app/credential"
	"taphuan/app/template"
)

func record() certificate.Record {
	return certificate.Record{ID: 131075, IssuerID: 12, Snapshot: template.Snapshot{Serial: "0042/2026/GCN-QCN", Code: "7K2M9QX4B1TZ6WFH", VerifyURL: "https://taphuan.example.vn/v/7K2M9QX4B1TZ6WFH",
		Superior: "Ủy ban nhân dân tỉnh Cao Bằng", Issuer: "Sở Văn hóa, Thể thao và Du lịch", Place: "Cao Bằng", Name: "Nông Thị Thanh Huyền", Sex: "female", Born: "1980-05-04",
		Title: "Chuyên viên", Organisation: "UBND phường Thục Phán", CourseID: 7, CourseType: "Hội nghị tập huấn", CourseTitle: "Tập huấn truyền thông về quyền con người",
		Topics: []string{"Công ước về quyền trẻ em", "Kỹ năng phát ngôn"}, From: "2026-11-19", To: "2026-11-20", Minutes: 960, Venue: "Cao Bằng", IssuedDay: "2026-11-24", SignTitle: "Giám đốc", SignName: "Hoàng Văn Thạch"}}
}

// frozen is what was published of the record above. Wallets hold such credentials: whoever changes it changes what certificates have said.
const frozen = `{"@context":["https://www.w3.org/ns/credentials/v2","https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"],
"id":"https://taphuan.example.vn/ob/credentials/7K2M9QX4B1TZ6WFH","type":["VerifiableCredential","OpenBadgeCredential"],
"name":"Tập huấn truyền thông về quyền con người","description":"Giấy chứng nhận số 0042/2026/GCN-QCN do Sở Văn hóa, Thể thao và Du lịch cấp ngày 24/11/2026.",
"issuer":{"id":"https://taphuan.example.vn/ob/issuers/12","type":["Profile"],"name":"Sở Văn hóa, Thể thao và Du lịch","url":"https://taphuan.example.vn/"},
"validFrom":"2026-11-24T00:00:00+07:00",
"credentialSubject":{"id":"https://taphuan.example.vn/ob/credentials/7K2M9QX4B1TZ6WFH#holder","type":["AchievementSubject"],
"identifier":[{"type":"IdentityObject","identityType":"name","identityHash":"Nông Thị Thanh Huyền","hashed":false}],"licenseNumber":"0042/2026/GCN-QCN",
"achievement":{"id":"https://taphuan.example.vn/ob/achievements/7","type":["Achievement"],"achievementType":"CertificateOfCompletion",
"name":"Tập huấn truyền thông về quyền con người","description":"Hội nghị tập huấn: Tập huấn truyền thông về quyền con người",
"criteria":{"narrative":"Hoàn thành chương trình 16 giờ, tổ chức từ ngày 19/11/2026 đến ngày 20/11/2026, theo quy định của lớp về thời gian tham dự và kết quả đánh giá. Nội dung: Công ước về quyền trẻ em; Kỹ năng phát ngôn."},
"creator":{"id":"https://taphuan.example.vn/ob/issuers/12","type":["Profile"],"name":"Sở Văn hóa, Thể thao và Du lịch","url":"https://taphuan.example.vn/"},
"image":{"id":"https://taphuan.example.vn/ob/badge.png","type":"Image"}}},
"evidence":[{"id":"https://taphuan.example.vn/v/7K2M9QX4B1TZ6WFH","type":["Evidence"],"name":"Trang tra cứu giấy chứng nhận","description":"Cho biết giấy chứng nhận còn giá trị, đã thu hồi hay đã được thay thế."}],
"credentialStatus":{"id":"https://taphuan.example.vn/ob/status/12/1#3","type":"BitstringStatusListEntry","statusPurpose":"revocation","statusListIndex":"3","statusListCredential":"https://taphuan.example.vn/ob/status/12/1"},
"iss":"https://taphuan.example.vn/ob/issuers/12","jti":"https://taphuan.example.vn/ob/credentials/7K2M9QX4B1TZ6WFH","nbf":1795453200,"sub":"https://taphuan.example.vn/ob/credentials/7K2M9QX4B1TZ6WFH#holder"}`

func TestTheClaimsOfACertificateNeverChange(t *testing.T) {
	t.Parallel()
	c, err := credential.Claims("https://taphuan.example.vn", record())
	if err != nil {
		t.Fatal(err)
	}
	b, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	if want := strings.ReplaceAll(frozen, "\n", ""); string(b) != want {
		t.Errorf("%s\nis not what was published:\n%s", b, want)
	}
}

func TestOneDayAndNoTopicsReadWell(t *testing.T) {
	t.Parallel()
	s := record().Snapshot
	s.From, s.Topics, s.Minutes = s.To, nil, 210
	if got := credential.Narrative(s); got != "Hoàn thành chương trình 3,5 giờ, tổ chức ngày 20/11/2026, theo quy định của lớp về thời gian tham dự và kết quả đánh giá." {
		t.Error(got)
	}
}

func TestARecordWithoutADayOfIssueIsRefused(t *testing.T) {
	t.Parallel()
	for _, day := range []string{"", "2026-13-01"} {
		r := record()
		r.Snapshot.IssuedDay = day
		if c, err := credential.Claims("https://taphuan.example.vn", r); err == nil {
			t.Errorf("%q: %+v", day, c)
		}
	}
}

func TestEachCertificateHasItsOwnBit(t *testing.T) {
	t.Parallel()
	for _, ids := range [][]uint64{nil, {1}, {131072}, {7, 8, 131071}, {131072 + 9, 131072 + 131071}} {
		encoded, err := credential.Encode(ids)
		if err != nil {
			t.Fatal(err)
		}
		list := unpack(t, encoded)
		set := 0
		for _, b := range list {
			set += bits.OnesCount8(b)
		}
		for _, id := range ids {
			if i := id % 131072; list[i/8]>>(7-i%8)&1 != 1 {
				t.Errorf("%d is not set", id)
			}
		}
		if set != len(ids) {
			t.Errorf("%v: %d bits are set", ids, set)
		}
	}
}
