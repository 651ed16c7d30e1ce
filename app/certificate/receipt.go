package certificate

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"taphuan/app/access"
	"taphuan/app/errs"
	"taphuan/app/paper"
	"taphuan/models"
)

// Measures of the list of receipts, in points.
const (
	receiptMargin = 15 * paper.Millimetre
	receiptWidth  = paper.A4Long - 2*receiptMargin
	receiptBottom = paper.A4Short - 18*paper.Millimetre
	receiptClose  = 110.0 // of the closing lines
)

// Receipts draws the list on which people sign for certificates of a course that they receive (sổ giao nhận): the standing ones among ids, or
// all standing ones where there are none, with what was recorded. It gives the name under which it is saved, too. It refuses a course
// without any ("no_standing_certificate"); out of scope is not found.
func (s *Service) Receipts(ctx context.Context, actor access.Actor, courseID uint64, ids []uint64) (pdf []byte, name string, err error) {
	c, err := s.course(ctx, actor, courseID)
	if err != nil {
		return nil, "", err
	}
	all, err := s.Handovers(ctx, actor, courseID)
	if err != nil {
		return nil, "", err
	}
	all = slices.DeleteFunc(all, func(h Handover) bool {
		return h.State != models.CertificateValid || len(ids) > 0 && !slices.Contains(ids, h.ID)
	})
	if len(all) == 0 {
		return nil, "", errs.Invalid("no_standing_certificate")
	}
	var issuer models.Issuer
	err = s.DB.Read(ctx).Joins("JOIN registers ON registers.issuer_id = issuers.organisation_id").Joins("JOIN certificates ON certificates.register_id = registers.id").
		Where("certificates.id = ?", all[0].ID).Take(&issuer).Error
	if err != nil {
		return nil, "", err
	}
	d := paper.New(paper.A4Long, paper.A4Short, paper.Info{Title: "Sổ giao nhận giấy chứng nhận: " + c.Title, Author: issuer.Name, Subject: c.Code, Created: s.DB.Time()})
	drawReceipts(d, c, issuer, all)
	pdf, err = d.Bytes()
	return pdf, "so-giao-nhan-" + c.Code + ".pdf", err
}

func drawReceipts(d *paper.Doc, c models.Course, issuer models.Issuer, all []Handover) {
	next := func() float64 { d.Page(); return receiptMargin }
	y := d.Heading(receiptMargin, next()+10, receiptWidth, 12, issuer.Superior, issuer.Name) + 26
	for _, l := range []struct {
		font        paper.Font
		size, least float64
		text        string
	}{{paper.Bold, 14, 14, "SỔ GIAO NHẬN GIẤY CHỨNG NHẬN"}, {paper.Bold, 12, 9, c.Title}, {paper.Italic, 11, 9, fmt.Sprintf("%s, %d giấy chứng nhận", c.Code, len(all))}} {
		size, lines := d.Fit(l.font, l.size, l.least, receiptWidth-60, 3, l.text)
		for _, text := range lines {
			d.Line(l.font, size, receiptMargin+30, y, receiptWidth-60, paper.Centre, text)
			y += size * 1.3
		}
	}
	rows := make([][]string, len(all))
	for i, h := range all {
		day := ""
		if h.ReceivedDay != 0 {
			day = slashed(h.ReceivedDay)
		}
		rows[i] = []string{strconv.Itoa(i + 1), h.Serial, h.Name, h.Org, h.ReceivedBy, day, "\u00a0"}
	}
	t := paper.Table{X: receiptMargin, Size: 11, Bottom: receiptBottom, Next: next, Columns: []paper.Column{
		{Head: "TT", Width: 30, Align: paper.Centre}, {Head: "Số vào sổ", Width: 126}, {Head: "Người được cấp", Width: 140}, {Head: "Cơ quan, đơn vị", Width: 150},
		{Head: "Người nhận", Width: 130}, {Head: "Ngày nhận", Width: 74, Align: paper.Centre}, {Head: "Ký nhận", Width: receiptWidth - 650}}}
	y = t.Draw(d, y+6, rows)
	if y+receiptClose > receiptBottom {
		y = next()
	}
	half := receiptWidth / 2
	d.Line(paper.Italic, 12, receiptMargin+half, y+24, half, paper.Centre, strings.TrimPrefix(issuer.Place+", ", ", ")+"ngày ….. tháng ….. năm ………")
	d.Line(paper.Bold, 12, receiptMargin+half, y+42, half, paper.Centre, "NGƯỜI GIAO")
	d.Line(paper.Italic, 11, receiptMargin+half, y+57, half, paper.Centre, "(Ký, ghi rõ họ tên)")
	d.Number()
}
