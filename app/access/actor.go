package access

import (
	"taphuan/app/store"
	"taphuan/models"
)

// Actor is who asks: an account with its grants, or nobody (the zero Actor).
type Actor struct {
	store.By
	Name    string
	Lang    string // "vi" or "en"
	CadreID uint64 // 0 when no cadre stands behind the account
	Grants  []Grant
}

// Grant is a role with its scope.
type Grant struct {
	Role           models.Role
	OrganisationID uint64 // 0: the whole plan
	Path           string // of that organisation
}

// System is the actor of the command line and of jobs: it may everything.
func System() Actor {
	return Actor{Name: "system", Lang: "vi", Grants: []Grant{{Role: models.RoleAdministrator}}}
}

// IsNobody says whether nobody has signed in.
func (a Actor) IsNobody() bool { return a.AccountID == 0 && len(a.Grants) == 0 }

// May says whether one of the actor's roles carries the permission. On what records it holds, the scopes say.
func (a Actor) May(p Permission) bool {
	if p == Public {
		return true
	}
	if a.IsNobody() {
		return false
	}
	if p == SignedIn {
		return true
	}
	for _, g := range a.Grants {
		if roleMay(g.Role, p) {
			return true
		}
	}
	return false
}

// Has says whether the actor holds the role.
func (a Actor) Has(r models.Role) bool {
	for _, g := range a.Grants {
		if g.Role == r {
			return true
		}
	}
	return false
}

// Whole says whether the permission reaches over the whole plan (administrators and coordinators).
func (a Actor) Whole(p Permission) bool {
	for _, g := range a.Grants {
		if (g.Role == models.RoleAdministrator || g.Role == models.RoleCoordinator) && roleMay(g.Role, p) {
			return true
		}
	}
	return false
}

// paths gives the subtrees over which the actor, as a head, has the permission.
func (a Actor) paths(p Permission) []string {
	var out []string
	for _, g := range a.Grants {
		if g.Role == models.RoleHead && roleMay(g.Role, p) && g.Path != "" {
			out = append(out, g.Path)
		}
	}
	return out
}

// ReachesPath says whether the permission reaches the organisation with that path.
func (a Actor) ReachesPath(p Permission, path string) bool {
	if a.Whole(p) {
		return true
	}
	for _, own := range a.paths(p) {
		if len(path) >= len(own) && path[:len(own)] == own {
			return true
		}
	}
	return false
}

// HomeOrganisations gives the organisations that the actor heads, in the order of the grants.
func (a Actor) HomeOrganisations() []uint64 {
	var out []uint64
	for _, g := range a.Grants {
		if g.Role == models.RoleHead && g.OrganisationID != 0 {
			out = append(out, g.OrganisationID)
		}
	}
	return out
}
