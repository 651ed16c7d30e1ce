package signature

import (
	"encoding/asn1"
	"errors"
)

var errBER = errors.New("not ASN.1")

// toDER gives the first value of b with definite lengths, strings in one piece. Some tools write BER where DER is asked for;
// what comes in DER goes through unchanged. What follows the value is left out.
func toDER(b []byte) ([]byte, error) {
	out, _, err := convert(b, 0)
	return out, err
}

func convert(b []byte, depth int) (out, rest []byte, err error) {
	tag, rest, err := identifier(b)
	if err != nil || depth > maxDepth {
		return nil, nil, errBER
	}
	length, rest, err := berLength(rest)
	if err != nil {
		return nil, nil, err
	}
	compound := tag[0]&0x20 != 0
	indefinite := length < 0
	if indefinite {
		if !compound {
			return nil, nil, errBER
		}
		length = len(rest)
	}
	if length > len(rest) {
		return nil, nil, errBER
	}
	content, after := rest[:length], rest[length:]
	if !compound {
		return encode(tag, content), after, nil
	}
	joined := tag[0] == asn1.TagOctetString|0x20
	var inner []byte
	for {
		if len(content) == 0 {
			if indefinite {
				return nil, nil, errBER
			}
			break
		}
		if indefinite && len(content) > 1 && content[0] == 0 && content[1] == 0 {
			after = content[2:]
			break
		}
		var part []byte
		if part, content, err = convert(content, depth+1); err != nil {
			return nil, nil, err
		}
		if joined {
			if part[0] != asn1.TagOctetString {
				return nil, nil, errBER
			}
			_, part, _ = identifier(part)
			_, part, _ = berLength(part)
		}
		inner = append(inner, part...)
	}
	if joined {
		tag = []byte{asn1.TagOctetString}
	}
	return encode(tag, inner), after, nil
}

func identifier(b []byte) (tag, rest []byte, err error) {
	n := 1
	if len(b) > 0 && b[0]&0x1f == 0x1f {
		for n < len(b) && b[n] >= 0x80 {
			n++
		}
		n++
	}
	if n > len(b) {
		return nil, nil, errBER
	}
	return b[:n], b[n:], nil
}

// berLength gives a length, -1 for an indefinite one.
func berLength(b []byte) (int, []byte, error) {
	if len(b) == 0 {
		return 0, nil, errBER
	}
	n := int(b[0])
	b = b[1:]
	if n == 0x80 {
		return -1, b, nil
	}
	if n < 0x80 {
		return n, b, nil
	}
	if n -= 0x80; n > 4 || n > len(b) {
		return 0, nil, errBER
	}
	length := 0
	for _, c := range b[:n] {
		length = length<<8 | int(c)
	}
	return length, b[n:], nil
}

func encode(tag, content []byte) []byte {
	out := append([]byte(nil), tag...)
	switch n := len(content); {
	case n < 0x80:
		out = append(out, byte(n))
	case n < 1<<8:
		out = append(out, 0x81, byte(n))
	case n < 1<<16:
		out = append(out, 0x82, byte(n>>8), byte(n))
	case n < 1<<24:
		out = append(out, 0x83, byte(n>>16), byte(n>>8), byte(n))
	default:
		out = append(out, 0x84, byte(n>>24), byte(n>>16), byte(n>>8), byte(n))
	}
	return append(out, content...)
}

// rounds gives the most rounds of key derivation that b asks for: a number that follows a string, the salt. It looks into strings
// that hold values themselves.
func rounds(b []byte, depth int) (most uint64) {
	var before byte
	for len(b) > 0 && depth < maxDepth {
		tag, rest, err := identifier(b)
		if err != nil {
			return most
		}
		n, rest, err := berLength(rest)
		if err != nil || n < 0 || n > len(rest) {
			return most
		}
		content := rest[:n]
		b = rest[n:]
		switch {
		case tag[0] == asn1.TagInteger && before == asn1.TagOctetString && n <= 8:
			value := uint64(0)
			for _, c := range content {
				value = value<<8 | uint64(c)
			}
			most = max(most, value)
		case tag[0]&0x20 != 0, tag[0] == asn1.TagOctetString && isValue(content):
			most = max(most, rounds(content, depth+1))
		}
		before = tag[0]
	}
	return most
}

// isValue says whether b is one value of a structure from its first to its last byte.
func isValue(b []byte) bool {
	if len(b) < 2 || b[0] != asn1.TagSequence|0x20 {
		return false
	}
	n, rest, err := berLength(b[1:])
	return err == nil && n == len(rest)
}
