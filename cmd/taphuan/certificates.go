package main

import (
	"errors"
	"fmt"

	"taphuan/app/bucket"
	"taphuan/app/certificate"
	"taphuan/app/job"
)

type certificatesCmd struct {
	Move  certificatesMoveCmd  `cmd:"" help:"Move documents into the bucket, or back into the database. It may be broken off, and goes on when it is run again."`
	Check certificatesCheckCmd `cmd:"" help:"Read every document from where it lies and compare it with the register: after a backup was restored, say."`
}

type certificatesMoveCmd struct {
	To string `arg:"" enum:"bucket,database" help:"bucket or database."`
}

func (c *certificatesMoveCmd) Run(p *program) error {
	return p.documents("moved to the "+c.To, true, func(s *certificate.Service, tell job.Progress) (int, error) {
		if c.To == "bucket" {
			return s.ToBucket(p.ctx, tell)
		}
		n, err := s.ToDatabase(p.ctx, tell)
		if err != nil {
			return n, err
		}
		away, err := s.Away(p.ctx)
		if err == nil && away > 0 {
			err = fmt.Errorf("%d documents are in the bucket again: a server that is told to use it runs meanwhile; end it first", away)
		}
		return n, err
	})
}

type certificatesCheckCmd struct{}

func (certificatesCheckCmd) Run(p *program) error {
	return p.documents("what was issued", false, func(s *certificate.Service, tell job.Progress) (int, error) { return s.Check(p.ctx, tell) })
}

// documents opens what the commands about documents need, and says of how many they were right.
func (p *program) documents(what string, needsBucket bool, do func(*certificate.Service, job.Progress) (int, error)) error {
	b, err := p.bucket()
	if err != nil {
		return err
	}
	if b == nil && needsBucket {
		return errors.New("which bucket? Set --bucket or TAPHUAN_BUCKET")
	}
	db, err := p.open()
	if err != nil {
		return err
	}
	n, err := do(&certificate.Service{DB: db, Bucket: b}, p.progress("documents"))
	fmt.Printf("%d documents: %s\n", n, what)
	return errors.Join(err, db.Close())
}

// bucket opens the bucket, nil where none is set.
func (p *program) bucket() (certificate.Bucket, error) {
	if p.cli.Bucket == "" {
		return nil, nil
	}
	b, err := bucket.Open(p.ctx, p.cli.Bucket)
	if err != nil {
		return nil, err // and no *Bucket that is nil
	}
	return b, nil
}
