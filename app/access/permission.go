// Package access decides who may do what to which records: permissions and roles, actors and scopes, and how people sign in.
package access

import "taphuan/models"

// Permission is one thing that a route asks for. Every route names one.
type Permission string

// The permissions.
const (
	Public   Permission = "public"    // anyone, signed in or not
	SignedIn Permission = "signed_in" // every account

	OwnRead           Permission = "own.read"           // own courses, certificates, data
	CoverageRead      Permission = "coverage.read"      // percentages and who is missing
	RosterRead        Permission = "roster.read"        // organisations, cadres and their postings
	RosterWrite       Permission = "roster.write"       // change cadres, postings, headcounts
	RosterImport      Permission = "roster.import"      // rosters from workbooks
	IdentityReview    Permission = "identity.review"    // say of two records that they are one person, or are not
	NationalIDRead    Permission = "national_id.read"   // see a national id in full, with a record of it
	CourseRead        Permission = "course.read"        // courses and their sessions
	CourseWrite       Permission = "course.write"       // create, edit, open, close, cancel
	EnrolmentRead     Permission = "enrolment.read"     // who takes part in a course
	EnrolmentWrite    Permission = "enrolment.write"    // enrol, approve, withdraw
	Nominate          Permission = "enrolment.nominate" // put own cadres forward
	NominationRead    Permission = "nomination.read"    // who was put forward, and what was decided
	AttendanceWrite   Permission = "attendance.write"   // marks and scores
	CertificateRead   Permission = "certificate.read"   // the register, any certificate in scope
	CertificateIssue  Permission = "certificate.issue"  // issue, revoke, replace
	CompletionPropose Permission = "completion.propose" // own cadres' completions, and recognitions of training elsewhere
	CompletionApprove Permission = "completion.approve" // recognise, void
	AccountRead       Permission = "account.read"       // accounts in scope
	AccountSlip       Permission = "account.slip"       // make accounts for cadres and print slips
	AccountWrite      Permission = "account.write"      // grants, names, disabling
	SettingsWrite     Permission = "settings.write"
	AuditRead         Permission = "audit.read"
	TrainerRead       Permission = "trainer.read" // who teaches, how much, and what is said of it
	OwnTeaching       Permission = "own.teaching" // own lessons and what is known of oneself as a trainer
	GalleryRead       Permission = "gallery.read"

	OrganisationWrite Permission = "organisation.write" // make, rename and end organisations, and place the people of those that ended
)

// rights is the table of roles (docs/architecture.md, "Who may see and do what"). An administrator may everything.
var rights = map[models.Role][]Permission{
	models.RoleCoordinator: {CoverageRead, RosterRead, RosterWrite, RosterImport, OrganisationWrite, IdentityReview, NationalIDRead, CourseRead, CourseWrite, EnrolmentRead, EnrolmentWrite, NominationRead,
		AttendanceWrite, CertificateRead, CertificateIssue, CompletionPropose, CompletionApprove, AccountRead, AccountSlip, TrainerRead},
	models.RoleHead:    {CoverageRead, RosterRead, RosterWrite, NationalIDRead, CourseRead, EnrolmentRead, Nominate, NominationRead, CertificateRead, CompletionPropose, AccountRead, AccountSlip},
	models.RoleTrainer: {CourseRead, EnrolmentRead, AttendanceWrite, OwnTeaching},
	models.RoleClerk:   {CourseRead, EnrolmentRead, AttendanceWrite},
	models.RoleCadre:   {OwnRead},
}

// roleMay says whether the role carries the permission.
func roleMay(r models.Role, p Permission) bool {
	if p == Public || p == SignedIn {
		return true
	}
	if r == models.RoleAdministrator {
		return p != OwnRead // own records need a cadre behind the account
	}
	for _, x := range rights[r] {
		if x == p {
			return true
		}
	}
	return false
}
