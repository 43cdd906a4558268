package image

// Phase says what is being done.
type Phase string

// The phases, in the order they come in.
const (
	Building Phase = "building" // the main package is being rebuilt
	Checking Phase = "checking" // the registry is asked for the image
	Pushing  Phase = "pushing"  // the image is being uploaded
	Done     Phase = "done"     // the image is in the registry
)

// Progress is one step towards an image.
type Progress struct {
	// Phase is what is being done.
	Phase Phase
	// Image is the repository, or with its digest once Done; empty while Building.
	Image string
	// Complete and Total count the bytes of the uploads so far, while Pushing. Total grows as uploads begin.
	Complete, Total int64
}

// Report receives progress. A Prepare or Push calls it from one goroutine at a time; it should return quickly. A nil Report is allowed.
type Report func(Progress)

func (r Report) send(p Progress) {
	if r != nil {
		r(p)
	}
}
