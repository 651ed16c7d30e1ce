package coverage

import "slices"

// This file decides what of coverage anyone may know. docs/decisions/open-figures.md says why so.

// Least is the fewest people of whom a figure is published.
const Least = 5

// Around is for how many days before and after a figure of too few people it stays withheld, so that the figure of the day before or after
// does not tell it.
const Around = 92

func tooFew(n int) bool { return 0 < n && n < Least }

func everTooFew(days []int) bool {
	for _, n := range days {
		if tooFew(n) {
			return true
		}
	}
	return false
}

// withhold says of a sum and its parts what is withheld on a day: everything, or some of the parts, which are published only as one (nil: none).
// They hold how many people each has on the days around, of which at is the one asked for.
//
// The sum is withheld when it is of too few on any of the days, and its parts with it. Parts that are of too few on any of the days go together
// with the first two, whatever these hold, and with the next ones while all of them are less than Least.
func withhold(sum []int, parts [][]int, at int) (whole bool, which []bool) {
	if everTooFew(sum) {
		return true, nil
	}
	if sum[at] == 0 { // nobody is in any part
		return false, nil
	}
	which = make([]bool, len(parts))
	one := make([]int, len(sum))
	put := func(i int) {
		if !which[i] {
			which[i] = true
			for k, n := range parts[i] {
				one[k] += n
			}
		}
	}
	for i, days := range parts {
		if everTooFew(days) {
			put(i)
		}
	}
	if !slices.Contains(which, true) {
		return false, nil
	}
	for i := range parts {
		if i >= 2 && enough(one, sum) {
			break
		}
		put(i)
	}
	return false, which
}

// enough says whether one part of a sum has Least people on all days on which there is anybody.
func enough(one, sum []int) bool {
	for k, n := range one {
		if n < Least && sum[k] > 0 {
			return false
		}
	}
	return true
}
