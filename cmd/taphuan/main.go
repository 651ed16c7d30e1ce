// Command taphuan is the training and certification management system: one binary that serves it and keeps its database.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"

	"github.com/alecthomas/kong"

	"taphuan/app/errs"
	"taphuan/app/i18n"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/seeds"
)

// Exit statuses: 1 for what went wrong, 2 for what was refused (its code stands on standard error).
const (
	exitFailed  = 1
	exitRefused = 2
)

type cli struct {
	DB      string `name:"db" help:"Database: sqlite:PATH or mysql://USER:PASSWORD@HOST:PORT/NAME." default:"sqlite:data/taphuan.db" env:"TAPHUAN_DB"`
	KeyFile string `help:"Key file that seals personal numbers; made beside the SQLite file when missing, required on MariaDB." env:"TAPHUAN_KEY_FILE"`
	Bucket  string `help:"Keeps documents of certificates outside of the database: file:///FOLDER or s3://BUCKET?endpoint=https://HOST (its keys in AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY)." env:"TAPHUAN_BUCKET"`

	Serve        serveCmd        `cmd:"" help:"Serve the system."`
	Migrate      migrateCmd      `cmd:"" help:"Bring the database's schema to the newest version."`
	Seed         seedCmd         `cmd:"" help:"Load the base data: plan, groups, topics, course types, organisations. May run twice."`
	Import       importCmd       `cmd:"" help:"Import data from files."`
	Coverage     coverageCmd     `cmd:"" help:"Who is covered: figures of an organisation and everything below it on a day."`
	Forecast     forecastCmd     `cmd:"" help:"Where the groups of an organisation are heading: when targets will be met, and what pace that takes."`
	Doctor       doctorCmd       `cmd:"" help:"Compute the ledger of coverage from its sources and say what differs."`
	User         userCmd         `cmd:"" help:"Accounts: add, list, password."`
	Token        tokenCmd        `cmd:"" help:"Personal access tokens for the API."`
	Certificates certificatesCmd `cmd:"" help:"Documents of certificates: move them between database and bucket, check that all are what was issued."`
	Registers    registersCmd    `cmd:"" help:"Registers of certificates, and whether those that were signed off still are what they were."`
	ProofKey     proofKeyCmd     `cmd:"" help:"Keys that sign what QR codes say, and digital badges: list, rotate."`
	TLS          tlsCmd          `cmd:"" name:"tls" help:"HTTPS without a public certificate: a private authority and its server certificates."`
}

// program is what commands share.
type program struct {
	ctx context.Context
	cli *cli
}

func main() {
	var c cli
	parser, err := kong.New(&c, kong.Name("taphuan"), kong.Description("Training and certification management."))
	if err != nil {
		os.Exit(explain(err))
	}
	k, err := parser.Parse(asked(os.Args[1:]))
	if err != nil { // a slip of the keyboard: what it is goes where no program reads answers
		fmt.Fprintf(os.Stderr, "taphuan: usage: %v\nSay taphuan --help, or taphuan COMMAND --help.\n", err)
		os.Exit(exitRefused)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err = k.Run(&program{ctx: ctx, cli: &c})
	if err == nil {
		return
	}
	os.Exit(explain(err))
}

// asked lets "help" be asked for as a command, too: "taphuan help serve" is "taphuan serve --help".
func asked(args []string) []string {
	if len(args) > 0 && args[0] == "help" {
		return append(args[1:len(args):len(args)], "--help")
	}
	return args
}

// explain says on standard error why a command ended and gives its exit status.
func explain(err error) int {
	var e *errs.Error
	if !errors.As(err, &e) || e.Kind == errs.KindInternal {
		fmt.Fprintln(os.Stderr, "taphuan:", err)
		return exitFailed
	}
	words, werr := i18n.New()
	if werr != nil {
		fmt.Fprintln(os.Stderr, "taphuan:", err)
		return exitRefused
	}
	say := func(code string, params errs.Params) {
		if noun, ok := params["noun"]; ok && code == "not_found" { // the sentence of the catalogue is about pages
			fmt.Fprintf(os.Stderr, "taphuan: not_found: There is no such %v.\n", noun)
			return
		}
		var args []any
		for k, v := range params {
			args = append(args, k, v)
		}
		fmt.Fprintf(os.Stderr, "taphuan: %s: %s\n", code, words.T(i18n.EN, "error."+code, args...))
	}
	if len(e.Fields) == 0 {
		say(e.Code, e.Params)
	}
	for _, f := range e.Fields {
		say(f.Code, f.Params)
	}
	return exitRefused
}

// open opens the database and brings its schema up to date.
func (p *program) open() (*store.DB, error) {
	db, err := store.Open(p.ctx, p.cli.DB)
	if err != nil {
		return nil, err
	}
	if err := db.Migrate(p.ctx); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// ready opens the database with its base data, so that every command works on a new one.
func (p *program) ready() (*store.DB, error) {
	db, err := p.open()
	if err != nil {
		return nil, err
	}
	if _, err := seeds.Base(p.ctx, db); err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return db, nil
}

// keys reads the key file; beside an SQLite file it is made when missing.
func (p *program) keys(db *store.DB) (*secret.Keys, error) {
	path := p.cli.KeyFile
	if path == "" {
		if db.Dialect != store.SQLite {
			return nil, fmt.Errorf("on MariaDB a key file is required, the same for all processes: set --key-file or TAPHUAN_KEY_FILE (make one with: (umask 077; openssl rand -hex 32 > taphuan.key))")
		}
		path = filepath.Join(filepath.Dir(db.Path()), "taphuan.key")
		return secret.LoadOrCreate(path)
	}
	return secret.Load(path)
}
