package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/template"
)

// Route is one row of the map of the site.
type Route struct {
	Method     string
	Path       string
	Permission access.Permission

	handler        Handler
	body           int64 // bytes that a request may carry; 0: 1 MiB
	doc            *operation
	query          []string // of a route of the API: the parameters that its address may have
	beforePassword bool     // reachable although the first password must be changed
	anySite        bool     // pages of any other site may read the answer, refusals too
	json           bool     // refusals are problem+json, as the API's are: the page's own script asks
}

// table collects routes. Its methods take the permission as an argument of its own, so a route without one does not compile.
type table struct{ rows []Route }

func (t *table) add(method, path string, p access.Permission, h Handler, opts ...func(*Route)) {
	r := Route{Method: method, Path: path, Permission: p, handler: h}
	for _, o := range opts {
		o(&r)
	}
	if r.doc != nil {
		r.query = queryNames(r)
	}
	t.rows = append(t.rows, r)
}

// GET adds a route for reading.
func (t *table) GET(path string, p access.Permission, h Handler, opts ...func(*Route)) {
	t.add(http.MethodGet, path, p, h, opts...)
}

// POST adds a route that makes or changes something.
func (t *table) POST(path string, p access.Permission, h Handler, opts ...func(*Route)) {
	t.add(http.MethodPost, path, p, h, opts...)
}

// PATCH adds a route that changes parts of something.
func (t *table) PATCH(path string, p access.Permission, h Handler, opts ...func(*Route)) {
	t.add(http.MethodPatch, path, p, h, opts...)
}

// DELETE adds a route that removes something.
func (t *table) DELETE(path string, p access.Permission, h Handler, opts ...func(*Route)) {
	t.add(http.MethodDelete, path, p, h, opts...)
}

// body lets a request carry more than 1 MiB.
func body(bytes int64) func(*Route) { return func(r *Route) { r.body = bytes } }

// beforePassword lets an account in that must change its password first.
func beforePassword(r *Route) { r.beforePassword = true }

// anySite lets pages of any other site read the answer, and ask whether it is still the one that they have.
func anySite(r *Route) { r.anySite = true }

// preflight answers a browser that asks, for a script of another site, whether it may send If-None-Match.
func preflight(c *gin.Context) {
	c.Header("Access-Control-Allow-Origin", "*")
	c.Header("Access-Control-Allow-Methods", "GET, HEAD")
	c.Header("Access-Control-Allow-Headers", "If-None-Match")
	c.Header("Access-Control-Max-Age", "86400")
	c.Status(http.StatusNoContent)
}

// forScript says that a page's own script asks, and wants refusals as the API gives them.
func forScript(r *Route) { r.json = true }

func (s *Server) register(e *gin.Engine) {
	var t table
	s.pages(&t)
	s.coveragePages(&t)
	s.api(&t)
	s.coverageAPI(&t)
	s.routes = t.rows
	for _, r := range t.rows {
		if r.Permission == "" {
			panic("route without a permission: " + r.Method + " " + r.Path)
		}
		e.Handle(r.Method, r.Path, s.wrap(r, r.handler))
		if r.anySite {
			e.OPTIONS(r.Path, preflight)
		}
	}
}

// pages is the map of the site: what there is and who may see it. What has to do with coverage and plans stands in routes_coverage.go, the JSON
// interface in routes_api.go.
func (s *Server) pages(r *table) {
	r.GET("/", access.SignedIn, s.home)
	r.POST("/preferences", access.Public, s.preferences)
	r.GET("/sign-in", access.Public, s.signInPage)
	r.POST("/sign-in", access.Public, s.signIn)
	r.POST("/sign-out", access.Public, s.signOut)
	r.GET("/password", access.SignedIn, s.passwordPage, beforePassword)
	r.POST("/password", access.SignedIn, s.password, beforePassword)
	r.GET("/install", access.Public, s.install)
	r.GET("/install/authority.crt", access.Public, s.installAuthority)
	r.GET("/install/authority.mobileconfig", access.Public, s.installProfile)
	r.GET("/install/trust.js", access.Public, s.installWorker)
	r.GET("/offline", access.Public, s.offline)
	r.GET("/sw.js", access.Public, s.worker)
	r.GET("/manifest.webmanifest", access.Public, s.manifest)
	r.GET("/slip", access.Public, s.slipUsePage)
	r.POST("/slip", access.Public, s.slipUse)
	r.GET("/account", access.SignedIn, s.ownAccount)
	r.POST("/account/language", access.SignedIn, s.ownLanguage)
	r.POST("/account/sign-out-everywhere", access.SignedIn, s.signOutEverywhere)
	r.POST("/account/tokens", access.SignedIn, s.tokenCreate)
	r.POST("/account/tokens/:id/revoke", access.SignedIn, s.tokenRevoke)

	// Organisations, headcounts, cadres, rosters from workbooks.
	r.GET("/organisations", access.RosterRead, s.organisationList)
	r.GET("/organisations.xlsx", access.RosterRead, s.organisationSheet)
	r.GET("/organisations/new", access.OrganisationWrite, s.organisationNew)
	r.POST("/organisations", access.OrganisationWrite, s.organisationCreate)
	r.GET("/organisations/:code", access.RosterRead, s.organisationShow)
	r.GET("/organisations/:code/edit", access.OrganisationWrite, s.organisationEdit)
	r.POST("/organisations/:code", access.OrganisationWrite, s.organisationRename)
	r.GET("/organisations/:code/end", access.OrganisationWrite, s.organisationEndPage)
	r.POST("/organisations/:code/end", access.OrganisationWrite, s.organisationEnd)
	r.POST("/organisations/:code/end/undo", access.OrganisationWrite, s.organisationEndUndo)
	r.POST("/organisations/:code/successors", access.OrganisationWrite, s.organisationSuccessors)
	r.GET("/reorganisation", access.OrganisationWrite, s.reorganisationList)
	r.GET("/reorganisation.xlsx", access.OrganisationWrite, s.reorganisationSheet)
	r.GET("/organisations/:code/reorganisation", access.OrganisationWrite, s.reorganisationShow)
	r.POST("/organisations/:code/reorganisation", access.OrganisationWrite, s.reorganisationPlace, body(placementBody))
	r.POST("/organisations/:code/reorganisation/continue", access.OrganisationWrite, s.reorganisationContinue)
	r.GET("/organisations/:code/reorganisation.xlsx", access.OrganisationWrite, s.worksheetDownload)
	r.POST("/organisations/:code/reorganisation/file", access.OrganisationWrite, s.worksheetUpload, body(placementBody))
	r.GET("/headcounts", access.RosterWrite, s.headcountForms)
	r.POST("/headcounts", access.RosterWrite, s.headcountSave)
	r.POST("/organisations/:code/headcounts", access.RosterWrite, s.headcountDeclare)
	r.GET("/cadres", access.RosterRead, s.cadreList)
	r.POST("/cadres/search", access.RosterRead, s.cadreSearch)
	r.GET("/cadres.xlsx", access.RosterRead, s.cadreSheet)
	r.GET("/cadres/new", access.RosterWrite, s.hirePage)
	r.POST("/cadres", access.RosterWrite, s.hire)
	r.POST("/cadres/slips", access.AccountSlip, s.cadreSlips)
	r.GET("/cadres/:id", access.RosterRead, s.cadreShow)
	r.GET("/cadres/:id/change", access.RosterWrite, s.changePage)
	r.POST("/cadres/:id/change", access.RosterWrite, s.changeSave)
	r.GET("/cadres/:id/edit", access.RosterWrite, s.cadreEdit)
	r.POST("/cadres/:id/edit", access.RosterWrite, s.cadreUpdate)
	r.POST("/cadres/:id/national-id", access.NationalIDRead, s.nationalIDLook)
	r.POST("/cadres/:id/twin", access.RosterWrite, s.twinSuggest)
	r.GET("/twins", access.IdentityReview, s.twinList)
	r.GET("/twins.xlsx", access.IdentityReview, s.twinSheet)
	r.GET("/twins/:id", access.IdentityReview, s.twinShow)
	r.POST("/twins/:id/merge", access.IdentityReview, s.twinMerge)
	r.POST("/twins/:id/distinct", access.IdentityReview, s.twinDistinct)
	r.POST("/twins/:id/reopen", access.IdentityReview, s.twinReopen)
	r.POST("/twins/:id/undo", access.IdentityReview, s.twinUndo)
	r.GET("/imports", access.RosterImport, s.importList)
	r.GET("/imports.xlsx", access.RosterImport, s.importSheet)
	r.GET("/imports/new", access.RosterImport, s.importNew)
	r.POST("/imports", access.RosterImport, s.importUpload, body(uploadBody))
	r.GET("/imports/:id", access.RosterImport, s.importShow)
	r.GET("/imports/:id/state", access.RosterImport, s.importState)
	r.POST("/imports/:id/moves", access.RosterImport, s.importDecide)
	r.POST("/imports/:id/confirm", access.RosterImport, s.importConfirm)
	r.POST("/imports/:id/cancel", access.RosterImport, s.importCancel)

	// Courses with their life, sessions, staff; the calendar.
	r.GET("/courses", access.CourseRead, s.courseList)
	r.GET("/courses.xlsx", access.CourseRead, s.courseSheet)
	r.GET("/courses/import", access.CourseWrite, s.courseImport)
	r.POST("/courses/import", access.CourseWrite, s.courseUpload, body(uploadBody))
	r.POST("/courses/import/confirm", access.CourseWrite, s.courseImportConfirm)
	r.POST("/courses/import/drop", access.CourseWrite, s.courseImportDrop)
	r.GET("/courses/import/template.xlsx", access.CourseWrite, s.courseImportTemplate)
	r.GET("/courses/new", access.CourseWrite, s.courseNew)
	r.POST("/courses", access.CourseWrite, s.courseCreate)
	r.GET("/courses/:id", access.CourseRead, s.courseShow)
	r.GET("/courses/:id/edit", access.CourseWrite, s.courseEdit)
	r.POST("/courses/:id", access.CourseWrite, s.courseUpdate)
	r.POST("/courses/:id/open", access.CourseWrite, s.courseOpen)
	r.POST("/courses/:id/start", access.CourseWrite, s.courseStart)
	r.GET("/courses/:id/closing", access.CourseWrite, s.closingPage)
	r.POST("/courses/:id/close", access.CourseWrite, s.courseClose)
	r.GET("/courses/:id/cancel", access.CourseWrite, s.courseCancelPage)
	r.POST("/courses/:id/cancel", access.CourseWrite, s.courseCancel)
	r.GET("/courses/:id/reopen", access.CourseWrite, s.reopenPage)
	r.POST("/courses/:id/reopen", access.CourseWrite, s.courseReopen)
	r.GET("/courses/:id/held-marks", access.CourseWrite, s.heldMarks)
	r.POST("/courses/:id/held-marks", access.CourseWrite, s.heldDecide)
	r.GET("/courses/:id/walk-ins", access.CourseWrite, s.walkIns)
	r.POST("/courses/:id/walk-ins/:walkin", access.CourseWrite, s.walkInDecide)
	r.POST("/courses/:id/staff", access.CourseWrite, s.staffAdd)
	r.POST("/courses/:id/staff/remove", access.CourseWrite, s.staffRemove)
	r.GET("/courses/:id/sessions/new", access.CourseWrite, s.sessionNew)
	r.POST("/courses/:id/sessions", access.CourseWrite, s.sessionCreate)
	r.GET("/sessions/:id/edit", access.CourseWrite, s.sessionEdit)
	r.POST("/sessions/:id", access.CourseWrite, s.sessionUpdate)
	r.POST("/sessions/:id/cancel", access.CourseWrite, s.sessionCancel)
	r.POST("/sessions/:id/restore", access.CourseWrite, s.sessionRestore)
	r.POST("/sessions/:id/delete", access.CourseWrite, s.sessionDelete)
	r.GET("/calendar", access.CourseRead, s.calendar)

	// Enrolment, nominations, the waiting list.
	r.GET("/courses/:id/enrolments", access.EnrolmentRead, s.enrolmentList)
	r.GET("/courses/:id/enrolments.csv", access.EnrolmentRead, s.enrolmentSheet)
	r.GET("/courses/:id/enrolments.xlsx", access.EnrolmentRead, s.enrolmentSheet)
	r.POST("/courses/:id/enrolments", access.EnrolmentWrite, s.enrolmentWithdraw)
	r.POST("/courses/:id/enrolments/invite", access.EnrolmentWrite, s.enrolmentInvite)
	r.POST("/courses/:id/enrolments/on-paper", access.AttendanceWrite, s.enrolmentOnPaper)
	r.GET("/courses/:id/enrolments/new", access.EnrolmentWrite, s.enrolmentNew)
	r.POST("/courses/:id/enrolments/new", access.EnrolmentWrite, s.enrolmentCreate)
	r.GET("/courses/:id/quotas", access.EnrolmentWrite, s.quotaPage)
	r.POST("/courses/:id/quotas", access.EnrolmentWrite, s.quotaSave)
	r.GET("/courses/:id/nominate", access.Nominate, s.nominateNew)
	r.POST("/courses/:id/nominate", access.Nominate, s.nominate)
	r.GET("/courses/:id/nominations.pdf", access.NominationRead, s.nominationPaper)
	r.GET("/nominations", access.NominationRead, s.nominationList)
	r.GET("/nominations.xlsx", access.NominationRead, s.nominationSheet)
	r.POST("/nominations/approve", access.EnrolmentWrite, s.nominationApprove)
	r.POST("/nominations/refuse", access.EnrolmentWrite, s.nominationRefuse)
	r.POST("/nominations/withdraw", access.Nominate, s.nominationWithdraw)
	r.GET("/my/courses", access.OwnRead, s.ownCourses)

	// Invitations and what people answered.
	r.GET("/courses/:id/invitations", access.NominationRead, s.invitationList)
	r.POST("/courses/:id/invitations", access.EnrolmentWrite, s.invitationSend)
	r.POST("/courses/:id/invitations/letter", access.EnrolmentWrite, s.letterSave)
	r.POST("/courses/:id/invitations/resend", access.EnrolmentWrite, s.invitationResend)
	r.GET("/courses/:id/invitations.pdf", access.EnrolmentWrite, s.lettersPDF)
	r.GET("/courses/:id/calendar.ics", access.CourseRead, s.calendarFile)
	r.GET("/enrolments/:id/letter.pdf", access.NominationRead, s.letterPDF)
	r.GET("/my/enrolments/:id", access.OwnRead, s.ownInvitation)
	r.POST("/my/enrolments/:id/confirm", access.OwnRead, s.invitationConfirm)
	r.POST("/my/enrolments/:id/decline", access.OwnRead, s.invitationDecline)
	r.POST("/my/enrolments/:id/name/confirm", access.OwnRead, s.nameConfirm)
	r.POST("/my/enrolments/:id/name/propose", access.OwnRead, s.namePropose)
	r.GET("/my/enrolments/:id/letter.pdf", access.OwnRead, s.ownLetterPDF)
	r.GET("/my/enrolments/:id/calendar.ics", access.OwnRead, s.ownCalendarFile)

	// Names and titles, checked before certificates print them.
	r.GET("/courses/:id/name-checks", access.AttendanceWrite, s.nameCourse)
	r.POST("/courses/:id/name-checks", access.AttendanceWrite, s.nameOnPaper)
	r.GET("/name-checks", access.RosterWrite, s.nameList)
	r.POST("/name-checks/:id/accept", access.RosterWrite, s.nameAccept)
	r.POST("/name-checks/:id/refuse", access.RosterWrite, s.nameRefuse)

	// Attendance and scores.
	r.GET("/sessions/:id/sheet", access.AttendanceWrite, s.signPage)
	r.GET("/sessions/:id/sheet.pdf", access.AttendanceWrite, s.signSheet)
	r.GET("/courses/:id/sheets.pdf", access.AttendanceWrite, s.signSheets)
	r.POST("/sessions/:id/signed-sheets", access.AttendanceWrite, s.signedAttach, body(uploadBody))
	r.GET("/signed-sheets/:id", access.AttendanceWrite, s.signedShow)
	r.POST("/signed-sheets/:id/remove", access.AttendanceWrite, s.signedRemove)
	r.GET("/sessions/:id/screen", access.AttendanceWrite, s.screen)
	r.GET("/sessions/:id/screen/state", access.AttendanceWrite, s.screenState)
	r.POST("/sessions/:id/screen/renew", access.AttendanceWrite, s.screenRenew)
	r.GET("/sessions/:id/scan", access.AttendanceWrite, s.scan)
	r.GET("/c/:code", access.Public, s.checkInCode)
	r.GET("/check-in", access.Public, s.checkInPage)
	r.POST("/check-in", access.Public, s.checkIn)
	r.GET("/b/:code", access.Public, s.badgePage)
	r.GET("/sessions/:id/attendance", access.AttendanceWrite, s.sheet)
	r.POST("/sessions/:id/attendance", access.AttendanceWrite, s.sheetTap)
	r.GET("/sessions/:id/attendance/:enrolment", access.AttendanceWrite, s.markHistory)
	r.POST("/sessions/:id/attendance/:enrolment", access.AttendanceWrite, s.markSave)
	r.POST("/sessions/:id/walk-ins", access.AttendanceWrite, s.walkInAdd)
	r.GET("/marks/file", access.AttendanceWrite, s.markFile)
	r.POST("/marks/file", access.AttendanceWrite, s.markFileTake, body(marksBody))
	r.POST("/marks", access.AttendanceWrite, s.apiMarksSave, forScript, body(marksBody))
	r.GET("/courses/:id/attendance", access.AttendanceWrite, s.attendanceReport)
	r.GET("/courses/:id/grid", access.AttendanceWrite, s.gridPage)
	r.POST("/courses/:id/grid", access.AttendanceWrite, s.gridSave)
	r.GET("/courses/:id/grid.xlsx", access.AttendanceWrite, s.gridSheet)
	r.POST("/courses/:id/grid/file", access.AttendanceWrite, s.gridUpload, body(uploadBody))
	r.POST("/courses/:id/grid/scores", access.AttendanceWrite, s.apiScoresSave, forScript)
	r.GET("/courses/:id/make-ups", access.AttendanceWrite, s.makeUps)
	r.POST("/courses/:id/make-ups", access.AttendanceWrite, s.makeUpAdd)
	r.POST("/courses/:id/make-ups/take-back", access.AttendanceWrite, s.makeUpTakeBack)
	r.GET("/courses/:id/scores", access.AttendanceWrite, s.scorePage)
	r.POST("/courses/:id/scores", access.AttendanceWrite, s.scoreSave)
	r.GET("/courses/:id/scores.xlsx", access.AttendanceWrite, s.scoreSheet)
	r.POST("/courses/:id/scores/file", access.AttendanceWrite, s.scoreUpload, body(uploadBody))

	// Quizzes before and after a course.
	r.GET("/courses/:id/quizzes", access.AttendanceWrite, s.quizOverview)
	r.GET("/courses/:id/quizzes.xlsx", access.AttendanceWrite, s.quizResultSheet)
	r.POST("/courses/:id/quizzes", access.AttendanceWrite, s.quizCreate)
	r.GET("/quizzes/:id", access.AttendanceWrite, s.quizShow)
	r.POST("/quizzes/:id", access.AttendanceWrite, s.quizSave)
	r.POST("/quizzes/:id/open", access.AttendanceWrite, s.quizOpen)
	r.POST("/quizzes/:id/close", access.AttendanceWrite, s.quizClose)
	r.POST("/quizzes/:id/delete", access.AttendanceWrite, s.quizDelete)
	r.POST("/quizzes/:id/copy", access.AttendanceWrite, s.quizCopy)
	r.POST("/quizzes/:id/scores", access.AttendanceWrite, s.quizScores)
	r.GET("/quizzes/:id/questions.xlsx", access.AttendanceWrite, s.quizSheet)
	r.POST("/quizzes/:id/file", access.AttendanceWrite, s.quizUpload, body(uploadBody))
	r.GET("/quizzes/:id/questions/new", access.AttendanceWrite, s.questionNew)
	r.POST("/quizzes/:id/questions", access.AttendanceWrite, s.questionCreate)
	r.GET("/questions/:id/edit", access.AttendanceWrite, s.questionEdit)
	r.POST("/questions/:id", access.AttendanceWrite, s.questionSave)
	r.POST("/questions/:id/delete", access.AttendanceWrite, s.questionDelete)
	r.GET("/my/quizzes/:id", access.OwnRead, s.ownQuiz)
	r.POST("/my/quizzes/:id", access.OwnRead, s.ownQuizSave)
	r.POST("/my/quizzes/:id/begin", access.OwnRead, s.ownQuizBegin)
	r.POST("/my/quizzes/:id/answers", access.OwnRead, s.ownQuizAnswers, forScript)

	// Recognised training; completions and their voiding.
	r.GET("/recognitions", access.CompletionPropose, s.recognitionList)
	r.POST("/recognitions", access.CompletionPropose, s.recognitionCreate, body(uploadBody))
	r.GET("/recognitions.xlsx", access.CompletionPropose, s.recognitionSheet)
	r.GET("/recognitions/new", access.CompletionPropose, s.recognitionNew)
	r.POST("/recognitions/approve", access.CompletionApprove, s.recognitionApprove)
	r.POST("/recognitions/refuse", access.CompletionApprove, s.recognitionRefuse)
	r.POST("/recognitions/withdraw", access.CompletionPropose, s.recognitionWithdraw)
	r.GET("/recognitions/template.xlsx", access.CompletionPropose, s.recognitionTemplate)
	r.GET("/recognitions/import", access.CompletionPropose, s.recognitionImport)
	r.POST("/recognitions/import", access.CompletionPropose, s.recognitionUpload, body(uploadBody))
	r.POST("/recognitions/import/confirm", access.CompletionPropose, s.recognitionConfirm)
	r.POST("/recognitions/import/drop", access.CompletionPropose, s.recognitionDrop)
	r.GET("/recognitions/:id", access.CompletionPropose, s.recognitionShow)
	r.GET("/recognitions/:id/scan", access.CompletionPropose, s.recognitionScan)
	r.POST("/recognitions/:id/scan", access.CompletionPropose, s.recognitionAttach, body(uploadBody))
	r.GET("/completions/:id", access.CompletionPropose, s.completionShow)
	r.GET("/courses/:id/completions", access.CompletionApprove, s.completionList)
	r.POST("/completions/void", access.CompletionApprove, s.completionVoid)
	r.POST("/completions/restore", access.CompletionApprove, s.completionRestore)

	// Accounts and sign-in slips.
	r.GET("/accounts", access.AccountRead, s.accountList)
	r.GET("/accounts.xlsx", access.AccountRead, s.accountSheet)
	r.GET("/accounts/new", access.AccountWrite, s.accountNew)
	r.POST("/accounts", access.AccountWrite, s.accountCreate)
	r.POST("/accounts/disable", access.AccountWrite, s.accountsDisable)
	r.GET("/accounts/:id", access.AccountRead, s.accountShow)
	r.POST("/accounts/:id", access.AccountWrite, s.accountUpdate)
	r.POST("/accounts/:id/disable", access.AccountWrite, s.accountDisable)
	r.POST("/accounts/:id/enable", access.AccountWrite, s.accountEnable)
	r.POST("/accounts/:id/grants", access.AccountWrite, s.accountGrant)
	r.POST("/accounts/:id/grants/:grant/revoke", access.AccountWrite, s.accountRevoke)
	r.POST("/accounts/:id/slip", access.AccountSlip, s.accountSlip)
	r.GET("/slips", access.AccountSlip, s.slipOffices)
	r.GET("/slips.xlsx", access.AccountSlip, s.slipOfficeSheet)
	r.POST("/slips", access.AccountSlip, s.slipMake)

	// Certificates, issuers, the public check, a cadre's own.
	r.GET("/certificates", access.CertificateRead, s.certificateList)
	r.GET("/certificates.xlsx", access.CertificateRead, s.certificateSheet)
	r.GET("/certificates.zip", access.CertificateRead, s.certificatesZip)
	r.GET("/certificates/people", access.CertificateRead, s.certificatePeople)
	r.GET("/certificates/people.xlsx", access.CertificateRead, s.certificatePeopleSheet)
	r.GET("/certificates/:id", access.CertificateRead, s.certificateShow)
	r.GET("/certificates/:id/pdf", access.CertificateRead, s.certificatePDF)
	r.POST("/certificates/:id/revoke", access.CertificateIssue, s.certificateRevoke)
	r.POST("/certificates/:id/replace", access.CertificateIssue, s.certificateReplace)
	// Many certificates at once: for the printer, by mail, and how far it is.
	r.POST("/certificates/print", access.CertificateIssue, s.certificatesPrint)
	r.POST("/courses/:id/certificates/print", access.CertificateIssue, s.coursePrint)
	r.POST("/courses/:id/certificates/mails", access.CertificateIssue, s.certificatesMail)
	r.GET("/courses/:id/certificates/mails/state", access.CertificateIssue, s.certificateMailState)
	r.GET("/certificates/jobs/:id", access.CertificateIssue, s.work)
	r.GET("/certificates/jobs/:id/state", access.CertificateIssue, s.workState)
	r.GET("/certificates/jobs/:id/file", access.CertificateIssue, s.workFile)
	r.GET("/courses/:id/certificates", access.CertificateIssue, s.issuePage)
	r.POST("/courses/:id/certificates", access.CertificateIssue, s.issue)
	r.GET("/courses/:id/certificates.zip", access.CertificateIssue, s.certificateZip)
	r.GET("/certificates/:id/print", access.CertificateIssue, s.certificatePrint)
	r.POST("/certificates/:id/handover", access.CertificateIssue, s.certificateHandOver)
	r.POST("/certificates/:id/handover/undo", access.CertificateIssue, s.certificateHandOverUndo)
	r.POST("/certificates/:id/scans", access.CertificateIssue, s.certificateScan, body(uploadBody))
	r.GET("/certificate-scans/:id", access.CertificateIssue, s.scanShow)
	r.POST("/certificate-scans/:id/remove", access.CertificateIssue, s.scanRemove)
	r.GET("/courses/:id/handover", access.CertificateIssue, s.handover)
	r.POST("/courses/:id/handover", access.CertificateIssue, s.handoverSave, body(uploadBody))
	r.POST("/courses/:id/certificate-scans", access.CertificateIssue, s.handoverScan, body(uploadBody))
	r.GET("/courses/:id/receipts.pdf", access.CertificateIssue, s.receipts)
	r.GET("/courses/:id/signing", access.CertificateIssue, s.outgoing)
	r.GET("/courses/:id/to-sign.zip", access.CertificateIssue, s.outgoingZip)
	r.POST("/courses/:id/signed", access.CertificateIssue, s.signedTake, body(signedBody))
	r.GET("/issuers", access.CertificateIssue, s.issuers)
	r.GET("/issuers.xlsx", access.CertificateIssue, s.issuerSheet)
	r.POST("/issuers", access.CertificateIssue, s.issuerSave)
	r.GET("/issuers/:id/signing", access.CertificateIssue, s.issuerSigning)
	r.POST("/issuers/:id/signing", access.CertificateIssue, s.issuerSigningSave)
	r.POST("/signatories", access.CertificateIssue, s.signatoryAdd)
	r.POST("/signatories/:id/end", access.CertificateIssue, s.signatoryEnd)

	// Registers of certificates, one of each issuer and year.
	r.GET("/registers", access.CertificateRead, s.registers)
	r.GET("/registers.xlsx", access.CertificateRead, s.registersSheet)
	r.GET("/registers/:id", access.CertificateRead, s.registerShow)
	r.GET("/registers/:id/register.xlsx", access.CertificateRead, s.registerSheet)
	r.GET("/registers/:id/register.pdf", access.CertificateRead, s.registerPDF)
	r.GET("/registers/:id/signed-off.jsonl", access.CertificateRead, s.registerText)
	r.POST("/registers/:id/close", access.CertificateIssue, s.registerClose)

	// Templates of certificates and the pictures on them.
	r.GET("/templates", access.CertificateIssue, s.templateList)
	r.POST("/templates", access.CertificateIssue, s.templateCreate)
	r.POST("/templates/import", access.CertificateIssue, s.templateImport, body(template.MaxFile+1<<20))
	r.GET("/templates/pictures", access.CertificateIssue, s.pictureList)
	r.POST("/templates/pictures", access.CertificateIssue, s.pictureAdd, body(4<<20))
	r.GET("/templates/pictures/:id", access.CertificateIssue, s.pictureShow)
	r.POST("/templates/pictures/:id/delete", access.CertificateIssue, s.pictureRemove)
	r.GET("/templates/:id", access.CertificateIssue, s.templateShow)
	r.GET("/templates/:id/edit", access.CertificateIssue, s.templateEdit)
	r.POST("/templates/:id/edit", access.CertificateIssue, s.templateDraft)
	r.POST("/templates/:id/live", access.CertificateIssue, s.templateLive, forScript)
	r.POST("/templates/:id/versions", access.CertificateIssue, s.templateSave)
	r.POST("/templates/:id/versions/:number/restore", access.CertificateIssue, s.templateRestore)
	r.GET("/templates/:id/versions/:number/layout.json", access.CertificateIssue, s.templateExport)
	r.GET("/templates/:id/versions/:number/preview.pdf", access.CertificateIssue, s.templatePreview)
	r.POST("/templates/:id/rename", access.CertificateIssue, s.templateRename)
	r.POST("/templates/:id/archive", access.CertificateIssue, s.templateArchive)
	r.POST("/templates/:id/unarchive", access.CertificateIssue, s.templateUnarchive)

	// Venues and rooms.
	r.GET("/venues", access.CourseRead, s.venueList)
	r.GET("/venues.xlsx", access.CourseRead, s.venueSheet)
	r.GET("/venues/new", access.CourseWrite, s.venueNew)
	r.POST("/venues", access.CourseWrite, s.venueCreate)
	r.GET("/venues/:id", access.CourseWrite, s.venueShow)
	r.GET("/venues/:id/edit", access.CourseWrite, s.venueEdit)
	r.POST("/venues/:id", access.CourseWrite, s.venueUpdate)
	r.POST("/venues/:id/retire", access.CourseWrite, s.venueRetire)
	r.POST("/venues/:id/restore", access.CourseWrite, s.venueRestore)
	r.POST("/venues/:id/rooms", access.CourseWrite, s.roomAdd)
	r.GET("/rooms/:id/edit", access.CourseWrite, s.roomEdit)
	r.POST("/rooms/:id", access.CourseWrite, s.roomUpdate)
	r.POST("/rooms/:id/retire", access.CourseWrite, s.roomRetire)
	r.POST("/rooms/:id/restore", access.CourseWrite, s.roomRestore)

	// Trainers and feedback.
	r.GET("/trainers", access.TrainerRead, s.trainerList)
	r.GET("/trainers.xlsx", access.TrainerRead, s.trainerSheet)
	r.GET("/trainers/:id", access.TrainerRead, s.trainerShow)
	r.GET("/trainers/:id/edit", access.CourseWrite, s.trainerEdit)
	r.POST("/trainers/:id", access.CourseWrite, s.trainerSave)
	r.GET("/courses/:id/feedback", access.TrainerRead, s.feedbackShow)
	r.GET("/my/teaching", access.OwnTeaching, s.ownTeaching)
	r.GET("/my/teaching/calendar.ics", access.OwnTeaching, s.ownTeachingFile)
	r.GET("/my/teaching/profile", access.OwnTeaching, s.ownProfile)
	r.POST("/my/teaching/profile", access.OwnTeaching, s.ownProfileSave)
	r.GET("/my/courses/:id/feedback", access.OwnRead, s.feedbackForm)
	r.POST("/my/courses/:id/feedback", access.OwnRead, s.feedbackSave)

	r.GET("/my", access.OwnRead, s.my)
	r.GET("/my/certificates/:id", access.OwnRead, s.ownCertificate)
	r.GET("/my/certificates/:id/pdf", access.OwnRead, s.ownCertificatePDF)
	r.GET("/my/certificates/:id/picture.jpg", access.OwnRead, s.ownCertificatePicture)
	r.POST("/my/certificates/:id/share", access.OwnRead, s.ownCertificateShare)
	r.POST("/my/certificates/:id/unshare", access.OwnRead, s.ownCertificateUnshare)
	r.GET("/s/:token", access.Public, s.shared)
	r.GET("/s/:token/certificate.pdf", access.Public, s.sharedPDF)
	r.GET("/s/:token/picture.jpg", access.Public, s.sharedPicture)
	r.GET("/verify", access.Public, s.verifyForm)
	r.GET("/v/:code", access.Public, s.verify)
	r.GET("/v/", access.Public, s.verifyForm)
	r.POST("/v/", access.Public, s.verifyFile, body(certificate.MaxVerified+1<<16))
	r.GET("/v/keys.json", access.Public, s.proofKeys)
	// Open Badges 3.0: files for holders, and what whoever checks them asks for.
	r.GET("/certificates/:id/credential", access.CertificateRead, s.certificateCredential)
	r.GET("/my/certificates/:id/credential", access.OwnRead, s.ownCredential)
	r.GET("/s/:token/credential", access.Public, s.sharedCredential)
	r.GET("/ob/credentials/:code", access.Public, s.credentialPage)
	r.GET("/ob/issuers/:id", access.Public, s.credentialIssuer, forScript)
	r.GET("/ob/achievements/:id", access.Public, s.credentialAchievement, forScript)
	r.GET("/ob/keys", access.Public, s.credentialKeys, forScript)
	r.GET("/ob/keys/:kid", access.Public, s.credentialKey, forScript)
	r.GET("/ob/status/:id/:list", access.Public, s.credentialStatus, forScript)
	r.GET("/ob/badge.png", access.Public, s.credentialImage, forScript)

	// The system itself.
	r.GET("/settings", access.SettingsWrite, s.settingsPage)
	r.POST("/settings", access.SettingsWrite, s.settingsSave)
	r.GET("/signing", access.SettingsWrite, s.signingPage)
	r.POST("/signing/keys", access.SettingsWrite, s.signingKeyAdd, body(2<<20))
	r.POST("/signing/keys/:id/retire", access.SettingsWrite, s.signingKeyRetire)
	r.POST("/signing/time", access.SettingsWrite, s.signingTimeSave)
	r.POST("/settings/credentials", access.SettingsWrite, s.switched(s.credential.Set, "credentials", "credential.on_done", "credential.off_done"))
	r.POST("/settings/open", access.SettingsWrite, s.switched(s.settings.SetOpen, "open", "open.on_done", "open.off_done"))
	r.POST("/settings/mail", access.SettingsWrite, s.mailSave)
	r.POST("/settings/reminders", access.SettingsWrite, s.remindersSave)
	r.POST("/settings/mail/try", access.SettingsWrite, s.mailTry)
	r.GET("/audit", access.AuditRead, s.audit)
	r.GET("/audit.xlsx", access.AuditRead, s.auditSheet)
	r.GET("/gallery", access.GalleryRead, s.gallery)
}
