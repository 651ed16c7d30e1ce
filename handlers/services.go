package handlers

import (
	"context"
	"errors"
	"maps"
	"time"

	"taphuan/app/access"
	"taphuan/app/attendance"
	"taphuan/app/certificate"
	"taphuan/app/course"
	"taphuan/app/coverage"
	"taphuan/app/credential"
	"taphuan/app/enrolment"
	"taphuan/app/file"
	"taphuan/app/forecast"
	"taphuan/app/history"
	"taphuan/app/home"
	"taphuan/app/identity"
	"taphuan/app/invitation"
	"taphuan/app/job"
	"taphuan/app/ledger"
	"taphuan/app/mail"
	"taphuan/app/namecheck"
	"taphuan/app/picture"
	"taphuan/app/planning"
	"taphuan/app/proof"
	"taphuan/app/proposal"
	"taphuan/app/quiz"
	"taphuan/app/roster"
	"taphuan/app/settings"
	"taphuan/app/signing"
	"taphuan/app/template"
	"taphuan/app/trainer"
	"taphuan/app/venue"
)

// services are the capabilities that pages and API share.
type services struct {
	access   *access.Service
	settings *settings.Service
	roster   *roster.Service
	identity *identity.Service
	jobs     *job.Runner
	mail     *mail.Service
	post     *job.Loop // sends mails
	coverage *coverage.Service
	forecast *forecast.Service
	planning *planning.Service
	homes    *home.Service
	venue    *venue.Service
	proposal *proposal.Service
	trainer  *trainer.Service

	course      *course.Service
	enrolment   *enrolment.Service
	invitation  *invitation.Service
	names       *namecheck.Service
	attendance  *attendance.Service
	quiz        *quiz.Service
	certificate *certificate.Service
	credential  *credential.Service
	template    *template.Service
	signing     *signing.Service
	proofs      *proof.Service
	history     *history.Service
}

func newServices(d Deps) services {
	set := &settings.Service{DB: d.DB}
	ros := &roster.Service{DB: d.DB, Keys: d.Keys}
	ros.Jobs = &job.Runner{DB: d.DB, Log: d.Log, Kinds: ros.Kinds(), Poll: d.Poll}
	post := &mail.Service{DB: d.DB, Keys: d.Keys, Log: d.Log}
	publicURL := func(ctx context.Context) (string, error) {
		x, err := set.Get(ctx)
		return x.PublicURL, err
	}
	sig := &signing.Service{DB: d.DB, Keys: d.Keys}
	printURL := func(ctx context.Context) (string, error) {
		x, err := set.Get(ctx)
		if err != nil {
			return "", err
		}
		return x.ForPaper()
	}
	proofs := &proof.Service{DB: d.DB, Keys: d.Keys}
	files := &file.Service{DB: d.DB, Keys: d.Keys}
	loop := &job.Loop{Log: d.Log, Poll: postPoll(d.Poll)}
	inv := &invitation.Service{DB: d.DB, Keys: d.Keys, Settings: set, Mail: post, Wake: loop.Wake}
	tem := &template.Service{DB: d.DB}
	cert := &certificate.Service{DB: d.DB, Templates: tem, Proofs: proofs, Files: files, Bucket: d.Bucket, Signing: sig, PublicURL: printURL, Pictures: picture.New(), Jobs: ros.Jobs, Mail: post.Config, Wake: loop.Wake}
	maps.Copy(ros.Jobs.Kinds, cert.Kinds())
	cov := &coverage.Service{DB: d.DB}
	pla := &planning.Service{DB: d.DB, Coverage: cov, Wake: ros.Jobs.Wake}
	maps.Copy(ros.Jobs.Kinds, pla.Kinds())
	post.Makers = inv.Makers()
	maps.Copy(post.Makers, cert.Makers())
	acc := &access.Service{DB: d.DB, Keys: d.Keys, PasswordCost: d.PasswordCost}
	return services{
		access:   acc,
		settings: set,
		roster:   ros,
		identity: &identity.Service{DB: d.DB, Keys: d.Keys, Roster: ros},
		jobs:     ros.Jobs,
		mail:     post,
		post:     loop,
		coverage: cov,
		forecast: &forecast.Service{DB: d.DB},
		planning: pla,
		homes:    &home.Service{DB: d.DB},
		venue:    &venue.Service{DB: d.DB},
		proposal: &proposal.Service{DB: d.DB},
		trainer:  &trainer.Service{DB: d.DB},

		course:      &course.Service{DB: d.DB},
		enrolment:   &enrolment.Service{DB: d.DB},
		invitation:  inv,
		names:       &namecheck.Service{DB: d.DB},
		attendance:  &attendance.Service{DB: d.DB, Keys: d.Keys, Access: acc, Roster: ros, Files: files, PublicURL: publicURL},
		quiz:        &quiz.Service{DB: d.DB, Roster: ros},
		certificate: cert,
		credential:  &credential.Service{DB: d.DB, Certificates: cert, Proofs: proofs, PublicURL: printURL},
		template:    tem,
		signing:     sig,
		proofs:      proofs,
		history:     &history.Service{DB: d.DB, Files: files, Roster: ros},
	}
}

// postPoll is how often the outbox is looked at unasked: mails are in less of a hurry than imports. What a request writes is sent at
// once all the same, since the request wakes the loop.
func postPoll(poll time.Duration) time.Duration {
	if poll == 0 {
		return 15 * time.Second
	}
	return poll
}

// Post does what falls due by the clock: seats of who left the roster, invitations of who moved up, news of changes, reminders, quizzes whose
// time is over, files of jobs that were kept long enough, standings of a day that is over; then it sends the mails whose turn it is. It says whether there may be more to send.
func (s *Server) Post(ctx context.Context) (more bool, err error) {
	released := s.enrolment.Release(ctx)
	swept := errors.Join(s.invitation.Sweep(ctx), s.quiz.Sweep(ctx), job.Sweep(ctx, s.DB), ledger.Stand(ctx, s.DB))
	more, err = s.mail.SendDue(ctx)
	return more, errors.Join(released, swept, err)
}
