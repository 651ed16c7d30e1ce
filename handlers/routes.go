package handlers

import (
	"net/http"

	"github.com/gin-gonic/gin"

	"taphuan/app/access"
	"taphuan/app/certificate"
	"taphuan/app/coverage"
	"taphuan/app/forecast"
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

// forScript says that a page's own script asks, and wants refusals as the API gives them.
func forScript(r *Route) { r.json = true }

func (s *Server) register(e *gin.Engine) {
	var t table
	s.pages(&t)
	s.api(&t)
	s.routes = t.rows
	for _, r := range t.rows {
		if r.Permission == "" {
			panic("route without a permission: " + r.Method + " " + r.Path)
		}
		e.Handle(r.Method, r.Path, s.wrap(r, r.handler))
	}
}

// pages is the map of the site: what there is and who may see it.
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

	// Coverage: percentages, who is missing, over time.
	r.GET("/coverage", access.CoverageRead, s.coverageShow)
	r.GET("/coverage.csv", access.CoverageRead, s.coverageSheet)
	r.GET("/coverage.xlsx", access.CoverageRead, s.coverageSheet)
	r.GET("/coverage/series", access.CoverageRead, s.coverageWayPage)
	r.GET("/coverage/series.xlsx", access.CoverageRead, s.coverageWayFile)
	r.GET("/coverage/series.csv", access.CoverageRead, s.coverageWayFile)
	r.GET("/coverage/series.png", access.CoverageRead, s.coverageWayFile)
	r.GET("/coverage/series.svg", access.CoverageRead, s.coverageWayFile)
	r.GET("/coverage/gaps", access.CoverageRead, s.coverageGaps)
	r.GET("/coverage/ranking", access.CoverageRead, s.coverageRanking)
	r.GET("/coverage/ranking.csv", access.CoverageRead, s.rankingSheet)
	r.GET("/coverage/ranking.xlsx", access.CoverageRead, s.rankingSheet)
	r.GET("/coverage/content", access.CoverageRead, s.coverageContent)
	r.GET("/coverage/content.csv", access.CoverageRead, s.contentSheet)
	r.GET("/coverage/content.xlsx", access.CoverageRead, s.contentSheet)
	r.GET("/coverage/forecast", access.CoverageRead, s.coverageForecast)
	r.GET("/coverage/forecast.xlsx", access.CoverageRead, s.coverageForecastFile)
	r.GET("/coverage/forecast.csv", access.CoverageRead, s.coverageForecastFile)
	r.GET("/coverage/forecast.png", access.CoverageRead, s.coverageForecastFile)
	r.GET("/coverage/forecast.svg", access.CoverageRead, s.coverageForecastFile)
	r.GET("/headcounts", access.RosterWrite, s.headcountForms)
	r.POST("/headcounts", access.RosterWrite, s.headcountSave)
	r.GET("/coverage/people", access.CoverageRead, s.coveragePeople)
	r.GET("/coverage/people.csv", access.CoverageRead, s.peopleSheet)
	r.GET("/coverage/people.xlsx", access.CoverageRead, s.peopleSheet)
	r.GET("/coverage/expiring", access.CoverageRead, s.coverageExpiring)
	r.GET("/coverage/expiring.csv", access.CoverageRead, s.expiringSheet)
	r.GET("/coverage/expiring.xlsx", access.CoverageRead, s.expiringSheet)
	r.GET("/coverage/missing", access.CoverageRead, s.coverageMissing)
	r.GET("/coverage/missing.csv", access.CoverageRead, s.missingSheet)
	r.GET("/coverage/missing.xlsx", access.CoverageRead, s.missingSheet)

	// Plans: what each asks for, side by side; what coverage stands on is changed here.
	r.GET("/plans", access.CoverageRead, s.planList)
	r.GET("/plans/:code", access.CoverageRead, s.planShow)
	r.GET("/plans/:code/edit", access.SettingsWrite, s.planEdit)
	r.POST("/plans/:code", access.SettingsWrite, s.planSave)
	r.GET("/plans/:code/copy", access.SettingsWrite, s.planCopyPage)
	r.POST("/plans/:code/copy", access.SettingsWrite, s.planCopy)
	r.GET("/plans/:code/delete", access.SettingsWrite, s.planDeletePage)
	r.POST("/plans/:code/delete", access.SettingsWrite, s.planDelete)
	r.POST("/plans/:code/first", access.SettingsWrite, s.planFirst)
	r.POST("/plans/:code/open", access.SettingsWrite, s.planOpen)

	// What anyone may know, while an administrator lets them.
	r.GET("/open", access.Public, s.open)

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
	// Proposals of classes.
	r.GET("/proposals", access.CourseWrite, s.proposalList)
	r.GET("/proposals/new", access.CourseWrite, s.proposalNew)
	r.POST("/proposals", access.CourseWrite, s.proposalCreate)
	r.GET("/proposals/:id", access.CourseWrite, s.proposalShow)
	r.GET("/proposals/:id/people.xlsx", access.CourseWrite, s.proposalSheet)
	r.POST("/proposals/:id/drafts", access.CourseWrite, s.proposalMake)
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

// api is the map of the JSON interface.
func (s *Server) api(r *table) {
	r.GET("/api/v1/openapi.json", access.Public, s.openAPIDocument, describe("This document.", nil, new(map[string]any)))

	// Coverage.
	r.GET("/api/v1/coverage", access.CoverageRead, s.apiCoverage, describe("Coverage of an organisation and everything below it on a day, a row for each organisation and group.", new(apiCoverageQuery), new([]coverage.Row)))
	r.GET("/api/v1/coverage/recognised", access.CoverageRead, s.apiRecognised, describe("How many of the covered are so only thanks to recognised training, a row for each organisation and group.", new(apiCoverageQuery), new([]coverage.RecognisedRow)))
	r.GET("/api/v1/coverage/missing", access.CoverageRead, s.apiMissing, describe("Who of a group is not covered on a day, by given name, with what they lack.", new(apiMissingQuery), new(apiMissing)))
	r.GET("/api/v1/coverage/content", access.CoverageRead, s.apiContent, describe("What the people of a group have been trained in: how many have each component, for an organisation and those right below it, and how many were trained in each topic of the plan.", new(apiContentQuery), new([]apiContentRow)))
	r.GET("/api/v1/coverage/people", access.CoverageRead, s.apiPeople, describe("What the figure of a group is the sum of on a day, and one part of it: people by given name, with what they lack or by what they are covered, or organisations that give no names.", new(apiPeopleQuery), new(apiPeople)))
	r.GET("/api/v1/coverage/ranking", access.CoverageRead, s.apiRanking, describe("Organisations by how many of a group they still miss themselves, without those below them; the most first unless sort says otherwise.", new(apiRankingQuery), new(apiRanking)))
	r.GET("/api/v1/coverage/series", access.CoverageRead, s.apiSeries, describe("Coverage over time, a row for each day and group.", new(apiSeriesQuery), new([]apiSeriesRow)))
	r.GET("/api/v1/coverage/forecast", access.CoverageRead, s.apiForecasts, describe("Where each group of an organisation is heading: when its target will be met, with a range, and what pace that takes. From a past day, as it could be told then, without the courses that were planned.", new(apiCoverageQuery), new([]forecast.Row)))
	r.GET("/api/v1/open/coverage", access.Public, s.apiOpen, describe("What anyone may know of coverage on a day: the whole, the organisations right below it, the way by month. Figures of fewer than five people, and those from which they could be worked out, are withheld. 404 while an administrator has not published them; with If-None-Match of the last answer's ETag 304 where nothing is new.", new(apiOpenQuery), new(apiOpen)))

	// Organisations and cadres.
	r.GET("/api/v1/organisations", access.RosterRead, s.apiOrganisationList, describe("Organisations in scope on a day, in tree order.", new(apiOrganisationFilter), new(apiOrganisations)))
	r.POST("/api/v1/organisations/:code/headcounts", access.RosterWrite, s.apiHeadcount, describe("Declare how many cadres of a group the organisation has itself, from a day on; null withdraws.", new(apiHeadcountInput), new(apiHeadcountDone)), created)
	r.GET("/api/v1/cadres", access.RosterRead, s.apiCadreList, describe("Cadres on the roster on a day, by given name.", new(apiCadreFilter), new(apiCadres)))
	r.POST("/api/v1/cadres/search", access.RosterRead, s.apiCadreSearch, describe("The same, for a search by national id: a number stands in no address.", new(apiCadreSearchInput), new(apiCadres)))
	r.GET("/api/v1/cadres/:id", access.RosterRead, s.apiCadreShow, describe("One cadre with postings and completions.", nil, new(apiCadre)))
	r.POST("/api/v1/cadres", access.RosterWrite, s.apiHire, describe("Put somebody new on a roster. Who may be known already is refused unless new says otherwise.", new(apiHireInput), new(apiCadre)), created)
	r.POST("/api/v1/cadres/:id/changes", access.RosterWrite, s.apiChange, describe("Change a cadre's postings from a day on, past or future, or correct them.", new(apiChangeInput), new(apiCadre)), created)
	r.POST("/api/v1/imports", access.RosterImport, s.apiImportUpload, describe("Upload a roster; it is read in the background. Confirming is for the page.", new(apiImportInput), new(apiImport)), created, body(uploadBody))
	r.GET("/api/v1/imports/:id", access.RosterImport, s.apiImportShow, describe("How far an import is, with counts.", nil, new(apiImport)))

	// Courses and sessions.
	r.GET("/api/v1/courses", access.CourseRead, s.apiCourseList, describe("Courses in scope.", new(courseFilter), new(apiCourses)))
	r.POST("/api/v1/courses", access.CourseWrite, s.apiCourseCreate, describe("Make a draft.", new(apiCourseInput), new(apiCourse)), created)
	r.GET("/api/v1/courses/:id", access.CourseRead, s.apiCourseShow, describe("One course, with the steps that make sense now.", nil, new(apiCourse)))
	r.PATCH("/api/v1/courses/:id", access.CourseWrite, s.apiCourseUpdate, describe("Change a course; what is left out stays.", new(apiCourseInput), new(apiCourse)))
	r.POST("/api/v1/courses/:id/open", access.CourseWrite, s.apiCourseOpen, describe("Open a draft for enrolment.", nil, new(apiCourse)))
	r.POST("/api/v1/courses/:id/start", access.CourseWrite, s.apiCourseStart, describe("Say that an open course has begun.", nil, new(apiCourse)))
	r.GET("/api/v1/courses/:id/closing", access.CourseWrite, s.apiClosing, describe("What closing the course would decide now.", nil, new(apiClosing)))
	r.POST("/api/v1/courses/:id/close", access.CourseWrite, s.apiCourseClose, describe("Decide every enrolment and close the course.", nil, new(apiCourse)))
	r.POST("/api/v1/courses/:id/cancel", access.CourseWrite, s.apiCourseCancel, describe("Cancel a course for a reason.", new(apiReason), new(apiCourse)))
	r.GET("/api/v1/courses/:id/sessions", access.CourseRead, s.apiSessionList, describe("Sessions of a course in the order of time.", nil, new(apiSessions)))
	r.POST("/api/v1/courses/:id/sessions", access.CourseWrite, s.apiSessionCreate, describe("Add a session.", new(sessionForm), new(apiSession)), created)
	r.PATCH("/api/v1/sessions/:id", access.CourseWrite, s.apiSessionUpdate, describe("Change a session; what is left out stays.", new(apiSessionPatch), new(apiSession)))
	r.POST("/api/v1/sessions/:id/cancel", access.CourseWrite, s.apiSessionCancel, describe("Cancel a session: its marks stay and count no more.", nil, new(apiSession)))
	r.POST("/api/v1/sessions/:id/restore", access.CourseWrite, s.apiSessionRestore, describe("Undo the cancellation of a session.", nil, new(apiSession)))

	// Enrolments.
	r.GET("/api/v1/courses/:id/enrolments", access.EnrolmentRead, s.apiEnrolmentList, describe("Who takes part in a course, by name; who waits by the place on the waiting list.", new(apiEnrolmentFilter), new(apiEnrolments)))
	r.POST("/api/v1/courses/:id/enrolments", access.EnrolmentWrite, s.apiEnrol, describe("Enrol cadres: seats first, then the waiting list, in the order given.", new(apiEnrolInput), new(apiEnrolResult)), created)
	r.GET("/api/v1/courses/:id/candidates", access.EnrolmentWrite, s.apiCandidates, describe("Cadres on the roster who are not in the course.", new(apiCandidateFilter), new(apiCandidates)))
	r.GET("/api/v1/courses/:id/suggestions", access.EnrolmentWrite, s.apiSuggestionList, describe("Who should come to a course, the first first, with the reasons: cadres of its groups who lack what it brings.", new(apiSuggestionFilter), new(apiSuggestions)))
	r.GET("/api/v1/courses/:id/nominations", access.NominationRead, s.apiCourseNominations, describe("Nominations for a course: for coordinators those that wait for a decision, for heads own ones.", new(apiNominationFilter), new(apiNominations)))
	r.POST("/api/v1/courses/:id/nominations", access.Nominate, s.apiNominate, describe("Put own cadres forward.", new(apiCadreIDs), new(apiNominateResult)), created)
	r.GET("/api/v1/nominations", access.NominationRead, s.apiNominationList, describe("Nominations over all courses: for coordinators those that wait for a decision, for heads own ones.", new(apiNominationFilter), new(apiNominations)))
	r.POST("/api/v1/nominations/:id/withdraw", access.Nominate, s.apiWithdraw, describe("Take an own cadre out of a course that has not begun.", new(apiEndReason), new(apiEndResult)))
	r.POST("/api/v1/enrolments/:id/approve", access.EnrolmentWrite, s.apiApprove, describe("Approve a nomination: a seat, or a place on the waiting list. The body may be left out.", new(apiApproval), new(apiEnrolResult)))
	r.POST("/api/v1/enrolments/:id/refuse", access.EnrolmentWrite, s.apiRefuse, describe("Turn a nomination down.", new(apiEndReason), new(apiEndResult)))
	r.POST("/api/v1/enrolments/:id/withdraw", access.EnrolmentWrite, s.apiWithdraw, describe("Take a cadre out of a course; the seat goes to the waiting list.", new(apiEndReason), new(apiEndResult)))
	r.GET("/api/v1/my/courses", access.OwnRead, s.apiOwnCourses, describe("Own courses: those to come, next class first, and past ones.", nil, new(apiOwnCourses)))

	// Marks and scores.
	r.GET("/api/v1/sessions/:id/marks", access.AttendanceWrite, s.apiMarks, describe("Everybody enrolled, with the marks of a session.", nil, new(apiSheet)))
	r.POST("/api/v1/marks", access.AttendanceWrite, s.apiMarksSave, body(marksBody),
		describe("Store marks of any sessions, and people who were not on the list. Each counts once by its uid and is taken or refused by itself; the latest by marked_at and offset_ms holds.", new(apiMarkBatch), new(apiMarkResult)))
	r.GET("/api/v1/courses/:id/attendance", access.AttendanceWrite, s.apiAttendance, describe("Minutes and percent that each person attended, against the course's rule.", nil, new(apiReport)))
	r.GET("/api/v1/courses/:id/scores", access.AttendanceWrite, s.apiScores, describe("The scores of everybody enrolled, in points out of ten.", nil, new(apiScoreList)))
	r.POST("/api/v1/courses/:id/scores", access.AttendanceWrite, s.apiScoresSave, describe("Set scores, in points out of ten with at most one decimal; null takes one away.", new(apiScoreBatch), new(apiScoreList)))

	// Certificates.
	r.GET("/api/v1/certificates", access.CertificateRead, s.apiCertificateList, describe("Certificates in scope, newest number first.", new(apiCertificateFilter), new(apiCertificates)))
	r.GET("/api/v1/certificates/:id", access.CertificateRead, s.apiCertificateShow, describe("One certificate.", nil, new(apiCertificate)))
	r.GET("/api/v1/certificates/:id/pdf", access.CertificateRead, s.certificatePDF, describe("The exact document that was issued.", nil, nil), answers("application/pdf"))
	r.GET("/api/v1/certificates/:id/credential", access.CertificateRead, s.certificateCredential, describe("The certificate as a digital badge (Open Badges 3.0), a signed JWT; there is none while badges are off.", nil, nil), answers("text/plain"))
	r.POST("/api/v1/certificates/:id/revoke", access.CertificateIssue, s.apiRevoke, describe("Revoke a certificate; its number is never used again.", new(endForm), new(apiCertificate)))
	r.POST("/api/v1/certificates/:id/replace", access.CertificateIssue, s.apiReplace, describe("Issue a corrected certificate in its place.", new(endForm), new(apiCertificate)), created)
	r.POST("/api/v1/courses/:id/certificates", access.CertificateIssue, s.apiIssue, describe("Issue the missing certificates of a closed course.", new(issueForm), new(apiIssued)), created)
	r.GET("/api/v1/verify/:code", access.Public, s.apiVerify, describe("What a code certifies and whether it stands.", nil, new(apiVerification)))
	r.POST("/api/v1/verify", access.Public, s.apiVerifyDocument, describe("Of which certificate a file is, byte for byte, and whether that stands; 404 when it is none that was issued.", new(apiVerifyFile), new(apiVerifiedFile)), body(certificate.MaxVerified+1<<16))
}
