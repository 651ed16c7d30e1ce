package xlsx

import (
	"archive/zip"
	"bytes"
	"compress/flate"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
	"unicode/utf16"
)

const (
	contentTypes = `<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>`
	rootRels     = `<Relationships><Relationship Id="rId1" Type="http://x/officeDocument" Target="xl/workbook.xml"/></Relationships>`
	bookRels     = `<Relationships><Relationship Id="rId1" Type="http://x/worksheet" Target="worksheets/sheet1.xml"/>` +
		`<Relationship Id="rId2" Type="http://x/sharedStrings" Target="/xl/sharedStrings.xml"/><Relationship Id="rId3" Type="http://x/styles" Target="styles.xml"/></Relationships>`
	oneSheet = `<workbook><sheets><sheet name="S" sheetId="1" r:id="rId1"/></sheets></workbook>`
)

// pack makes a package of a workbook with one sheet; parts override.
func pack(t testing.TB, parts map[string]string) []byte {
	t.Helper()
	all := map[string]string{"[Content_Types].xml": contentTypes, "_rels/.rels": rootRels, "xl/workbook.xml": oneSheet, "xl/_rels/workbook.xml.rels": bookRels}
	for k, v := range parts {
		all[k] = v
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, s := range all {
		w, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(w, s); err != nil {
			t.Fatal(err)
		}
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func read(b []byte) (*Book, error) {
	return Read(context.Background(), bytes.NewReader(b), int64(len(b)), DefaultLimits)
}

func sheetOf(rows string) map[string]string {
	return map[string]string{"xl/worksheets/sheet1.xml": `<worksheet><sheetData>` + rows + `</sheetData></worksheet>`}
}

func TestCellsOfEveryKind(t *testing.T) {
	t.Parallel()
	parts := map[string]string{
		"xl/workbook.xml": "\ufeff" + `<x:workbook xmlns:x="y"><x:workbookPr date1904="1"/><x:sheets><x:sheet name="A &amp; B" sheetId="1" state="hidden" r:id="rId1"/></x:sheets></x:workbook>`,
		"xl/sharedStrings.xml": `<sst><si><t>Họ và tên</t></si><si><r><rPr><b/></rPr><t>Nông </t></r><r><t xml:space="preserve">Văn&#x20;A</t></r><rPh sb="0"><t>phonetic</t></rPh></si>` +
			`<si><t>dòng_x000D_hai</t></si><si><t><![CDATA[a<&b]]></t></si><si/></sst>`,
		"xl/styles.xml": `<styleSheet><numFmts><numFmt numFmtId="164" formatCode="dd\/mm\/yyyy"/><numFmt numFmtId="165" formatCode="yyyy"/><numFmt numFmtId="166" formatCode="[Red]&quot;dm&quot;0.00"/></numFmts>` +
			`<cellStyleXfs><xf numFmtId="14"/></cellStyleXfs><cellXfs><xf numFmtId="0"/><xf numFmtId="14"/><xf numFmtId="164"/><xf numFmtId="165"/><xf numFmtId="166"/></cellXfs></styleSheet>`,
		"xl/worksheets/sheet1.xml": `<?xml version="1.0"?><!-- c > --><x:worksheet xmlns:x="y"><x:sheetData>` +
			`<x:row r="3" hidden="1"><x:c r="A3" t="s"><x:v>0</x:v></x:c><x:c r="C3" t="s"><x:v>1</x:v></x:c><x:c t="s"><x:v>2</x:v></x:c><x:c t="s"><x:v>3</x:v></x:c><x:c t="s"><x:v>4</x:v></x:c><x:c t="s"><x:v>99</x:v></x:c></x:row>` +
			`<x:row><x:c><x:v>1.5E3</x:v></x:c><x:c s="1"><x:v>100</x:v></x:c><x:c s="2"><x:v>100</x:v></x:c><x:c s="3"><x:v>100</x:v></x:c><x:c s="4"><x:v>100</x:v></x:c><x:c t="b"><x:v>1</x:v></x:c><x:c t="e"><x:v>#N/A</x:v></x:c>` +
			`<x:c t="str"><x:f>A1&amp;"x"</x:f><x:v>kết quả</x:v></x:c><x:c t="inlineStr"><x:is><x:t>trong</x:t></x:is></x:c><x:c s="1"/><x:c><x:v>  </x:v></x:c></x:row>` +
			`</x:sheetData><x:mergeCells count="1"><x:mergeCell ref="B2:$A$4"/></x:mergeCells></x:worksheet>`,
	}
	book, err := read(pack(t, parts))
	if err != nil {
		t.Fatal(err)
	}
	s := book.Sheets[0]
	if !book.Date1904 || s.Name != "A & B" || !s.Hidden || len(s.Merges) != 1 || s.Merges[0] != (Range{2, 1, 4, 2}) {
		t.Errorf("%+v", book)
	}
	want := `[{3 true [{1 0 Unicode Họ và tên} {3 0 Unicode Nông Văn A} {4 0 Unicode dòng` + "\r" + `hai} {5 0 Unicode a<&b}]} ` +
		`{4 false [{1 1 Unicode 1.5E3} {2 2 Unicode 100} {3 2 Unicode 100} {4 3 Unicode 100} {5 1 Unicode 100} {6 4 Unicode 1} {7 5 Unicode #N/A} {8 0 Unicode kết quả} {9 0 Unicode trong}]}]`
	if got := fmt.Sprint(s.Rows); got != want {
		t.Errorf("\n got %s\nwant %s", got, want)
	}
}

func TestPartsInUTF16AndTextsAcrossBuffers(t *testing.T) {
	t.Parallel()
	sheet := `<worksheet><sheetData><row r="1"><c t="inlineStr"><is><t>` + strings.Repeat("Đặng &amp; ", 30000) + `</t></is></c></row><row r="2">` +
		strings.Repeat(`<c t="inlineStr"><is><t>ă&amp;ệ</t></is></c>`, 100) + `</row></sheetData></worksheet>`
	wide := []byte{0xff, 0xfe}
	for _, u := range utf16.Encode([]rune(sheet)) {
		wide = binary.LittleEndian.AppendUint16(wide, u)
	}
	for _, form := range []string{sheet, string(wide)} {
		book, err := read(pack(t, map[string]string{"xl/worksheets/sheet1.xml": form}))
		if err != nil {
			t.Fatal(err)
		}
		rows := book.Sheets[0].Rows
		if len(rows) != 2 || len(rows[1].Cells) != 100 || rows[1].Cells[99].Text != "ă&ệ" {
			t.Fatalf("%d rows", len(rows))
		}
		if s := rows[0].Cells[0].Text; len(s) > CellText || len(s) < CellText-8 || !strings.HasPrefix(strings.Repeat("Đặng & ", 3000), s) {
			t.Errorf("a long text is cut at a letter: %d bytes, ends %q", len(s), s[len(s)-8:])
		}
	}
}

// zeros gives n times a text without holding it.
type zeros struct {
	text string
	n    int64
}

func (z *zeros) Read(p []byte) (int, error) {
	if z.n <= 0 {
		return 0, io.EOF
	}
	k := 0
	for k+len(z.text) <= len(p) && z.n > 0 {
		k += copy(p[k:], z.text)
		z.n--
	}
	return k, nil
}

// bomb packs a workbook whose part unpacks to very much; a lie makes the package declare a small size.
func bomb(t testing.TB, part, head, text string, n int64, lie bool) []byte {
	t.Helper()
	var packed bytes.Buffer
	w, err := flate.NewWriter(&packed, flate.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := io.Copy(w, io.MultiReader(strings.NewReader(head), &zeros{text, n})); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	size := uint64(len(head)) + uint64(n)*uint64(len(text))
	if lie {
		size = 1000
	}
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, s := range map[string]string{"_rels/.rels": rootRels, "xl/workbook.xml": oneSheet, "xl/_rels/workbook.xml.rels": bookRels} {
		if name == part {
			continue
		}
		f, err := z.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, s); err != nil {
			t.Fatal(err)
		}
	}
	f, err := z.CreateRaw(&zip.FileHeader{Name: part, Method: zip.Deflate, CompressedSize64: uint64(packed.Len()), UncompressedSize64: size})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := f.Write(packed.Bytes()); err != nil {
		t.Fatal(err)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestHostileWorkbooksAreRefused(t *testing.T) {
	t.Parallel()
	ole := func(stream string) []byte {
		b := append([]byte{}, oleMagic...)
		b = append(b, make([]byte, 600)...)
		for _, u := range utf16.Encode([]rune(stream)) {
			b = binary.LittleEndian.AppendUint16(b, u)
		}
		return append(b, make([]byte, 600)...)
	}
	raw := func(sheet string) []byte { return pack(t, map[string]string{"xl/worksheets/sheet1.xml": sheet}) }
	encryptedEntry := pack(t, sheetOf(""))
	for i := 0; i+4 < len(encryptedEntry); i++ { // the flag of every entry, in the central directory and before the data
		switch string(encryptedEntry[i : i+4]) {
		case "PK\x01\x02":
			encryptedEntry[i+8] |= 1
		case "PK\x03\x04":
			encryptedEntry[i+6] |= 1
		}
	}
	big := int64(300 << 20)
	const head = `<worksheet><sheetData>`
	for name, c := range map[string]struct {
		file []byte
		want error
	}{
		"nothing":                 {nil, ErrNotSpreadsheet},
		"text":                    {[]byte("STT,Họ và tên\n1,Nông Văn A\n"), ErrNotSpreadsheet},
		"a cut package":           {pack(t, sheetOf("<row/>"))[:300], ErrNotSpreadsheet},
		"a package of no book":    {pack(t, map[string]string{"_rels/.rels": "<a/>", "xl/workbook.xml": "<document/>"}), ErrNotSpreadsheet},
		"an OLE file":             {ole("WordDocument"), ErrNotSpreadsheet},
		"an old workbook":         {ole("Workbook"), ErrXLS},
		"a workbook of Excel 4":   {[]byte{9, 4, 6, 0, 0, 0, 16, 0, 0, 0}, ErrOldFormat},
		"a web page":              {[]byte("\ufeff<html><table></table></html>"), ErrOldFormat},
		"an encrypted workbook":   {ole("EncryptedPackage"), ErrEncrypted},
		"encrypted entries":       {encryptedEntry, ErrEncrypted},
		"a document type":         {raw(`<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><worksheet>&b;</worksheet>`), ErrNotSpreadsheet},
		"an outer entity":         {raw(`<?xml version="1.0"?><!DOCTYPE x SYSTEM "file:///etc/passwd"><worksheet/>`), ErrNotSpreadsheet},
		"open elements":           {raw(`<worksheet><sheetData><row>`), ErrNotSpreadsheet},
		"an open cell":            {raw(`<worksheet><sheetData><row><c><v>1`), ErrNotSpreadsheet},
		"deep elements":           {raw(strings.Repeat("<a>", 100_000)), ErrNotSpreadsheet},
		"an endless tag":          {raw("<worksheet " + strings.Repeat("a", 2<<20)), ErrNotSpreadsheet},
		"an endless comment":      {raw("<!--" + strings.Repeat("a", 2<<20)), ErrNotSpreadsheet},
		"an endless section":      {raw("<worksheet><![CDATA[" + strings.Repeat("a", 2<<20)), ErrNotSpreadsheet},
		"a bomb of space":         {bomb(t, "xl/worksheets/sheet1.xml", head, " ", big, false), ErrTooLarge},
		"a bomb that lies":        {bomb(t, "xl/worksheets/sheet1.xml", head, " ", 1<<20, true), ErrNotSpreadsheet},
		"a bomb of empty rows":    {bomb(t, "xl/worksheets/sheet1.xml", head, "<row/>", big/6, false), ErrTooLarge},
		"a bomb of rows":          {bomb(t, "xl/worksheets/sheet1.xml", head, "<row><c><v>1</v></c></row>", 200_000, false), ErrTooManyRows},
		"a bomb of columns":       {bomb(t, "xl/worksheets/sheet1.xml", head+"<row>", "<c><v>1</v></c>", 6_000_000, false), ErrNotSpreadsheet}, // the rest is never closed
		"a bomb of wide rows":     {bomb(t, "xl/worksheets/sheet1.xml", head, "<row>"+strings.Repeat("<c><v>1</v></c>", 100)+"</row>", 40_000, false), ErrTooLarge},
		"a bomb of shared texts":  {bomb(t, "xl/sharedStrings.xml", "<sst>", "<si/>", 2_000_000, false), ErrTooLarge},
		"a bomb of one text":      {bomb(t, "xl/sharedStrings.xml", "<sst><si><t>", "aaaaaaaa", big/8, false), ErrTooLarge},
		"a bomb of merged ranges": {bomb(t, "xl/worksheets/sheet1.xml", "<worksheet>", `<mergeCell ref="A1:XFD1048576"/>`, 400_000, false), ErrTooLarge},
		"a bomb of sheets":        {bomb(t, "xl/workbook.xml", "<workbook>", `<sheet name="S" r:id="rId1"/>`, 1000, false), ErrTooLarge},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if _, err := read(c.file); !errors.Is(err, c.want) {
				t.Errorf("%v, want %v", err, c.want)
			}
		})
	}
}

func TestReadingEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := pack(t, sheetOf("<row/>"))
	if _, err := Read(ctx, bytes.NewReader(b), int64(len(b)), DefaultLimits); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}

func FuzzSheet(f *testing.F) {
	f.Add([]byte(`<worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>a&lt;b</t></is></c><c><v>1</v></c></row></sheetData><mergeCells><mergeCell ref="A1:B2"/></mergeCells></worksheet>`))
	f.Add([]byte(`<x:a b='>' c="&#x41;"/><!-- --><![CDATA[x]]>`))
	f.Add([]byte("\xff\xfe<\x00a\x00/\x00>\x00"))
	f.Fuzz(func(t *testing.T, b []byte) {
		x := &reader{ctx: context.Background(), lim: DefaultLimits, left: 1 << 20, shared: []Cell{{Text: "một"}}, formats: []style{{kind: Number}, {kind: DateNumber}}}
		var sh Sheet
		err := x.readSheet(newScanner(bytes.NewReader(b)), &sh)
		for _, r := range sh.Rows {
			if len(r.Cells) == 0 {
				t.Fatal("an empty row was kept")
			}
			for i, c := range r.Cells {
				if c.Column < 1 || c.Column > DefaultLimits.Columns || c.Text == "" || i > 0 && c.Column < r.Cells[i-1].Column {
					t.Fatalf("%v %+v", err, r)
				}
			}
		}
	})
}
