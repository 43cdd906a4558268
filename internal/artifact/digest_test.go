package artifact_test

import (
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/org/k8sorch/internal/artifact"
)

// hello is from FIPS 180 test tools: printf hello | sha256sum.
const hello = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824"

func TestSum(t *testing.T) {
	t.Parallel()
	digest := artifact.Sum([]byte("hello"))
	if digest != "sha256:"+hello {
		t.Errorf("Sum = %s, want sha256:%s", digest, hello)
	}
	if key, err := digest.Key(); key != "sha256/2c/"+hello || err != nil {
		t.Errorf("Key = %s, %v, want sha256/2c/%s", key, err, hello)
	}
}

func TestParseDigestRefuses(t *testing.T) {
	t.Parallel()
	for name, text := range map[string]string{
		"nothing": "", "no algorithm": hello, "another algorithm": "sha512:" + hello, "upper case": "sha256:" + strings.ToUpper(hello),
		"too short": "sha256:" + hello[1:], "too long": "sha256:" + hello + "0", "line break": "sha256:" + hello[1:] + "\n",
		"a path": "sha256:../../" + hello[6:], "non-ASCII digits": "sha256:" + strings.Repeat("٣", 32),
	} {
		if digest, err := artifact.ParseDigest(text); err == nil {
			t.Errorf("%s: ParseDigest(%q) = %s, want an error", name, text, digest)
		}
	}
}

func FuzzParseDigest(f *testing.F) {
	for _, seed := range []string{"", "sha256:" + hello, "sha256:../" + hello[3:], hello, "sha256:" + strings.ToUpper(hello)} {
		f.Add(seed)
	}
	valid := regexp.MustCompile(`\Asha256:[0-9a-f]{64}\z`)
	f.Fuzz(func(t *testing.T, text string) {
		digest, err := artifact.ParseDigest(text)
		if valid.MatchString(text) != (err == nil) {
			t.Fatalf("ParseDigest(%q) = %v", text, err)
		}
		key, keyErr := artifact.Digest(text).Key()
		if (keyErr == nil) != (err == nil) {
			t.Fatalf("Key of %q: %v, but ParseDigest: %v", text, keyErr, err)
		}
		if err == nil && (string(digest) != text || !filepath.IsLocal(key)) {
			t.Fatalf("ParseDigest(%q) = %s with key %s", text, digest, key)
		}
		if err != nil && len(err.Error()) > 1000 {
			t.Fatalf("the error is as long as its input: %d bytes", len(err.Error()))
		}
	})
}
