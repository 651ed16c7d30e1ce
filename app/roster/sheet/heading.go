package sheet

import (
	"slices"
	"strings"

	"taphuan/models/viet"
)

// field is what a column holds.
type field uint8

const (
	fieldNone field = iota
	fieldIgnored
	fieldIndex
	fieldName
	fieldFamily // family and middle names
	fieldGiven
	fieldNameTitle // name and title in one cell
	fieldBorn
	fieldBornMale // birth date of a man; the column says the sex
	fieldBornFemale
	fieldBornDay
	fieldBornMonth
	fieldBornYear
	fieldSex
	fieldMale // ticked for a man
	fieldFemale
	fieldID
	fieldTitle
	fieldTitleOrg // title and organisation in one cell
	fieldOrg
	fieldGroup
	fieldMark // ticked for one target group
	fieldPhone
	fieldEmail
	fieldExtra // of training; the column's group says which
)

// names of fields as catalogues know them.
var fieldNames = map[field]string{
	fieldIndex: "index", fieldName: "name", fieldFamily: "family_name", fieldGiven: "given_name", fieldNameTitle: "name_and_title",
	fieldBorn: "born", fieldBornMale: "born_male", fieldBornFemale: "born_female", fieldBornDay: "born_day", fieldBornMonth: "born_month",
	fieldBornYear: "born_year", fieldSex: "sex", fieldMale: "male", fieldFemale: "female", fieldID: "national_id", fieldTitle: "title",
	fieldTitleOrg: "title_and_organisation", fieldOrg: "organisation", fieldGroup: "groups", fieldMark: "group_mark", fieldPhone: "phone", fieldEmail: "email",
}

// weakNames may head the column of names, unless another does so more clearly.
var weakNames = []string{
	"can bo", "nhan su", "dong chi", "name", "can bo cong chuc", "can bo cong chuc vien chuc", "cong chuc", "hoc vien", "dai bieu", "thanh vien", "nguoi tham du", "cac dong chi",
}

// kin are words for people who are none of the cadres themselves, in comparable form.
var kin = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range words("con bố mẹ cha cháu vợ chồng") {
		m[w] = true
	}
	return m
}()

// meaning is a field with how surely the heading means it: of two columns for one field the higher rank counts.
type meaning struct {
	field field
	rank  int
}

var headingTail = strings.NewReplacer("(", " ", ")", " ")

// meaningOf reads one heading.
func meaningOf(heading string) meaning {
	h := clean(heading)
	if h == "" || len(h) > 160 {
		return meaning{}
	}
	lower := strings.Trim(strings.ToLower(h), " .:*()")
	// Nam and năm differ by a mark only, so these are told before marks are dropped.
	switch viet.Key(lower) {
	case viet.Key("nam"):
		return meaning{fieldMale, 1}
	case viet.Key("nữ"), "nu":
		return meaning{fieldFemale, 1}
	case viet.Key("năm"):
		return meaning{fieldBornYear, 1}
	case viet.Key("tháng"):
		return meaning{fieldBornMonth, 1}
	case viet.Key("ngày"):
		return meaning{fieldBornDay, 1}
	}
	p := phrase(headingTail.Replace(h))
	e := strings.TrimSpace(p) // for headings that must be these words and no others
	if before, _, cut := strings.Cut(lower, "("); cut && strings.TrimSpace(before) != "" {
		e = strings.TrimSpace(phrase(before))
	}
	is := func(list ...string) bool {
		for _, l := range list {
			if e == l {
				return true
			}
		}
		return false
	}
	switch {
	case is("stt", "tt", "so tt", "so thu tu", "thu tu", "s tt", "s t t", "no", "so stt", "stt chung"):
		return meaning{fieldIndex, 1}
	case hasAny(p, "ghi chu", "nhan xet", "ky ten", "chu ky", "ghi ro ho ten", "ky nhan", "ky ghi", "nguoi lap", "xac nhan"):
		return meaning{fieldIgnored, 1}
	case hasAny(p, "email", "e mail", "mail", "gmail", "thu dien tu", "hop thu", "hom thu", "thu cong vu"):
		return meaning{fieldEmail, 2}
	case hasAny(p, "dien thoai", "so dt", "sdt", "dtdd", "di dong", "phone", "mobile", "zalo", "so may", "tel", "so lien lac", "so lien he", "hotline"), is("lien he", "lien lac", "thong tin lien he", "thong tin lien lac", "dt", "dd"):
		if hasAny(p, "co quan", "nha rieng", "nguoi than", "co dinh") {
			return meaning{fieldPhone, 1}
		}
		return meaning{fieldPhone, 2}
	case hasAny(p, "cccd", "can cuoc", "dinh danh", "cmnd", "cmt", "cmtnd", "chung minh", "chung minh thu", "cccd cmnd", "ddcn", "cc cccd", "so cc") && !hasPrefixAny(e, "ngay cap", "noi cap", "cap ngay", "ngay", "noi", "co quan cap"):
		if hasAny(p, "cccd", "can cuoc", "dinh danh", "ddcn") {
			return meaning{fieldID, 3}
		}
		return meaning{fieldID, 2}
	case hasAny(p, "giay to tuy than", "ho chieu", "national id") || is("id"):
		return meaning{fieldID, 1}
	case hasAny(p, "ngay cap", "noi cap", "co quan cap", "noi sinh", "que quan", "nguyen quan", "dan toc", "ton giao", "vao dang", "vao nganh", "bo nhiem", "quyet dinh", "trinh do", "tham nien",
		"tai khoan", "ngan hang", "bhxh", "bao hiem", "so the", "luong", "he so", "ngach", "nhom mau", "chuyen mon", "chuyen nganh", "vo chong", "thuong tru", "tam tru", "cho o", "noi o", "cu tru", "dia chi",
		"ma so thue", "thoi gian", "van bang", "hoc ham", "hoc vi", "ly luan", "ngoai ngu", "tin hoc", "dang vien", "doan vien", "ngay vao", "nam vao", "tot nghiep", "hoc sinh", "sinh hoat", "tinh trang",
		"ma so", "ma nv", "ma can bo", "so hieu", "bien che", "khen thuong", "ky luat", "tuoi", "nguoi gioi thieu"):
		return meaning{fieldIgnored, 1}
	case is("ho va ten dem", "ho ten dem", "ho dem", "ho va dem", "ho va chu lot", "ho lot", "ho chu dem", "ho", "ho va ten lot", "ho va chu dem", "ten dem", "dem", "chu lot", "ho va ten chu dem", "ho va ten chu lot", "ho chu lot", "ten lot"):
		return meaning{fieldFamily, 2}
	case is("ten"):
		return meaning{fieldGiven, 1}
	case hasAny(p, "ho va ten", "ho ten", "hoten", "ten can bo", "ten cong chuc", "ten hoc vien", "ten dai bieu", "full name", "fullname", "ten nguoi", "ten dong chi", "ten nhan su", "quy danh", "ten khai sinh", "ho chu dem ten", "ho dem ten", "ho chu dem va ten", "ho dem va ten") || is(weakNames...):
		if hasAny(p, "chuc vu", "chuc danh") {
			return meaning{fieldNameTitle, 1}
		}
		if slices.ContainsFunc(words(lower), func(w string) bool { return kin[w] }) {
			return meaning{fieldIgnored, 1}
		}
		if is(weakNames...) {
			return meaning{fieldName, 1}
		}
		return meaning{fieldName, 3}
	case hasAny(p, "gioi tinh", "phai", "gender") || is("sex") || is("gioi", "gt", "nam nu") && !strings.Contains(lower, "năm"):
		return meaning{fieldSex, 2}
	case hasAny(p, "ngay sinh", "nam sinh", "sinh nam", "sinh ngay", "ngay thang nam sinh", "thang nam sinh", "ntns", "ntn sinh", "sinh nhat", "dob", "date of birth", "birth date", "year of birth", "ngay thang nam", "ngay thang sinh") || is("sinh", "ns", "tuoi doi", "ngay thang"):
		switch w := words(h); w[len(w)-1] { // Năm sinh (Nam), Ngày sinh nữ
		case viet.Key("nam"):
			return meaning{fieldBornMale, 2}
		case viet.Key("nữ"):
			return meaning{fieldBornFemale, 2}
		}
		return meaning{fieldBorn, 2}
	}
	title := hasAny(p, "chuc vu", "chuc danh", "vi tri viec lam", "vi tri cong tac", "vi tri", "chuc trach", "cong viec", "nhiem vu", "chuc vi", "vtvl") || is("cv", "position", "title", "job title")
	org, orgRank := false, 0
	switch {
	case hasAny(p, "don vi cong tac", "co quan cong tac", "co quan don vi", "don vi co quan", "noi cong tac", "noi lam viec", "co quan to chuc", "ten don vi", "ten co quan", "don vi lam viec", "cong tac tai", "so ban nganh", "don vi dia phuong"):
		org, orgRank = true, 4
	case hasAny(p, "don vi", "co quan") || is("organisation", "organization", "office", "agency", "unit"):
		org, orgRank = true, 3
	case hasAny(p, "xa phuong", "phuong xa", "hoi doan the", "ten to chuc", "co quan bao chi") || is("xa", "phuong", "xa phuong thi tran", "ubnd xa phuong", "ubnd", "to chuc", "ten to chuc"):
		org, orgRank = true, 2
	case hasAny(p, "dia phuong", "dia ban", "huyen thanh pho", "huyen thi") || is("huyen", "thanh pho", "nganh"):
		org, orgRank = true, 1
	}
	if (title || org) && (hasAny(p, "truoc") || slices.Contains(words(lower), wordOld.key)) {
		return meaning{fieldIgnored, 1} // where somebody was before
	}
	now := 0
	if w := words(lower); slices.Contains(w, wordNew.key) || hasAny(p, "hien nay", "hien tai") {
		now = 2
	}
	group := hasAny(p, "doi tuong", "nhom", "loai can bo", "ma nhom") || is("dien", "thuoc dien", "loai", "phan loai", "group", "groups", "target group")
	switch {
	case group && !title:
		return meaning{fieldGroup, 2}
	case title && org:
		return meaning{fieldTitleOrg, 2}
	case title:
		switch {
		case hasAny(p, "dang", "doan the", "kiem nhiem"):
			return meaning{fieldTitle, 1}
		case hasAny(p, "chuc vu", "chuc danh"):
			return meaning{fieldTitle, 3 + now}
		}
		return meaning{fieldTitle, 2 + now}
	case org:
		return meaning{fieldOrg, orgRank + now}
	case hasAny(p, "linh vuc", "mang cong tac", "linh vuc phu trach", "phu trach"):
		return meaning{fieldGroup, 1}
	case is("phong", "phong ban", "bo phan", "khoa phong", "to", "so", "phong chuyen mon"):
		return meaning{fieldIgnored, 0}
	}
	return meaning{}
}
