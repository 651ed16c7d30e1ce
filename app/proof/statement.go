// Package proof makes the signed statements that QR codes carry, so that a phone can check a certificate without network, and keeps the
// keys that sign them.
package proof

import (
	"bytes"
	"compress/flate"
	"crypto/ed25519"
	"crypto/sha256"
	_ "embed"
	"encoding/binary"
	"errors"
	"io"
	"math/big"
	"strings"
	"sync"
	"unicode/utf8"

	"taphuan/models"
)

// Statement is what a QR code says of a certificate, short enough for paper of thirty millimetres.
type Statement struct {
	Serial  string
	Name    string
	Course  string // its title, cut at maxCourse letters
	Issuer  string // cut at maxIssuer letters
	Issued  models.Day
	Minutes int
}

// Words are texts that statements often hold. They are laid before a text that is made small or large, so they are part of version 1 and
// never change: what was printed is read with them.
//
//go:embed words1.txt
var Words string

// The layout of version 1: the number 1, four bytes that name the key, the day of issue counted from the first one and the minutes
// (varints), the texts with line ends between them (deflate with Words before), the signature of Ed25519 over domain and all before it.
const (
	version   = 1
	kidBytes  = 4
	domain    = "taphuan proof v1\n"
	maxCourse = 90
	maxIssuer = 60
	maxDigits = 2000 // of what is read
	maxText   = 4000
)

var firstDay = models.MustDay("2020-01-01")

// ErrForged is the answer to everything that is no statement, or not one that a known key signed.
var ErrForged = errors.New("no statement that a known key signed")

// kid names a public key in a statement.
func kid(public ed25519.PublicKey) [kidBytes]byte {
	sum := sha256.Sum256(public)
	return [kidBytes]byte(sum[:kidBytes])
}

// Sign gives the signed statement in decimal digits, which take the least room in a QR code. Long titles are cut, which "…" at the end says.
func Sign(s Statement, key ed25519.PrivateKey) (string, error) {
	if s.Issued < firstDay || s.Minutes < 0 {
		return "", errors.New("a statement of a day or minutes that cannot be")
	}
	name := kid(key.Public().(ed25519.PublicKey))
	b := append([]byte{version}, name[:]...)
	b = binary.AppendUvarint(b, uint64(s.Issued-firstDay))
	b = binary.AppendUvarint(b, uint64(s.Minutes))
	text, err := deflate(strings.Join([]string{line(s.Serial), line(s.Name), cut(line(s.Course), maxCourse), cut(line(s.Issuer), maxIssuer)}, "\n"))
	if err != nil {
		return "", err
	}
	b = append(b, text...)
	b = append(b, ed25519.Sign(key, append([]byte(domain), b...))...)
	return new(big.Int).SetBytes(b).String(), nil // the first byte is not 0, so none is lost
}

// Read gives what the digits state if one of the keys signed it, else ErrForged.
func Read(digits string, keys []ed25519.PublicKey) (Statement, error) {
	var s Statement
	if digits == "" || len(digits) > maxDigits || digits[0] == '0' || strings.Trim(digits, "0123456789") != "" {
		return s, ErrForged
	}
	n, _ := new(big.Int).SetString(digits, 10) // digits only
	b := n.Bytes()
	if len(b) < 1+kidBytes+ed25519.SignatureSize || b[0] != version || !signed(b, keys) {
		return s, ErrForged
	}
	return parse(b[1+kidBytes : len(b)-ed25519.SignatureSize])
}

func signed(b []byte, keys []ed25519.PublicKey) bool {
	at := len(b) - ed25519.SignatureSize
	for _, k := range keys {
		if kid(k) == [kidBytes]byte(b[1:1+kidBytes]) && ed25519.Verify(k, append([]byte(domain), b[:at]...), b[at:]) {
			return true
		}
	}
	return false
}

func parse(b []byte) (s Statement, err error) {
	day, n := binary.Uvarint(b)
	if n <= 0 || day > uint64(models.Forever-firstDay) {
		return s, ErrForged
	}
	b = b[n:]
	minutes, n := binary.Uvarint(b)
	if n <= 0 || minutes > 1<<31-1 {
		return s, ErrForged
	}
	text, err := inflate(b[n:])
	if err != nil {
		return s, ErrForged
	}
	parts := strings.Split(text, "\n")
	if len(parts) != 4 || !utf8.ValidString(text) {
		return s, ErrForged
	}
	return Statement{Serial: parts[0], Name: parts[1], Course: parts[2], Issuer: parts[3], Issued: firstDay + models.Day(day), Minutes: int(minutes)}, nil
}

// writers are large, and a course has hundreds of statements.
var writers sync.Pool

func deflate(text string) ([]byte, error) {
	var b bytes.Buffer
	w, ok := writers.Get().(*flate.Writer)
	if !ok {
		var err error
		if w, err = flate.NewWriterDict(&b, flate.BestCompression, []byte(Words)); err != nil {
			return nil, err
		}
	}
	defer writers.Put(w)
	w.Reset(&b) // the words stay
	if _, err := io.WriteString(w, text); err != nil {
		return nil, err
	}
	if err := w.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func inflate(b []byte) (string, error) {
	r := flate.NewReaderDict(bytes.NewReader(b), []byte(Words))
	text, err := io.ReadAll(io.LimitReader(r, maxText+1))
	if len(text) > maxText {
		err = ErrForged
	}
	return string(text), err
}

func line(s string) string { return strings.ReplaceAll(s, "\n", " ") }

func cut(s string, most int) string {
	r := []rune(s)
	if len(r) <= most {
		return s
	}
	return strings.TrimRight(string(r[:most-1]), " ") + "…"
}
