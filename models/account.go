package models

import (
	"time"

	"gorm.io/gorm"

	"taphuan/models/viet"
)

// Account signs in. Its rights are the union of its grants.
type Account struct {
	ID           uint64
	Name         string // shown; not the sign-in name
	SortKey      string // viet.SortKey
	Search       string // viet.Fold
	PasswordHash string // argon2id; empty: no password yet
	MustChange   bool   // the next sign-in asks for a new password
	Epoch        int    // grows to end all sign-ins of the account
	CadreID      *uint64
	Language     string
	Disabled     bool
	CreatedAt    time.Time
	UpdatedAt    time.Time
}

// BeforeSave derives the keys of the name, so that they never disagree with it.
func (a *Account) BeforeSave(*gorm.DB) error {
	a.Name = viet.NFC(a.Name)
	a.SortKey = viet.SortKey(a.Name)
	a.Search = viet.Fold(a.Name)
	return nil
}

// SignInName is a name under which an account signs in: a given name, a mobile number or an e-mail, lower case, unique in the system.
type SignInName struct {
	Name      string `gorm:"primaryKey"`
	Kind      string // "name", "mobile", "email"
	AccountID uint64
}

// Role is what an account may do, with the scope of its grant.
type Role string

// The roles.
const (
	RoleAdministrator Role = "administrator"
	RoleCoordinator   Role = "coordinator"
	RoleHead          Role = "head"
	RoleTrainer       Role = "trainer"
	RoleClerk         Role = "clerk"
	RoleCadre         Role = "cadre"
)

// Roles in the order in which pages show them.
var Roles = []Role{RoleAdministrator, RoleCoordinator, RoleHead, RoleTrainer, RoleClerk, RoleCadre}

// Grant gives an account a role; OrganisationID is the scope of a head.
type Grant struct {
	ID             uint64
	AccountID      uint64
	Role           Role
	OrganisationID *uint64
	CreatedAt      time.Time
}

// SignIn is a server-side session; the browser holds the token, the table its hash.
type SignIn struct {
	TokenHash string  `gorm:"primaryKey"`
	AccountID *uint64 // nobody yet, or not noted
	Data      []byte
	ExpiresAt time.Time
}

// SignInFailure slows further attempts for one sign-in name, whether or not it exists.
type SignInFailure struct {
	NameHash     string `gorm:"primaryKey"`
	Count        int
	LastAt       time.Time
	BlockedUntil *time.Time
}

// Slip is a printed one-time code for a first or forgotten password.
type Slip struct {
	ID          uint64
	AccountID   uint64
	CodeHash    string
	ExpiresAt   time.Time
	UsedAt      *time.Time
	CreatedByID *uint64
	CreatedAt   time.Time
}

// Token is a personal access token for the API.
type Token struct {
	ID         uint64
	AccountID  uint64
	Name       string
	TokenHash  string
	CreatedAt  time.Time
	ExpiresAt  *time.Time
	LastUsedAt *time.Time
	RevokedAt  *time.Time
}
