package pipeline

// The default image has no time zones, so they are part of the program. Certificates are not asked for here: the image has
// them as a file, and reading them costs every process time before main.
import _ "time/tzdata"
