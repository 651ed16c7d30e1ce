package authority

import (
	"net"
	"net/netip"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/idna"

	"taphuan/app/errs"
)

// hostRules are those of names that can be looked up; letters beyond ASCII are written as DNS writes them.
var hostRules = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// parseHosts reads host names and addresses as people type them; what comes twice counts once.
func parseHosts(typed []string) (hostNames, error) {
	var names hostNames
	for _, t := range typed {
		host := strings.TrimSpace(t)
		if ip, err := netip.ParseAddr(strings.TrimSuffix(strings.TrimPrefix(host, "["), "]")); err == nil {
			if ip = ip.Unmap(); unusable(ip) {
				return names, errs.Invalid("host_invalid", errs.Params{"host": t})
			}
			if b := net.IP(ip.AsSlice()); !slices.ContainsFunc(names.ips, b.Equal) {
				names.ips = append(names.ips, b)
			}
			continue
		}
		name, err := hostRules.ToASCII(strings.TrimSuffix(host, "."))
		if err != nil || numeric(name) || !utf8.ValidString(host) {
			return names, errs.Invalid("host_invalid", errs.Params{"host": t})
		}
		if !slices.Contains(names.dns, name) {
			names.dns = append(names.dns, name)
		}
	}
	return names, nil
}

// numeric names are mistyped addresses: browsers take a host whose last label is a number for an address.
func numeric(name string) bool {
	last := name[strings.LastIndexByte(name, '.')+1:]
	return strings.Trim(last, "0123456789") == ""
}
