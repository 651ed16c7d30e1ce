package handlers

import (
	"taphuan/app/access"
	"taphuan/app/coverage"
	"taphuan/app/forecast"
)

// coveragePages is the part of the map of the site that has to do with coverage, the plans it is of and the classes that are proposed for it.
func (s *Server) coveragePages(r *table) {
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
	r.GET("/open/coverage.xlsx", access.Public, s.openSheet)
	r.GET("/open/coverage.csv", access.Public, s.openSheet)
	r.GET("/open/series.xlsx", access.Public, s.openWayFile)
	r.GET("/open/series.csv", access.Public, s.openWayFile)
	r.GET("/open/series.png", access.Public, s.openWayFile)
	r.GET("/open/series.svg", access.Public, s.openWayFile)

	// Proposals of classes.
	r.GET("/proposals", access.CourseWrite, s.proposalList)
	r.GET("/proposals/new", access.CourseWrite, s.proposalNew)
	r.POST("/proposals", access.CourseWrite, s.proposalCreate)
	r.GET("/proposals/:id", access.CourseWrite, s.proposalShow)
	r.GET("/proposals/:id/people.xlsx", access.CourseWrite, s.proposalSheet)
	r.POST("/proposals/:id/drafts", access.CourseWrite, s.proposalMake)
}

// coverageAPI is the same of the JSON interface.
func (s *Server) coverageAPI(r *table) {
	r.GET("/api/v1/coverage", access.CoverageRead, s.apiCoverage, describe("Coverage of an organisation and everything below it on a day, a row for each organisation and group.", new(apiCoverageQuery), new([]coverage.Row)))
	r.GET("/api/v1/coverage/recognised", access.CoverageRead, s.apiRecognised, describe("How many of the covered are so only thanks to recognised training, a row for each organisation and group.", new(apiCoverageQuery), new([]coverage.RecognisedRow)))
	r.GET("/api/v1/coverage/missing", access.CoverageRead, s.apiMissing, describe("Who of a group is not covered on a day, by given name, with what they lack.", new(apiMissingQuery), new(apiMissing)))
	r.GET("/api/v1/coverage/content", access.CoverageRead, s.apiContent, describe("What the people of a group have been trained in: how many have each component, for an organisation and those right below it, and how many were trained in each topic of the plan.", new(apiContentQuery), new([]apiContentRow)))
	r.GET("/api/v1/coverage/people", access.CoverageRead, s.apiPeople, describe("What the figure of a group is the sum of on a day, and one part of it: people by given name, with what they lack or by what they are covered, or organisations that give no names.", new(apiPeopleQuery), new(apiPeople)))
	r.GET("/api/v1/coverage/ranking", access.CoverageRead, s.apiRanking, describe("Organisations by how many of a group they still miss themselves, without those below them; the most first unless sort says otherwise.", new(apiRankingQuery), new(apiRanking)))
	r.GET("/api/v1/coverage/series", access.CoverageRead, s.apiSeries, describe("Coverage over time, a row for each day and group.", new(apiSeriesQuery), new([]apiSeriesRow)))
	r.GET("/api/v1/coverage/forecast", access.CoverageRead, s.apiForecasts, describe("Where each group of an organisation is heading: when its target will be met, with a range, and what pace that takes. From a past day, as it could be told then, without the courses that were planned.", new(apiCoverageQuery), new([]forecast.Row)))
	r.GET("/api/v1/open/coverage", access.Public, s.apiOpen, describe("What anyone may know of coverage on a day: the whole, the organisations right below it, the way by month. Figures of fewer than five people, and those from which they could be worked out, are withheld. 404 while an administrator has not published them; with If-None-Match of the last answer's ETag 304 where nothing is new. Scripts of other sites may ask so too (CORS), without credentials.", new(apiOpenQuery), new(apiOpen)), anySite)
}
