package attendance

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"strconv"
	"strings"
	"time"

	"taphuan/app/badge"
	"taphuan/app/secret"
	"taphuan/models"
)

// The code on a hall's screen: every CodeStep another one, made of the session, the number of the step and a hash under the session's
// key. The screen makes them itself, on its own clock as it has measured it against the server's; docs/decisions/codes.md reckons what
// the times leave to a photograph that is passed on.
const (
	CodeStep   = 15 * time.Second
	codeEarly  = 3 * time.Second  // how far the screen's clock may be ahead
	codeLasts  = 42 * time.Second // how long a code is taken after its step began
	codeBits   = 80
	CodePath   = "/c/"            // where a code leads, before itself
	doorsOpen  = 60 * time.Minute // before the session starts
	doorsClose = 30 * time.Minute // after it has ended
)

// screenKey is the key of a session's codes. It is never stored: it follows from the key file and from how often it was renewed.
func screenKey(k *secret.Keys, x models.Session) []byte {
	key, err := hex.DecodeString(k.Hash("screen", fmt.Sprintf("%d.%d", x.ID, x.ScreenTurn)))
	if err != nil {
		panic(err) // a keyed hash is hexadecimal
	}
	return key
}

// codeAt gives the code of a session at a time.
func codeAt(key []byte, session uint64, at time.Time) string {
	return codeOf(key, session, at.UnixMilli()/CodeStep.Milliseconds())
}

func codeOf(key []byte, session uint64, step int64) string {
	text := fmt.Sprintf("%d.%d", session, step)
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return text + "." + badge.Letters(m.Sum(nil), codeBits)
}

// readCode takes a code apart; it proves nothing yet.
func readCode(code string) (session uint64, step int64, ok bool) {
	parts := strings.Split(code, ".")
	if len(parts) != 3 {
		return 0, 0, false
	}
	session, err := strconv.ParseUint(parts[0], 10, 63)
	if err != nil || session == 0 {
		return 0, 0, false
	}
	step, err = strconv.ParseInt(parts[1], 10, 40)
	return session, step, err == nil && step > 0
}

// timely says whether a step's code is taken at a time: from codeEarly before the step begins until codeLasts after.
func timely(step int64, now time.Time) bool {
	age := now.Sub(time.UnixMilli(step * CodeStep.Milliseconds()))
	return age >= -codeEarly && age < codeLasts
}
