package handlers

import (
	"strconv"

	"taphuan/app/mail"
)

// mailForm is through which server mails go out. The password is never shown: an empty one keeps the one there is.
type mailForm struct {
	Host     string `form:"mail_host" binding:"max=1000"`
	Port     string `form:"mail_port" binding:"max=20"`
	Security string `form:"mail_security" binding:"max=20"`
	User     string `form:"mail_user" binding:"max=1000"`
	Password string `form:"mail_password" binding:"max=1000"`
	From     string `form:"mail_from" binding:"max=1000"`
	FromName string `form:"mail_from_name" binding:"max=1000"`
}

// remindersSave sets how many days before a course reminders go.
func (s *Server) remindersSave(c *Ctx) error {
	d, err := s.settingsData(c)
	if err != nil {
		return err
	}
	var f struct {
		Days string `form:"reminder_days" binding:"max=100"`
	}
	if err = c.BindForm(&f); err == nil {
		err = s.invitation.SetReminderDays(c.Ctx(), c.Actor.By, f.Days)
	}
	if err != nil {
		d.Reminders = f.Days
		return c.Invalid("settings/show", d, err)
	}
	return c.Done("/settings#mail", "settings.reminders_saved")
}

func (f mailForm) config() mail.Config {
	port, err := strconv.Atoi(f.Port)
	if err != nil {
		port = 0 // refused as one that is none
	}
	return mail.Config{Host: f.Host, Port: port, Security: mail.Security(f.Security), User: f.User, From: f.From, FromName: f.FromName}
}

func mailFormOf(c mail.Config) mailForm {
	return mailForm{Host: c.Host, Port: strconv.Itoa(c.Port), Security: string(c.Security), User: c.User, From: c.From, FromName: c.FromName}
}

// mailSave sets through which server mails go out.
func (s *Server) mailSave(c *Ctx) error {
	d, err := s.settingsData(c)
	if err != nil {
		return err
	}
	var f mailForm
	if err = c.BindForm(&f); err == nil {
		err = s.mail.Configure(c.Ctx(), c.Actor.By, f.config(), f.Password)
	}
	if err != nil {
		f.Password = ""
		d.Mail = f
		return c.Invalid("settings/show", d, err)
	}
	return c.Done("/settings#mail", "settings.mail_saved")
}

// mailTry sends one mail at once, so that whoever set the server sees whether it takes mails.
func (s *Server) mailTry(c *Ctx) error {
	d, err := s.settingsData(c)
	if err != nil {
		return err
	}
	var f struct {
		To string `form:"mail_to" binding:"max=254"`
	}
	if err = c.BindForm(&f); err == nil {
		err = s.mail.Try(c.Ctx(), f.To, c.T("settings.mail_try_subject"), c.T("settings.mail_try_body"))
	}
	if err != nil {
		d.MailTo = f.To
		return c.Invalid("settings/show", d, err)
	}
	return c.Done("/settings#mail", "settings.mail_tried", "to", f.To)
}
