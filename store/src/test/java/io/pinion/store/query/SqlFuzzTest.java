package io.pinion.store.query;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.pinion.store.FuzzBounds;
import io.pinion.store.query.Catalog.Column;
import io.pinion.store.query.Catalog.Index;
import io.pinion.store.query.Catalog.Table;
import io.pinion.store.value.AlgebraicType;
import io.pinion.store.value.AlgebraicType.Primitive;
import io.pinion.store.value.Identity;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever text comes as SQL: it is a statement that can be planned, or refused with a reason. */
class SqlFuzzTest {
    private static final Caller OWNER = new Caller(Identity.ZERO, true);
    private static final List<Column> COLUMNS = List.of(
            new Column("a", "a", Primitive.U32),
            new Column("b", "b", Primitive.STRING),
            new Column("c", "c", Primitive.BOOL),
            new Column("d", "d", AlgebraicType.IDENTITY));
    private static final Catalog TABLES = name -> name.equals("t") || name.equals("u")
            ? Optional.of(new Table(4096, name, COLUMNS, List.of(new Index(4096, List.of(0, 1), false, true)), true))
            : Optional.empty();

    static Stream<Arguments> seeds() {
        return Stream.of(
                        "SELECT * FROM t",
                        "select a.*, \"b c\" from t as a join u on a.id = u.id where a.x >= 1e3 and not (u.y <> 'it''s')",
                        "SELECT t.a, u.b AS x FROM t CROSS JOIN u WHERE t.a = u.a AND (t.a > 1 OR t.d = :sender) LIMIT 1e1",
                        "SELECT t.* FROM t JOIN u ON t.a = u.a WHERE u.b = 'x' AND t.a >= 1 AND t.a < 5",
                        "SHOW row_limit",
                        "SELECT COUNT(*) AS n FROM t WHERE id IN (1, -2, +3.5) LIMIT 10;",
                        "SELECT * FROM t WHERE a = X'00ff' OR b = 0xabc OR c = TRUE OR d IS NULL",
                        "SELECT * FROM t WHERE ((((((a = 1))))))",
                        "INSERT INTO t (a, b) VALUES (1, 'x'), (2, :sender)",
                        "UPDATE t SET a = 1 WHERE b = 'é🦀'",
                        "DELETE FROM t -- comment",
                        "SELECT /* nested /* comment */ */ 1",
                        "SET x = 1",
                        "SELECT * FROM t WHERE a = $1 || 'b'::text",
                        "SELECT \u0000 \uFEFF '")
                .map(text -> Arguments.of((Object) text.getBytes(StandardCharsets.UTF_8)));
    }

    @MethodSource("seeds")
    @FuzzTest(maxDuration = "3s")
    void textIsAStatementOrRefused(byte[] input) {
        readCheaply(input);
    }

    @Tag("slow")
    @MethodSource("seeds")
    @FuzzTest(maxDuration = "10m")
    void textIsAStatementOrRefusedFor10Minutes(byte[] input) {
        readCheaply(input);
    }

    private static void readCheaply(byte[] input) {
        if (input.length <= FuzzBounds.INPUT_MAX) {
            FuzzBounds.assertCheap(input.length, () -> read(input));
        }
    }

    private static void read(byte[] input) {
        String sql = new String(input, StandardCharsets.UTF_8);
        plan(() -> SqlPlanner.plan(sql, TABLES, OWNER));
        plan(() -> SubscriptionPlan.compile(sql, TABLES, OWNER));
    }

    private static void plan(Runnable planning) {
        try {
            planning.run();
        } catch (SqlException e) {
            if (e.getMessage() == null) {
                throw new AssertionError("refused without a reason", e);
            }
        }
    }
}
