package artifact

import (
	"net/url"
)

// RedactURL returns text, a URL, without what may be a secret: its user and password, query and fragment.
func RedactURL(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Opaque != "" {
		return "(withheld)"
	}
	u.User, u.RawQuery, u.ForceQuery, u.Fragment, u.RawFragment = nil, "", false, "", ""
	return u.String()
}
