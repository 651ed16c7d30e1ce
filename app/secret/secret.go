// Package secret holds the key file: it seals personal numbers at rest and makes keyed hashes by which they are found.
package secret

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Keys seals and hashes. All processes of one system share one key file.
type Keys struct {
	aead cipher.AEAD
	mac  []byte
}

const keyBytes = 32

// New makes keys from 32 random bytes; it refuses other lengths.
func New(master []byte) (*Keys, error) {
	if len(master) != keyBytes {
		return nil, fmt.Errorf("a key has %d bytes, this one %d", keyBytes, len(master))
	}
	seal, err := hkdf.Key(sha256.New, master, nil, "taphuan seal v1", 32)
	if err != nil {
		return nil, err
	}
	mac, err := hkdf.Key(sha256.New, master, nil, "taphuan hash v1", 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(seal)
	if err != nil {
		return nil, err
	}
	aead, err := cipher.NewGCM(block)
	if err != nil {
		return nil, err
	}
	return &Keys{aead: aead, mac: mac}, nil
}

// Load reads the key file: one line of 64 hexadecimal digits. It refuses a file that others may read.
func Load(path string) (*Keys, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, err
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("key file %s may be read by others: chmod 600 it", path)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	master, err := hex.DecodeString(strings.TrimSpace(string(b)))
	if err != nil {
		return nil, fmt.Errorf("key file %s is not one line of hexadecimal digits", path)
	}
	return New(master)
}

// LoadOrCreate reads the key file and makes it, with mode 0600, when it is not there. Two processes that make it at once
// end with the same key.
func LoadOrCreate(path string) (*Keys, error) {
	k, err := Load(path)
	if !errors.Is(err, fs.ErrNotExist) {
		return k, err
	}
	master := make([]byte, keyBytes)
	if _, err := rand.Read(master); err != nil {
		return nil, err
	}
	f, err := os.CreateTemp(filepath.Dir(path), ".key-*") // mode 0600
	if err != nil {
		return nil, err
	}
	defer os.Remove(f.Name())
	_, err = f.WriteString(hex.EncodeToString(master) + "\n")
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return nil, err
	}
	if err := os.Link(f.Name(), path); err != nil && !errors.Is(err, fs.ErrExist) {
		return nil, err
	}
	return Load(path)
}

// Seal encrypts a text for one purpose (such as "national_id"); "" gives nil. The same text never seals the same way twice.
func (k *Keys) Seal(purpose, text string) ([]byte, error) {
	if text == "" {
		return nil, nil
	}
	nonce := make([]byte, k.aead.NonceSize())
	if _, err := rand.Read(nonce); err != nil {
		return nil, err
	}
	return k.aead.Seal(nonce, nonce, []byte(text), []byte(purpose)), nil
}

// Open decrypts what Seal made for the same purpose; nil gives "". It refuses what was changed or sealed with another key.
func (k *Keys) Open(purpose string, sealed []byte) (string, error) {
	if len(sealed) == 0 {
		return "", nil
	}
	n := k.aead.NonceSize()
	if len(sealed) < n {
		return "", errors.New("sealed text too short")
	}
	b, err := k.aead.Open(nil, sealed[:n], sealed[n:], []byte(purpose))
	if err != nil {
		return "", fmt.Errorf("cannot open sealed %s: wrong key file or changed data", purpose)
	}
	return string(b), nil
}

// Hash gives the keyed hash, 64 hexadecimal digits, by which an exact text is found; purposes never collide.
func (k *Keys) Hash(purpose, text string) string {
	m := hmac.New(sha256.New, k.mac)
	m.Write([]byte(purpose))
	m.Write([]byte{0})
	m.Write([]byte(text))
	return hex.EncodeToString(m.Sum(nil))
}

// HashPtr is Hash as a nullable column: nil for "".
func (k *Keys) HashPtr(purpose, text string) *string {
	if text == "" {
		return nil
	}
	h := k.Hash(purpose, text)
	return &h
}
