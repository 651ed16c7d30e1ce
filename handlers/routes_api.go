package handlers

import (
	"taphuan/app/access"
	"taphuan/app/certificate"
)

// api is the map of the JSON interface.
func (s *Server) api(r *table) {
	r.GET("/api/v1/openapi.json", access.Public, s.openAPIDocument, describe("This document.", nil, new(map[string]any)))

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
