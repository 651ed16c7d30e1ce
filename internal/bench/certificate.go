package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/signintech/gopdf"
	"rsc.io/qr"

	"taphuan/app/paper"
	"taphuan/app/template"
)

// renderCertificate draws so many certificates in this process, beside as many bare pages.
func renderCertificate(_ context.Context, _ *env, size int) (pair, error) {
	s := template.Sample()
	look, err := standardTemplate()
	if err != nil {
		return pair{}, err
	}
	ours := func() error {
		for range size {
			if _, err := look.Draw(s, template.Print); err != nil {
				return err
			}
		}
		return nil
	}
	yardstick := func() error {
		for range size {
			if _, err := barePage(s); err != nil {
				return err
			}
		}
		return nil
	}
	return pair{ours: side{run: ours}, yardstick: side{run: yardstick}}, nil
}

func standardTemplate() (*template.Template, error) {
	l, err := template.ShippedLayout(template.Standard)
	if err != nil {
		return nil, err
	}
	return template.Compile(l, nil)
}

func snapshotText(s template.Snapshot) (string, error) {
	b, err := json.Marshal(s)
	return string(b), err
}

// barePage is the yardstick of certificates: gopdf alone, with the same cut fonts, the same words at fixed places, a plain
// frame and the QR code as rectangles. Nothing is measured, centred, checked or fitted.
func barePage(s template.Snapshot) ([]byte, error) {
	faces, err := paper.Faces()
	if err != nil {
		return nil, err
	}
	var pdf gopdf.GoPdf
	pdf.Start(gopdf.Config{PageSize: gopdf.Rect{W: paper.A4Long, H: paper.A4Short}})
	for _, f := range []paper.Font{paper.Regular, paper.Bold, paper.Italic} {
		if err := pdf.AddTTFFontFromFontContainer(string(f), faces); err != nil {
			return nil, err
		}
	}
	pdf.AddPage()
	pdf.RectFromUpperLeft(26, 26, paper.A4Long-52, paper.A4Short-52)
	for _, l := range []struct {
		font       paper.Font
		size, x, y float64
		text       string
	}{
		{paper.Regular, 13, 90, 74, "ỦY BAN NHÂN DÂN TỈNH CAO BẰNG"},
		{paper.Bold, 13, 90, 92, "SỞ VĂN HÓA, THỂ THAO VÀ DU LỊCH"},
		{paper.Bold, 13, 480, 74, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"},
		{paper.Bold, 14, 540, 92, "Độc lập - Tự do - Hạnh phúc"},
		{paper.Bold, 36, 250, 174, "GIẤY CHỨNG NHẬN"},
		{paper.Bold, 13.5, 240, 210, "GIÁM ĐỐC SỞ VĂN HÓA, THỂ THAO VÀ DU LỊCH"},
		{paper.Italic, 14, 390, 230, "chứng nhận"},
		{paper.Bold, 28, 260, 270, "Bà " + s.Name},
		{paper.Regular, 14, 180, 295, "Sinh ngày 04/5/1980, chức vụ: " + s.Title + ", " + s.Organisation},
		{paper.Italic, 14, 330, 320, "đã hoàn thành hội nghị tập huấn"},
		{paper.Bold, 18, 140, 348, "“" + s.CourseTitle + "”"},
		{paper.Regular, 13.5, 140, 376, "Từ ngày 10/11/2026 đến ngày 12/11/2026; thời lượng 16 giờ; tại " + s.Venue},
		{paper.Regular, 11.5, 160, 457, "Số vào sổ: " + s.Serial},
		{paper.Regular, 9.5, 160, 474, "Tra cứu bằng mã QR hoặc tại"},
		{paper.Regular, 9.5, 160, 486, "example.vn/v"},
		{paper.Bold, 10.5, 74, 525, "Mã: K7WM 4PQZ 9TXC 2HRB"},
		{paper.Italic, 13, 510, 444, "Cao Bằng, ngày 24 tháng 11 năm 2026"},
		{paper.Bold, 13, 560, 461, "KT. GIÁM ĐỐC"},
		{paper.Bold, 13, 560, 477, "PHÓ GIÁM ĐỐC"},
		{paper.Bold, 14, 560, 529, s.SignName},
	} {
		if err := pdf.SetFont(string(l.font), "", l.size); err != nil {
			return nil, err
		}
		pdf.SetXY(l.x, l.y)
		if err := pdf.Text(l.text); err != nil {
			return nil, err
		}
	}
	if err := bareQR(&pdf, 68, 434, 85, s.QRText()); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	if _, err := pdf.WriteTo(&b); err != nil {
		return nil, fmt.Errorf("bare page: %w", err)
	}
	return b.Bytes(), nil
}

// bareQR draws a rectangle for each run of dark modules in a row.
func bareQR(pdf *gopdf.GoPdf, x, y, side float64, text string) error {
	code, err := qr.Encode(text, qr.M)
	if err != nil {
		return err
	}
	cell := side / float64(code.Size)
	for j := range code.Size {
		for i := 0; i < code.Size; i++ {
			from := i
			for i < code.Size && code.Black(i, j) {
				i++
			}
			if i > from {
				pdf.RectFromUpperLeftWithStyle(x+float64(from)*cell, y+float64(j)*cell, float64(i-from)*cell, cell, "F")
			}
		}
	}
	return nil
}
