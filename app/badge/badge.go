// Package badge makes and reads what proves who somebody is at the door of a course: the token of a badge's QR code, which a trainer's
// phone scans, and the personal code (mã dự lớp), which people type on their own phone. Both follow from the enrolment and the key
// file, so none is stored anywhere, and both hold for as long as the enrolment does.
package badge

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"strconv"
	"strings"

	"taphuan/app/secret"
)

const (
	purpose   = "badge"
	tokenBits = 80
	codeBits  = 30
)

// Path is where a badge's QR code leads, before its token.
const Path = "/b/"

// Token gives the token of an enrolment's badge: its id and 80 bits of a keyed hash.
func Token(k *secret.Keys, enrolment uint64) string {
	id := strconv.FormatUint(enrolment, 10)
	return id + "." + letters(k.Hash(purpose, "token."+id), tokenBits)
}

// Is says whether a text is the token of a badge.
func Is(k *secret.Keys, token string) bool {
	text, _, _ := strings.Cut(token, ".")
	id, err := strconv.ParseUint(text, 10, 63)
	return err == nil && hmac.Equal([]byte(token), []byte(Token(k, id)))
}

// Code gives the personal code of an enrolment: its id and 30 bits of a keyed hash, short enough to be typed; whoever takes it limits
// the tries.
func Code(k *secret.Keys, enrolment uint64) string {
	id := strconv.FormatUint(enrolment, 10)
	return id + "-" + letters(k.Hash(purpose, "code."+id), codeBits)
}

// OfCode gives the enrolment whose personal code was typed, with or without the dash, in small letters or great ones, and with those
// that look alike taken for each other; false: it is nobody's.
func OfCode(k *secret.Keys, typed string) (enrolment uint64, ok bool) {
	const n = codeBits / 5
	text := strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' || r == '\u2013' || r == '\u00a0' {
			return -1
		}
		return r
	}, typed)
	text = Plain(text)
	if len(text) <= n {
		return 0, false
	}
	id, err := strconv.ParseUint(text[:len(text)-n], 10, 63)
	if err != nil || id == 0 {
		return 0, false
	}
	right := strconv.FormatUint(id, 10) + text[len(text)-n:]
	return id, hmac.Equal([]byte(right), []byte(strings.Replace(Code(k, id), "-", "", 1)))
}

// Cut gives what a trainer's phone keeps of a token to know it again: eight bytes of its SHA-256, from which no badge can be made.
func Cut(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:8])
}

// alphabet are Crockford's 32 letters and digits, without those that are mistaken for others.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

// Letters writes the first bits of a hash in the letters of this package; bits are a multiple of five.
func Letters(sum []byte, bits int) string {
	var b strings.Builder
	for at := 0; at < bits; at += 5 {
		pair := uint(sum[at/8]) << 8
		if at/8+1 < len(sum) {
			pair |= uint(sum[at/8+1])
		}
		b.WriteByte(alphabet[pair>>(11-at%8)&31])
	}
	return b.String()
}

func letters(hash string, bits int) string {
	sum, err := hex.DecodeString(hash)
	if err != nil {
		panic(err) // a keyed hash is hexadecimal
	}
	return Letters(sum, bits)
}

// Plain writes what was typed or scanned in the letters of this package: great ones, with O, I and L taken for the digits.
func Plain(text string) string {
	return strings.NewReplacer("O", "0", "I", "1", "L", "1").Replace(strings.ToUpper(text))
}
