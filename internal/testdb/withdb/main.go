// Command withdb runs a command beside a private MariaDB server, whose address the command finds in TAPHUAN_TEST_MYSQL, and
// ends with the command's status. The server is gone afterwards, also when withdb is interrupted or killed.
//
// usage: withdb [-durable] [-log FILE] COMMAND [ARGUMENT...]
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"taphuan/internal/testdb/mariadb"
)

func main() {
	durable := flag.Bool("durable", false, "flush to disk at every commit, as in production")
	log := flag.String("log", "", "a file that gets a copy of all that the command prints")
	flag.Parse()
	if flag.NArg() == 0 {
		fmt.Fprintln(os.Stderr, "usage: withdb [-durable] [-log FILE] COMMAND [ARGUMENT...]")
		os.Exit(2)
	}
	status, err := run(*durable, *log, flag.Args())
	if err != nil {
		fmt.Fprintln(os.Stderr, "withdb:", err)
	}
	os.Exit(status)
}

func run(durable bool, log string, command []string) (status int, err error) {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer cancel()
	server, err := mariadb.Start(ctx, mariadb.Options{Durable: durable})
	if err != nil {
		return 1, err
	}
	defer func() {
		if stopErr := server.Stop(); stopErr != nil {
			status, err = 1, errors.Join(err, stopErr)
		}
	}()
	// The command gets a process group of its own, so that an interruption reaches it and all it started exactly once, through us.
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), "TAPHUAN_TEST_MYSQL="+server.URL)
	cmd.Stdout, cmd.Stderr = os.Stdout, os.Stderr
	if log != "" {
		f, err := os.Create(log)
		if err != nil {
			return 1, err
		}
		defer func() {
			if closeErr := f.Close(); closeErr != nil {
				status, err = 1, errors.Join(err, closeErr)
			}
		}()
		both := io.MultiWriter(os.Stdout, f)
		cmd.Stdout, cmd.Stderr = both, both
		cmd.WaitDelay = 5 * time.Minute // for what the command leaves behind holding its output
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return syscall.Kill(-cmd.Process.Pid, syscall.SIGTERM) }
	err = cmd.Run()
	if exit := new(exec.ExitError); errors.As(err, &exit) && exit.Exited() {
		return exit.ExitCode(), nil
	}
	if err != nil {
		return 1, err
	}
	return 0, nil
}
