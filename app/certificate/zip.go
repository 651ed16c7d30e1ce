package certificate

import (
	"encoding/binary"
	"math"

	"taphuan/models"
)

// What is written of the format (APPNOTE.TXT 6.3): files that are stored, with names in UTF-8, and the ZIP64 records where numbers are
// too large for the old ones. archive/zip writes the same, but only from front to back and with the bodies at hand.
const (
	zipFile, zipCentral, zipEnd        = 0x04034b50, 0x02014b50, 0x06054b50
	zip64End, zip64Locator             = 0x06064b50, 0x07064b50
	zipPlain, zip64                    = 20, 45 // the version of the format that is needed to read
	zipMadeOnUnix                      = 3 << 8
	zipUTF8                            = 1 << 11
	zip64Extra                  uint16 = 1
)

var le = binary.LittleEndian

// common are the fields that a file's header and its entry in the directory share: from the version on to the name's length. A document
// is less than 4 GB long.
func (e entry) common(version uint16) []byte {
	t := e.IssuedAt.In(models.Zone)
	clock := uint16(t.Hour()<<11 | t.Minute()<<5 | t.Second()/2)
	day := uint16((t.Year()-1980)<<9 | int(t.Month())<<5 | t.Day())
	b := make([]byte, 0, 64+len(e.name))
	for _, x := range []uint16{version, zipUTF8, 0, clock, day} {
		b = le.AppendUint16(b, x)
	}
	b = le.AppendUint32(b, *e.CRC32)
	b = le.AppendUint32(b, uint32(e.SizeBytes))
	b = le.AppendUint32(b, uint32(e.SizeBytes))
	return le.AppendUint16(b, uint16(len(e.name)))
}

// header stands before the document.
func (e entry) header() []byte {
	b := append(le.AppendUint32(nil, zipFile), e.common(zipPlain)...)
	b = le.AppendUint16(b, 0)
	return append(b, e.name...)
}

// central is the entry of a file that begins at start.
func (e entry) central(start int64) []byte {
	version, offset := uint16(zipPlain), uint32(start)
	var extra []byte
	if start >= math.MaxUint32 {
		version, offset = zip64, math.MaxUint32
		extra = le.AppendUint16(le.AppendUint16(nil, zip64Extra), 8)
		extra = le.AppendUint64(extra, uint64(start))
	}
	b := le.AppendUint32(nil, zipCentral)
	b = le.AppendUint16(b, zipMadeOnUnix|version)
	b = append(b, e.common(version)...)
	b = le.AppendUint16(b, uint16(len(extra)))
	b = append(b, 0, 0, 0, 0, 0, 0) // no comment, first disk, no text
	b = le.AppendUint32(b, 0o100644<<16)
	b = le.AppendUint32(b, offset)
	b = append(b, e.name...)
	return append(b, extra...)
}

// directory is what follows the files: their list, and where it stands. starts has one more than there are files: its own place.
func directory(all []entry, starts []int64) []byte {
	var b []byte
	for i, e := range all {
		b = append(b, e.central(starts[i])...)
	}
	n, length, at := uint64(len(all)), uint64(len(b)), uint64(starts[len(all)])
	if n >= math.MaxUint16 || length >= math.MaxUint32 || at >= math.MaxUint32 {
		end := at + length
		b = le.AppendUint32(b, zip64End)
		b = le.AppendUint64(b, 44) // what follows of this record
		b = le.AppendUint16(b, zipMadeOnUnix|zip64)
		b = le.AppendUint16(b, zip64)
		b = append(b, 0, 0, 0, 0, 0, 0, 0, 0) // the first disk, of one
		for _, x := range []uint64{n, n, length, at} {
			b = le.AppendUint64(b, x)
		}
		b = le.AppendUint32(b, zip64Locator)
		b = le.AppendUint32(b, 0)
		b = le.AppendUint64(b, end)
		b = le.AppendUint32(b, 1)
		n, length, at = min(n, math.MaxUint16), min(length, math.MaxUint32), min(at, math.MaxUint32)
	}
	b = le.AppendUint32(b, zipEnd)
	b = append(b, 0, 0, 0, 0)
	b = le.AppendUint16(b, uint16(n))
	b = le.AppendUint16(b, uint16(n))
	b = le.AppendUint32(b, uint32(length))
	b = le.AppendUint32(b, uint32(at))
	return append(b, 0, 0)
}
