package views

import (
	"fmt"
	"html/template"
	"maps"
	"slices"
)

// icons are drawn on a grid of 20, in strokes of 1.5 unless the path says otherwise.
var icons = map[string]string{
	"home":          `<path d="M3 9.2 10 3.5l7 5.7V16.5H3z"/><path d="M8 16.5v-4.6h4v4.6"/>`,
	"coverage":      `<path d="M3 16.5h14"/><path d="M4.5 13.5v-4M8.2 13.5V6M11.9 13.5V8M15.6 13.5V3.5"/>`,
	"courses":       `<path d="M10 5.2C8.2 3.9 5.800 3.600 3 3.800v11c2.800-.2 5.200.1 7 1.400 1.800-1.300 4.200-1.600 7-1.400v-11c-2.800-.2-5.200.1-7 1.400z"/><path d="M10 5.200v11"/>`,
	"calendar":      `<path d="M3.500 5h13v11.500h-13z"/><path d="M3.500 8.500h13M7 3v3.500M13 3v3.500"/>`,
	"cadres":        `<circle cx="7.500" cy="7" r="2.700"/><path d="M2.500 16.500c.3-3.200 2.300-4.800 5-4.800s4.700 1.600 5 4.800"/><path d="M12.500 4.600a2.600 2.600 0 0 1 0 4.900M14.600 12.200c1.700.6 2.700 2.100 2.900 4.300"/>`,
	"organisations": `<path d="M4 16.500V4h7v12.500M11 8h5v8.500M2.500 16.500h15"/><path d="M6.500 7h2M6.500 10h2M6.500 13h2M13.200 11h.8M13.200 13.500h.8"/>`,
	"imports":       `<path d="M4 3.500h8l4 4v9H4z"/><path d="M10 8.500v5M7.700 11.300 10 13.600l2.300-2.300"/>`,
	"headcounts":    `<path d="M4 3.500h12v13H4z"/><path d="M7 7h6M7 10h6M7 13h3"/>`,
	"nominations":   `<circle cx="8" cy="7" r="2.800"/><path d="M2.800 16.500c.3-3.200 2.400-4.800 5.200-4.800 1.300 0 2.500.4 3.400 1.100"/><path d="M14.500 11.500v5M12 14h5"/>`,
	"certificates":  `<path d="M3 4h14v9.500h-4"/><path d="M3 4v9.500h4"/><path d="M6 7h8"/><circle cx="10" cy="12" r="2.300"/><path d="m8.700 14-.7 3.300 2-1.100 2 1.100-.7-3.300"/>`,
	"recognitions":  `<path d="M5 3h7l3.500 3.500V17H5z"/><path d="M12 3v3.500h3.500M7.500 11.700l1.900 1.900 3.300-3.800"/>`,
	"registers":     `<path d="M5 3h11v14H5a1.500 1.500 0 0 1-1.500-1.500v-11A1.500 1.500 0 0 1 5 3z"/><path d="M7 3v14M10 7h3.500M10 10h3.500"/>`,
	"accounts":      `<circle cx="10" cy="7" r="3"/><path d="M4 17c.4-3.500 2.800-5.300 6-5.300s5.600 1.800 6 5.300"/>`,
	"slips":         `<path d="M4 3.500h12v13l-2-1.300-2 1.300-2-1.300-2 1.300-2-1.300-2 1.300z"/><path d="M7 7.500h6M7 10.500h4"/>`,
	"reports":       `<path d="M5 3h7l3.500 3.500V17H5z"/><path d="M12 3v3.500h3.500M7.700 13.500v-2M10.200 13.500v-4M12.700 13.500v-3"/>`,
	"audit":         `<circle cx="10" cy="10" r="6.800"/><path d="M10 6v4.300l2.800 1.700"/>`,
	"settings":      `<path d="M3 6h8M14.500 6H17M3 14h2.500M9 14h8"/><circle cx="12.700" cy="6" r="1.800"/><circle cx="7.200" cy="14" r="1.800"/>`,
	"filter":        `<path d="M3 6h8M14.500 6H17M3 14h2.500M9 14h8"/><circle cx="12.700" cy="6" r="1.800"/><circle cx="7.200" cy="14" r="1.800"/>`,
	"plan":          `<path d="M4 17V3.500M4 4.500h10.500l-2 3 2 3H4"/>`,
	"jobs":          `<path d="M16.500 10a6.500 6.500 0 1 1-2-4.700M16.500 3v3h-3"/>`,
	"trainers":      `<path d="M3 4h14v8.500H9"/><circle cx="5.500" cy="10" r="2"/><path d="M2.500 17c.2-2.500 1.300-3.600 3-3.600s2.800 1.100 3 3.600M12 12.500l2.500 4M10.500 7.500h3.500"/>`,
	"lessons":       `<path d="M3.500 5h13v11.500h-13z"/><path d="M3.500 8.500h13M7 3v3.500M13 3v3.500M7 12.500l2 2 4-4"/>`,
	"venues":        `<path d="M3 16.500h14M5 16.500V8l5-4 5 4v8.500"/><path d="M8.200 16.500v-4.300h3.600v4.300M8.500 9h3"/>`,
	"gallery":       `<path d="m10 2.500 3.500 3.500L10 9.500 6.500 6zM10 10.500l3.500 3.500-3.500 3.500L6.500 14zM6 6.500l3.500 3.500L6 13.500 2.500 10zM14 6.500l3.500 3.500-3.500 3.500-3.500-3.500z"/>`,
	"verify":        `<circle cx="9" cy="9" r="5.500"/><path d="m13 13 4 4M6.800 9.200 8.500 11l3-3.500"/>`,
	"search":        `<circle cx="9" cy="9" r="5.500"/><path d="m13 13 4 4"/>`,
	"plus":          `<path d="M10 4v12M4 10h12"/>`,
	"edit":          `<path d="M4 16l.8-3.600L13 4.200l2.800 2.800-8.200 8.200zM11.500 5.700l2.800 2.800"/>`,
	"trash":         `<path d="M4 5.500h12M8 5.500V3.500h4v2M5.500 5.500l.8 11h7.400l.8-11"/>`,
	"download":      `<path d="M10 3v9.500M6 8.700l4 4 4-4M3.500 16.500h13"/>`,
	"upload":        `<path d="M10 13V3.500M6 7.300l4-4 4 4M3.500 16.500h13"/>`,
	"print":         `<path d="M6 7V3h8v4M6 14H3.500V7h13v7H14M6 11.500h8V17H6z"/>`,
	"menu":          `<path d="M3 5.500h14M3 10h14M3 14.500h14"/>`,
	"left":          `<path d="m12 4.500-5.500 5.500 5.500 5.500"/>`,
	"right":         `<path d="M8 4.500l5.500 5.500L8 15.500"/>`,
	"up":            `<path d="M5 12.500l5-5 5 5"/>`,
	"down":          `<path d="M5 7.500l5 5 5-5"/>`,
	"check":         `<path d="m4 10.500 4 4 8-9"/>`,
	"close":         `<path d="m5 5 10 10M15 5 5 15"/>`,
	"undo":          `<path d="M4 8h8.500a3.800 3.800 0 0 1 0 7.500H8M7 4.500 3.500 8 7 11.500"/>`,
	"wifi":          `<path d="M2.800 8a10.500 10.500 0 0 1 14.400 0M5.600 11a6.400 6.400 0 0 1 8.800 0"/><circle cx="10" cy="14.500" r="1.100" fill="currentColor" stroke="none"/>`,
	"wifi-off":      `<path d="M2.800 8A10.500 10.500 0 0 1 7 5.500M12 5.300A10.500 10.500 0 0 1 17.200 8M5.600 11a6.400 6.400 0 0 1 2.600-1.600M3.500 3.500l13 13"/><circle cx="10" cy="14.500" r="1.100" fill="currentColor" stroke="none"/>`,
	"clock":         `<circle cx="10" cy="10" r="6.800"/><path d="M10 6v4.300l2.800 1.700"/>`,
	"place":         `<path d="M10 17.200c3.600-4 5.400-6.800 5.400-9.200a5.400 5.400 0 0 0-10.800 0c0 2.400 1.800 5.200 5.400 9.200z"/><circle cx="10" cy="8" r="1.900"/>`,
	"qr":            `<path d="M3.500 3.500h5v5h-5zM11.500 3.500h5v5h-5zM3.500 11.500h5v5h-5zM11.500 11.500h2v2h-2zM16.500 11.500v2M14.500 16.500h2v-1.500M11.500 16.500h.5"/>`,
	"sign-out":      `<path d="M8 3.500H4v13h4M12.500 6.500 16 10l-3.500 3.500M16 10H7.500"/>`,
	"lock":          `<path d="M5 9h10v7.500H5zM7 9V6.500a3 3 0 0 1 6 0V9"/>`,
	"sun":           `<circle cx="10" cy="10" r="3.300"/><path d="M10 2v2M10 16v2M2 10h2M16 10h2M4.300 4.300l1.400 1.400M14.300 14.300l1.400 1.400M4.300 15.700l1.400-1.400M14.300 5.700l1.400-1.400"/>`,
	"moon":          `<path d="M16.300 12.200A6.800 6.800 0 0 1 7.800 3.700a6.800 6.800 0 1 0 8.500 8.500z"/>`,
	"device":        `<path d="M3 4h14v9H3zM7.500 16.500h5M10 13v3.500"/>`,
	"file":          `<path d="M5 3h7l3.500 3.500V17H5z"/><path d="M12 3v3.500h3.500"/>`,
	"shape-good":    `<circle cx="10" cy="10" r="7.500" fill="currentColor" stroke="none"/><path d="m6.500 10.300 2.500 2.500 4.600-5.300" stroke="var(--on-mark)" stroke-width="2"/>`,
	"shape-info":    `<path d="M10 2l8 8-8 8-8-8z" fill="currentColor" stroke="none"/>`,
	"shape-warn":    `<path d="M10 2.200 18.500 17.500h-17z" fill="currentColor" stroke="none"/><path d="M10 8v4.500M10 14.600v.6" stroke="var(--on-mark)" stroke-width="2"/>`,
	"shape-bad":     `<path d="M6.300 1.800h7.400l4.500 4.500v7.400l-4.500 4.500H6.300l-4.500-4.500V6.300z" fill="currentColor" stroke="none"/><path d="m7 7 6 6M13 7l-6 6" stroke="var(--on-mark)" stroke-width="2"/>`,
	"shape-neutral": `<path d="M4 4h12v12H4z" fill="currentColor" stroke="none"/>`,
	"shape-open":    `<circle cx="10" cy="10" r="6.500" stroke-width="2.500"/>`,
	"mark-present":  `<path d="m3.500 10.500 4.300 4.300 8.700-9.800" stroke-width="2.600"/>`,
	"mark-late":     `<circle cx="10" cy="10" r="7" stroke-width="2"/><path d="M10 5.800V10l3 2" stroke-width="2"/>`,
	"mark-excused":  `<path d="M5 3h7l3.500 3.500V17H5z" stroke-width="2"/><path d="M8 11h4.500" stroke-width="2"/>`,
	"mark-absent":   `<path d="m5 5 10 10M15 5 5 15" stroke-width="2.600"/>`,
}

func init() {
	icons["my_courses"] = icons["courses"]
	icons["teaching"] = icons["courses"]
	icons["my_certificates"] = icons["certificates"]
	icons["account"] = icons["accounts"]
}

// icon draws a picture that says nothing to screen readers: a word always stands beside it. It refuses names it does
// not have.
func icon(name string) (template.HTML, error) {
	body, ok := icons[name]
	if !ok {
		return "", fmt.Errorf("there is no icon %q", name)
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 20 20" width="20" height="20" fill="none" stroke="currentColor" stroke-width="1.5" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">` + body + `</svg>`), nil
}

// Icons lists the names of all pictures, sorted.
func Icons() []string { return slices.Sorted(maps.Keys(icons)) }
