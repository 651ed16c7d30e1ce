package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"time"

	"github.com/xuri/excelize/v2"

	"taphuan/app/plan"
	"taphuan/app/roster"
	"taphuan/app/secret"
	"taphuan/app/store"
	"taphuan/models"
	"taphuan/seeds"
)

// importRoster imports a workbook of so many rows into a database that holds the base data only, from the bytes of the file to
// the last commit. The yardstick reads the same workbook and writes each row as it comes with GORM, in one transaction:
// nothing is understood, matched, sealed or refused.
func importRoster(ctx context.Context, e *env, size int) (pair, error) {
	file, err := workbook(size)
	if err != nil {
		return pair{}, err
	}
	keys, err := secret.New(bytes.Repeat([]byte{7}, 32))
	if err != nil {
		return pair{}, err
	}
	var db *store.DB
	drop := func() error { return nil }
	fresh := func() (err error) {
		if err := drop(); err != nil {
			return err
		}
		if db, drop, err = e.database(ctx); err != nil {
			drop = func() error { return nil }
			return err
		}
		_, err = seeds.Base(ctx, db)
		return err
	}
	ours := func() error {
		s := roster.Service{DB: db, Keys: keys}
		p, err := s.ImportFile(ctx, store.By{Action: "import roster"}, file, models.MustDay("2026-01-01"), false, func(int, int) {})
		if err != nil {
			return err
		}
		if p.Written.Cadres.New != size || len(p.Refused) > 0 {
			return fmt.Errorf("%d of %d cadres written, %d rows refused", p.Written.Cadres.New, size, len(p.Refused))
		}
		return nil
	}
	yardstick := func() error {
		n, err := plainImport(ctx, db, file)
		if err == nil && n != size {
			err = fmt.Errorf("%d of %d rows written", n, size)
		}
		return err
	}
	return pair{ours: side{before: fresh, run: ours}, yardstick: side{before: fresh, run: yardstick}, close: func() error { return drop() }}, nil
}

// workbook makes a roster as offices send them: a letterhead, one header row, a row a cadre.
func workbook(rows int) (_ []byte, err error) {
	offices := []string{"Ủy ban nhân dân phường Thục Phán", "Sở Văn hóa, Thể thao và Du lịch", "Ủy ban nhân dân xã Trùng Khánh"}
	f := excelize.NewFile()
	defer func() { err = errors.Join(err, f.Close()) }()
	w, err := f.NewStreamWriter("Sheet1")
	if err != nil {
		return nil, err
	}
	put := func(row int, cells ...any) {
		if err == nil {
			err = w.SetRow(fmt.Sprintf("A%d", row), cells)
		}
	}
	put(1, "UBND TỈNH CAO BẰNG")
	put(3, "DANH SÁCH CÁN BỘ")
	put(5, "TT", "Đơn vị", "Họ và tên", "Ngày sinh", "CCCD/CMND", "Chức danh", "Đối tượng", "SĐT")
	r := rand.New(rand.NewPCG(uint64(rows), 56))
	for i := range rows {
		year, female := 1965+r.IntN(35), r.IntN(2)
		day := models.NewDay(year, time.Month(1+r.IntN(12)), 1+r.IntN(28))
		put(6+i, i+1, offices[r.IntN(len(offices))], fullName(r), fmt.Sprintf("%s/%s/%d", day.String()[8:], day.String()[5:7], year),
			fmt.Sprintf("004%d%02d%06d", female, year%100, i), "Chuyên viên", "TTTT", fmt.Sprintf("09%08d", r.IntN(1e8)))
	}
	if err != nil {
		return nil, err
	}
	if err := w.Flush(); err != nil {
		return nil, err
	}
	var b bytes.Buffer
	_, err = f.WriteTo(&b)
	return b.Bytes(), err
}

func plainImport(ctx context.Context, db *store.DB, file []byte) (n int, err error) {
	p, err := plan.Current(ctx, db.Read(ctx), models.DayOf(now))
	if err != nil {
		return 0, err
	}
	var all []models.Organisation
	if err := db.Read(ctx).Find(&all).Error; err != nil {
		return 0, err
	}
	offices := map[string]uint64{}
	for _, o := range all {
		offices[o.Name] = o.ID
	}
	f, err := excelize.OpenReader(bytes.NewReader(file))
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	rows, err := f.Rows("Sheet1")
	if err != nil {
		return 0, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	_, err = db.Write(ctx, store.By{}, func(tx *store.Tx) (uint64, error) {
		for row := 1; rows.Next(); row++ {
			cells, err := rows.Columns()
			if err != nil || row < 6 {
				if err != nil && !errors.Is(err, io.EOF) {
					return 0, err
				}
				continue
			}
			c := models.Cadre{FullName: cells[2], Phone: cells[7]}
			if err := tx.Create(&c).Error; err != nil {
				return 0, err
			}
			at := models.Posting{CadreID: c.ID, OrganisationID: offices[cells[1]], Title: cells[5], FromDay: models.MustDay("2026-01-01"), ToDay: models.Forever, Main: true}
			if err := tx.Create(&at).Error; err != nil {
				return 0, err
			}
			if err := tx.Create(&models.PostingGroup{PostingID: at.ID, GroupID: p.GroupByCode(cells[6]).ID}).Error; err != nil {
				return 0, err
			}
			n++
		}
		return 0, nil
	})
	return n, err
}
