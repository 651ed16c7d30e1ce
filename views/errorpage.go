package views

// ErrorPage is the data of "error/page": what happened and what to do, in the page's language.
type ErrorPage struct {
	Title   string // one of the messages error.title.*
	Message string // the message error.CODE
	SignIn  bool   // a form was sent by somebody who is signed out: the page offers to sign in beside and to send again
}
