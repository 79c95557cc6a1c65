package io.pinion.store.query;

import java.util.Map;
import java.util.Set;

/** Words of SQL that have a meaning of their own, in upper case. */
final class SqlWords {
    /** Words that are only names when quoted. */
    static final Set<String> RESERVED = Set.of(
            "ALL",
            "AND",
            "ANY",
            "ARRAY",
            "AS",
            "ASC",
            "BETWEEN",
            "CASE",
            "CAST",
            "CROSS",
            "DESC",
            "DISTINCT",
            "ELSE",
            "END",
            "EXCEPT",
            "FALSE",
            "FETCH",
            "FOR",
            "FROM",
            "FULL",
            "GROUP",
            "HAVING",
            "ILIKE",
            "IN",
            "INNER",
            "INTERSECT",
            "INTO",
            "IS",
            "ISNULL",
            "JOIN",
            "LATERAL",
            "LEFT",
            "LIKE",
            "LIMIT",
            "NATURAL",
            "NOT",
            "NOTNULL",
            "NULL",
            "OFFSET",
            "ON",
            "OR",
            "ORDER",
            "OUTER",
            "RETURNING",
            "RIGHT",
            "SELECT",
            "SIMILAR",
            "THEN",
            "TRUE",
            "UNION",
            "USING",
            "WHEN",
            "WHERE",
            "WINDOW",
            "WITH");

    /** Reserved words that the grammar knows: one of them in the wrong place is no construct that is missing. */
    static final Set<String> GRAMMAR = Set.of(
            "SELECT", "FROM", "WHERE", "AND", "OR", "AS", "LIMIT", "TRUE", "FALSE", "JOIN", "INNER", "CROSS", "ON",
            "INTO");

    /** What a reserved word that stands where it may not is called in the message. */
    static final Map<String, String> CONSTRUCTS = Map.ofEntries(
            Map.entry("ORDER", "ORDER BY"),
            Map.entry("GROUP", "GROUP BY"),
            Map.entry("LEFT", "LEFT JOIN"),
            Map.entry("RIGHT", "RIGHT JOIN"),
            Map.entry("FULL", "FULL JOIN"),
            Map.entry("NATURAL", "NATURAL JOIN"),
            Map.entry("IS", "IS NULL"));

    static final Set<String> OTHER_STATEMENTS = Set.of(
            "WITH",
            "CREATE",
            "DROP",
            "ALTER",
            "BEGIN",
            "COMMIT",
            "ROLLBACK",
            "EXPLAIN",
            "VALUES",
            "TRUNCATE",
            "MERGE",
            "COPY",
            "GRANT",
            "REVOKE");

    private SqlWords() {}
}
