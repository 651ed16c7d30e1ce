package signature

import (
	"bytes"
	"strings"
	"testing"
)

// hostile are files made to be hard on their readers.
func hostile() [][]byte {
	deep := "%PDF-1.7\n1 0 obj\n" + strings.Repeat("[", 100_000) + "\nendobj\nxref\n0 2\n0000000000 65535 f \n0000000009 00000 n \ntrailer\n<</Root 1 0 R/Size 2>>\nstartxref\n100033\n%%EOF"
	return [][]byte{
		nil, []byte("%PDF-"), []byte("%PDF-1.7\nstartxref\n0\n%%EOF"), []byte(deep),
		[]byte("%PDF-1.7\nxref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R/Prev 9>>\nstartxref\n9\n%%EOF"),
		[]byte("%PDF-1.7\nxref\n0 999999999999\ntrailer\n<<>>\nstartxref\n9\n%%EOF"),
		[]byte("%PDF-1.7\n1 0 obj\n<</Type/XRef/W[1 7 7]/Size 3/Length 1 0 R>>\nstream\nx\nendstream\nendobj\nstartxref\n9\n%%EOF"),
		[]byte("%PDF-1.7\n1 0 obj\n<</AcroForm<</Fields[2 0 R]>>>>\nendobj\n2 0 obj\n<</FT/Sig/V<<>>/Kids[2 0 R]>>\nendobj\nxref\n1 2\n0000000009 00000 n \n0000000056 00000 n \ntrailer\n<</Root 1 0 R>>\nstartxref\n104\n%%EOF"),
	}
}

func FuzzVerify(f *testing.F) {
	b := signed(f, keys()["P-256"], Options{Reason: "Cấp"})
	f.Add(b)
	f.Add(out(f))
	f.Add(rewritten(f, out(f), "--object-streams=generate"))
	for _, h := range hostile() {
		f.Add(h)
	}
	for at := 0; at < len(b); at += 611 {
		f.Add(b[:at])
		c := bytes.Clone(b)
		copy(c[at:], "<<[(/9 0 R 99999999999999999999 <")
		f.Add(c)
	}
	sent := out(f)
	f.Fuzz(func(t *testing.T, b []byte) {
		all, err := Verify(b)
		for _, s := range all {
			if err != nil || s.End > len(b) || s.Intact() && s.Certificate == nil {
				t.Errorf("%+v %v", s, err)
			}
		}
		if s, err := TakeBack(sent, b, now); err == nil && !s.Intact() {
			t.Error(s)
		}
	})
}

func FuzzCMS(f *testing.F) {
	der, _ := cms(f, signed(f, keys()["RSA-2048"], Options{}))
	f.Add(der)
	for at := 0; at < len(der); at += 97 {
		f.Add(der[:at])
		c := bytes.Clone(der)
		copy(c[at:], "\x30\x80\x24\x80\x00\x00\x04\x84\xff\xff\xff\xff")
		f.Add(c)
	}
	f.Add(bytes.Repeat([]byte{0x30, 0x80}, 50_000))
	f.Add(append(bytes.Repeat([]byte{0x24, 0x80}, 10), 0, 0, 0, 0))
	f.Fuzz(func(t *testing.T, b []byte) {
		e, bad := open(b)
		if bad != nil {
			return
		}
		if e.check([]byte("x")) == nil {
			t.Error("a signature of nothing stands")
		}
		_, _ = e.stamp()
	})
}

func FuzzKeyFile(f *testing.F) {
	b, err := keys()["P-256"].Marshal()
	if err != nil {
		f.Fatal(err)
	}
	f.Add(b)
	f.Add([]byte("-----BEGIN PRIVATE KEY-----\n-----END PRIVATE KEY-----\n"))
	f.Fuzz(func(t *testing.T, b []byte) {
		if k, err := ParseKey(b); err == nil && k.Certificate == nil {
			t.Error("a key without a certificate")
		}
	})
}

func TestStringsInBERAreJoined(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"\x30\x80\x24\x80\x04\x01a\x04\x02bc\x00\x00\x00\x00": "\x30\x05\x04\x03abc",
		"\x30\x03\x02\x01\x07":                                "\x30\x03\x02\x01\x07",
		"\x30\x81\x03\x02\x01\x07rest":                        "\x30\x03\x02\x01\x07",
	} {
		if got, err := toDER([]byte(in)); err != nil || string(got) != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for _, in := range []string{"", "\x30", "\x30\x80", "\x04\x80\x00\x00", "\x30\x05\x02\x01\x07", "\x24\x80\x30\x00\x00\x00", "\x1f", "\x1f\xff", "\x30\x85\x01\x01\x01\x01\x01"} {
		if got, err := toDER([]byte(in)); err == nil {
			t.Errorf("%q: %q", in, got)
		}
	}
}
