package shared

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"

	"recado/domain"
)

// A search reads a bounded number of rows, however many chats there are: a word of
// the text is looked up as the beginning of a word of chats, and the others are
// checked on up to maxFound of what that finds. Trigrams would find any part of a
// word, but no database can stop early when a trigram is common, as "521" is among
// Mexican phones. Numbers are stored backwards too, because people know the end of
// a phone's number.
const (
	maxFound       = 1000 // chats that a search considers
	maxWords       = 24   // of a chat
	maxWordLength  = 40   // runes
	maxSearchWords = 4
	backwards      = "~" // precedes a number that is written backwards
)

// chatWords lists the words by which a chat is found, with blanks between them;
// there is always one.
func chatWords(c *domain.Chat) string {
	var list []string
	for _, name := range []string{c.Title, c.Phone, c.Username, string(c.Peer)} {
		for _, word := range foldedWords(name) {
			list = append(list, word)
			if isNumber(word) {
				list = append(list, backwards+reversed(word))
			}
		}
	}
	slices.Sort(list)
	list = slices.Compact(list)
	if len(list) == 0 {
		return backwards
	}
	return strings.Join(list[:min(len(list), maxWords)], " ")
}

// foldedWords splits a text into words of letters and digits, without case and accents.
func foldedWords(text string) []string {
	var b strings.Builder
	for _, r := range norm.NFKD.String(text) {
		switch {
		case unicode.Is(unicode.Mn, r):
		case unicode.IsLetter(r), unicode.IsDigit(r):
			b.WriteRune(unicode.ToLower(r))
		default:
			b.WriteByte(' ')
		}
	}
	words := strings.Fields(b.String())
	for i, w := range words {
		if runes := []rune(w); len(runes) > maxWordLength {
			words[i] = string(runes[:maxWordLength])
		}
	}
	return words
}

// searchWords lists the words of a search, the longest first. A phone's number in
// any spelling is one word.
func searchWords(text string) []string {
	isSpelled := func(r rune) bool { return isDigit(r) || strings.ContainsRune("+()-. ", r) }
	if strings.TrimFunc(text, isSpelled) == "" {
		text = strings.Join(foldedWords(text), "")
	}
	words := foldedWords(text)
	slices.SortStableFunc(words, func(a, b string) int { return cmp.Compare(len(b), len(a)) })
	return words[:min(len(words), maxSearchWords)]
}

func isNumber(word string) bool { return strings.TrimFunc(word, isDigit) == "" }

func isDigit(r rune) bool { return '0' <= r && r <= '9' }

func reversed(number string) string {
	digits := []byte(number)
	slices.Reverse(digits)
	return string(digits)
}

// wordsBetween lists up to maxFound chats of $1 that have a word in a range.
func wordsBetween(from, to string) string {
	return fmt.Sprintf(`
    SELECT chat_id FROM (
        SELECT chat_id FROM chat_words
        WHERE company_id = $1 AND word >= %s AND word <= %s
        ORDER BY company_id, word, chat_id DESC LIMIT %d
    ) w`, from, to, maxFound)
}

// finds are statements that find what a list names.
type finds struct {
	chats, lastMessages, messagesKnownAs, media, dueMedia string
	forgetMedia                                           []string
	eraseMessages                                         eraseMessages
	eraseEvents                                           string
	unparking                                             unparking
	expiry                                                expiry
}

func newFinds(d Dialect) finds {
	return finds{
		media: newMediaFind(d), dueMedia: newDueMedia(d), forgetMedia: newForgetMedia(d),
		unparking: newUnparking(d), expiry: newExpiry(d), eraseMessages: newEraseMessages(d), eraseEvents: `DELETE FROM events WHERE id ` + someOf(d, "$1"),
		chats: `
SELECT ` + chatColumns + ` FROM chats
WHERE id ` + fmt.Sprintf(d.In, wordsBetween("$6", "$7")+`
    UNION`+wordsBetween("$8", "$9")) + `
  AND (listed, last_inbound_at, created_at, id) < ($2, $3, $4, $5)
  AND ' ' || words LIKE $10 AND ' ' || words LIKE $11 AND ' ' || words LIKE $12
  AND ($13 = '' OR connection_id = $13) AND ($14 = 0 OR blocked_at <> 0) AND ($15 = 0 OR waiting_since <> 0)
ORDER BY listed DESC, last_inbound_at DESC, created_at DESC, id DESC
LIMIT $16`,
		messagesKnownAs: SelectMessage + `
WHERE m.company_id = $1 AND m.id ` + fmt.Sprintf(d.In, `
    SELECT (SELECT id FROM messages WHERE connection_id = $2 AND provider_id = k.value AND provider_id <> '') -- plan 4
    FROM `+fmt.Sprintf(d.Texts, "$3")),
		lastMessages: SelectMessage + `
WHERE m.company_id = $1 AND m.id ` + fmt.Sprintf(d.In, `
    SELECT (SELECT id FROM messages WHERE chat_id >= k.value AND chat_id <= k.value AND target = '' ORDER BY chat_id DESC, at DESC, id DESC LIMIT 1) -- plan 1
    FROM `+fmt.Sprintf(d.Texts, "$2")),
	}
}

// findChats lists the chats of a search.
func (q Queries) findChats(ctx context.Context, company domain.CompanyID, c domain.ChatQuery) ([]domain.Chat, error) {
	words := searchWords(c.Search)
	if len(words) == 0 {
		return nil, nil
	}
	number := backwards + backwards // which no word begins with
	if isNumber(words[0]) {
		number = backwards + reversed(words[0])
	}
	const last = "\U0010ffff"
	args := append([]any{company}, placeOf(c.After)...)
	args = append(args, words[0], words[0]+last, number, number+last)
	for i := 1; i < maxSearchWords; i++ {
		pattern := "%"
		if i < len(words) {
			pattern = "% " + words[i] + "%"
		}
		args = append(args, pattern)
	}
	return List(ctx, q.db, ScanChat, q.finds.chats, append(args, c.Connection, flag(c.Blocked), flag(c.Unanswered), c.Limit)...)
}

// flag is a condition as a number, which every database compares alike.
func flag(on bool) int64 {
	if on {
		return 1
	}
	return 0
}

// wordsRows is how many chats a step of IndexNames changes.
const wordsRows = 500

// selectUnindexed selects chats whose words were not written yet.
var selectUnindexed = SelectChat + `
WHERE words <= '' -- plans 1, 4
ORDER BY words, id LIMIT ` + strconv.Itoa(wordsRows)

// IndexNames implements domain.Maintenance.
func (q Queries) IndexNames(ctx context.Context) (more bool, err error) {
	chats, err := List(ctx, q.db, ScanChat, selectUnindexed)
	if err != nil || len(chats) == 0 {
		return false, err
	}
	err = q.transact(ctx, func(ctx context.Context, tx Tx) error {
		for _, c := range chats {
			if _, err := tx.Exec(ctx, `UPDATE chats SET words = $2 WHERE id = $1 AND words = ''`, c.ID, chatWords(&c)); err != nil {
				return err
			}
		}
		return nil
	})
	return len(chats) == wordsRows, err
}
