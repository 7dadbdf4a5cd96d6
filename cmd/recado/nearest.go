package main

// nearest returns the known word that somebody who wrote word may have meant; empty:
// none is near enough.
func nearest[T ~string](word T, known []T) (near T) {
	least := max(1, len(word)/4) + 1
	for _, k := range known {
		if d := edits(string(word), string(k)); d < least {
			near, least = k, d
		}
	}
	return near
}

// edits counts the letters to insert, delete or replace until a is b: Levenshtein's
// distance.
func edits(a, b string) int {
	row := make([]int, len(b)+1) // of the beginnings of b from the beginning of a
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			replaced := diagonal
			if a[i] != b[j] {
				replaced++
			}
			diagonal = row[j+1]
			row[j+1] = min(replaced, row[j]+1, row[j+1]+1)
		}
	}
	return row[len(b)]
}
