package roster

import (
	"slices"

	"gorm.io/gorm"

	"taphuan/app/plan"
	"taphuan/models"
)

// others are where the groups of plans may be held other than the plan whose groups a form or a workbook names. Whoever says which groups of one
// plan somebody has says nothing about those of another: they stay.
type others []models.TargetGroupLevel

// readOthers reads the others of the plan that is meant on the day. Where there is one plan there are none.
func readOthers(db *gorm.DB, day models.Day) (out others, err error) {
	current, err := plan.CurrentID(db.Statement.Context, db, day)
	if err != nil {
		return nil, err
	}
	err = db.Where("group_id IN (?)", db.Model(&models.TargetGroup{}).Select("id").Where("plan_id <> ?", current)).Find(&out).Error
	return out, err
}

// with gives the groups that are named and those of other plans that the posting had, as far as they may be held at the level on the day.
func (x others) with(named []uint64, was *HistoryPosting, level models.Level, day models.Day) []uint64 {
	out := slices.Clone(named)
	if was != nil {
		for _, l := range x {
			if l.Level == level && l.FromDay <= day && day < l.ToDay && slices.Contains(was.Groups, l.GroupID) {
				out = append(out, l.GroupID)
			}
		}
	}
	return sortedGroups(out)
}
