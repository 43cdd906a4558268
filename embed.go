package pipeline

// The default image has no time zones, so they are part of the program. The certificates of public authorities it has as a
// file, which costs nothing where nobody asks for them; for other images there is the package roots.
import _ "time/tzdata"
