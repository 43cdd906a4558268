package engine_test

import (
	"hash/fnv"
	"math/rand/v2"
	"strconv"
	"time"
)

// chooser makes the choices of a simulated run: from a seed, or from the bytes of a fuzzer. The choice 0 is always the
// harmless one, so that a fuzzer's run ends though its bytes do.
type chooser interface{ IntN(n int) int }

func seeded(seed uint64, topic string) *rand.Rand {
	h := fnv.New64a()
	_, _ = h.Write([]byte(topic))
	return rand.New(rand.NewPCG(seed, h.Sum64()))
}

// scarce chooses from bytes, and 0 once they are used up.
type scarce struct{ bytes []byte }

func (s *scarce) IntN(n int) int {
	if len(s.bytes) == 0 || n < 2 {
		return 0
	}
	b := int(s.bytes[0])
	s.bytes = s.bytes[1:]
	return b % n
}

// oneIn is true one time in n.
func oneIn(c chooser, n int) bool { return n > 0 && c.IntN(n) == n-1 }

func pick[T any](c chooser, from ...T) T { return from[c.IntN(len(from))] }

// upTo returns a duration from 0 to below d, in hundred parts.
func upTo(c chooser, d time.Duration) time.Duration { return d / 100 * time.Duration(c.IntN(100)) }

func stepName(i int) string { return "s" + strconv.Itoa(i) }
