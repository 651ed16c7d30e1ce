package views

import "embed"

// files holds layouts/, components/ and one folder of pages per noun.
//
//go:embed */*.html
var files embed.FS
