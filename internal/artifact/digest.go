package artifact

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"hash"
	"strings"
)

const digestPrefix = "sha256:"

// Digest is the SHA-256 of an artifact's bytes, written "sha256:" and 64 lower-case hexadecimal digits.
type Digest string

// ParseDigest returns text as a [Digest] if it is written exactly as one.
func ParseDigest(text string) (Digest, error) {
	digits, found := strings.CutPrefix(text, digestPrefix)
	if !found || len(digits) != hex.EncodedLen(sha256.Size) || strings.Trim(digits, "0123456789abcdef") != "" {
		return "", fmt.Errorf("digest %.100q is not %q and 64 lower-case hexadecimal digits", text, digestPrefix)
	}
	return Digest(text), nil
}

// Sum returns the digest of content.
func Sum(content []byte) Digest {
	sum := sha256.Sum256(content)
	return Digest(digestPrefix + hex.EncodeToString(sum[:]))
}

// Key returns the slash-separated name under which stores with a hierarchy keep the artifact, such as
// "sha256/2c/2cf24d…". All of them use the same one, so a directory copied into a bucket is the same store. It fails if
// d was not made by [Sum] or [ParseDigest] and is not a digest, so no name made from it ever leaves the store.
func (d Digest) Key() (string, error) {
	if _, err := ParseDigest(string(d)); err != nil {
		return "", err
	}
	digits := string(d[len(digestPrefix):])
	return "sha256/" + digits[:2] + "/" + digits, nil
}

func digestOf(sum hash.Hash) Digest {
	return Digest(digestPrefix + hex.EncodeToString(sum.Sum(nil)))
}
