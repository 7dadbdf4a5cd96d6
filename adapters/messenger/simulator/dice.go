package simulator

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// dice returns the random numbers of one thing, named by the key. They are the
// same whatever else happens.
func (s *Simulator) dice(key ...any) *rand.Rand {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %#v", s.cfg.Seed, key))
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
}

func pick[T any](dice *rand.Rand, list []T) T { return list[dice.IntN(len(list))] }
