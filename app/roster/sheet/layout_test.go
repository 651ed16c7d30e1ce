package sheet

import (
	"fmt"
	"slices"
	"strings"

	"golang.org/x/text/unicode/norm"
)

// col is one column of a sheet that the office lays out.
type col struct {
	heads []string // the heading from top to bottom
	put   func(p *person, row int) any
	org   bool // holds the organisation
	wide  int  // columns that the heading is merged over, 0 for one
}

func text(put func(*person) string) func(*person, int) any {
	return func(p *person, _ int) any { return put(p) }
}

// orgHabit is where a sheet names the organisation.
type orgHabit int

const (
	orgEachRow orgHabit = iota
	orgMerged
	orgOnChange
	orgDitto
	orgSections
	orgLetterhead
	orgSheetName
	orgInTitleText
	orgNested
	orgHabits
)

// sheet lays out one sheet of people in habits drawn by chance.
func (o *office) sheet(name string, first bool) {
	habit := orgHabit(o.IntN(int(orgHabits)))
	orgs := o.someOrgs(habit)
	if habit == orgSheetName {
		name = strings.NewReplacer("Ủy ban nhân dân", "UBND").Replace(orgs[0].Name)
		if idx, err := o.f.GetSheetIndex(name); err != nil || idx >= 0 || len([]rune(name)) > 31 {
			habit, name = orgLetterhead, fmt.Sprintf("Sheet %d", o.serial)
		}
	}
	o.note(fmt.Sprintf("%s: habit %d", name, habit))
	if first {
		o.must(o.f.SetSheetName("Sheet1", name))
	} else {
		_, err := o.f.NewSheet(name)
		o.must(err)
	}
	row := o.top(name, habit, orgs)
	cols := o.columns(habit)
	row = o.heading(name, row, cols)
	if o.chance(20) {
		for i := range cols {
			o.set(name, i+1, row, one(o, fmt.Sprintf("(%d)", i+1), fmt.Sprint(i+1)))
		}
		row++
	}
	orgCol := slices.IndexFunc(cols, func(c col) bool { return c.org }) + 1
	for k, org := range orgs {
		row = o.sectionLine(name, row, habit, k, org)
		people := o.peopleOf(org, habit)
		start := row
		for i, p := range people {
			for c, x := range cols {
				if x.org && i > 0 && habit != orgEachRow && p.fault != UnknownOrganisation {
					if habit == orgDitto {
						o.set(name, c+1, row, one(o, `"`, "nt", "như trên", "-nt-"))
					}
					continue
				}
				o.set(name, c+1, row, x.put(p, i+1))
			}
			if o.chance(3) {
				o.must(o.f.SetRowVisible(name, row, false))
			}
			o.tell(name, row, p)
			row++
			if o.chance(2) {
				row++ // a blank line
			}
		}
		if habit == orgMerged && row-start > 1 {
			o.merge(name, orgCol, start, orgCol, row-1)
		}
		if habit == orgSections && o.chance(20) {
			o.set(name, 2, row, fmt.Sprintf("Cộng: %d người", len(people)))
			row++
		}
	}
	o.bottom(name, row, len(cols))
}

func (o *office) someOrgs(habit orgHabit) []Organisation {
	n := 1
	switch habit {
	case orgEachRow, orgMerged, orgOnChange, orgDitto, orgSections:
		n = 1 + o.IntN(4)
	case orgNested:
		var out []Organisation
		place := ""
		for _, x := range o.orgs {
			if x.Level == "district" && (place == "" && o.chance(15) || x.Parent == place) && len(out) < 3 {
				place = x.Parent
				out = append(out, x)
			}
		}
		if len(out) > 0 {
			return out
		}
	}
	var out []Organisation
	for len(out) < n {
		x := one(o, o.orgs...)
		if !slices.ContainsFunc(out, func(y Organisation) bool { return y.Code == x.Code }) {
			out = append(out, x)
		}
	}
	return out
}

// top writes letterhead and title and gives the row of the heading.
func (o *office) top(sheet string, habit orgHabit, orgs []Organisation) int {
	row := 1
	if o.chance(80) || habit == orgLetterhead {
		o.set(sheet, 1, 1, one(o, "UBND TỈNH CAO BẰNG", "TỈNH CAO BẰNG", "ỦY BAN NHÂN DÂN TỈNH"))
		if habit == orgLetterhead && o.chance(50) {
			o.set(sheet, 1, 2, strings.ToUpper(orgs[0].Name))
		} else if habit == orgLetterhead {
			o.set(sheet, 1, 3, one(o, "Đơn vị: ", "Cơ quan, đơn vị: ", "Tên đơn vị: ")+o.writeOrg(orgs[0]))
		}
		o.set(sheet, 5, 1, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
		o.set(sheet, 5, 2, "Độc lập - Tự do - Hạnh phúc")
		row = 4
	}
	if habit == orgInTitleText {
		o.set(sheet, 1, row, "DANH SÁCH CÁN BỘ "+strings.ToUpper(orgs[0].Name)+one(o, "", " NĂM 2026"))
		row++
	} else if o.chance(70) {
		o.set(sheet, 1, row, "DANH SÁCH CÁN BỘ THUỘC ĐỐI TƯỢNG TẬP HUẤN TRUYỀN THÔNG VỀ QUYỀN CON NGƯỜI")
		if o.chance(50) {
			o.merge(sheet, 1, row, 9, row)
		}
		row++
	}
	if o.chance(50) {
		o.set(sheet, 1, row, one(o, "(Kèm theo Công văn số 12/CV ngày 05 tháng 01 năm 2026)", "Thời điểm: 01/01/2026"))
		row++
	}
	return row + o.IntN(3)
}

func (o *office) columns(habit orgHabit) []col {
	var cs []col
	add := func(c ...col) { cs = append(cs, c...) }
	switch o.IntN(5) {
	case 0:
		add(col{heads: []string{one(o, "Họ và tên đệm", "Họ đệm", "Họ và chữ lót", "HỌ VÀ TÊN ĐỆM")}, put: text(func(p *person) string { return o.disguise(familyOf(p)) })},
			col{heads: []string{one(o, "Tên", "TÊN")}, put: text(func(p *person) string { return givenOf(p) })})
	case 1:
		add(col{heads: []string{"Họ và tên"}, wide: 2, put: text(func(p *person) string { return familyOf(p) })}, col{wide: -1, put: text(func(p *person) string { return givenOf(p) })})
	default:
		add(col{heads: []string{one(o, "Họ và tên", "Họ tên", "HỌ VÀ TÊN", "Họ, tên", "Họ và tên cán bộ", "Họ\nvà tên", "Họ & tên", "Họ, chữ đệm và tên khai sinh", "Họ tên cán bộ, công chức", "Họ và tên (chữ in hoa)", norm.NFD.String("Họ và tên"))}, put: text(func(p *person) string {
			if p.fault == MissingName {
				return one(o, "", "", "...")
			}
			return o.writeName(p, false)
		})})
	}
	add(o.birthColumns()...)
	add(col{heads: []string{one(o, "Số CCCD", "CCCD/CMND", "CĂN CƯỚC CÔNG DÂN", "Số định danh cá nhân", "Số căn cước", "Số ĐDCN", "Số CC/CCCD", "CMND/CCCD", "Số thẻ căn cước", "Mã định danh")}, put: func(p *person, _ int) any { return o.writeID(p) }})
	add(col{heads: []string{one(o, "Chức vụ", "Chức danh", "CHỨC VỤ", "Chức vụ, chức danh", "Vị trí việc làm", "Chức vụ hiện nay", "Chức danh/chức vụ", "Công việc đang đảm nhận", "CHỨC DANH")}, put: text(func(p *person) string {
		if o.chance(10) {
			return strings.ToUpper(p.Title)
		}
		return o.disguise(p.Title)
	})})
	if habit <= orgDitto {
		add(col{org: true, heads: []string{one(o, "Đơn vị công tác", "Đơn vị", "Cơ quan, đơn vị", "Nơi công tác", "ĐƠN VỊ", "Tên cơ quan", "Cơ quan công tác", "Cơ quan/đơn vị", "Nơi làm việc", "Tên cơ quan, đơn vị", "Đơn vị, địa phương")}, put: text(func(p *person) string {
			if p.fault == UnknownOrganisation {
				return one(o, "Sở Không Có Thật", "UBND xã Không Đâu", "UBND xã")
			}
			return o.writeOrg(p.org)
		})})
	}
	add(o.groupColumns()...)
	add(col{heads: []string{one(o, "Số điện thoại", "SĐT", "Điện thoại", "ĐIỆN THOẠI", "Di động", "Số ĐT", "ĐTDĐ", "Điện thoại liên hệ", "Số di động", "ĐT")}, put: func(p *person, _ int) any { return o.writePhone(p) }})
	add(col{heads: []string{one(o, "Email", "Thư điện tử", "E-mail", "Địa chỉ email", "Hộp thư", "Email công vụ", "Hòm thư điện tử")}, put: text(func(p *person) string {
		if p.fault == InvalidEmail {
			return one(o, "khong-phai-thu", "a@b", "a b@c.vn")
		}
		return p.Email
	})})
	for _, junk := range []col{
		{heads: []string{"Dân tộc"}, put: text(func(*person) string { return one(o, "Tày", "Nùng", "Kinh", "Mông") })},
		{heads: []string{"Ngày vào Đảng"}, put: text(func(*person) string { return "03/02/2010" })},
		{heads: []string{"Trình độ chuyên môn"}, put: text(func(*person) string { return one(o, "Đại học", "Thạc sĩ", "") })},
		{heads: []string{"Quê quán"}, put: text(func(*person) string { return "xã Quang Long, Cao Bằng" })},
		{heads: []string{"Ghi chú"}, put: text(func(*person) string { return one(o, "", "", "kiêm nhiệm") })},
		{heads: []string{"Ngày cấp"}, put: text(func(*person) string { return "01/02/2021" })},
	} {
		if o.chance(20) {
			add(junk)
		}
	}
	o.shuffleColumns(cs)
	if o.chance(85) {
		cs = append([]col{{heads: []string{one(o, "STT", "TT", "Số TT", "Stt")}, put: func(_ *person, n int) any { return n }}}, cs...)
	}
	return cs
}

func familyOf(p *person) string {
	if p.fault == MissingName {
		return ""
	}
	return p.Name[:strings.LastIndexByte(p.Name, ' ')]
}

func givenOf(p *person) string {
	if p.fault == MissingName {
		return ""
	}
	return p.Name[strings.LastIndexByte(p.Name, ' ')+1:]
}

// shuffleColumns mixes the columns, those of one heading kept together.
func (o *office) shuffleColumns(cs []col) {
	if o.chance(40) {
		return
	}
	var blocks [][]col
	for _, c := range cs {
		if len(blocks) > 0 && (c.wide < 0 || len(c.heads) > 1 && len(blocks[len(blocks)-1][0].heads) > 1 && blocks[len(blocks)-1][0].heads[0] == c.heads[0] || len(c.heads) == 1 && strings.EqualFold(c.heads[0], "Tên")) {
			blocks[len(blocks)-1] = append(blocks[len(blocks)-1], c)
			continue
		}
		blocks = append(blocks, []col{c})
	}
	o.Shuffle(len(blocks), func(i, j int) { blocks[i], blocks[j] = blocks[j], blocks[i] })
	k := 0
	for _, b := range blocks {
		k += copy(cs[k:], b)
	}
}

func (o *office) birthColumns() []col {
	born := func(p *person, _ int) any { return o.writeBorn(p) }
	only := func(female bool) func(*person, int) any {
		return func(p *person, _ int) any {
			if *p.Female != female {
				return ""
			}
			return o.writeBorn(p)
		}
	}
	tick := func(female bool) func(*person, int) any {
		return func(p *person, _ int) any {
			if *p.Female != female {
				return ""
			}
			return one(o, "x", "X", "x ")
		}
	}
	head := one(o, "Ngày, tháng, năm sinh", "Năm sinh", "Ngày sinh", "NGÀY THÁNG NĂM SINH", "Ngày/tháng/năm sinh", "Sinh ngày", "Ngày tháng năm sinh (dd/mm/yyyy)", "NTNS", "Năm sinh (nếu không rõ ngày)")
	switch o.IntN(4) {
	case 0:
		return []col{{heads: []string{head, "Nam"}, put: only(false)}, {heads: []string{head, "Nữ"}, put: only(true)}}
	case 1:
		return []col{{heads: []string{head}, put: born}, {heads: []string{"Giới tính", "Nam"}, put: tick(false)}, {heads: []string{"Giới tính", "Nữ"}, put: tick(true)}}
	case 2:
		part := func(f func(*person) any) func(*person, int) any {
			return func(p *person, _ int) any { return f(p) }
		}
		sex := o.sexColumn()
		return []col{
			{heads: []string{head, "Ngày"}, put: part(func(p *person) any {
				if p.fault == InvalidBirthDate {
					return 31
				}
				if p.year {
					return ""
				}
				return p.d
			})},
			{heads: []string{head, "Tháng"}, put: part(func(p *person) any {
				if p.fault == InvalidBirthDate {
					return 2
				}
				if p.year {
					return ""
				}
				return p.m
			})},
			{heads: []string{head, "Năm"}, put: part(func(p *person) any {
				if p.fault == BirthDateInFuture {
					return 2035
				}
				return p.y
			})},
			sex,
		}
	}
	return []col{{heads: []string{head}, put: born}, o.sexColumn()}
}

func (o *office) sexColumn() col {
	return col{heads: []string{one(o, "Giới tính", "GIỚI TÍNH", "Nam/Nữ", "Giới")}, put: text(func(p *person) string {
		if *p.Female {
			return one(o, "Nữ", "NỮ", "nữ", " Nữ")
		}
		return one(o, "Nam", "nam", "NAM")
	})}
}

func (o *office) groupColumns() []col {
	if o.chance(25) {
		var cs []col
		for _, code := range []string{"QCN", "TTTT", "TTDN", "CTXH"} {
			cs = append(cs, col{heads: []string{"Nhóm đối tượng", one(o, groupWritings[code]...)}, put: text(func(p *person) string {
				if p.fault == UnknownTargetGroup && code == "QCN" {
					return "có lẽ"
				}
				if slices.Contains(p.Groups, code) {
					return one(o, "x", "X", "✓")
				}
				return ""
			})})
		}
		o.note("ticked groups")
		o.ticked = true
		return cs
	}
	o.ticked = false
	return []col{{heads: []string{one(o, "Nhóm đối tượng", "Đối tượng", "ĐỐI TƯỢNG", "Thuộc nhóm đối tượng", "Đối tượng tập huấn", "Nhóm", "Phân nhóm", "Diện đối tượng", "Thuộc đối tượng")}, put: text(func(p *person) string {
		if p.fault == UnknownTargetGroup {
			return one(o, "Nhóm lạ", "QCN; Nhóm lạ", "cán bộ")
		}
		return o.writeGroups(p.Groups)
	})}}
}

// heading writes one or two rows of headings and gives the row below.
func (o *office) heading(sheet string, row int, cs []col) int {
	two := slices.ContainsFunc(cs, func(c col) bool { return len(c.heads) > 1 })
	merged := o.chance(70)
	for i := 0; i < len(cs); i++ {
		c := cs[i]
		at := i + 1
		switch {
		case c.wide == 2:
			o.set(sheet, at, row, c.heads[0])
			last := row
			if two && merged {
				last++
			}
			o.merge(sheet, at, row, at+1, last)
		case c.wide < 0:
		case len(c.heads) > 1:
			n := 1
			for i+n < len(cs) && len(cs[i+n].heads) > 1 && cs[i+n].heads[0] == c.heads[0] {
				n++
			}
			o.set(sheet, at, row, c.heads[0])
			for k := range n {
				o.set(sheet, at+k, row+1, cs[i+k].heads[1])
			}
			if merged && n > 1 {
				o.merge(sheet, at, row, at+n-1, row)
			}
			i += n - 1
		default:
			o.set(sheet, at, row, c.heads[0])
			if two && merged {
				o.merge(sheet, at, row, at, row+1)
			}
		}
	}
	if two {
		return row + 2
	}
	return row + 1
}

func (o *office) sectionLine(sheet string, row int, habit orgHabit, k int, org Organisation) int {
	roman := []string{"I", "II", "III", "IV", "V"}[k%5]
	switch habit {
	case orgSections:
		switch o.IntN(5) {
		case 0:
			o.set(sheet, 1, row, roman)
			o.set(sheet, 2, row, o.writeOrg(org))
		case 1:
			o.set(sheet, 1, row, roman+". "+o.writeOrg(org))
			o.merge(sheet, 1, row, 9, row)
		case 2:
			o.set(sheet, 1, row, strings.ToUpper(org.Name))
		case 3:
			o.set(sheet, 1, row, k+1)
			o.set(sheet, 2, row, "Đơn vị: "+org.Name)
		case 4:
			o.set(sheet, 1, row, roman+"/ "+org.Name+" (5 người)")
		}
		return row + 1
	case orgNested:
		if k == 0 && org.Level == "district" {
			for _, x := range o.dir.Organisations {
				if x.Code == org.Parent {
					o.set(sheet, 1, row, "I")
					o.set(sheet, 2, row, strings.ToUpper(x.Name))
					row++
				}
			}
		}
		o.set(sheet, 1, row, fmt.Sprintf("%d.", k+1))
		name := org.Name
		if w := strings.Fields(name); org.Level == "district" && o.chance(50) {
			name = strings.Join(w[:len(w)-2], " ") // within its district, without its name
			if strings.HasSuffix(name, "thành") || strings.HasSuffix(name, "phố") {
				name = org.Name
			}
		}
		o.set(sheet, 2, row, name)
		return row + 1
	}
	return row
}

// peopleOf draws people, some of them with a fault.
func (o *office) peopleOf(org Organisation, habit orgHabit) []*person {
	var out []*person
	n := 2 + o.IntN(7)
	if habit == orgOnChange {
		n += 2 // fewer could be gaps
	}
	for i := range n {
		p := o.person(org)
		if i > 0 && o.chance(12) {
			p.fault = one(o, MissingName, InvalidBirthDate, BirthDateInFuture, InvalidNationalID, UnknownOrganisation, UnknownTargetGroup, InvalidEmail, InvalidPhone, OrganisationNotActive,
				OrganisationIsTotal, DuplicateInFile, IDOfAnotherPerson)
			o.arrange(p, habit)
		}
		out = append(out, p)
	}
	return out
}

// arrange makes a drawn fault possible, or drops it.
func (o *office) arrange(p *person, habit orgHabit) {
	known := o.truth.Accepted // of sheets before
	pick := func(is func(Organisation) bool) {
		var list []Organisation
		for _, x := range o.dir.Organisations {
			if is(x) {
				list = append(list, x)
			}
		}
		p.org = one(o, list...)
	}
	active := func(x Organisation) bool { return x.From <= o.effective && (x.To == 0 || o.effective < x.To) }
	total := func(x Organisation) bool { return x.Kind == "province" || x.Kind == "block" || x.Kind == "district" }
	switch p.fault {
	case UnknownOrganisation:
		if habit != orgEachRow {
			p.fault = ""
		}
	case OrganisationNotActive:
		if habit != orgEachRow {
			p.fault = ""
			return
		}
		pick(func(x Organisation) bool { return !active(x) && !total(x) })
	case OrganisationIsTotal:
		if habit != orgEachRow {
			p.fault = ""
			return
		}
		pick(func(x Organisation) bool { return active(x) && total(x) })
	case DuplicateInFile, IDOfAnotherPerson:
		if len(known) == 0 || known[len(known)-1].NationalID == "" {
			p.fault = ""
			return
		}
		k := known[len(known)-1]
		p.NationalID = k.NationalID
		if p.fault == DuplicateInFile {
			p.Name = k.Name
		}
		if p.fault == IDOfAnotherPerson && p.Born[:4] == k.Born[:4] {
			p.fault = ""
			p.NationalID = ""
		}
	}
}

// tell notes the truth of a row.
func (o *office) tell(sheet string, row int, p *person) {
	if p.fault != "" {
		o.truth.Refused = append(o.truth.Refused, Refusal{Sheet: sheet, Row: row, Reason: p.fault})
		return
	}
	r := p.Row
	if o.ticked { // the order is that of the columns
		order := []string{"QCN", "TTTT", "TTDN", "CTXH"}
		slices.SortFunc(r.Groups, func(a, b string) int { return slices.Index(order, a) - slices.Index(order, b) })
	}
	r.Sheet, r.Row = sheet, row
	o.truth.Accepted = append(o.truth.Accepted, r)
}

func (o *office) bottom(sheet string, row, width int) {
	if o.chance(70) {
		o.set(sheet, one(o, 1, 2), row, one(o, "Tổng cộng", "Tổng số: 41 người", "TỔNG CỘNG:", "Cộng: 12"))
		if o.chance(50) {
			o.set(sheet, 3, row, "41 người")
		}
		row++
	}
	if o.chance(30) {
		o.set(sheet, 1, row, one(o, "Ấn định danh sách này có 41 người./.", "Ghi chú: số liệu đến ngày 31/12/2025"))
		row++
	}
	if o.chance(70) {
		row++
		o.set(sheet, min(5, width), row, "Cao Bằng, ngày 12 tháng 01 năm 2026")
		row++
		left, right := 1+o.IntN(3), 4+o.IntN(5)
		o.set(sheet, left, row, "NGƯỜI LẬP BIỂU")
		o.set(sheet, right, row, one(o, "THỦ TRƯỞNG ĐƠN VỊ", "GIÁM ĐỐC", "KT. CHỦ TỊCH"))
		o.set(sheet, left, row+1, "(Ký, ghi rõ họ tên)")
		o.set(sheet, right, row+1, "(Ký tên, đóng dấu)")
		o.set(sheet, left, row+5, "Lục Thị Người Ký")
		o.set(sheet, right, row+5, "Nông Văn Thủ Trưởng")
	}
}

// workbook draws a whole workbook.
func (o *office) workbook() {
	n := 1 + o.IntN(3)
	for i := range n {
		o.serial = i + 1
		o.sheet(fmt.Sprintf("DS %d", i+1), i == 0)
	}
	if o.chance(30) {
		_, err := o.f.NewSheet("Danh mục")
		o.must(err)
		o.set("Danh mục", 1, 1, "Họ và tên")
		o.set("Danh mục", 2, 1, "Đơn vị")
		o.set("Danh mục", 1, 2, "Người Mẫu")
		o.must(o.f.SetSheetVisible("Danh mục", false))
	}
	if o.chance(30) {
		_, err := o.f.NewSheet("Hướng dẫn")
		o.must(err)
		o.set("Hướng dẫn", 1, 1, "Ghi đầy đủ thông tin của từng người, mỗi người một dòng")
	}
}
