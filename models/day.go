// Package models holds what is stored: GORM structs, their enums and the invariants of single fields.
package models

import (
	"database/sql/driver"
	"fmt"
	"time"
	_ "time/tzdata" // local days must not depend on the machine's zone files
)

// Zone is the time zone in which the product shows times and reckons days.
var Zone = func() *time.Location {
	z, err := time.LoadLocation("Asia/Ho_Chi_Minh")
	if err != nil {
		panic("embedded time zone data lacks Asia/Ho_Chi_Minh: " + err.Error())
	}
	return z
}()

// Day is a local day (a date in Asia/Ho_Chi_Minh): birth, posting, session and effective dates. It is a count of days
// (0001-01-01 is 1), so days compare with < and >=. The zero Day is "no day" and is stored as NULL.
type Day int32

// Forever is the open end of a lifetime: "to Forever" means "still there". It is stored as 9999-12-31 and is null in JSON.
const Forever Day = 3652059

const secondsADay = 86400

// epochOffset is how many days lie before 1970-01-01 in Day's count.
const epochOffset = 719163

// NewDay gives the day of a calendar date; months and days out of range roll over as in time.Date.
func NewDay(year int, month time.Month, day int) Day {
	s := time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()
	if s >= 0 {
		return Day(s/secondsADay) + epochOffset
	}
	return Day((s-secondsADay+1)/secondsADay) + epochOffset
}

// DayOf gives the local day on which an instant falls.
func DayOf(t time.Time) Day {
	y, m, d := t.In(Zone).Date()
	return NewDay(y, m, d)
}

// ParseDay reads "2006-01-02"; the empty string is no day. It refuses everything else.
func ParseDay(s string) (Day, error) {
	if s == "" {
		return 0, nil
	}
	t, err := time.Parse("2006-01-02", s)
	if err != nil {
		return 0, fmt.Errorf("not a day (want YYYY-MM-DD): %q", s)
	}
	if t.Year() < 1 {
		return 0, fmt.Errorf("day before year 1: %q", s)
	}
	return NewDay(t.Date()), nil
}

// MustDay is ParseDay for constants in code and tests; it panics on what ParseDay refuses.
func MustDay(s string) Day {
	d, err := ParseDay(s)
	if err != nil {
		panic(err)
	}
	return d
}

// Date gives the calendar date.
func (d Day) Date() (year int, month time.Month, day int) { return d.utc().Date() }

// Year gives the calendar year.
func (d Day) Year() int { return d.utc().Year() }

// AddDays moves by n days; no day and Forever stay what they are.
func (d Day) AddDays(n int) Day {
	if d == 0 || d == Forever {
		return d
	}
	return d + Day(n)
}

// YearBefore is the same day of the year before; of 29 February it is the 28th.
func (d Day) YearBefore() Day {
	y, m, n := d.Date()
	return min(NewDay(y-1, m, n), NewDay(y-1, m+1, 1)-1)
}

// At gives the instant of a local clock time, in minutes after midnight, on the day.
func (d Day) At(minutes int) time.Time {
	y, m, day := d.Date()
	return time.Date(y, m, day, 0, minutes, 0, 0, Zone)
}

// Weekday gives the day of the week.
func (d Day) Weekday() time.Weekday { return d.utc().Weekday() }

// IsZero says whether it is no day.
func (d Day) IsZero() bool { return d == 0 }

// IsForever says whether it is the open end of a lifetime.
func (d Day) IsForever() bool { return d == Forever }

// String is "2006-01-02", or "" for no day.
func (d Day) String() string {
	if d == 0 {
		return ""
	}
	return d.utc().Format("2006-01-02")
}

func (d Day) utc() time.Time {
	return time.Unix((int64(d)-epochOffset)*secondsADay, 0).UTC()
}

// Value stores the day as a DATE; no day is NULL.
func (d Day) Value() (driver.Value, error) {
	if d == 0 {
		return nil, nil
	}
	return d.String(), nil
}

// Scan reads a DATE column of either database.
func (d *Day) Scan(v any) error {
	switch x := v.(type) {
	case nil:
		*d = 0
		return nil
	case time.Time:
		*d = NewDay(x.Date())
		return nil
	case []byte:
		return d.scanText(string(x))
	case string:
		return d.scanText(x)
	}
	return fmt.Errorf("cannot read a day from %T", v)
}

func (d *Day) scanText(s string) error {
	if len(s) > 10 {
		s = s[:10]
	}
	p, err := ParseDay(s)
	if err == nil {
		*d = p
	}
	return err
}

// GormDataType makes GORM treat the type as a date.
func (Day) GormDataType() string { return "date" }

// MarshalJSON gives "2006-01-02", null for no day and for Forever.
func (d Day) MarshalJSON() ([]byte, error) {
	if d == 0 || d == Forever {
		return []byte("null"), nil
	}
	return []byte(`"` + d.String() + `"`), nil
}

// UnmarshalJSON reads "2006-01-02"; null and "" are no day.
func (d *Day) UnmarshalJSON(b []byte) error {
	s := string(b)
	if s == "null" || s == `""` {
		*d = 0
		return nil
	}
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return fmt.Errorf("not a day: %s", s)
	}
	return d.UnmarshalText(b[1 : len(b)-1])
}

// UnmarshalText reads "2006-01-02" or, as people type it, "2/1/2006"; "" is no day.
func (d *Day) UnmarshalText(b []byte) error {
	s := string(b)
	if t, err := time.Parse("2/1/2006", s); err == nil && t.Year() >= 1 {
		*d = NewDay(t.Date())
		return nil
	}
	p, err := ParseDay(s)
	if err == nil {
		*d = p
	}
	return err
}

// UnmarshalParam lets Gin bind the day from a form or a query.
func (d *Day) UnmarshalParam(s string) error { return d.UnmarshalText([]byte(s)) }
