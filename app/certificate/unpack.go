package certificate

import (
	"archive/zip"
	"bytes"
	"io"
	"path"
	"strings"

	"taphuan/app/errs"
	"taphuan/app/file"
)

// How much may come back at once.
const (
	MostReturned      = 1000
	MostReturnedBytes = 100 << 20
)

// unpack gives the files themselves: archives are opened, one level deep. It refuses none ("signed_files_missing" on "signed"), more than
// MostReturned or larger than MostReturnedBytes when opened ("signed_files_many" on "signed"), and an archive that is broken
// ("signed_archive_unreadable" on "signed").
func unpack(files []file.Upload) ([]file.Upload, error) {
	many := errs.OnField("signed", "signed_files_many", errs.Params{"n": MostReturned, "mb": MostReturnedBytes >> 20})
	var out []file.Upload
	left := int64(MostReturnedBytes)
	for _, f := range files {
		if !bytes.HasPrefix(f.Body, []byte("PK\x03\x04")) {
			out, left = append(out, f), left-int64(len(f.Body))
			continue
		}
		z, err := zip.NewReader(bytes.NewReader(f.Body), int64(len(f.Body)))
		if err != nil {
			return nil, errs.OnField("signed", "signed_archive_unreadable")
		}
		if len(z.File) > MostReturned {
			return nil, many
		}
		for _, e := range z.File {
			if e.FileInfo().IsDir() || strings.HasPrefix(e.Name, "__MACOSX/") || strings.HasPrefix(path.Base(e.Name), ".") {
				continue
			}
			body, err := inflate(e, left)
			if err != nil {
				return nil, errs.OnField("signed", "signed_archive_unreadable")
			}
			if left -= int64(len(body)); left < 0 {
				return nil, many
			}
			out = append(out, file.Upload{Name: e.Name, Body: body})
		}
	}
	switch {
	case len(out) == 0:
		return nil, errs.OnField("signed", "signed_files_missing")
	case len(out) > MostReturned || left < 0:
		return nil, many
	}
	return out, nil
}

// inflate reads one file of an archive, a byte more than most at the most: what it says of its size is not believed.
func inflate(e *zip.File, most int64) ([]byte, error) {
	r, err := e.Open()
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(io.LimitReader(r, most+1))
}
