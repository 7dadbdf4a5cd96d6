// Package postgres keeps the truth in PostgreSQL, natively: what a batch loads
// and writes are a few set-based statements, and statements that need no
// answer of one another share a round trip.
//
// # Plans
//
// A queue is empty when Postgres counts it, and a new installation has nothing at
// all: plans are made for tables of which the planner knows nothing, when all ways
// cost the same, and are used when the tables are full. So a statement leaves the
// planner one way. These are the means; a line of SQL that depends on one ends in
// its number, as "-- plan 3".
//
//  1. A range of one, k >= $1 AND k <= $1, or a pair that is compared, with k first in
//     ORDER BY. By equality k would not count in the order, and an index of the rest of
//     it would do, such as the primary key, which leads through all lanes.
//     Held by TestWhatRunsByItselfReadsLittle.
//  2. Keys are an array, id = ANY (ARRAY(SELECT …)), which only the index of the keys
//     answers. A join may read all of the table, or lose a row that it waited for.
//     Held by TestPlansMadeForAnEmptyTableDoForAFullOne.
//  3. Each key is looked up by itself, in a subquery that LIMIT or OFFSET 0 keeps apart.
//     Held by TestPlansMadeForAnEmptyTableDoForAFullOne.
//  4. The condition of a partial index is said in full and without a parameter. A plan
//     for all parameters cannot know that one is 'due'.
//     Held by TestWhatRunsByItselfReadsLittle.
//  5. What an index must not be chosen for is an expression: joined to an empty text, or IS TRUE.
//     Held by TestPlansMadeForAnEmptyTableDoForAFullOne.
//  6. Rows are deleted by their place, ctid, of which a subquery finds a bounded number.
//     Held by TestWhatIsDeletedByItsPlaceIsNotSearchedFor.
//  7. Settings of each connection, in settings: one plan for all parameters, as the first
//     batches of hundreds of keys would scan whole tables; no sequential scan and no bitmap;
//     no incremental sort, by which any index that begins with k would do for plan 1;
//     no index-only scan, for which, once a table is vacuumed, any index that holds the
//     columns would do, sorted; and no parallel workers, which a scan of two rows would
//     start without sequential scans.
//     Held by both, and by TestNoStatementStartsParallelWorkers.
package postgres
