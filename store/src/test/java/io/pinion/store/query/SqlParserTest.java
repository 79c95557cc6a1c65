package io.pinion.store.query;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.pinion.store.query.Statement.Expression;
import io.pinion.store.query.Statement.LiteralKind;
import io.pinion.store.query.Statement.Operator;
import io.pinion.store.query.Statement.Projection;
import io.pinion.store.query.Statement.Select;
import io.pinion.store.query.Statement.Source;
import io.pinion.store.query.Statement.TableName;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SqlParserTest {
    @Test
    void aWholeStatementBecomesItsParts() {
        Statement statement = SqlParser.parse("SELECT \"a\".b AS c FROM \"lib\".items x WHERE x.n >= -5 LIMIT 3;");

        assertEquals(
                new Select(
                        new Projection.Columns(List.of(new Statement.Item(new Expression.Column("a", "b", 7), "c"))),
                        List.of(new Source(new TableName("lib.items", 23), "x", null)),
                        new Expression.Comparison(
                                Operator.GREATER_OR_EQUAL,
                                new Expression.Column("x", "n", 43),
                                new Expression.Literal(LiteralKind.NUMBER, "-5", 50),
                                47),
                        3),
                statement);
    }

    @Test
    void joinsAreReadInTheirOrder() {
        Select select = (Select)
                SqlParser.parse("SELECT a.* FROM t AS a INNER JOIN u b ON (a.x = b.y) CROSS JOIN v JOIN \"w\" LIMIT 1");

        assertEquals(
                List.of("a", "b", "v", "w"),
                select.sources().stream().map(Source::reference).toList());
        Statement.JoinOn on = Objects.requireNonNull(select.sources().get(1).on());
        assertEquals(new Expression.Column("a", "x", 42), on.left());
        assertEquals(new Expression.Column("b", "y", 48), on.right());
        assertNull(select.sources().get(3).on());
    }

    @Test
    void changesBecomeTheirParts() {
        Statement.Insert insert =
                (Statement.Insert) SqlParser.parse("insert into lib.t (a, b) values (-1, 'x'), (0xff, true);");
        assertEquals(new TableName("lib.t", 12), insert.table());
        assertEquals(2, insert.columnCount());
        assertEquals(
                new Expression.Literal(LiteralKind.NUMBER, "-1", 33),
                insert.rows().getFirst().values().getFirst());
        assertEquals(
                new Expression.Literal(LiteralKind.BOOL, "TRUE", 50),
                insert.rows().getLast().values().getLast());

        Statement.Update update =
                (Statement.Update) SqlParser.parse("UPDATE t SET a = 1, \"b\" = 'x' WHERE t.c = :sender");
        assertEquals(2, update.assignments().size());
        assertEquals(
                new Expression.Column(null, "b", 20),
                update.assignments().getLast().column());
        assertTrue(update.where() instanceof Expression.Comparison);

        assertNull(((Statement.Delete) SqlParser.parse("DELETE FROM t")).where());
        assertEquals(
                new Statement.Set(
                        new Statement.Variable("row_limit", 4), new Expression.Literal(LiteralKind.NUMBER, "5", 17)),
                SqlParser.parse("SET row_limit TO 5"));
        assertEquals(new Statement.Show(new Statement.Variable("row_limit", 5)), SqlParser.parse("SHOW row_limit"));
    }

    @Test
    void andBindsTighterThanOr() {
        Select select = (Select) SqlParser.parse("SELECT * FROM t WHERE a OR b AND c");

        Expression.Or or = (Expression.Or) Objects.requireNonNull(select.where());
        assertEquals(new Expression.Column(null, "a", 22), or.parts().getFirst());
        assertTrue(or.parts().getLast() instanceof Expression.And);
    }

    @Test
    void quotedNamesMayBeAnything() {
        Select select = (Select) SqlParser.parse("SELECT * FROM \"select\"\"from\" \"where\"");

        assertEquals(List.of(new Source(new TableName("select\"from", 14), "where", null)), select.sources());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | there is no statement, at position 1",
                "` ; ` | expected SELECT, got ;, at position 2",
                "SELECT * FROM a; SELECT * FROM b | more than one statement, at position 18",
                "SELECT * FROM a b c | expected the end of the statement, got c, at position 19",
                "SELECT FROM t | expected a column or *, got FROM, at position 8",
                "SELECT * | expected FROM, got the end of the text, at position 9",
                "SELECT 1 FROM t | expected a column or *, got 1, at position 8",
                "SELECT * FROM | expected a table, got the end of the text, at position 14",
                "SELECT * FROM * | expected a table, got *, at position 15",
                "SELECT *, a FROM t | * cannot stand beside other columns, at position 8",
                "SELECT a, * FROM t | * cannot stand beside other columns, at position 11",
                "SELECT a, t.* FROM t | * cannot stand beside other columns, at position 8",
                "SELECT COUNT(*) FROM t | COUNT(*) needs a name: COUNT(*) AS n, at position 8",
                "SELECT COUNT(a) AS n FROM t | COUNT of anything but * is not supported, at position 8",
                "SELECT COUNT(DISTINCT a) AS n FROM t | COUNT of anything but * is not supported, at position 8",
                "SELECT COUNT(*) AS n, a FROM t | COUNT(*) beside other columns is not supported, at position 21",
                "SELECT SUM(a) AS n FROM t | the function SUM is not supported, at position 8",
                "SELECT DISTINCT a FROM t | DISTINCT is not supported, at position 8",
                "SELECT a+1 FROM t | expected FROM, got +, at position 9",
                "SELECT * FROM (SELECT * FROM t) | a subquery is not supported, at position 15",
                "SELECT * FROM t, u | a join by comma is not supported, at position 16",
                "SELECT t.* FROM t JOIN u USING (a) | USING is not supported, at position 26",
                "SELECT t.* FROM t JOIN u ON t.a = 1 | ON takes one equality of two columns; other conditions belong after WHERE, at position 29",
                "SELECT t.* FROM t JOIN u ON t.a = u.a AND t.b = u.b | ON takes one equality of two columns; other conditions belong after WHERE, at position 29",
                "SELECT t.* FROM t JOIN u ON t.a < u.a | ON takes one equality of two columns; other conditions belong after WHERE, at position 29",
                "SELECT t.* FROM t INNER u | expected JOIN, got u, at position 25",
                "SELECT t.* FROM t CROSS JOIN u ON t.a = u.a | expected the end of the statement, got ON, at position 32",
                "SELECT t.* FROM t JOIN (SELECT * FROM u) | a subquery is not supported, at position 24",
                "SELECT t.* FROM t LEFT JOIN u | LEFT JOIN is not supported, at position 19",
                "SELECT * FROM t ORDER BY a | ORDER BY is not supported, at position 17",
                "SELECT * FROM t GROUP BY a | GROUP BY is not supported, at position 17",
                "SELECT * FROM t HAVING a | HAVING is not supported, at position 17",
                "SELECT * FROM t LIMIT 1 OFFSET 2 | OFFSET is not supported, at position 25",
                "SELECT * FROM t UNION SELECT * FROM u | UNION is not supported, at position 17",
                "SELECT * FROM t LIMIT -1 | LIMIT takes a number, not -, at position 23",
                "SELECT * FROM t LIMIT 1.5 | LIMIT takes a whole number up to 2^64 - 1, not 1.5, at position 23",
                "SELECT * FROM t LIMIT 18446744073709551616 | LIMIT takes a whole number up to 2^64 - 1, not 18446744073709551616, at position 23",
                "SELECT * FROM t LIMIT 1e999999999 | LIMIT takes a whole number up to 2^64 - 1, not 1e999999999, at position 23",
                "SELECT * FROM t WHERE | expected a value or a column, got the end of the text, at position 22",
                "SELECT * FROM t WHERE a = | expected a value or a column, got the end of the text, at position 26",
                "SELECT * FROM t WHERE (a = 1 | expected ), got the end of the text, at position 29",
                "SELECT * FROM t WHERE a = 1) | expected the end of the statement, got ), at position 28",
                "SELECT * FROM t WHERE a = 1 = 2 | a chain of comparisons is not supported, at position 29",
                "SELECT * FROM t WHERE a IN (1) | IN is not supported, at position 25",
                "SELECT * FROM t WHERE a LIKE 'x' | LIKE is not supported, at position 25",
                "SELECT * FROM t WHERE a BETWEEN 1 AND 2 | BETWEEN is not supported, at position 25",
                "SELECT * FROM t WHERE a IS NULL | IS NULL is not supported, at position 25",
                "SELECT * FROM t WHERE a = NULL | NULL is not supported, at position 27",
                "SELECT * FROM t WHERE NOT a | NOT is not supported, at position 23",
                "SELECT * FROM t WHERE CASE WHEN a THEN b END | CASE is not supported, at position 23",
                "SELECT * FROM t WHERE a + 1 = 2 | the operator + is not supported, at position 25",
                "SELECT * FROM t WHERE a::int = 2 | the operator :: is not supported, at position 24",
                "SELECT * FROM t WHERE a = -b | the operator - before anything but a number is not supported, at position 27",
                "SELECT * FROM t WHERE lower(a) = 'x' | the function lower is not supported, at position 23",
                "SELECT * FROM t WHERE a = (SELECT b FROM u) | a subquery is not supported, at position 28",
                "SELECT * FROM t WHERE a = $1 | parameters other than :sender are not supported, at position 27",
                "SELECT * FROM t WHERE a = :me | parameters other than :sender are not supported, at position 27",
                "SELECT * FROM t WHERE a = 'x | the string has no closing ', at position 27",
                "SELECT * FROM t WHERE \"a = 1 | the name has no closing \", at position 23",
                "SELECT * FROM t WHERE a = 5x | a number may not run into a name: 5x, at position 27",
                "SELECT * FROM t WHERE a = 0xfg | a number may not run into a name: 0xfg, at position 27",
                "SELECT * FROM t WHERE a = X'0g' | X'0g' has other than hex digits, at position 27",
                "SELECT * FROM t WHERE a = E'x' | E'' strings are not supported, at position 27",
                "SELECT * FROM t WHERE a = 1e | the number has no digits in its exponent, at position 27",
                "SELECT * FROM t /* open | the comment has no closing */, at position 17",
                "SELECT * FROM t WHERE a = ü€ | unexpected character EURO SIGN, at position 28",
                "INSERT INTO t VALUES (1) | expected the list of columns, got VALUES, at position 15",
                "INSERT INTO t (a) SELECT a FROM u | expected VALUES, got SELECT, at position 19",
                "INSERT INTO t (a) VALUES (1,) | expected a literal, got ), at position 29",
                "INSERT INTO t (a) VALUES (:sender) | a parameter as a value to write is not supported, at position 27",
                "INSERT INTO t (a) VALUES (b) | expected a literal, got b, at position 27",
                "INSERT INTO t (a) VALUES (NULL) | NULL is not supported, at position 27",
                "INSERT INTO t (a) VALUES (1) ON CONFLICT DO NOTHING | expected the end of the statement, got ON, at position 30",
                "INSERT INTO t (a) VALUES (1) RETURNING a | RETURNING is not supported, at position 30",
                "UPDATE t x SET a = 1 | an alias here is not supported, at position 10",
                "UPDATE t SET a = b | expected a literal, got b, at position 18",
                "UPDATE t SET a = 1 FROM u | expected the end of the statement, got FROM, at position 20",
                "UPDATE t SET a = a + 1 | expected a literal, got a, at position 18",
                "DELETE t | expected FROM, got t, at position 8",
                "DELETE FROM t USING u | USING is not supported, at position 15",
                "SET row_limit 5 | expected =, got 5, at position 15",
                "SHOW ALL | ALL is not supported, at position 6",
                "WITH a AS (SELECT * FROM t) SELECT * FROM a | WITH is not supported, at position 1",
                "EXEC x | expected SELECT, got EXEC, at position 1"
            })
    void whatTheGrammarLacksIsRefusedByNameAndPosition(String sql, String message) {
        SqlException thrown = assertThrows(SqlException.class, () -> SqlParser.parse(sql));

        assertEquals(message, thrown.getMessage());
    }

    @Test
    void theLongestStatementIsCountedInBytes() {
        String start = "SELECT * FROM t WHERE a = '";
        String fits = start + "é".repeat((SqlParser.MAX_BYTES - start.length() - 1) / 2) + "'";

        SqlParser.parse(fits);

        assertThrows(SqlException.class, () -> SqlParser.parse(fits + "  "));
    }

    @Test
    void deepNestingIsRefusedAndLongChainsAreNot() {
        String deep = "SELECT * FROM t WHERE " + "(".repeat(10_000) + "a" + ")".repeat(10_000);
        SqlException thrown = assertThrows(SqlException.class, () -> SqlParser.parse(deep));
        assertTrue(Objects.requireNonNull(thrown.getMessage()).contains("nests deeper"), thrown.getMessage());

        String chain = IntStream.range(0, 5_000).mapToObj(i -> "a").collect(Collectors.joining(" AND "));
        SqlParser.parse("SELECT * FROM t WHERE " + chain);
        SqlParser.parse("SELECT * FROM t WHERE " + "(".repeat(1_600) + "a" + ")".repeat(1_600));
    }

    @Test
    void anyTextIsParsedOrRefused() {
        long seed = System.nanoTime();
        Random random = new Random(seed);
        String[] pieces = {
            "SELECT ",
            "* ",
            "FROM ",
            "t ",
            "WHERE ",
            "a ",
            "= ",
            "1 ",
            "'x' ",
            "( ",
            ") ",
            "AND ",
            "OR ",
            ", ",
            ". ",
            "COUNT",
            "AS ",
            "LIMIT ",
            "\"",
            "'",
            "0x",
            ":sender ",
            ":",
            "-",
            "--",
            "/*",
            "*/",
            "1e",
            ";",
            "X'",
            "\u0000",
            "\ud83e",
            "é",
            "true ",
            "<> ",
            "JOIN ",
            "ON ",
            "INSERT INTO ",
            "VALUES ",
            "UPDATE ",
            "SET ",
            "DELETE "
        };

        for (int round = 0; round < 20_000; round++) {
            StringBuilder sql = new StringBuilder(random.nextBoolean() ? "SELECT * FROM t WHERE " : "");
            for (int i = random.nextInt(12); i >= 0; i--) {
                sql.append(pieces[random.nextInt(pieces.length)]);
            }
            try {
                SqlParser.parse(sql.toString());
            } catch (SqlException e) {
                assertTrue(e.position() >= 0 && e.position() <= sql.length(), "seed " + seed + ": " + sql);
            } catch (RuntimeException e) {
                throw new AssertionError("seed " + seed + ": " + sql, e);
            }
        }
    }
}
