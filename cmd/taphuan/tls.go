package main

import (
	"fmt"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"taphuan/app/authority"
)

type tlsCmd struct {
	Init tlsInitCmd `cmd:"" help:"Make a private authority and a server certificate for host names and addresses; again: renew the server certificate."`
}

type tlsInitCmd struct {
	Hosts []string `arg:"" optional:"" name:"host-or-address" help:"Names and addresses by which phones reach the server, such as 10.0.0.7. A renewal keeps those it has."`
	Dir   string   `help:"Folder of the certificates and keys." default:"data/tls" type:"path" env:"TAPHUAN_TLS_DIR"`
	Force bool     `help:"Make a new authority in place of the one that is there. Every phone then has to install it."`
}

func (c *tlsInitCmd) Run(*program) error {
	made, err := authority.Init(c.Dir, c.Hosts, c.Force, time.Now())
	if err != nil {
		return err
	}
	root := authority.RootOf(made.Root)
	age := ""
	if made.New {
		age = " (new)"
	}
	fmt.Printf("authority     %s, until %s%s\n", root.Name, root.NotAfter.Format(time.DateOnly), age)
	label := "fingerprint"
	for row := range slices.Chunk(root.Groups(), 4) {
		fmt.Printf("%-13s %s\n", label, strings.Join(row, " "))
		label = ""
	}
	hosts := authority.Hosts(made.Server)
	fmt.Printf("certificate   %s, until %s\n\n", strings.Join(hosts, ", "), made.Server.NotAfter.Format(time.DateOnly))
	if !made.New {
		fmt.Println("A server that runs with these files takes the renewed certificate within seconds. Otherwise:")
		fmt.Println()
	}
	all := "0.0.0.0"
	if slices.ContainsFunc(hosts, func(h string) bool { return bracketed(h) != h }) {
		all = "[::]" // both kinds of addresses
	}
	fmt.Printf("  taphuan serve --addr %s:443 --http-addr %[1]s:80 --tls-cert %s --tls-key %s\n\n", all,
		filepath.Join(c.Dir, authority.ServerCert), filepath.Join(c.Dir, authority.ServerKey))
	fmt.Printf("Then each phone opens http://%s/install once, and compares the fingerprint above with what stands there.\n", bracketed(hosts[0]))
	fmt.Printf("Under Settings, set the public address to https://%s, so that letters and codes lead there.\n", bracketed(hosts[0]))
	fmt.Printf("%s signs: keep it secret and safe. Renew before the certificate ends: taphuan tls init --dir %s\n", filepath.Join(c.Dir, authority.AuthorityKey), c.Dir)
	return nil
}

// bracketed is a host as it stands in an address of the web.
func bracketed(host string) string {
	if ip := net.ParseIP(host); ip != nil && ip.To4() == nil {
		return "[" + host + "]"
	}
	return host
}
