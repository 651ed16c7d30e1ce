package credential

import (
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"taphuan/app/certificate"
	"taphuan/app/template"
	"taphuan/models"
)

// The contexts that say what the words mean: the order is part of both specifications.
const (
	contextVC = "https://www.w3.org/ns/credentials/v2"
	contextOB = "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"
)

// Credential is an OpenBadgeCredential as the payload of a JWT: Open Badges 3.0, section 8.2.4, wants the credential itself there, with the
// registered claims beside its members.
type Credential struct {
	Context     []string   `json:"@context"`
	ID          string     `json:"id"`
	Type        []string   `json:"type"`
	Name        string     `json:"name"`
	Description string     `json:"description"`
	Issuer      Profile    `json:"issuer"`
	ValidFrom   string     `json:"validFrom"`
	Subject     Subject    `json:"credentialSubject"`
	Evidence    []Evidence `json:"evidence"`
	Status      Status     `json:"credentialStatus"`
	registered
}

// registered are the claims of RFC 7519 that verifiers compare with the members.
type registered struct {
	Iss string `json:"iss"`
	Jti string `json:"jti"`
	Nbf int64  `json:"nbf"`
	Exp int64  `json:"exp,omitempty"`
	Sub string `json:"sub"`
}

// Profile is who issues.
type Profile struct {
	Context []string `json:"@context,omitempty"` // of a document of its own
	ID      string   `json:"id"`
	Type    []string `json:"type"`
	Name    string   `json:"name"`
	URL     string   `json:"url"`
}

// Subject is the holder: named as on the certificate, and by nothing else.
type Subject struct {
	ID            string      `json:"id"`
	Type          []string    `json:"type"`
	Identifier    []Identity  `json:"identifier"`
	LicenseNumber string      `json:"licenseNumber"`
	Achievement   Achievement `json:"achievement"`
}

// Identity is one way to know the holder.
type Identity struct {
	Type         string `json:"type"`
	IdentityType string `json:"identityType"`
	IdentityHash string `json:"identityHash"` // in the clear where Hashed is false
	Hashed       bool   `json:"hashed"`
}

// Achievement is what was achieved: a course.
type Achievement struct {
	Context         []string `json:"@context,omitempty"` // of a document of its own
	ID              string   `json:"id"`
	Type            []string `json:"type"`
	AchievementType string   `json:"achievementType"`
	Name            string   `json:"name"`
	Description     string   `json:"description"`
	Criteria        Criteria `json:"criteria"`
	Creator         Profile  `json:"creator"`
	Image           Image    `json:"image"`
}

// Criteria say what had to be done.
type Criteria struct {
	Narrative string `json:"narrative"`
}

// Image is a picture by its address.
type Image struct {
	ID   string `json:"id"`
	Type string `json:"type"`
}

// Evidence is where people look the certificate up.
type Evidence struct {
	ID          string   `json:"id"`
	Type        []string `json:"type"`
	Name        string   `json:"name"`
	Description string   `json:"description"`
}

// Status says where it stands whether the certificate still holds.
type Status struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Purpose    string `json:"statusPurpose"`
	Index      string `json:"statusListIndex"`
	Credential string `json:"statusListCredential"`
}

// claims says of a certificate what it says itself. Everything comes from its frozen record, from ids that never change, and from the address
// under which credentials are published, so that the claims of a certificate are the same for ever. The texts are part of that: they are in
// the language of the certificate and in no catalogue.
func claims(base string, r certificate.Record) (Credential, error) {
	s := r.Snapshot
	day, err := models.ParseDay(s.IssuedDay)
	if err != nil || day.IsZero() {
		return Credential{}, fmt.Errorf("certificate %d has no day of issue: %w", r.ID, err)
	}
	from := day.At(0)
	id := base + "/ob/credentials/" + s.Code
	list := statusAddress(base, r.IssuerID, r.ID/listLength)
	index := strconv.FormatUint(r.ID%listLength, 10)
	c := Credential{
		Context: []string{contextVC, contextOB}, ID: id, Type: []string{"VerifiableCredential", "OpenBadgeCredential"},
		Name: s.CourseTitle, Description: fmt.Sprintf("Giấy chứng nhận số %s do %s cấp ngày %s.", s.Serial, s.Issuer, date(s.IssuedDay)),
		Issuer: profile(base, r.IssuerID, s.Issuer), ValidFrom: from.Format(time.RFC3339),
		Subject: Subject{ID: id + "#holder", Type: []string{"AchievementSubject"}, LicenseNumber: s.Serial, Achievement: achievement(base, r),
			Identifier: []Identity{{Type: "IdentityObject", IdentityType: "name", IdentityHash: s.Name}}},
		Evidence: []Evidence{{ID: s.VerifyURL, Type: []string{"Evidence"}, Name: "Trang tra cứu giấy chứng nhận", Description: "Cho biết giấy chứng nhận còn giá trị, đã thu hồi hay đã được thay thế."}},
		Status:   Status{ID: list + "#" + index, Type: "BitstringStatusListEntry", Purpose: statusPurpose, Index: index, Credential: list},
	}
	c.registered = registered{Iss: c.Issuer.ID, Jti: c.ID, Nbf: from.Unix(), Sub: c.Subject.ID}
	return c, nil
}

func profile(base string, issuerID uint64, name string) Profile {
	return Profile{ID: issuerAddress(base, issuerID), Type: []string{"Profile"}, Name: name, URL: base + "/"}
}

func achievement(base string, r certificate.Record) Achievement {
	s := r.Snapshot
	return Achievement{ID: fmt.Sprintf("%s/ob/achievements/%d", base, s.CourseID), Type: []string{"Achievement"}, AchievementType: "CertificateOfCompletion",
		Name: s.CourseTitle, Description: s.CourseType + ": " + s.CourseTitle, Criteria: Criteria{narrative(s)},
		Creator: profile(base, r.IssuerID, s.Issuer), Image: Image{base + "/ob/badge.png", "Image"}}
}

// narrative says what had to be done, as far as the certificate says it.
func narrative(s template.Snapshot) string {
	held := "từ ngày " + date(s.From) + " đến ngày " + date(s.To)
	if s.From == s.To {
		held = "ngày " + date(s.From)
	}
	text := fmt.Sprintf("Hoàn thành chương trình %s, tổ chức %s, theo quy định của lớp về thời gian tham dự và kết quả đánh giá.", hours(s.Minutes), held)
	if len(s.Topics) > 0 {
		text += " Nội dung: " + strings.Join(s.Topics, "; ") + "."
	}
	return text
}

// date and hours are written here once more: how certificates are drawn may change, what was claimed may not.
func date(day string) string {
	y, rest, _ := strings.Cut(day, "-")
	m, d, _ := strings.Cut(rest, "-")
	return d + "/" + m + "/" + y
}

func hours(minutes int) string {
	text := strconv.FormatFloat(math.Round(float64(minutes)/6)/10, 'f', -1, 64)
	return strings.Replace(text, ".", ",", 1) + " giờ"
}

func issuerAddress(base string, issuerID uint64) string {
	return fmt.Sprintf("%s/ob/issuers/%d", base, issuerID)
}
