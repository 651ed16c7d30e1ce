package signature

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"io"
)

// inflate gives what a stream holds. It knows no filter and FlateDecode, with the predictors of PNG.
func (d *document) inflate(s *stream) ([]byte, error) {
	filter, err := d.resolve(s.dict["Filter"])
	if err != nil {
		return nil, err
	}
	parms, err := d.resolve(s.dict["DecodeParms"])
	if err != nil {
		return nil, err
	}
	if list, ok := filter.([]any); ok && len(list) == 1 {
		filter = list[0]
		if list, ok := parms.([]any); ok && len(list) == 1 {
			parms = list[0]
		}
	}
	if filter == nil {
		return s.raw, nil
	}
	if filter != name("FlateDecode") {
		return nil, fmt.Errorf("%w: filter", errSyntax)
	}
	z, err := zlib.NewReader(bytes.NewReader(s.raw))
	if err != nil {
		return nil, err
	}
	out, err := io.ReadAll(io.LimitReader(z, int64(maxInflated-d.inflated)+1))
	if d.inflated += len(out); d.inflated > maxInflated {
		return nil, errLimits
	}
	if err != nil {
		return nil, err
	}
	p, _ := parms.(dict)
	switch predictor, _ := p["Predictor"].(int); {
	case predictor < 2:
		return out, nil
	case predictor < 10 || p["Colors"] != nil && p["Colors"] != 1 || p["BitsPerComponent"] != nil && p["BitsPerComponent"] != 8:
		return nil, fmt.Errorf("%w: predictor", errSyntax)
	}
	columns, ok := p["Columns"].(int)
	if !ok {
		columns = 1
	}
	return unpredict(out, columns)
}

// unpredict undoes the predictors of PNG for pixels of one byte.
func unpredict(b []byte, columns int) ([]byte, error) {
	if columns < 1 || columns > 1<<16 || len(b)%(columns+1) != 0 {
		return nil, fmt.Errorf("%w: predictor", errSyntax)
	}
	out := make([]byte, 0, len(b))
	above := make([]byte, columns)
	for ; len(b) > 0; b = b[columns+1:] {
		row := append([]byte(nil), b[1:columns+1]...)
		for i := range row {
			var left, corner byte
			if i > 0 {
				left, corner = row[i-1], above[i-1]
			}
			switch b[0] {
			case 0:
			case 1:
				row[i] += left
			case 2:
				row[i] += above[i]
			case 3:
				row[i] += byte((int(left) + int(above[i])) / 2)
			case 4:
				row[i] += paeth(left, above[i], corner)
			default:
				return nil, fmt.Errorf("%w: predictor", errSyntax)
			}
		}
		out, above = append(out, row...), row
	}
	return out, nil
}

func paeth(a, b, c byte) byte {
	distance := func(x byte) int {
		n := int(a) + int(b) - int(c) - int(x)
		return max(n, -n)
	}
	pa, pb, pc := distance(a), distance(b), distance(c)
	if pa <= pb && pa <= pc {
		return a
	}
	if pb <= pc {
		return b
	}
	return c
}
