package io.pinion.store.query;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.pinion.store.FuzzBounds;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Whatever text comes as SQL: it is a statement, or refused with a reason. */
class SqlFuzzTest {
    static Stream<Arguments> seeds() {
        return Stream.of(
                        "SELECT * FROM t",
                        "select a.*, \"b c\" from t as a join u on a.id = u.id where a.x >= 1e3 and not (u.y <> 'it''s')",
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
    @FuzzTest(maxDuration = "20s")
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
        try {
            SqlParser.parse(new String(input, StandardCharsets.UTF_8));
        } catch (SqlException e) {
            if (e.getMessage() == null) {
                throw new AssertionError("refused without a reason", e);
            }
        }
    }
}
