package invitation

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"

	"gorm.io/gorm"
	"gorm.io/gorm/clause"

	"taphuan/app/errs"
	"taphuan/app/store"
	"taphuan/models"
)

const (
	nameReminders = "reminder_days"
	maxReminders  = 5
	maxDaysBefore = 30
)

// defaultReminders hold while nobody has said otherwise.
var defaultReminders = []int{1, 3}

// ReminderDays gives how many days before a course reminders go, the shortest first.
func (s *Service) ReminderDays(ctx context.Context) ([]int, error) {
	var row models.Setting
	err := s.DB.Read(ctx).Where("name = ?", nameReminders).Take(&row).Error
	if errors.Is(err, gorm.ErrRecordNotFound) {
		return defaultReminders, nil
	}
	if err != nil {
		return nil, err
	}
	days, ok := parseDays(row.Value)
	if !ok {
		return nil, errs.Internal("reminder days", errors.New(row.Value))
	}
	return days, nil
}

// parseDays reads "3, 1"; "" is none.
func parseDays(text string) (days []int, ok bool) {
	for _, w := range strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ';' || r == ' ' }) {
		n, err := strconv.Atoi(w)
		if err != nil || n < 1 || n > maxDaysBefore {
			return nil, false
		}
		days = append(days, n)
	}
	slices.Sort(days)
	days = slices.Compact(days)
	return days, len(days) <= maxReminders
}

// DaysText writes days as they are typed, the longest first.
func DaysText(days []int) string {
	var out []string
	for _, d := range slices.Backward(days) {
		out = append(out, strconv.Itoa(d))
	}
	return strings.Join(out, ", ")
}

// SetReminderDays sets how many days before a course reminders go: up to five numbers from 1 to 30, none for no reminders. It
// refuses other texts with "reminder_days".
func (s *Service) SetReminderDays(ctx context.Context, by store.By, text string) error {
	days, ok := parseDays(text)
	if !ok {
		return errs.OnField("reminder_days", "reminder_days")
	}
	_, err := s.DB.Write(ctx, by, func(tx *store.Tx) (uint64, error) {
		row := models.Setting{Name: nameReminders, Value: DaysText(days), UpdatedAt: tx.Now}
		err := tx.Clauses(clause.OnConflict{Columns: []clause.Column{{Name: "name"}}, DoUpdates: clause.AssignmentColumns([]string{"value", "updated_at"})}).Create(&row).Error
		if err != nil {
			return 0, err
		}
		return 0, tx.Audit("settings.reminders", "settings", 0, map[string]any{"days": row.Value})
	})
	return err
}
