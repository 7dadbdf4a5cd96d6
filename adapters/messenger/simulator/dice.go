package simulator

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
)

// dice returns the random numbers of one thing, named by the key. They are the
// same whatever else happens meanwhile.
func (s *Simulator) dice(key ...any) *rand.Rand {
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %#v", s.cfg.Seed, key))
	return rand.New(rand.NewPCG(binary.BigEndian.Uint64(sum[:8]), binary.BigEndian.Uint64(sum[8:16])))
}

// wamid makes the name of a message as WhatsApp does: it holds the peer's phone
// number and 20 or, of the company's messages, 18 hexadecimal digits.
func wamid(phone string, byPeer bool, dice *rand.Rand) string {
	digits := fmt.Sprintf("%016X%04X", dice.Uint64(), dice.Uint32N(1<<16))
	kind := byte(0x12)
	if !byPeer {
		digits, kind = digits[:18], 0x11
	}
	raw := append([]byte{0x1c, 0x18, byte(len(phone))}, phone...)
	raw = append(raw, 0x15, 0x02, 0x00, kind, 0x18, byte(len(digits)))
	raw = append(append(raw, digits...), 0x00)
	return "wamid." + base64.StdEncoding.EncodeToString(raw)
}

func pick[T any](dice *rand.Rand, list []T) T { return list[dice.IntN(len(list))] }
